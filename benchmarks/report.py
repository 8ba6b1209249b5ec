"""How long the report on the checks takes, with the access log of five years and without.

Knows: what a practice writes in five years, how a report is asked for as an operator does.
Must not know: what stands in a report, what a check looks at.

A practice has 50 to 500 messages a day (domain reference GBZ 8): taken is the most, and two lines for each, on every
day of five years. All but the last segments lie in files, as in the daemon. Asked for is the page to print, which
takes longest; timed is the whole command, from the start of its process to its end.
"""

import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks import journal, keeping
from benchmarks.programs import REPOSITORY, environment, python
from benchmarks.stage import Stage, build
from edge_node.store import log_filing, log_segments, log_sources
from edge_node.store.access_log import AccessLog
from edge_node.store.batch import run_batch, transact
from edge_node.store.opening import Opened, open_run
from edge_node.store.surroundings import Surroundings, moment

DAYS: Final = 5 * 365
RECORDS: Final = DAYS * 500 * 2
_DAY_S: Final = 86_400.0
_CLEARED: Final = 50  # steps of clearing in a commit


@dataclass(slots=True)
class Reported:
    """Seconds for a report, of each round."""

    full_s: list[float] = field(default_factory=list)
    empty_s: list[float] = field(default_factory=list)


def measure(folder: Path, rounds: int, say: Callable[[str], None]) -> Reported:
    """Ask both nodes in turn."""
    reported = Reported()
    with ExitStack() as until:
        empty, full = build(folder / "empty", until), build(folder / "full", until)
        with full.start_node():
            pass  # it makes its state folder
        write_log(full.folder / "state" / "store.db", DAYS, RECORDS)
        say(f"report: a log of {RECORDS} records is written")
        for stage in (empty, full):
            until.enter_context(stage.start_node())
        for number in range(rounds):
            reported.empty_s.append(_report_s(empty))
            reported.full_s.append(_report_s(full))
            say(f"report: round {number + 1} of {rounds}")
    return reported


def write_log(store: Path, days: int, records: int) -> None:
    """Write so many records into the store of a node that does not run, spread over the days that were."""
    around = keeping.surroundings()
    opened = open_run(store, around)
    began = around.clock.now() - days * _DAY_S
    try:
        for day in range(days):
            at = began + day * _DAY_S
            transact(opened.session, lambda session, at=at: journal.fill(session.log, records // days, at))
            _put_away(opened, store, around)
    finally:
        opened.database.close()


def _put_away(opened: Opened, store: Path, around: Surroundings) -> None:
    """Put a full segment into its file, as the daemon does beside its work."""
    session = opened.session
    assert isinstance(session.log, AccessLog)
    folder = log_sources.folder_of(store)
    while (segment := log_segments.in_state(opened.session.connection, "full")) is not None:
        name = log_filing.write(session.connection, segment, folder, around.fail_point)
        transact(session, lambda of, number=segment.number, name=name: log_filing.settle(of, number, name))
    while sum(_cleared(opened, around)):
        pass


def _cleared(opened: Opened, around: Surroundings) -> list[int]:
    at = moment(around.clock)
    steps = [lambda session: log_filing.clear(session, 0, at)] * _CLEARED
    return [int(outcome.value or 0) for outcome in run_batch(opened.session, steps)]


def _report_s(stage: Stage) -> float:
    """Seconds from the start of the command to its end."""
    command = python("edge_node.cli.main", "gbz", "report", "--html", "--config", stage.settings)
    begun = time.perf_counter()
    subprocess.run(command, cwd=REPOSITORY, env=environment(), stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun
