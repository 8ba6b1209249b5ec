"""What a node writes in the access log of itself: that it started, that it stopped, which settings are in force.

Knows: when each of these is told, what of the settings is named: their hash, and the sections that differ.
Must not know: how a line is kept; what the settings say.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog

from edge_node import __version__
from edge_node.errors import StoreUnavailable
from edge_node.flow.recording import record_beside
from edge_node.flow.waiting import start
from edge_node.model.overview import By
from edge_node.model.record import (
    AccessPoint,
    Action,
    EventPart,
    LogEvent,
    LogRecord,
    Result,
    UserKind,
    UserPart,
)
from edge_node.settings.schema import Settings
from edge_node.store.store import Store

_log = structlog.get_logger()

_ITSELF: Final = UserPart(kind=UserKind.NODE)
#: Who has a node read its settings, where no person is known to.
_SYSTEM: Final = frozenset({"system", "node"})


@dataclass(frozen=True, slots=True)
class Chronicle:
    """Tells of one run of the node."""

    store: Store
    settings: Callable[[], Settings]

    def started(self) -> None:
        """The node serves. What was changed in the settings while it was down is told with it."""
        record_beside(self.store, _of_itself("started", ("version", __version__)))
        self._in_force(By(who="node", why="found at the start"), None)

    def changed(self, by: By, before: Settings) -> None:
        """Other settings are in force."""
        self._in_force(by, before)

    async def stopped(self) -> None:
        """The node stops. A store that can record nothing any more has said so."""
        try:
            await self.store.record(_of_itself("stopped", ("version", __version__)))
        except StoreUnavailable as error:
            _log.error("record.failed", error=type(error).__name__, correlation="")

    def _in_force(self, by: By, before: Settings | None) -> None:
        settings = self.settings()
        names = () if before is None else _sections(before, settings)

        def tell(earlier: str) -> LogRecord:
            return _of_settings(by, (("before", earlier), ("after", settings.hash), *names))

        start(
            self.store.settings_in_force(settings.hash, tell),
            lambda failure: _log.error("record.failed", error=type(failure.value).__name__, correlation=""),
        )


def _of_itself(code: str, *details: tuple[str, str]) -> LogRecord:
    event = EventPart(type=LogEvent.NODE, action=Action.EXECUTE, result=Result.OK, code=code, details=details)
    return LogRecord(event=event, user=_ITSELF, access_point=AccessPoint(node=""))


def _of_settings(by: By, details: tuple[tuple[str, str], ...]) -> LogRecord:
    event = EventPart(
        type=LogEvent.SETTINGS,
        action=Action.UPDATE,
        result=Result.OK,
        code="in force",
        reason=by.why,
        details=details,
    )
    user = _ITSELF if by.who in _SYSTEM else UserPart(kind=UserKind.OPERATOR, name=by.who)
    return LogRecord(event=event, user=user, access_point=AccessPoint(node=""))


def _sections(before: Settings, after: Settings) -> tuple[tuple[str, str], ...]:
    """The sections that differ, by name alone."""
    return tuple(
        ("section", name)
        for name in type(after).model_fields
        if getattr(before, name, None) != getattr(after, name, None)
    )
