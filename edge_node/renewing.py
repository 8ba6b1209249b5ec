"""A certificate of this site is renewed while it serves: one step at a time, and what waits is looked after.

Knows: that one thing is done at a time, how often what waits is tried again, that its trouble is told once.
Must not know: how a step is done.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeVar

import structlog
from twisted.internet.defer import Deferred, DeferredLock

from edge_node.errors import EdgeNodeError, Refused
from edge_node.flow.rounds import Rhythm, Rounds
from edge_node.installing import Installing
from edge_node.model.renewal import Asked, Installation, Offered, Outcome, Requested, Trial
from edge_node.renewal_bench import Bench, Parts, is_taken, waiting
from edge_node.renewal_ground import Ground
from edge_node.requesting import Requesting
from edge_node.wire.trust import OwnIdentity
from edge_node.wire.trust_choice import Place
from edge_node.wire.trust_installed import Standing

__all__ = ["Parts", "Renewing"]

T = TypeVar("T")
_log = structlog.get_logger()

#: How often what waits is tried again; a certificate is in use so soon after its first moment.
TEND_S: Final = 300.0


class Renewing:
    """Renews certificates, one at a time. Fits `status.ports.Renewals`."""

    def __init__(self, parts: Parts) -> None:
        self._bench = Bench(parts)
        self._requesting = Requesting(self._bench)
        self._installing = Installing(self._bench)
        self._turn = DeferredLock()
        self._told: dict[str, tuple[str, dict[str, Any]]] = {}  # by identity: the trouble with what waits
        rhythm = Rhythm(clock=parts.reactor, pause_s=lambda: TEND_S, event="certificate.not-tended")
        self._rounds = Rounds(self.tend, rhythm)

    def begin(self) -> None:
        """Look after what waits, now and then."""
        self._rounds.begin()

    def end(self) -> Deferred[None]:
        """No more; what is under way ends before it changes what is shown. Fires when a look has ended."""
        self._bench.end()
        return self._rounds.stop()

    # What a person asks

    async def request(self, asked: Asked) -> Requested:
        """Make a key here, and the request for its certificate. Raises `EN-CERT-WAITING` where one waits."""
        return await self._run(lambda: self._requesting.make(asked))

    async def requests(self, identity: str | None) -> tuple[Requested, ...]:
        """The requests that wait, of one organisation or of all."""
        return await self._requesting.waiting(identity)

    async def install(self, offered: Offered) -> Installation:
        """Put a certificate in use, once it fits and a peer took it; otherwise nothing changes, or it waits."""
        return await self._run(lambda: self._installing.install(offered))

    async def back(self, identity: str) -> Installation:
        """Put the certificate in use that was before the last installation. Raises `EN-CERT-NONE`."""
        return await self._run(lambda: self._installing.back(identity))

    async def test(self, identity: str, peer: str | None = None) -> tuple[Trial, ...]:
        """Try what is shown, what waits and what was refused before, against every peer or one of them."""
        ground = await self._bench.survey(identity)
        if peer is not None and peer not in {one.name for one, _ in ground.peers}:
            known = ", ".join(one.name for one, _ in ground.peers)
            raise Refused(f"the node calls no peer {peer}; it calls {known}", code="EN-NOT-FOUND")
        found = []
        if ground.shown is not None and ground.shown.own is not None:
            found.append((ground.shown.own, "in use"))
        pairs = self._bench.parts.held().choices[identity].pairs
        found += [(pair.own, place.value) for pair, place in pairs if pair.own and place is Place.REFUSED]
        for one in await self._bench.parts.aside(ground.folder.listed):
            if one.standing is Standing.WAITING:
                own = await self._bench.parts.aside(partial(self._bench.load, ground, one))
                found.append((own, "waiting"))
        if not found:
            raise Refused(f"{identity} has no certificate that can be tried", code="EN-CERT-NONE")
        return tuple([await self._trial(ground, own, standing, peer) for own, standing in found])

    async def _trial(self, ground: Ground, own: OwnIdentity, standing: str, peer: str | None) -> Trial:
        tried, fingerprint = await self._bench.tried(ground, own, peer), own.certificate.fingerprint
        if standing == Place.REFUSED.value and is_taken(tried):
            self._bench.parts.taken(fingerprint)
        return Trial(identity=ground.identity.name, certificate=fingerprint, standing=standing, tried=tried)

    # What waits

    async def tend(self) -> None:
        """Try again what waits, whose day has come; what a peer takes is in use from then on."""
        for identity in self._bench.parts.settings().identities:
            try:
                await self._look_after(identity.name)
            except Exception as error:  # noqa: BLE001  that of one organisation keeps no other's from its day
                if self._bench.has_ended:
                    return
                self._tell_once(identity.name, event="certificate.not-tended", **_why(error))

    async def _look_after(self, identity: str) -> None:
        if await self._bench.parts.aside(partial(waiting, self._bench.folder(identity))) is None:
            self._told.pop(identity, None)
        else:
            await self._run(partial(self._tend, identity))

    def _tell_once(self, identity: str, event: str, **said: Any) -> None:
        """Every look meets the same trouble for days; only another one is news."""
        if self._told.get(identity) != (event, said):
            self._told[identity] = event, said
            _log.error(event, identity=identity, **said)

    async def _tend(self, identity: str) -> None:
        ground = await self._bench.survey(identity)
        pair = await self._bench.parts.aside(lambda: waiting(ground.folder))
        if pair is None:
            return
        own = await self._bench.parts.aside(lambda: self._bench.load(ground, pair))
        if self._bench.now() < max(pair.at, own.certificate.not_before):
            return
        tried = await self._bench.tried(ground, own)
        refused = [one for one in tried if one.outcome is Outcome.REFUSED]
        if refused:
            reason = refused[0].failed.told if refused[0].failed else ""
            self._tell_once(identity, event="certificate.not-taken", peer=refused[0].peer, reason=reason)
        elif is_taken(tried):
            await self._installing.use(ground, replace(pair, at=self._bench.now(), tested=self._bench.now()))

    async def _run(self, work: Callable[[], Awaitable[T]]) -> T:
        await self._turn.acquire()
        try:
            return await work()
        finally:
            self._turn.release()


def _why(error: BaseException | None) -> dict[str, Any]:
    if isinstance(error, EdgeNodeError):
        return {"code": error.code, "reason": "; ".join(error.detail.splitlines())}
    return {"code": EdgeNodeError.code, "reason": type(error).__name__}
