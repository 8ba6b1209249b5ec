"""What OCSP responders said, at hand for handshakes, asked anew in the background before it ends.

Knows: freshness, who is asked next and when, that "revoked" stays until a responder takes it back.
Must not know: HTTP, how an answer is verified, what follows from one.

A handshake never waits for a responder: what is not here is asked for, and the revocation list decides meanwhile.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from urllib.parse import urlsplit

import structlog
from cryptography import x509
from twisted.internet.defer import CancelledError, Deferred, DeferredSemaphore
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.python.failure import Failure

from edge_node.errors import EdgeNodeError
from edge_node.wire.ocsp_answer import OcspAnswer
from edge_node.wire.revocation import Standing, Verdict
from edge_node.wire.trust_certificate import fingerprint

_log = structlog.get_logger()

#: Certificates remembered, those longest not asked about forgotten first: a site has some ten peers.
REMEMBERED: Final = 256
#: Questions on their way at once.
_AT_ONCE: Final = 4

_Key = tuple[str, str]


class Asks(Protocol):
    """Who asks the responders."""

    def responders(self, certificate: x509.Certificate) -> tuple[str, ...]: ...
    async def ask(self, certificate: x509.Certificate, issuer: x509.Certificate) -> OcspAnswer: ...
    def forget(self, certificate: x509.Certificate) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheTimes:
    """When a responder is asked again."""

    first_pause_s: float = 30.0  # after a failure; doubled each time, with full jitter
    longest_pause_s: float = 900.0
    least_pause_s: float = 60.0  # between two questions about one certificate when all is well


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheTools:
    """What the cache works with. `changed` hears that a verdict is another one now."""

    clock: IReactorTime
    in_reactor: Callable[..., object]  # has something done there, from any thread
    now: Callable[[], datetime]
    chance: Callable[[], float]
    changed: Callable[[], None]
    times: Callable[[], CacheTimes] = CacheTimes


@dataclass(slots=True, kw_only=True)
class _Entry:
    certificate: x509.Certificate
    issuer: x509.Certificate
    answer: OcspAnswer | None = None
    is_used: bool = True  # since the last question
    failures: int = 0
    again: IDelayedCall | None = None
    asking: "Deferred[OcspAnswer] | None" = None


class OcspCache:
    """Fits `revocation.Standings`."""

    def __init__(self, client: Asks, tools: CacheTools) -> None:
        self._client = client
        self._tools = tools
        self._entries: OrderedDict[_Key, _Entry] = OrderedDict()
        self._kept: frozenset[_Key] = frozenset()
        self._turns = DeferredSemaphore(_AT_ONCE)
        self._is_stopped = False

    def standing(self, certificate: x509.Certificate, issuer: x509.Certificate, at: datetime) -> Standing | None:
        """Return what a responder says of a certificate, where that counts at this moment; never waits."""
        if self._is_stopped or not self._client.responders(certificate):
            return None
        entry = self._entries.get(_key(certificate, issuer))
        if entry is None:  # who looks may be in the middle of a handshake, or in a thread that judges a token
            self._tools.in_reactor(self._entry, certificate, issuer)
            return None
        entry.is_used, answer = True, entry.answer
        return None if answer is None else self._counts(entry, answer, at)

    def keep(self, pairs: Iterable[tuple[x509.Certificate, x509.Certificate]]) -> None:
        """Have answers about these certificates and their issuers at hand for good: own ones, and those of peers."""
        if self._is_stopped:
            return
        wanted = [pair for pair in pairs if self._client.responders(pair[0])]
        self._kept = frozenset(_key(*pair) for pair in wanted)
        for certificate, issuer in wanted:
            self._entry(certificate, issuer)

    def stop(self) -> None:
        """Ask nobody any more."""
        self._is_stopped = True
        for entry in self._entries.values():
            _end(entry)
        self._entries.clear()

    def _entry(self, certificate: x509.Certificate, issuer: x509.Certificate) -> None:
        """Have answers about a certificate from now on."""
        key = _key(certificate, issuer)
        if self._is_stopped or key in self._entries:
            return
        entry = self._entries[key] = _Entry(certificate=certificate, issuer=issuer)
        self._make_room()
        entry.again = self._tools.clock.callLater(0, self._ask, key)

    def _make_room(self) -> None:
        """Those that were revoked have a room of their own: who is pushed out of it may be let in again."""
        spare = [key for key in self._entries if key not in self._kept]
        revoked = [key for key in spare if _is_revoked(self._entries[key])]
        others = [key for key in spare if not _is_revoked(self._entries[key])]
        for key in (*others[: -max(1, REMEMBERED - len(self._kept))], *revoked[:-REMEMBERED]):
            self._drop(key)

    def _drop(self, key: _Key) -> None:
        entry = self._entries.pop(key)
        _end(entry)
        self._client.forget(entry.certificate)

    def _counts(self, entry: _Entry, answer: OcspAnswer, at: datetime) -> Standing | None:
        """A certificate once revoked stays so until a responder or a newer list says otherwise.

        That no answer comes is no pardon.
        """
        is_fresh = at < answer.until
        if answer.verdict is Verdict.UNKNOWN or not (is_fresh or answer.verdict is Verdict.REVOKED):
            return None
        source = urlsplit(self._client.responders(entry.certificate)[0]).hostname or ""
        return Standing(verdict=answer.verdict, at=answer.at, until=answer.until, source=source)

    # Asking

    def _ask(self, key: _Key) -> None:
        entry = self._entries[key]
        entry.again = None
        if not (entry.is_used or key in self._kept) and not _is_revoked(entry):
            self._drop(key)
            return
        entry.is_used = False
        self._entries.move_to_end(key)
        asking = entry.asking = self._turns.run(self._start, entry)
        asking.addCallbacks(self._came, self._failed, callbackArgs=(key,), errbackArgs=(key,))

    def _start(self, entry: _Entry) -> "Deferred[OcspAnswer]":
        return Deferred.fromCoroutine(self._client.ask(entry.certificate, entry.issuer))

    def _came(self, answer: OcspAnswer, key: _Key) -> None:
        entry = self._entries.get(key)
        if entry is None:
            return
        before = entry.answer
        held = entry.answer = before if before is not None and _is_no_pardon(before, answer) else answer
        entry.asking, entry.failures = None, 0
        left_s = (answer.until - self._tools.now()).total_seconds()
        # Between half and three quarters of its life, so that nodes that began together do not ask together.
        pause_s = max(self._tools.times().least_pause_s, left_s * (0.5 + 0.25 * self._tools.chance()))
        entry.again = self._tools.clock.callLater(pause_s, self._ask, key)
        if before is None or before.verdict is not held.verdict:
            self._tools.changed()

    def _failed(self, failure: Failure, key: _Key) -> None:
        entry = self._entries.get(key)
        if entry is None or isinstance(failure.value, CancelledError):
            return
        if not isinstance(failure.value, EdgeNodeError):
            _log.error("revocation.failed", error=type(failure.value).__name__)
        entry.asking = None
        entry.failures += 1
        entry.again = self._tools.clock.callLater(self._pause_s(entry.failures, failure.value), self._ask, key)

    def _pause_s(self, failures: int, error: object) -> float:
        times = self._tools.times()
        ceiling_s = min(times.longest_pause_s, times.first_pause_s * 2.0 ** min(failures - 1, 32))
        asked_s = error.retry_after_s if isinstance(error, EdgeNodeError) else None
        return max(self._tools.chance() * ceiling_s, min(asked_s or 0.0, times.longest_pause_s))


def _key(certificate: x509.Certificate, issuer: x509.Certificate) -> _Key:
    return fingerprint(certificate), fingerprint(issuer)


def _is_revoked(entry: _Entry) -> bool:
    return entry.answer is not None and entry.answer.verdict is Verdict.REVOKED


def _is_no_pardon(before: OcspAnswer, answer: OcspAnswer) -> bool:
    """Whether it leaves as it is that a certificate was revoked: one of before that, or one that does not know."""
    if before.verdict is not Verdict.REVOKED or answer.verdict is Verdict.REVOKED:
        return False
    return answer.verdict is Verdict.UNKNOWN or answer.at <= before.at


def _end(entry: _Entry) -> None:
    if entry.again is not None and entry.again.active():
        entry.again.cancel()
    if entry.asking is not None:
        entry.asking.cancel()
