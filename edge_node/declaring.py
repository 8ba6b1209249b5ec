"""What people ask and declare of the checks: the verdicts, a report, waivers and attestations.

Knows: which declarations are taken, what a report is made of.
Must not know: how a check is judged, what a report looks like.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from edge_node.errors import Refused
from edge_node.model.check import Attestation, Check, Limits, Verdict, Waiver
from edge_node.model.check_memory import Change
from edge_node.model.gbz_report import Declaration, SignedReport, Wish
from edge_node.model.moment import DUTCH_TIME
from edge_node.model.overview import By
from edge_node.policy import check_catalogue
from edge_node.policy.check_engine import ATTESTABLE
from edge_node.policy.standing import Standing
from edge_node.settings.schema import Settings

_HISTORY: Final = 100


class Looks(Protocol):
    """What stands of the checks, and takes up what was declared."""

    @property
    def standing(self) -> Standing: ...
    @property
    def limits(self) -> Limits: ...
    async def declared(self) -> None: ...


class Book(Protocol):
    """Where it is written down. All raise `StoreUnavailable`."""

    async def history(self, name: str, limit: int) -> tuple[Change, ...]: ...
    async def waive(self, waiver: Waiver) -> None: ...
    async def end_waiver(self, name: str, at: datetime) -> bool: ...
    async def attest(self, made: Attestation) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the desk is joined to."""

    looks: Looks
    book: Book
    settings: Callable[[], Settings]
    moment: Callable[[], datetime]
    report: Callable[[Wish], Awaitable[SignedReport]]


class Declaring:
    """Fits `status.gbz_verbs.CheckDesk`."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._catalogue = check_catalogue.load()

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What stands of every check."""
        return tuple(self._parts.looks.standing.verdicts.values())

    async def history(self, name: str) -> tuple[Change, ...]:
        """The last changes of one check, newest first."""
        return await self._parts.book.history(self._known(name).name, _HISTORY)

    async def report(self, wish: Wish) -> SignedReport:
        """All of it in one document, signed."""
        return await self._parts.report(wish)

    async def waive(self, declared: Declaration, by: By) -> Waiver:
        """A named person accepts a violation until a moment."""
        check, at = self._known(declared.check), self._parts.moment()
        if not check.gives_way:
            raise _refused(f"{check.name} stops what would not be safe, whoever accepts it; mend it instead")
        if not declared.owner or not declared.statement:
            raise _refused("a waiver names its owner and its reason")
        days = self._parts.settings().checks.waiver_days
        most = at + timedelta(days=days)
        if declared.until is None or not at < declared.until <= most:
            raise _refused(f"a waiver ends: its last day is {_last_day(most)} at the latest")
        waiver = Waiver(
            check=check.name,
            owner=declared.owner,
            reason=declared.statement,
            until=declared.until,
            given_at=at,
            given_by=by.who,
        )
        await self._parts.book.waive(waiver)
        await self._parts.looks.declared()
        return waiver

    async def end_waiver(self, name: str, by: By) -> None:
        """Take a waiver back."""
        check = self._known(name)
        if not await self._parts.book.end_waiver(check.name, self._parts.moment()):
            raise Refused(f"{check.name} is not waived", code="EN-NOT-FOUND")
        await self._parts.looks.declared()

    async def attest(self, declared: Declaration, by: By) -> Attestation:
        """A named person declares what no machine can see, until a moment."""
        check, at = self._known(declared.check), self._parts.moment()
        if check.kind not in ATTESTABLE:
            raise _refused(f"{check.name} is measured, or judged by messages: nobody can declare it")
        if not declared.owner or not declared.statement:
            raise _refused("an attestation names its owner and what was seen")
        most = at + timedelta(days=self._parts.looks.limits["attestation_days"].value)
        until = most if declared.until is None else declared.until
        if not at < until <= most:
            raise _refused(f"an attestation ends: its last day is {_last_day(most)} at the latest")
        made = Attestation(
            check=check.name,
            owner=declared.owner,
            statement=declared.statement,
            made_at=at,
            until=until,
            made_by=by.who,
            is_met=declared.is_met,
        )
        await self._parts.book.attest(made)
        await self._parts.looks.declared()
        return made

    def _known(self, name: str) -> Check:
        check = self._catalogue.get(name)
        if check is None:
            raise Refused(f"no check is called {name!r}; edge-node gbz list names them", code="EN-NOT-FOUND")
        return check


def _last_day(most: datetime) -> str:
    """The last day that is over by then, as whoever names a day means all of it."""
    return (most.astimezone(DUTCH_TIME).date() - timedelta(days=1)).isoformat()


def _refused(detail: str) -> Refused:
    return Refused(detail, code="EN-CHECK-DECLARED")
