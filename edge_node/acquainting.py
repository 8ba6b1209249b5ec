"""A peer is called once before it calls, so that the revocation lists above its certificate are here by then.

Knows: which peers are called, of which of them no list is known yet, how often that is looked at.
Must not know: how a list is fetched, what a handshake is.

A list is found by the certificate that names it, and the first certificate of a peer would come with its first
request: which would be refused while its list is fetched. So a node that knows no list of any issuer of a peer shakes
hands with it, and ends before a byte of an application. It does so on its first day, with a peer that is new, and
after a week of standing still, when all lists have ended.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import structlog
from twisted.internet.defer import Deferred

from edge_node.building import CALLED, Wired
from edge_node.flow.ports import Chance
from edge_node.flow.rounds import Rhythm, Rounds
from edge_node.settings.switchboard import PeerSettings
from edge_node.wire.revocation_judge import Seen
from edge_node.wire.revocation_shelf import KeptList
from edge_node.wire.trust import Surroundings, TrustedPeer, client_tls
from edge_node.wire.trust_certificate import common_name
from edge_node.wire.trying import Aim, Attempts

_log = structlog.get_logger()

#: How often it is looked at. A peer that is away is called less and less often: all nodes call the same one, and
#: those that were cut off together would call together.
_ROUND_S: Final = 60.0
_LONGEST_S: Final = 900.0
_TRIAL_S: Final = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What it is handed."""

    wired: Callable[[], Wired]
    surroundings: Callable[[], Surroundings]
    seen: Callable[[], tuple[Seen, ...]]
    kept: Callable[[], tuple[KeptList, ...]]
    reactor: Any
    chance: Chance


class Acquainting:
    """Calls peers of whom nothing is known."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._attempts = Attempts()
        self._in_vain = 0  # rounds in a row that left a peer unknown
        rhythm = Rhythm(clock=parts.reactor, pause_s=self._pause_s, event="peers.not-called")
        self._rounds = Rounds(self.look, rhythm)

    def begin(self) -> None:
        """Look at once, and now and then."""
        self._rounds.begin()
        self._rounds.soon()

    def stop(self) -> Deferred[None]:
        """No more; fires when the look under way has ended."""
        self._attempts.end()
        return self._rounds.stop()

    async def look(self) -> None:
        """Shake hands with each peer whose certificates no list is known for. That it is away is no news here."""
        wired, is_in_vain = self._parts.wired(), False
        if wired.settings.revocation.fetch.from_certificates:
            for written, peer in zip(wired.settings.switchboard.peers, wired.peers, strict=True):
                if written.role in CALLED and not self._is_known(peer):
                    await self._attempts.attempt(self._aim(wired, written, peer), self._parts.reactor, _TRIAL_S)
                    is_in_vain |= not self._is_known(peer)
        self._in_vain = self._in_vain + 1 if is_in_vain else 0

    def _is_known(self, peer: TrustedPeer) -> bool:
        return is_known(peer, self._parts.seen(), self._parts.kept(), self._parts.surroundings().now())

    def _pause_s(self) -> float:
        return pause_s(self._in_vain, self._parts.chance.uniform())

    def _aim(self, wired: Wired, written: PeerSettings, peer: TrustedPeer) -> Aim:
        in_date = (own for own in wired.certificates if own.certificate.fingerprint not in wired.out_of_date)
        around = replace(self._parts.surroundings(), refused=lambda *_: None)
        return Aim(
            peer=peer.name,
            role=peer.role,
            host=written.host,
            port=written.port,
            path=written.base_path,
            tls=client_tls(next(in_date, wired.certificates[0]), peer, around),
            asks=False,
        )


def pause_s(in_vain: int, chance: float) -> float:
    """Seconds until the next look, after so many that left a peer unknown."""
    longest_s = min(_LONGEST_S, _ROUND_S * 2.0 ** min(max(0, in_vain - 1), 8))
    return longest_s * (0.5 + chance / 2)


def is_known(peer: TrustedPeer, seen: Iterable[Seen], kept: Iterable[KeptList], at: datetime) -> bool:
    """Whether a peer showed its certificate, or a list of one of its issuers that has not ended is here already."""
    if any(peer.role in one.roles for one in seen):
        return True
    issuers = (name for one in kept if at <= one.next_update for name in _names(one))
    return not set(peer.issuers).isdisjoint(issuers)


def _names(kept: KeptList) -> Iterator[str]:
    yield kept.issuer
    yield common_name(kept.ca.subject)
