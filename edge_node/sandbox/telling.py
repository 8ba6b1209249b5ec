"""How a demo talks to people and to scripts: progress while it works, a table or a JSON line at the end.

Knows: rich, which stream is for whom.
Must not know: what the demo does.
"""

import json as json_format
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich import box
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from edge_node.sandbox.result import Result, Round
from edge_node.sandbox.samples.fhir import fhir_kinds
from edge_node.sandbox.samples.kinds import KINDS


class Step:
    """One step on the screen."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def at(self, done: int, total: int | None = None) -> None:
        """Show how far it is."""
        shown = f"{done}" if total is None else f"{done} of {total}"
        self._progress.update(self._task, completed=done, total=total, shown=shown)


class Teller:
    """Progress on standard error; the result on standard output."""

    def __init__(self, *, json: bool) -> None:
        self._json = json
        self._told = Console(stderr=True)
        self._shown = Console()

    @contextmanager
    def step(self, what: str) -> Iterator[Step]:
        """Show a step while it lasts, and how long it took."""
        begun = time.monotonic()
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(14),
            TextColumn("{task.fields[shown]}"),
        )
        with Progress(*columns, TimeElapsedColumn(), console=self._told, transient=True) as progress:
            yield Step(progress, progress.add_task(what, total=None, shown=""))
        self.say(f"[green]✓[/green] {what} [dim]{time.monotonic() - begun:.1f} s[/dim]")

    def say(self, text: str) -> None:
        """Say something beside the result."""
        self._told.print(text, highlight=False)

    def tell(self, text: str) -> None:
        """Give something to paste: as it is, neither wrapped nor coloured."""
        print(text, file=sys.stderr if self._json else sys.stdout, flush=True)

    def show(self, result: Result) -> None:
        """Show the result; with JSON, as the last line of standard output."""
        shown = self._told if self._json else self._shown
        if result.outcomes:
            shown.print(_kinds(result.rounds()))
        shown.print(_table(result))
        for trouble in result.troubles():
            self._told.print(trouble, markup=False, highlight=False, style="red")
        if self._json:
            sys.stdout.write(json_format.dumps(result.figures()) + "\n")
            sys.stdout.flush()


def _kinds(rounds: list[Round]) -> Table:
    table = Table(
        title="One of everything: out of the site, and in from the switchboard",
        title_justify="left",
        box=box.SIMPLE,
        pad_edge=False,
    )
    table.add_column("bericht", no_wrap=True)
    table.add_column("message", no_wrap=True)
    table.add_column("out", justify="right")
    table.add_column("in", justify="right")
    table.add_column("came back", no_wrap=True)
    for one in rounds:
        out, inward = (str(count) if count else "" for count in (one.out, one.inward))
        style = None if one.is_good else "red"
        table.add_row(*_names(one.kind), out, inward, one.came_back, style=style)
    return table


def _names(kind: str) -> tuple[str, str]:
    """What it is called in the field, and here."""
    if kind in KINDS:
        return KINDS[kind].title, kind.replace("-", " ")
    found = fhir_kinds()[kind]
    return found.title, f"fhir {found.action}" if found.resource else "fhir operation"


def _table(result: Result) -> Table:
    table = Table(title="What the ledgers say", title_justify="left", box=box.SIMPLE, pad_edge=False)
    table.add_column("", no_wrap=True)
    table.add_column("messages", justify="right")
    labels = {
        "sent": "pushes given to the node",
        "delivered": "in the receivers' ledgers",
        "lost": "lost",
        "duplicated": "doubled",
        "out_of_order": "out of order",
        "two_contents": "changed on the way",
        "queries": "queries answered",
        "refused": "refused",
        "kept": "kept by the node, and delivered later",
        "kills": "times the node was killed",
        "seconds": "seconds it took",
    }
    figures = result.figures()
    for key, label in labels.items():
        is_bad = key in {"lost", "duplicated", "out_of_order", "two_contents", "refused"} and figures[key]
        table.add_row(label, str(figures[key]), style="red" if is_bad else None)
    return table
