"""Tells people of what revocation brings and no countdown can: a certificate of ours revoked, a dead source.

Knows: which findings a person is told of by mail, that each is told once, that a dead source is told of once a day.
Must not know: how standings and sources are found, what a mail says, who gets it.
"""

import hashlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import structlog
from twisted.python.failure import Failure

from edge_node.errors import StoreUnavailable
from edge_node.flow.waiting import start
from edge_node.model.certificate import Counted, Part, Telling
from edge_node.model.revocation import RevocationFact, SourceFact, StandingFact
from edge_node.settings.schema import Settings

_log = structlog.get_logger()

#: Writes down once that this is told; says whether it is the first time.
Tell = Callable[[Counted, Telling, int], Awaitable[bool]]
Told = tuple[Telling, Counted]


@dataclass(frozen=True, slots=True)
class Alarming:
    """Hears of each change of revocation."""

    tell: Tell
    settings: Callable[[], Settings]

    def hear(self, fact: RevocationFact) -> None:
        """Have told what is new. What the store cannot take now is told at the next change, or the next start."""
        start(self._tell_all(tuple(told_of(fact, self.settings()))), _failed)

    async def _tell_all(self, found: tuple[Told, ...]) -> None:
        for telling, counted in found:
            await self.tell(counted, telling, 0)


def told_of(fact: RevocationFact, settings: Settings) -> Iterator[Told]:
    """Give what people are told of."""
    organisations = {one.name: one.organisation for one in settings.identities}
    for standing in fact.standings:
        if standing.is_own and standing.verdict == "revoked":
            yield Telling.REVOKED, _revoked(standing, organisations.get(standing.of, standing.of))
    for source in fact.sources:
        if not source.is_up and source.since is not None:
            yield Telling.SOURCE, _dead(source, source.since)


def _revoked(standing: StandingFact, name: str) -> Counted:
    return Counted(
        fingerprint=standing.fingerprint,
        part=Part.OWN,
        name=name,
        subject=f"{standing.subject} ({standing.source})",
        ends_at=standing.ends_at,
    )


def _dead(source: SourceFact, since: datetime) -> Counted:
    # One that comes and goes is told of once a day: a mail at each of its turns is read by nobody.
    day = hashlib.sha256(f"{source.kind} {source.address} {since:%Y-%m-%d}".encode()).hexdigest()
    told = f"{source.code} {source.detail}".strip()
    return Counted(fingerprint=day, part=Part.ANCHOR, name=source.address, subject=told, ends_at=since)


def _failed(failure: Failure) -> None:
    if not isinstance(failure.value, StoreUnavailable):
        _log.error("revocation.not-told", error=type(failure.value).__name__)
