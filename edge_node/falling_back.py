"""Back to an older certificate by itself while the switchboard refuses the newest one, and forward again.

Knows: when a refusal counts, that it is told once, how often the newest is tried again, that dates change the choice.
Must not know: how a certificate is shown, which of several goes first, what a handshake is.

Only the switchboard counts, and only after it proved that it has its key: a stranger who sends an alert changes
nothing. (In TLS 1.2 that alert is not encrypted: who carries the switchboard's bytes can add one.) What was
refused went nowhere, so the request that met the refusal is sent again like any other that was not sent.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from twisted.internet.defer import Deferred, succeed

from edge_node.building import Wired, trusted_peers
from edge_node.errors import SettingsInvalid, StoreUnavailable
from edge_node.flow.rounds import Rhythm, Rounds
from edge_node.model.certificate import Counted, Part, Telling
from edge_node.model.renewal import Outcome
from edge_node.wire.trust import OwnIdentity, Surroundings, client_tls
from edge_node.wire.trust_choice import Choice, choose
from edge_node.wire.trying import Aim, Attempts

_log = structlog.get_logger()

_ROUND_S: Final = 60.0
_TRIAL_S: Final = 15.0

#: Tells once that a certificate is refused; says whether it is the first time.
Tell = Callable[[Counted, Telling, int], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What falling back works with."""

    wired: Callable[[], Wired]
    rewire: Callable[[], None]  # shows certificates as they are chosen now; raises `SettingsInvalid`
    tell: Tell
    surroundings: Callable[[], Surroundings]
    reactor: Any
    moment: Callable[[], datetime]


class FallingBack:
    """Remembers what the switchboard refuses, for the life of the process."""

    def __init__(self) -> None:
        self._parts: Parts | None = None
        self._rounds: Rounds | None = None
        self._attempts = Attempts()
        self._retry_at_s: dict[str, float] = {}  # by fingerprint: when it is tried again

    @property
    def refused(self) -> frozenset[str]:
        """The fingerprints that the switchboard refuses now."""
        return frozenset(self._retry_at_s)

    def begin(self, parts: Parts) -> None:
        """Act from now on."""
        self._parts = parts
        rhythm = Rhythm(
            clock=parts.reactor,
            pause_s=lambda: self._pause_s(parts),
            event="certificate.switch-failed",
            untold=(StoreUnavailable,),
        )
        self._rounds = Rounds(self.round, rhythm)
        self._rounds.begin()

    def stop(self) -> Deferred[None]:
        """Act no more; fires when the round under way has ended."""
        self._parts = None
        self._attempts.end()
        return succeed(None) if self._rounds is None else self._rounds.stop()

    def turned_down(self, fingerprint: str, peer: str) -> None:
        """The switchboard refuses that certificate of ours. Called while OpenSSL is at work: acts a moment later."""
        parts = self._parts
        if parts is None or fingerprint in self._retry_at_s:
            return
        choice = next((one for one in parts.wired().held.choices.values() if _shown(one) == fingerprint), None)
        if choice is None or not _spare(choice, parts.moment(), self.refused | {fingerprint}):
            return  # nothing better to show: the refusal itself is in the log
        self._retry_at_s[fingerprint] = parts.reactor.seconds() + _retry_s(parts)
        _log.error("certificate.refused", identity=choice.identity, fingerprint=fingerprint, peer=peer)
        parts.reactor.callLater(0, self._soon)

    def taken(self, fingerprint: str) -> None:
        """The switchboard took it, or a person wants it shown: the refusal of before counts no more."""
        if self._retry_at_s.pop(fingerprint, None) is not None and self._parts is not None:
            self._parts.reactor.callLater(0, self._soon)

    async def round(self) -> None:
        """Try again what was refused, and show what the dates and the refusals say."""
        parts = self._parts
        if parts is None:
            return
        self._forget(parts)
        for fingerprint, at_s in tuple(self._retry_at_s.items()):
            if at_s <= parts.reactor.seconds():
                await self._try_again(parts, fingerprint)
        await self._align(parts)

    async def _try_again(self, parts: Parts, fingerprint: str) -> None:
        self._retry_at_s[fingerprint] = parts.reactor.seconds() + _retry_s(parts)
        own = _held(parts.wired(), fingerprint)
        if own is not None and await _is_taken(parts, self._attempts, own):
            self._retry_at_s.pop(fingerprint, None)
            _log.warning("certificate.taken-again", identity=own.name, fingerprint=fingerprint)

    async def _align(self, parts: Parts) -> None:
        """Where another one is to be shown than is shown, show it."""
        if self._parts is None:
            return  # the node stopped during a trial
        due = [one for one in parts.wired().held.choices.values() if self._is_due(one, parts.moment())]
        if not due:
            return
        try:
            parts.rewire()
        except SettingsInvalid as error:  # a file is broken on disk: said by the watch, and tried again
            _log.error("certificate.not-switched", complaints=list(error.complaints))
            return
        for before in due:
            after = parts.wired().held.choices[before.identity]
            _log.warning("certificate.switched", identity=before.identity, fingerprint=_shown(after))
            if after.fell_back:
                await self._tell(parts, before, after)

    async def _tell(self, parts: Parts, before: Choice, after: Choice) -> None:
        refused, shown = before.in_use, after.in_use
        if refused is None or refused.own is None or shown is None or shown.own is None:
            return
        organisation = next(
            one.organisation for one in parts.wired().settings.identities if one.name == before.identity
        )
        certificate = refused.own.certificate
        await parts.tell(
            Counted(
                fingerprint=certificate.fingerprint,
                part=Part.OWN,
                name=organisation,
                subject=certificate.subject,
                ends_at=shown.own.certificate.not_after,  # till then all goes on
            ),
            Telling.REFUSED,
            0,
        )

    def _is_due(self, choice: Choice, at: datetime) -> bool:
        now = choose(choice.identity, (pair for pair, _ in choice.pairs), at, self.refused)
        return _shown(now) != _shown(choice)

    def _forget(self, parts: Parts) -> None:
        """What is not held any more is not tried any more."""
        held = {pair.fingerprint for one in parts.wired().held.choices.values() for pair, _ in one.pairs}
        for fingerprint in self.refused - held:
            del self._retry_at_s[fingerprint]

    def _soon(self) -> None:
        if self._rounds is not None:
            self._rounds.soon()

    def _pause_s(self, parts: Parts) -> float:
        now_s = parts.reactor.seconds()
        wait_s = min((at_s - now_s for at_s in self._retry_at_s.values()), default=_ROUND_S)
        return min(_ROUND_S, max(0.0, wait_s))


def _retry_s(parts: Parts) -> float:
    return parts.wired().settings.switchboard.refused_certificate_retry_s


def _shown(choice: Choice) -> str:
    return choice.in_use.fingerprint if choice.in_use else ""


def _spare(choice: Choice, at: datetime, refused: frozenset[str]) -> bool:
    """Whether another one can be shown that is valid and welcome."""
    shown = _shown(choose(choice.identity, (pair for pair, _ in choice.pairs), at, refused))
    return bool(shown) and shown not in refused


def _held(wired: Wired, fingerprint: str) -> OwnIdentity | None:
    pairs = (pair for choice in wired.held.choices.values() for pair, _ in choice.pairs)
    return next((pair.own for pair in pairs if pair.fingerprint == fingerprint), None)


async def _is_taken(parts: Parts, attempts: Attempts, own: OwnIdentity) -> bool:
    """Try it with a connection of its own that disturbs no other."""
    wired = parts.wired()
    peers = zip(wired.settings.switchboard.peers, trusted_peers(wired.settings, wired.held), strict=True)
    written, peer = next(ends for ends in peers if ends[0].role == "zim")
    aim = Aim(
        peer=written.name,
        role=written.role,
        host=written.host,
        port=written.port,
        path=written.base_path,
        tls=client_tls(own, peer, parts.surroundings()),
    )
    return (await attempts.attempt(aim, parts.reactor, _TRIAL_S)).outcome is Outcome.TAKEN
