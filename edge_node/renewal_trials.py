"""A certificate of ours, tried against the peers that the node calls.

Knows: which peers, with what each is tried, when an answer says nothing of the certificate.
Must not know: what follows from a trial, how one is carried out.
"""

from dataclasses import replace
from typing import Any, Final

from edge_node.model.renewal import Outcome, Tried
from edge_node.renewal_ground import Ground
from edge_node.settings.switchboard import PeerSettings
from edge_node.wire.trust import OwnIdentity, Surroundings, TrustedPeer, client_tls
from edge_node.wire.trying import DOUBTFUL, Aim, Attempts

TRIAL_S: Final = 15.0


class Trials:
    """Tries certificates with connections of their own, which disturb no other."""

    def __init__(self, surroundings: Surroundings, reactor: Any) -> None:
        self._surroundings = surroundings
        self._reactor = reactor
        self._attempts = Attempts()

    def end(self) -> None:
        """Break off what is under way, and begin no more."""
        self._attempts.end()

    async def of(self, ground: Ground, own: OwnIdentity, only: str | None = None) -> tuple[Tried, ...]:
        """Shake hands with each peer that is called, one after the other, or with one of them."""
        return tuple([await self._with(ground, ends, own) for ends in ground.peers if only in {None, ends[0].name}])

    async def _with(self, ground: Ground, ends: tuple[PeerSettings, TrustedPeer], own: OwnIdentity) -> Tried:
        tried = await self._attempt(ends, own)
        shown = ground.shown.own if ground.shown else None
        if tried.status not in DOUBTFUL or shown is None:
            return tried
        if shown.certificate.fingerprint == own.certificate.fingerprint:
            return tried
        # It may be about the certificate or about the question: the one in use, which works, gets the same or not.
        same = (await self._attempt(ends, shown)).status == tried.status
        return tried if same else replace(tried, outcome=Outcome.REFUSED)

    async def _attempt(self, ends: tuple[PeerSettings, TrustedPeer], own: OwnIdentity) -> Tried:
        written, peer = ends
        aim = Aim(
            peer=written.name,
            role=written.role,
            host=written.host,
            port=written.port,
            path=written.base_path,
            tls=client_tls(own, peer, self._surroundings),
        )
        return await self._attempts.attempt(aim, self._reactor, TRIAL_S)
