"""Writes the line of how something ended: before the answer leaves, or beside what was said already.

Knows: that a line which cannot be written is told, and stops no answer: who asked for whom is in the log by then; how
long a disk that hangs may hold one up.
Must not know: what stands in it.
"""

from collections.abc import Callable
from typing import Final, Protocol

import structlog
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure

from edge_node.flow.waiting import Promise, start
from edge_node.model.record import LogRecord

log = structlog.get_logger()

#: A commit takes milliseconds. A disk that hangs must not keep from a doctor what was fetched for him.
_MOST_S: Final = 1.0


class Recorder(Protocol):
    """Who writes lines."""

    async def record(self, record: LogRecord) -> None:
        """Add a line. Raises `StoreUnavailable`."""
        ...


async def record_first(keeper: Recorder, record: LogRecord, clock: IReactorTime) -> None:
    """Have a line durable; also when the asker hangs up meanwhile. What cannot be recorded is said all the same."""
    written: Promise[bool] = Promise()
    record_beside(keeper, record).addCallback(written.keep)
    if await written.within(clock, _MOST_S) is None:
        log.warning("record.late", correlation=record.correlation.id)


def record_beside(keeper: Recorder, record: LogRecord) -> "Deferred[bool]":
    """Have a line written that nobody waits for; fires when that is over, whatever came of it."""
    return start(keeper.record(record), _failed(record)).addCallback(lambda _: True)


def _failed(record: LogRecord) -> Callable[[Failure], None]:
    return lambda failure: log.error(
        "record.failed", error=type(failure.value).__name__, correlation=record.correlation.id
    )
