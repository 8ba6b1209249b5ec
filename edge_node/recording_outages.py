"""Writes down when the switchboard or a local system went away, and when it came back.

Knows: that what could not be written down is tried again at the next change.
Must not know: how a link is seen to be down, how many outages there may be.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

import structlog
from twisted.python.failure import Failure

from edge_node.flow.waiting import start

_log = structlog.get_logger()


class Book(Protocol):
    """Where it is written down. Both raise `StoreUnavailable`."""

    def went_down(self, part: str, at: datetime) -> Awaitable[None]: ...
    def came_up(self, part: str, at: datetime) -> Awaitable[None]: ...


class RecordingOutages:
    """Hears of each link that goes down or comes up."""

    def __init__(self, book: Book, moment: Callable[[], datetime]) -> None:
        self._book = book
        self._moment = moment
        self._unwritten: list[tuple[str, bool, datetime]] = []
        self._writes = False

    def heard(self, part: str, is_up: bool) -> None:
        """A link changed."""
        self._unwritten.append((part, is_up, self._moment()))
        if not self._writes:
            self._writes = True
            start(self._write(), self._failed)

    async def _write(self) -> None:
        try:
            while self._unwritten:
                part, is_up, at = self._unwritten[0]
                await (self._book.came_up(part, at) if is_up else self._book.went_down(part, at))
                del self._unwritten[0]
        finally:
            self._writes = False

    def _failed(self, failure: Failure) -> None:
        _log.warning("checks.unremembered", code=getattr(failure.value, "code", "EN-INTERNAL"))
