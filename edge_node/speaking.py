"""What the first line of the status needs beside how the parts are: names, proofs, what was seen before.

Knows: where each of these is found.
Must not know: how a sentence is chosen or told.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from edge_node.errors import EdgeNodeError
from edge_node.flow.alerting import Alerting
from edge_node.formats import undelivered
from edge_node.line import Line
from edge_node.model.check import Verdict
from edge_node.model.lifecycle import State
from edge_node.model.message import Direction
from edge_node.model.notice import Words
from edge_node.model.overview import Choice, Overview
from edge_node.model.spoken import SpokenFact
from edge_node.settings.schema import Settings
from edge_node.store.store import Store

_SWITCHBOARD: Final = "switchboard"
#: The first of these states that has messages gives the cause.
_UNDELIVERED: Final = (State.DEAD, State.EXPIRED, State.HELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Where it is found."""

    settings: Callable[[], Settings]
    line: Line
    store: Store
    alerting: Alerting
    standing: Callable[[], tuple[Verdict, ...]]
    moment: Callable[[], datetime]
    monotonic: Callable[[], float]


class Speaking:
    """Gathers it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def spoken(self, queue: Overview | None) -> SpokenFact:
        """All of it, at this moment."""
        parts = self._parts
        settings = parts.settings()
        return SpokenFact(
            help_line=help_line(settings),
            names=self._names(settings),
            organisations={one.name: one.organisation for one in settings.identities},
            proven_at=self._proven_at(),
            is_asked=settings.switchboard.tick_interval_s is not None,
            unreached=frozenset(link.name for link in parts.line.ways_out if link.is_unreached),
            silent={
                link.name: self._moment(link.silent_since_s)
                for link in (*parts.line.ways_out, *parts.line.local_links)
                if link.silent_since_s is not None
            },
            since=parts.alerting.since,
            outage=parts.alerting.outage,
            cause=await self._cause(queue),
            standing=parts.standing(),
        )

    def _names(self, settings: Settings) -> dict[str, str]:
        """What staff call each local system: the product they see on their screen."""
        names: dict[str, str] = {}
        for identity in settings.identities:
            for one in identity.applications:
                shown = one.product or one.name
                names |= {f"application {one.id}": shown, f"application {one.id} FHIR": shown}
        return {link.name: names.get(link.name, link.name) for link in self._parts.line.local_links}

    def _proven_at(self) -> datetime | None:
        good = [
            link.breaker.good_at_s
            for link in self._parts.line.ways_out
            if link.name == _SWITCHBOARD and link.breaker.good_at_s is not None
        ]
        return self._moment(max(good)) if good else None

    def _moment(self, at_s: float) -> datetime:
        """What the clock of the links says, as a moment."""
        return self._parts.moment() - timedelta(seconds=max(0.0, self._parts.monotonic() - at_s))

    async def _cause(self, queue: Overview | None) -> Words | None:
        """Why the oldest message that was not delivered was not."""
        counted = {one.state for one in queue.counts if one.direction is Direction.OUT} if queue else set()
        state = next((one for one in _UNDELIVERED if one in counted), None)
        if state is None:
            return None
        try:
            rows = await self._parts.store.list(Choice(direction=Direction.OUT, state=state, limit=1))
        except EdgeNodeError:
            return None
        return undelivered.cause(rows[0].code, state) if rows else None


def help_line(settings: Settings) -> str:
    """Whom to call, as it stands within a sentence."""
    alerts = settings.alerts
    if alerts.help_name and alerts.help_phone:
        return f"{alerts.help_name} ({alerts.help_phone})"
    return alerts.help_name or alerts.help_phone or ""
