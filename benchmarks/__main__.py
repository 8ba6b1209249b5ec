"""Measures the node beside other programs in one run and prints a table: `./run bench`, or parts by name.

Knows: the parts, in what order they run, how the table looks.
Must not know: how anything is measured.
"""

import json
import os
import platform
import shutil
import ssl
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import rich_click as click
from rich.console import Console
from rich.table import Table

from benchmarks import (
    bulk,
    claim,
    deliver,
    enqueue,
    full,
    journal,
    nginx,
    outage,
    postfix,
    relay,
    report,
    rules,
    stage,
    stall,
    starting,
    targets,
    token,
)
from benchmarks.exchange import make_push
from benchmarks.programs import REPOSITORY, Program
from benchmarks.targets import Row

PARTS: Final = (
    "relay",
    "enqueue",
    "deliver",
    "claim",
    "start",
    "full",
    "stall",
    "bulk",
    "outage",
    "token",
    "rules",
    "journal",
    "report",
)
_console: Final = Console(stderr=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How much is measured."""

    rounds: int
    seconds: float
    waiting: int


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(PARTS))
@click.option("--rounds", default=5, help="How often each is measured; the table shows medians.")
@click.option("--seconds", default=5.0, help="Length of one slice of relaying.")
@click.option("--waiting", default=1_000_000, help="Messages in the full stores.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write every figure to this file.")
def main(parts: tuple[str, ...], rounds: int, seconds: float, waiting: int, json_file: Path | None) -> None:
    """Measure PARTS, or all. Takes some minutes, and means most on a machine that does nothing else."""
    options = Options(rounds=rounds, seconds=seconds, waiting=waiting)
    build = REPOSITORY / "build" / "bench"
    build.mkdir(parents=True, exist_ok=True)
    # In the repository, not in /tmp: there a disk may be memory, where an fdatasync costs nothing.
    folder = Path(tempfile.mkdtemp(dir=build, prefix="run-"))
    try:
        rows, figures = _measure(parts or PARTS, folder, options)
    finally:
        shutil.rmtree(folder)
    _print(rows)
    if json_file is not None:
        json_file.write_text(json.dumps({"machine": _machine(), **figures}, indent=1), encoding="utf-8")


def _measure(parts: tuple[str, ...], folder: Path, options: Options) -> tuple[list[Row], dict[str, Any]]:
    rows: list[Row] = []
    figures: dict[str, Any] = {}
    if "relay" in parts:
        seen = _relay(folder / "relay", options)
        rows += targets.relay_rows(seen) if seen else []
        figures["relay"] = {name: asdict(one) for name, one in seen.items()}
    if "enqueue" in parts:
        figures["enqueue"] = enqueue.measure(folder, options.rounds, _say)
        rows += targets.enqueue_rows(figures["enqueue"])
    if "deliver" in parts and postfix.find_postfix(_say):
        _say(postfix.version())
        figures["deliver"] = deliver.measure(folder / "deliver", options.rounds, _say)
        rows += targets.deliver_rows(figures["deliver"])
    if "claim" in parts:
        figures["claim"] = claim.measure(folder, options.rounds, claim.Sizes(many=options.waiting), _say)
        rows += targets.claim_rows(figures["claim"], options.waiting)
    if "start" in parts:
        with ExitStack() as until:
            built = stage.build(folder / "start", until)
            started = starting.measure(built, options.rounds, _say)
        rows += targets.start_rows(started)
        figures["start"] = asdict(started)
    if "full" in parts:
        filled = full.measure(folder / "full", options.rounds, options.waiting, _say)
        rows += targets.full_rows(filled, options.waiting)
        figures["full"] = asdict(filled)
    if "bulk" in parts:
        beside = bulk.measure(folder / "bulk", options.rounds, _say)
        rows += targets.bulk_rows(beside)
        figures["bulk"] = asdict(beside)
    for name, part in _PARTS.items():
        if name in parts:
            more, figures[name] = part(folder, options)
            rows += more
    return rows, figures


def _stall(folder: Path, _: Options) -> tuple[list[Row], dict[str, Any]]:
    with ExitStack() as until:
        built = stage.build(folder / "stall", until, make_push)
        stalled = stall.measure(built, tuple(stall.FILLINGS), _say)
    return targets.stall_rows(stalled), {filling: one.figures() for filling, one in stalled.items()}


def _outage(folder: Path, _: Options) -> tuple[list[Row], dict[str, Any]]:
    _say("outage: eight simulated hours take about a minute")
    away = outage.simulate(folder / "outage")
    return targets.outage_rows(away), asdict(away)


def _token(folder: Path, options: Options) -> tuple[list[Row], dict[str, Any]]:
    verified = token.measure(folder / "token", options.rounds, _say)
    return targets.token_rows(verified), asdict(verified)


def _rules(folder: Path, options: Options) -> tuple[list[Row], dict[str, Any]]:
    ruled = rules.measure(folder / "rules", options.rounds, _say)
    return targets.rules_rows(ruled), asdict(ruled)


def _journal(folder: Path, options: Options) -> tuple[list[Row], dict[str, Any]]:
    logged = journal.measure(folder / "journal", options.rounds, _say)
    return targets.journal_rows(logged), asdict(logged)


def _report(folder: Path, options: Options) -> tuple[list[Row], dict[str, Any]]:
    reported = report.measure(folder / "report", options.rounds, _say)
    return targets.report_rows(reported), asdict(reported)


_PARTS: Final = {
    "stall": _stall,
    "outage": _outage,
    "token": _token,
    "rules": _rules,
    "journal": _journal,
    "report": _report,
}


def _relay(folder: Path, options: Options) -> dict[str, relay.Seen]:
    program = nginx.find_nginx(_say)
    if program is None:
        _say("nginx is missing and could not be fetched: the relay is not measured (apt-get install nginx)")
        return {}
    _say(nginx.version(program))
    with ExitStack() as until:
        built = stage.build(folder, until)
        node: Program = until.enter_context(built.start_node())
        proxy, to_proxy = built.start_nginx(program)
        until.enter_context(proxy)
        arms = [
            relay.Arm(name="direct", order=built.direct, program=None),
            relay.Arm(name="nginx", order=to_proxy, program=proxy),
            relay.Arm(name="node", order=built.order, program=node),
        ]
        seen = relay.measure(arms, options.rounds, options.seconds, _say)
        _say(f"TLS to the far end, by all: {', '.join(built.tls())}")
    return seen


def _print(rows: list[Row]) -> None:
    table = Table(title="Medians of all rounds", title_justify="left")
    for name in ("", "node", "beside it", "ratio", "lowest – highest", "target", ""):
        table.add_column(name, justify="left" if name in {"", "beside it"} else "right")
    for row in rows:
        spread = f"{row.lowest:.2f} – {row.highest:.2f}"
        ratio = "" if row.unit else f"{row.judged:.2f}"
        table.add_row(row.what, row.node, row.beside, ratio, spread, row.target, "met" if row.is_met else "not met")
    console = Console(width=None if sys.stdout.isatty() else 150)
    console.print(table)
    for name, value in _machine().items():
        console.print(f"{name}: {value}", highlight=False)
    console.print(f"Not measured yet: {targets.NOT_YET}.", highlight=False)
    console.print("These are measurements. There are no timed tests: nothing here fails on a slow or busy machine.")


def _machine() -> dict[str, str]:
    model = "unknown"
    with open("/proc/cpuinfo", encoding="utf-8") as lines:  # noqa: PTH123
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), model)
    return {
        "machine": f"{os.cpu_count()} × {model}, {platform.platform()}",
        "load": " ".join(f"{value:.1f}" for value in os.getloadavg()),
        "python": f"{platform.python_version()}, {ssl.OPENSSL_VERSION}",
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
    }


def _say(text: str) -> None:
    _console.print(text, highlight=False)


if __name__ == "__main__":
    main()
