"""Writes the line of how something ended: before the answer leaves, or beside what was said already.

Knows: that a line which cannot be written is told, and stops no answer: who asked for whom is in the log by then.
Must not know: what stands in it.
"""

from typing import Protocol

import structlog

from edge_node.errors import StoreUnavailable
from edge_node.flow.waiting import start, unbroken
from edge_node.model.record import LogRecord

log = structlog.get_logger()


class Recorder(Protocol):
    """Who writes lines."""

    async def record(self, record: LogRecord) -> None:
        """Add a line. Raises `StoreUnavailable`."""
        ...


async def record_first(keeper: Recorder, record: LogRecord) -> None:
    """Have a line durable; also when the asker hangs up meanwhile. What cannot be recorded is said all the same."""
    try:
        await unbroken(keeper.record(record), lambda failure: _failed(failure.value, record))
    except StoreUnavailable as error:
        _failed(error, record)


def record_beside(keeper: Recorder, record: LogRecord) -> None:
    """Have a line written that nobody waits for."""
    start(keeper.record(record), lambda failure: _failed(failure.value, record))


def _failed(error: BaseException | None, record: LogRecord) -> None:
    log.error("record.failed", error=type(error).__name__, correlation=record.correlation.id)
