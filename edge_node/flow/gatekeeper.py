"""Holds up what a check stops: at the door, and before each handover of what is kept.

Knows: which properties of a request and of a kept message the checks ask about.
Must not know: any check, how a refusal looks on the wire.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

from edge_node.errors import NotSent, Unavailable
from edge_node.flow.speech import Facts
from edge_node.model.check import Verdict
from edge_node.model.interaction import Interaction, Pattern
from edge_node.model.keeping import Entry
from edge_node.model.message import Direction
from edge_node.model.record import Situation, UserKind
from edge_node.model.site import Application, Site
from edge_node.model.standing import Passing
from edge_node.policy.standing import Standing

#: Says by its correlation whether a message was sent in an emergency.
WasEmergency = Callable[[str], Awaitable[bool]]

CODE: Final = "EN-CHECK-STOPPED"
#: Nobody waits for the answer. Where it is not said who asks, it may be a person; and from outside it is always the
#: switchboard that asks, whoever asked it.
_NO_PERSON: Final = frozenset({UserKind.DEVICE, UserKind.NODE})


async def of_none(correlation: str) -> bool:
    """No kept message is of an emergency, where nobody remembers."""
    return False


class Gatekeeper:
    """Asks what stands of the checks, at each message anew. `was_emergency` knows a kept one by its correlation."""

    def __init__(
        self,
        standing: Callable[[], Standing],
        table: Mapping[str, Interaction],
        was_emergency: WasEmergency = of_none,
    ) -> None:
        self._standing = standing
        self._table = table
        self._was_emergency = was_emergency

    def of_request(self, facts: Facts) -> Unavailable | None:
        """Say why a request may not go on now."""
        standing, row = self._standing(), facts.row
        if row is None or not standing.is_blocking(facts.direction):
            return None
        passing = Passing(
            direction=facts.direction,
            identity=_identity(facts.application),
            is_query=row.pattern is Pattern.QUERY,
            by_person=facts.direction is Direction.IN or facts.log.user.kind not in _NO_PERSON,
            is_removal=row.is_removal,
            is_emergency=facts.log.event.situation is Situation.EMERGENCY,
        )
        stopped = standing.stops(passing)
        return None if stopped is None else Unavailable(_told(stopped), code=CODE)

    async def of_kept(self, entry: Entry, site: Site) -> NotSent | None:
        """Say why a kept message may not leave now; what is for a local system was taken in, and is handed over."""
        standing = self._standing()
        if entry.direction is Direction.IN or not standing.is_blocking(Direction.OUT):
            return None
        row = self._table.get(str(entry.interaction))
        passing = Passing(
            direction=entry.direction,
            identity=_identity(site.applications.get(entry.sender)),
            is_query=False,
            is_removal=row is not None and row.is_removal,
        )
        stopped = standing.stops(passing)
        if stopped is not None and await self._was_emergency(entry.correlation):
            stopped = standing.stops(replace(passing, is_emergency=True))
        return None if stopped is None else NotSent(_told(stopped), code=CODE)


def waits_for(facts: Facts) -> bool:
    """Whether a push can be kept until nothing stops it: a token would be over by then (design section 4)."""
    return facts.direction is Direction.OUT and facts.may_keep and not facts.token


def _identity(application: Application | None) -> str:
    return "" if application is None else application.identity


def _told(verdict: Verdict) -> str:
    value = f" ({verdict.outcome.value})" if verdict.outcome.value else ""
    return f"check {verdict.check.name} is violated{value}: {verdict.check.do.en}"
