"""From when on each check has its result, across restarts, clock steps and a full disk.

Knows: the last change of each check, which changes are still to be written down.
Must not know: how a check is judged, how a change is stored.

Nothing is written before it is known what was remembered: else a restart would look like a change. A moment that lies
ahead was told by a clock that was wrong, so that the result counts from now on.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import structlog

from edge_node.errors import StoreUnavailable
from edge_node.model.check import Outcome
from edge_node.model.check_memory import Change

_log = structlog.get_logger()


class Book(Protocol):
    """Where changes are written down. Raises `StoreUnavailable`."""

    async def changed(self, changes: tuple[Change, ...]) -> None: ...


class Dating:
    """The last change of each check."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._last: dict[str, Change] = {}
        self._unwritten: tuple[Change, ...] = ()
        self._is_taken_up = False

    def take_up(self, remembered: Mapping[str, Change]) -> None:
        """This is how it was before this run: what was still so when it was first seen did not change."""
        noted, self._unwritten = self._unwritten, ()
        self._last, self._is_taken_up = dict(remembered), True
        for change in noted:
            last = self._last.get(change.check)
            if last is None or last.result is not change.result or last.at > change.at:
                self._note(change)

    def since(self, name: str, outcome: Outcome, looked_at: datetime | None) -> datetime | None:
        """From when on it is so. Before the first look nothing is noted: what was before a restart may still be."""
        if looked_at is None:
            return None
        last = self._last.get(name)
        if last is None or last.result is not outcome.result or last.at > looked_at:
            last = self._note(Change(check=name, at=looked_at, result=outcome.result, value=outcome.value))
        return last.at

    def _note(self, change: Change) -> Change:
        self._last[change.check] = change
        self._unwritten = (*self._unwritten, change)
        return change

    async def write(self) -> None:
        """Write down what changed; what cannot be written now is, with the next look."""
        if not self._is_taken_up or not self._unwritten:
            return
        changes, self._unwritten = self._unwritten, ()
        try:
            await self._book.changed(changes)
        except StoreUnavailable as error:
            self._unwritten = (*changes, *self._unwritten)
            _log.warning("checks.unremembered", code=error.code)
