"""The inbox of a node that runs: joined to store, settings and line.

Knows: which setting goes to which part of the inbox, who is told that a message came, when locks are looked at.
Must not know: what a lock is, HTTP.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import structlog
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from edge_node.errors import StoreUnavailable
from edge_node.flow.rounds import Rhythm, Rounds
from edge_node.flow.waiting import start
from edge_node.model.message import Direction
from edge_node.settings.schema import Settings
from edge_node.status.bell import Bell
from edge_node.status.inbox_api import InboxApi, InboxLimits
from edge_node.status.ports import ApplicationsOf, Wake
from edge_node.store.inbox_desk import InboxDesk

_log = structlog.get_logger()

#: Whoever fetches ends what is over at once; this is for a node that nobody asks.
_LOOK_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the inbox is joined to."""

    desk: InboxDesk
    settings: Callable[[], Settings]
    applications_of: ApplicationsOf
    wake: Wake
    reactor: Any


class Offering:
    """Offers what waits for local systems."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._bell = Bell(parts.reactor)
        self._rounds = Rounds(
            self._end_locks,
            Rhythm(clock=parts.reactor, pause_s=lambda: _LOOK_S, event="inbox.failed", untold=(StoreUnavailable,)),
        )
        self.api = InboxApi(
            inbox=parts.desk,
            bell=self._bell,
            applications_of=parts.applications_of,
            wake=parts.wake,
            limits=lambda: limits(parts.settings()),
        )
        parts.desk.came = self._bell.ring

    def begin(self) -> None:
        """Before the line begins: from its first look on it knows to whom nothing is pushed."""
        self.become()
        self._rounds.begin()

    def become(self) -> None:
        """Go on with new settings."""
        start(self._become(), _failed)

    def stop(self) -> Deferred[None]:
        """Let go who waits; fires when the last look has ended."""
        self._bell.close()
        return self._rounds.stop()

    async def _become(self) -> None:
        await self._parts.desk.fetched_by(fetched_by(self._parts.settings()))
        self._parts.wake(Direction.IN)

    async def _end_locks(self) -> None:
        if await self._parts.desk.end_locks():
            self._bell.ring()
            self._parts.wake(Direction.IN)


def limits(settings: Settings) -> InboxLimits:
    """Return what a request may ask."""
    inbox = settings.local.inbox
    return InboxLimits(
        lock_s=inbox.lock_s,
        longest_lock_s=inbox.longest_lock_s,
        longest_wait_s=inbox.longest_wait_s,
        most=inbox.most_at_once,
        most_waiting=inbox.most_waiting,
    )


def fetched_by(settings: Settings) -> frozenset[str]:
    """Return the applications to which nothing is pushed."""
    applications = (item for identity in settings.identities for item in identity.applications)
    return frozenset(item.id for item in applications if item.delivery == "inbox")


def _failed(failure: Failure) -> None:
    if not isinstance(failure.value, StoreUnavailable):
        _log.error("inbox.failed", error=type(failure.value).__name__)
