"""The commands that look at the whole queue: its shape, and an export of what is known of each message.

Knows: how a matrix is shown, how rows are written to a file, that bodies are opened one by one for a named person.
Must not know: how the messages are found.
"""

import csv
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TextIO

import rich_click as click

from edge_node.cli import exits, fields
from edge_node.cli.choosing import choice_options, direction_option, receiver_option
from edge_node.cli.show import duration, note, say, table
from edge_node.cli.stopping import Progress, on_interrupt
from edge_node.cli.where import Where, where_options
from edge_node.model.lifecycle import State
from edge_node.model.overview import Row
from edge_node.status.control_client import Bytes

_FIELDS: Final = tuple(Row.__dataclass_fields__)
_ENDINGS: Final = {"soap": "xml", "fhir": "fhir"}

_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@where_options
@direction_option
@click.option("--state", type=click.Choice([each.value for each in State]), help="Only in this state.")
@receiver_option
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most so many receivers."
)
@click.option("--by-state", is_flag=True, help="One line for each state.")
@_json_option
def shape(where: Where, as_json: bool, by_state: bool, **choice: Any) -> int:
    """Show how many messages wait for whom, and how long: age against destination.

    Receivers with the most messages come first; a column holds what is at least so old. What arrived is not counted.
    """
    from edge_node.cli.daemon import look

    found = look(where, {"verb": "queue.shape", **choice})
    if as_json:
        say(json.dumps(found))
        return exits.GOOD
    ages = [duration(age_s) for age_s in found["ages_s"]]
    rows = found["rows"] if by_state else _joined(found["rows"])
    table(
        ("direction", "receiver", "state", "total", *ages),
        ((row["direction"], row["receiver"], row["state"], row["messages"], *row["by_age"]) for row in rows),
    )
    say(f"{found['messages']} messages to {found['receivers']} receivers")
    return exits.GOOD


def _joined(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row for each receiver, with its states side by side."""
    joined: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        key = row["direction"], row["receiver"]
        if key not in joined:
            joined[key] = {**row, "state": ""}
        else:
            joined[key]["messages"] += row["messages"]
            joined[key]["by_age"] = [a + b for a, b in zip(joined[key]["by_age"], row["by_age"], strict=True)]
        joined[key]["state"] = " ".join(filter(None, (joined[key]["state"], f"{row['state']}:{row['messages']}")))
    return list(joined.values())


@click.command()
@where_options
@choice_options
@click.option("--ended", is_flag=True, help="Also what was delivered or discarded.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["ndjson", "csv"]),
    default="ndjson",
    show_default=True,
    help="One JSON object a line, or comma-separated values.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write to this file, which must not exist yet; else to standard output.",
)
@click.option(
    "--bodies",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Also write what is in each message, patient data, to files in this new folder; needs --why.",
)
@click.option("--why", type=fields.why, help="Why bodies are read; it is recorded with your name. No patient data.")
@_json_option
def export(where: Where, choice: dict[str, Any], form: str, output: Path | None, as_json: bool, **rest: Any) -> int:
    """Write what is known of each message, oldest first: ids, states, codes and moments, no patient data.

    Exits 1 when it was stopped or a body could not be read. With --json the last line says how many were written.
    """
    bodies, why = rest["bodies"], rest["why"]
    if bodies is not None and why is None:
        raise fields.RefusedField("say why bodies are read: it is recorded with your name", param_hint="--why")
    if bodies is None and why is not None:
        raise click.UsageError("--why is of --bodies.")
    with _made(bodies), _opened(output) as stream:
        writing = _Writing(where, _writer(stream, form), bodies, why)
        told = writing.all({"verb": "queue.export", **choice, "ended": rest["ended"] or None})
    if as_json:
        say(json.dumps(told))
    else:
        note(f"{told['rows']} messages written" + (", then stopped" if told["stopped"] else ""))
    return exits.FINDING if told["stopped"] or told["unread"] else exits.GOOD


class _Writing:
    """Rows as they come, and their bodies after each part."""

    def __init__(
        self, where: Where, write: Callable[[Mapping[str, Any]], None], bodies: Path | None, why: str
    ) -> None:
        self._where = where
        self._write = write
        self._bodies = bodies
        self._why = why
        self._progress = Progress()
        self._written = 0
        self._unread = 0
        self._heard = Bytes()

    def all(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Write everything; return how many, and whether it was stopped."""
        from edge_node.cli.daemon import change, look

        if self._bodies is None:
            ended = look(self._where, request, hear=self._part, stopping=on_interrupt)
        else:
            request = {**request, "verb": "queue.export-bodies", "why": self._why}
            ended = change(self._where, request, hear=self._part, stopping=on_interrupt)
        self._progress.end()
        return {"rows": self._written, "unread": self._unread, "stopped": ended["stopped"]}

    def _part(self, part: Mapping[str, Any]) -> None:
        if "bytes" in part:
            self._heard(part)
        elif "body" in part:
            self._end_of_body(part["body"])
        else:
            for row in part["rows"]:
                self._write(row)
            self._written += len(part["rows"])
            self._progress.show(f"{self._written} messages")

    def _end_of_body(self, body: Mapping[str, Any]) -> None:
        whole, self._heard = self._heard.whole, Bytes()
        if "code" in body:
            self._unread += 1
            note(f"{body['uid']}: {body['code']}")
            return
        assert self._bodies is not None
        path = self._bodies / f"{body['uid']}.{_ENDINGS[body['format']]}"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
            file.write(whole)


@contextmanager
def _made(folder: Path | None) -> Iterator[None]:
    """A folder of our own: in one that is there, somebody may have put a file or a link under the name of ours."""
    if folder is None:
        yield
        return
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        raise click.UsageError(f"{folder} is there already; name a folder that is not.") from None
    except (FileNotFoundError, NotADirectoryError):
        raise click.UsageError(f"{folder} cannot be made: {folder.parent} is no folder.") from None
    try:
        yield
    finally:
        with suppress(OSError):  # it holds something
            folder.rmdir()


@contextmanager
def _opened(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
        return
    try:  # only its owner may read it
        handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise click.UsageError(f"{output} is there already; nothing is written over.") from None
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
        yield stream


def _writer(stream: TextIO, form: str) -> Callable[[Mapping[str, Any]], None]:
    if form == "csv":
        written = csv.DictWriter(stream, _FIELDS, extrasaction="ignore")
        written.writeheader()
        return lambda row: written.writerow({name: _cell(value) for name, value in row.items()})
    return lambda row: print(json.dumps(row), file=stream)


def _cell(value: object) -> object:
    """A value from outside must not be a formula where the file is opened in a spreadsheet."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value
