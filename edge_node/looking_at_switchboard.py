"""What there is to see of the way to the switchboard: its last use, and a trial stage by stage.

Knows: when a trial is due, with which certificate of ours each peer is tried.
Must not know: what a failure means, how a trial is carried out.

A trial ends once the peer proved who it is, and asks nothing of it: its answers are seen in the traffic. While all
goes well there is one every few minutes; when something failed, or the kernel has no way to where it last went, there
is one at each look, so that a repair shows.
"""

from typing import Any, Final

from twisted.internet.defer import Deferred, gatherResults

from edge_node.flow.link import Link
from edge_node.looking_ground import Ground
from edge_node.model.facts_time import LinkSeen, SwitchboardFacts
from edge_node.model.renewal import Tried
from edge_node.policy import check_link
from edge_node.probes import routes
from edge_node.probing import Look
from edge_node.settings.switchboard import PeerSettings
from edge_node.wire.trust import OwnIdentity, TrustedPeer, client_tls
from edge_node.wire.trying import Aim, attempt

_TRIED: Final = frozenset({"zim", "broker"})
#: Of the time a look may take, so much is for the trial.
_SHARE: Final = 0.8
#: Trials of many nodes are spread over so much of their pause.
_SPREAD: Final = 0.2


def looks(ground: Ground) -> tuple[Look[Any], ...]:
    """Return them."""
    return (
        Look(
            name="switchboard",
            see=_Trials(ground).see,
            rules={
                "lsp-ping": check_link.ping,
                "lsp-ping-stage": check_link.stages,
                "peer-is-zim": check_link.peer_is_zim,
            },
        ),
    )


class _Trials:
    """The last trial of each way, and when the next one is due."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._last: tuple[Tried, ...] = ()
        self._due_s = 0.0
        self._addresses: tuple[str, ...] = ()  # where it was, when all went well

    async def see(self) -> SwitchboardFacts:
        """See how the links were, and try them when it is time."""
        ground = self._ground
        links = tuple(_seen(link) for link in ground.carrying.line.ways_out)
        has_trouble = any(link.failures for link in links) or any(trial.failed for trial in self._last)
        addresses = self._addresses
        has_trouble = has_trouble or not await ground.peek(lambda: all(map(routes.has_way, addresses)))
        seconds = ground.machine.reactor.seconds()
        if has_trouble or seconds >= self._due_s:
            spread = 1 + _SPREAD * (ground.machine.chance.uniform() - 0.5)
            self._due_s = seconds + ground.settings.checks.ping_every_s * spread
            self._last = await self._try()
            if not any(trial.failed for trial in self._last):
                self._addresses = await ground.peek(self._look_up)
        return SwitchboardFacts(links=links, trials=self._last)

    def _look_up(self) -> tuple[str, ...]:
        peers = self._ground.wired.settings.switchboard.peers
        hosts = sorted({peer.host for peer in peers if peer.role in _TRIED})
        # Of several addresses the kernel may have a way to some only, such as where there is no IPv6.
        return tuple(one for host in hosts for one in routes.look_up(host).addresses if routes.has_way(one))

    async def _try(self) -> tuple[Tried, ...]:
        wired = self._ground.wired
        pairs = zip(wired.settings.switchboard.peers, wired.peers, strict=True)
        ends = [(written, peer) for written, peer in pairs if written.role in _TRIED]
        trials = [Deferred.fromCoroutine(self._with(own, *each)) for own in wired.certificates for each in ends]
        found: list[Tried] = await gatherResults(trials)
        return tuple(found)

    async def _with(self, own: OwnIdentity, written: PeerSettings, peer: TrustedPeer) -> Tried:
        ground = self._ground
        aim = Aim(
            peer=written.name,
            role=written.role,
            host=written.host,
            port=written.port,
            path=written.base_path,
            tls=client_tls(own, peer, ground.in_force.workshop().surroundings),
            asks=False,
        )
        return await attempt(aim, ground.machine.reactor, ground.settings.checks.look_limit_s * _SHARE)


def _seen(link: Link) -> LinkSeen:
    return LinkSeen(name=link.name, failures=link.breaker.failures, code=link.code, is_tried=link.is_tried)
