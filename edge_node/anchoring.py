"""New anchors of a peer are tried before they take the place of the old ones.

Knows: which anchors of a peer count, that an addition counts at once, that a removal waits for a handshake.
Must not know: how a handshake is tried, what a certificate must say.

A list that was pushed and locked everybody out is the outage this is against. So what the settings no longer name
counts on until the live peer was reached without it, and a list under which the peer is not to be found never counts.
A CA that is compromised must go at once: for that a person accepts the list as it is.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import structlog
from cryptography import x509
from twisted.internet.defer import Deferred, DeferredLock

from edge_node.building import CALLED, Wired, trusted_peers
from edge_node.errors import Refused, SettingsInvalid
from edge_node.flow.rounds import Rhythm, Rounds
from edge_node.model.anchors import AnchorChange, AnchorsInUse, Phase
from edge_node.model.renewal import Stage, Tried
from edge_node.settings.schema import Settings
from edge_node.settings.switchboard import PeerSettings
from edge_node.wire.anchor_shelf import Anchors, AnchorShelf
from edge_node.wire.revocation_judge import Seen
from edge_node.wire.trust import Surroundings, TrustedPeer, client_tls
from edge_node.wire.trust_certificate import common_name, fingerprint
from edge_node.wire.trust_judge import Chain
from edge_node.wire.trust_verify import path
from edge_node.wire.trying import Aim, Attempts

_log = structlog.get_logger()

#: Folder in node.state_dir; below it one for each environment, so that test and production never mix.
FOLDER: Final = "anchors"
#: How often a change that waits is tried again.
TEND_S: Final = 60.0
_TRIAL_S: Final = 15.0
#: A peer may call under another chain than the one it shows when it is called; what it showed lately counts.
_LATELY: Final = timedelta(days=1)
#: What a handshake says of a peer that is not under the anchors.
NOT_UNDER: Final = frozenset(
    {"EN-TLS-CHAIN", "EN-TLS-ANCHOR", "EN-TLS-INCOMPLETE", "EN-TLS-SELF-SIGNED", "EN-TLS-SIGNATURE"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What it is handed."""

    wired: Callable[[], Wired]
    surroundings: Callable[[], Surroundings]
    seen: Callable[[], tuple[Seen, ...]]
    swap: Callable[[], None]  # builds TLS anew with what counts now; raises `SettingsInvalid` and changes nothing
    rejudge: Callable[[], None]
    reactor: Any
    moment: Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """One peer, and the anchors that the settings name for it."""

    written: PeerSettings
    peer: TrustedPeer


class Anchoring:
    """Says which anchors count, and tries those that wait."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        self._parts = parts
        self._shelf = AnchorShelf(folder_of(settings))
        self._changes: dict[str, tuple[Anchors, AnchorChange]] = {}
        self._settling: dict[str, Anchors] = {}  # that count for the swap which is to show that they can
        self._is_stopped = False
        self._turn = DeferredLock()
        self._attempts = Attempts()
        rhythm = Rhythm(clock=parts.reactor, pause_s=lambda: TEND_S, event="anchors.failed")
        self._rounds = Rounds(self.tend, rhythm)

    @property
    def changes(self) -> tuple[AnchorChange, ...]:
        """Every change that does not count yet."""
        return tuple(change for _, change in self._changes.values())

    @property
    def in_use(self) -> tuple[AnchorsInUse, ...]:
        """Which anchors of each peer count."""
        return tuple(map(self._of, self._wanted()))

    def counting(self, peer: str, written: Anchors) -> Anchors:
        """Return which anchors of a peer count when the settings name these."""
        if peer in self._settling:
            return self._settling[peer]
        proven = self._shelf.proven(peer)
        if proven is None or set(written) >= set(proven):
            return written
        known = self._changes.get(peer)
        if known is not None and known[0] == written and known[1].phase is Phase.REFUSED:
            return proven
        return tuple(dict.fromkeys((*written, *proven)))

    def begin(self) -> None:
        """Try what waits, now and again."""
        self._rounds.begin()
        self._rounds.soon()

    def become(self) -> None:
        """Go on with new settings: what they bring is tried at once."""
        if not self._settling:
            self._rounds.soon()

    def stop(self) -> Deferred[None]:
        """No more; what a trial under way will show is not used. Fires when it is broken off."""
        self._is_stopped = True
        self._attempts.end()
        return self._rounds.stop()

    async def tend(self) -> None:
        """Take up what needs no trial, and try the rest, one after the other."""
        await self._turn.acquire()
        try:
            await self._tend()
        finally:
            self._turn.release()

    def accept(self, peer: str | None) -> tuple[AnchorChange, ...]:
        """Have the anchors of the settings count as they are, untried.

        Raises `Refused` when none waits, `SettingsInvalid` when they cannot be used: then nothing was changed.
        """
        accepted = [
            (each, change) for each in self._wanted() if (change := self._noted(each)) and peer in (None, change.peer)
        ]
        if not accepted:
            raise Refused("no anchors wait" if peer is None else f"no anchors of {peer} wait", code="EN-NOT-FOUND")
        self._settle(*(each.peer for each, _ in accepted))
        for _, change in accepted:
            _log.warning("anchors.accepted", peer=change.peer, added=change.added, removed=change.removed)
        return tuple(change for _, change in accepted)

    async def _tend(self) -> None:
        names = {each.peer.name for each in self._wanted()}
        self._changes = {name: change for name, change in self._changes.items() if name in names}
        for each in self._wanted():
            if self._noted(each) is None:
                if self._shelf.proven(each.peer.name) != each.peer.anchors:
                    self._keep(each.peer)
                continue
            await self._try(each)
        self._align()

    def _align(self) -> None:
        """Use what counts, where that could not be done when it came to count."""
        wanted = {each.peer.name: self.counting(each.peer.name, each.peer.anchors) for each in self._wanted()}
        used = {peer.name: peer.anchors for peer in self._parts.wired().peers}
        if used != wanted and not self._is_stopped:
            self._swap_or_tell()

    async def _try(self, each: _Wanted) -> None:
        why, is_refused = await self._tried(each)
        if self._is_stopped or each.peer not in {one.peer for one in self._wanted()}:
            return  # the node stops, or the settings were taken up anew meanwhile
        if self._noted(each) is None:
            return  # a person was faster
        if why is None:
            change = self._changes[each.peer.name][1]
            try:
                self._settle(each.peer)
            except SettingsInvalid as error:  # tried again in the next round
                _log.error("settings.refused", complaints=list(error.complaints))
                return
            _log.info("anchors.proven", peer=change.peer, added=change.added, removed=change.removed)
            return
        self._learn(each.peer, Phase.REFUSED if is_refused else Phase.WAITING, why)

    async def _tried(self, each: _Wanted) -> tuple[str | None, bool]:
        """Say why the anchors cannot count yet, and whether the peer is not under them."""
        if each.written.role not in CALLED:
            return "the node does not call this peer, so only a person can accept them", False
        tried = await self._attempt(each)
        if not any(step.stage is Stage.PEER and not step.code for step in tried.steps):
            failed = tried.failed
            code, told = (failed.code, failed.told) if failed else ("", "")
            return f"{code}: {told}", code in NOT_UNDER and await self._is_under_the_old_alone(each)
        return still_under_the_old(self._parts.seen(), each.peer, self._parts.moment()), False

    async def _is_under_the_old_alone(self, each: _Wanted) -> bool:
        """Whether who answers is the peer, and not under the new list. A stranger on the way proves nothing of it."""
        shown: list[Chain] = []
        both = dict.fromkeys((*each.peer.anchors, *(self._shelf.proven(each.peer.name) or ())))
        wider = replace(each, peer=replace(each.peer, anchors=tuple(both)))
        await self._attempt(wider, shown.append)
        try:
            for chain in shown:
                path(chain, each.peer.anchors, self._parts.moment(), None)
        except Refused as refused:
            return refused.code in NOT_UNDER
        return False

    async def _attempt(self, each: _Wanted, proven: Callable[[Chain], None] = lambda chain: None) -> Tried:
        # A connection of its own: what it shows is no event of the line.
        around = replace(self._parts.surroundings(), refused=lambda *_: None)
        wired = self._parts.wired()
        in_date = [own for own in wired.certificates if own.certificate.fingerprint not in wired.out_of_date]
        own = (in_date or wired.certificates)[0]
        aim = Aim(
            peer=each.peer.name,
            role=each.peer.role,
            host=each.written.host,
            port=each.written.port,
            path=each.written.base_path,
            tls=client_tls(own, each.peer, around),
            asks=False,
            proven=proven,
        )
        return await self._attempts.attempt(aim, self._parts.reactor, _TRIAL_S)

    def _noted(self, each: _Wanted) -> AnchorChange | None:
        """Return the change that this peer's anchors are; none, where nothing is taken away."""
        name, written = each.peer.name, each.peer.anchors
        proven = self._shelf.proven(name)
        if proven is None or set(written) >= set(proven):
            self._changes.pop(name, None)
            return None
        known = self._changes.get(name)
        if known is None or known[0] != written:
            change = AnchorChange(
                peer=name,
                phase=Phase.WAITING,
                added=_names(one for one in written if one not in proven),
                removed=_names(one for one in proven if one not in written),
                since=self._parts.moment(),
                why="not yet tried",
            )
            known = self._changes[name] = written, change
        return known[1]

    def _learn(self, peer: TrustedPeer, phase: Phase, why: str) -> None:
        """Remember what a trial showed; what is new is told, and what counts is used."""
        written, before = self._changes[peer.name]
        change = self._changes[peer.name] = written, replace(before, phase=phase, why=why)
        if (before.phase, before.why) == (phase, why):
            return
        told = {"peer": peer.name, "added": before.added, "removed": before.removed, "why": why}
        if phase is Phase.REFUSED:
            _log.error("anchors.refused", code="EN-ANCHORS-REFUSED", **told)
        else:
            _log.warning("anchors.waiting", code="EN-ANCHORS-WAITING", **told)
        if change[1].phase is not before.phase:
            self._swap_or_tell()

    def _settle(self, *peers: TrustedPeer) -> None:
        """Use the anchors of these, and remember them once they are in use. Raises `SettingsInvalid`."""
        self._settling = {peer.name: peer.anchors for peer in peers}
        try:
            self._swap()
        finally:
            self._settling = {}
        for peer in peers:
            self._keep(peer)

    def _keep(self, peer: TrustedPeer) -> None:
        self._shelf.keep(peer.name, peer.anchors)
        self._changes.pop(peer.name, None)

    def _swap(self) -> None:
        """Use what counts now, also for whom is connected."""
        self._parts.swap()
        self._parts.rejudge()

    def _swap_or_tell(self) -> None:
        try:
            self._swap()
        except SettingsInvalid as error:
            _log.error("settings.refused", complaints=list(error.complaints))

    def _wanted(self) -> Iterator[_Wanted]:
        wired = self._parts.wired()
        peers = trusted_peers(wired.settings, wired.held)
        for written, peer in zip(wired.settings.switchboard.peers, peers, strict=True):
            yield _Wanted(written=written, peer=peer)

    def _of(self, each: _Wanted) -> AnchorsInUse:
        name = each.peer.name
        known = self._changes.get(name)
        counting = _names(self.counting(name, each.peer.anchors))
        return AnchorsInUse(peer=name, counting=counting, change=known[1] if known else None)


def still_under_the_old(seen: Iterable[Seen], peer: TrustedPeer, now: datetime) -> str | None:
    """Say which chain the peer showed lately that its new anchors do not hold.

    A chain is public: one that was shown without its key is nobody's, and must not hold the change up for ever.
    """
    for one in seen:
        if peer.role not in one.roles or one.proved_at is None or now - one.proved_at > _LATELY:
            continue
        try:
            path(one.chain, peer.anchors, now, None)
        except Refused as refused:
            if refused.code in NOT_UNDER:
                # Without the moment: what is said again and again is told once.
                return f"it lately showed a chain under {common_name(one.chain[-1].subject)}"
    return None


def folder_of(settings: Settings) -> Path:
    """Return where the proven anchors of this environment are."""
    return settings.node.state_dir / FOLDER / settings.node.environment


def _names(anchors: Iterable[x509.Certificate]) -> tuple[str, ...]:
    """Two roots may bear one name, such as one that was made anew, or a false one."""
    return tuple(
        f"{common_name(one.subject)} (SHA-256 {fingerprint(one)[:8]}…, until {one.not_valid_after_utc:%Y-%m-%d})"
        for one in anchors
    )
