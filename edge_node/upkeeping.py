"""What people record of the upkeep of a running node, and what the node itself sees of its way out of use.

Knows: which steps may be taken when, which settings and release are in force.
Must not know: where it is written down, when any of it is late.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, TypeVar

from edge_node.errors import Refused
from edge_node.model.facts_upkeep import ChangeFacts, IncidentFacts, LeavingFacts
from edge_node.model.overview import By
from edge_node.model.upkeep import DECLARED, Approval, Incident, NewIncident, Step, Taken
from edge_node.policy.check_upkeep import missing

T = TypeVar("T")
#: The looks that are taken anew when something was recorded.
INCIDENTS: Final = "incidents"
CHANGES: Final = "changes"
LEAVING: Final = "out of use"
_RUNNING: Final = "running"
_MANY: Final = 1000
#: The head of the access log, by which an archive is proven whole later.
_HEAD: Final = re.compile(r"[0-9]+:[0-9a-f]{64}")


class Book(Protocol):
    """Where it is written down. All raise `StoreUnavailable`."""

    async def sighted(self, kind: str, names: tuple[str, ...], at: datetime) -> Mapping[str, datetime]: ...
    async def open_incident(self, new: NewIncident, by: By, at: datetime) -> Incident: ...
    async def report_incident(self, number: int, to: str, at: datetime) -> Incident: ...
    async def close_incident(self, number: int, by: By, at: datetime) -> Incident: ...
    async def incidents(self, limit: int, *, closed: bool = False) -> tuple[Incident, ...]: ...
    async def approve(self, made: Approval) -> None: ...
    async def approval(self, digest: str, release: str) -> Approval | None: ...
    async def approvals(self, limit: int) -> tuple[Approval, ...]: ...
    async def take(self, taken: Taken) -> None: ...
    async def stay(self) -> None: ...
    async def taken(self) -> tuple[Taken, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the desk is joined to."""

    book: Book
    digest: Callable[[], str]  # of the settings in force
    release: str
    moment: Callable[[], datetime]
    seen: Callable[[], Awaitable[Mapping[Step, str]]]  # what the node sees of its way out of use


class Upkeep:
    """Fits `status.upkeep_verbs.UpkeepDesk`."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._hearers: list[Callable[[str], Awaitable[None]]] = []

    def on_record(self, hearer: Callable[[str], Awaitable[None]]) -> None:
        """Have it look anew at what was recorded."""
        self._hearers.append(hearer)

    # Incidents

    async def incidents(self, *, closed: bool) -> tuple[Incident, ...]:
        """The open ones, or all."""
        return await self._parts.book.incidents(_MANY, closed=closed)

    async def open_incident(self, new: NewIncident, by: By) -> Incident:
        """Somebody found one."""
        at = self._parts.moment()
        if not new.what or not new.owner:
            raise _refused("an incident says what happened, and who answers for it")
        if new.detected_at is not None and new.detected_at > at:
            raise _refused("an incident is found before it is written down")
        return await self._heard(INCIDENTS, self._parts.book.open_incident(new, by, at))

    async def report_incident(self, number: int, to: str, by: By) -> Incident:
        """Somebody reported one."""
        if not to:
            raise _refused("say to whom it was reported")
        return await self._heard(INCIDENTS, self._parts.book.report_incident(number, to, self._parts.moment()))

    async def close_incident(self, number: int, by: By) -> Incident:
        """It is over."""
        return await self._heard(INCIDENTS, self._parts.book.close_incident(number, by, self._parts.moment()))

    async def incident_facts(self) -> IncidentFacts:
        """For the check."""
        return IncidentFacts(at=self._parts.moment(), open=await self._parts.book.incidents(_MANY))

    # Changes

    async def approvals(self) -> tuple[Approval, ...]:
        """The last ones."""
        return await self._parts.book.approvals(_MANY)

    async def approve(self, change: str, approver: str, by: By) -> Approval:
        """Somebody approved what is in force."""
        if not change or not approver:
            raise _refused("a change has a number, and somebody who approved it")
        parts = self._parts
        made = Approval(
            digest=parts.digest(),
            release=parts.release,
            change=change,
            approver=approver,
            at=parts.moment(),
            by=by.who,
            why=by.why,
        )
        await self._heard(CHANGES, parts.book.approve(made))
        return made

    async def change_facts(self) -> ChangeFacts:
        """For the check."""
        parts, at = self._parts, self._parts.moment()
        digest = parts.digest()
        name = f"{parts.release} {digest}"
        since = await parts.book.sighted(_RUNNING, (name,), at)
        approval = await parts.book.approval(digest, parts.release)
        return ChangeFacts(at=at, digest=digest, release=parts.release, since=since[name], approval=approval)

    # Out of use

    async def leaving(self) -> tuple[Taken, ...]:
        """The steps that were taken."""
        return await self._parts.book.taken()

    async def to_do(self) -> tuple[Step, ...]:
        """The steps that are still to be taken."""
        return tuple(missing(await self.leaving_facts()))

    async def take(self, step: Step, owner: str, by: By) -> Taken:
        """Somebody took a step; `why` says what was seen. It cannot be closed while one is left."""
        facts = await self.leaving_facts()
        has_begun = any(one.step is Step.BEGUN for one in facts.taken)
        if not owner:
            raise _refused("a step names who answers for it")
        if step is not Step.BEGUN and not has_begun:
            raise _refused("the node is not being put out of use; the first step is to begin that")
        if step not in DECLARED | {Step.BEGUN, Step.CLOSED}:
            raise _refused(f"the node sees for itself whether {step} is done")
        if step is Step.LOG and not _HEAD.search(by.why):
            raise _refused("say up to which head the log was exported (NUMBER:HASH); edge-node log verify shows it")
        if step is Step.CLOSED and (left := tuple(missing(facts))):
            raise _refused(f"it cannot be closed before: {', '.join(left)}")
        taken = Taken(step=step, at=self._parts.moment(), owner=owner, note=by.why, by=by.who)
        await self._heard(LEAVING, self._parts.book.take(taken))
        return taken

    async def stay(self, by: By) -> None:
        """The node is not put out of use after all."""
        await self._heard(LEAVING, self._parts.book.stay())

    async def leaving_facts(self) -> LeavingFacts:
        """For the check."""
        return LeavingFacts(taken=await self._parts.book.taken(), seen=await self._parts.seen())

    async def _heard(self, look: str, recorded: Awaitable[T]) -> T:
        result = await recorded
        for hearer in self._hearers:
            await hearer(look)
        return result


def _refused(detail: str) -> Refused:
    return Refused(detail, code="EN-CHECK-DECLARED")
