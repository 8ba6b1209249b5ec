"""Writes a line of the access log that nobody waits for.

Knows: that a line which cannot be written is told, and stops nothing that was answered already.
Must not know: what stands in it.

What must be durable before an answer leaves, whoever answers waits for. What only tells how it ended may come a
moment later: after a crash between the two the log says that it was asked, and not how it ended.
"""

from typing import Protocol

import structlog

from edge_node.flow.waiting import start
from edge_node.model.record import LogRecord

log = structlog.get_logger()


class Recorder(Protocol):
    """Who writes lines."""

    async def record(self, record: LogRecord) -> None:
        """Add a line. Raises `StoreUnavailable`."""
        ...


def record_beside(keeper: Recorder, record: LogRecord) -> None:
    """Have a line written."""
    start(
        keeper.record(record),
        lambda failure: log.error(
            "record.failed", error=type(failure.value).__name__, correlation=record.correlation.id
        ),
    )
