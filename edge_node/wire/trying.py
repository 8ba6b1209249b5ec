"""A handshake tried with one certificate of ours against one peer, told stage by stage.

Knows: the stages from the name to the first answer, how a refusal of our certificate shows in each version of TLS.
Must not know: which certificates a site has, what follows from the result.

In TLS 1.3 our side of the handshake ends before the peer has looked at our certificate: a refusal comes in place of
the first answer. So a question is put that asks nothing, `OPTIONS` of the peer's address, and any answer is proof.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from OpenSSL.SSL import Error as TlsError
from twisted.internet.defer import CancelledError, Deferred, TimeoutError
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.error import ConnectError, ConnectingCancelledError, ConnectionRefusedError
from twisted.internet.interfaces import IHandshakeListener, IResolutionReceiver
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.failure import Failure
from zope.interface import implementer

from edge_node.errors import Refused
from edge_node.model.renewal import Outcome, Stage, Step, Tried
from edge_node.wire.broken_way import in_words
from edge_node.wire.http1_exchange import CERTIFICATE_ALERTS
from edge_node.wire.http1_transport import refusal_of, tls_of
from edge_node.wire.trust import ClientTls
from edge_node.wire.trust_handshake import WatchedConnection
from edge_node.wire.trust_judge import Chain

_MAX_BYTES: Final = 16_384
#: Of nginx, for a client certificate that is bad or missing.
_TURNED_DOWN: Final = frozenset({495, 496})
#: Answers that may be about the certificate, or about the question.
DOUBTFUL: Final = frozenset({400, 401, 403})
_RESOLVE_S: Final = 5.0
_PROVEN: Final = list(Stage).index(Stage.PEER)


def _unheard(chain: Chain) -> None:
    """Whose certificate it is was found good; that is enough for most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """One peer, as one certificate of ours calls it."""

    peer: str
    role: str
    host: str
    port: int
    path: str
    tls: ClientTls
    asks: bool = True  # False: it ends once the peer was judged, and says nothing of our certificate
    proven: Callable[[Chain], None] = _unheard  # the certificates that a peer showed, once it was judged


class Attempts:
    """Those of one owner, which end with it."""

    def __init__(self) -> None:
        self._running: set[Deferred[Tried]] = set()
        self._has_ended = False

    async def attempt(self, aim: Aim, reactor: Any, limit_s: float) -> Tried:
        """Try it, unless all has ended."""
        if self._has_ended:
            return Tried(peer=aim.peer, role=aim.role, outcome=Outcome.UNKNOWN, steps=())
        trial = Deferred.fromCoroutine(attempt(aim, reactor, limit_s))
        self._running.add(trial)
        try:
            return await trial
        finally:
            self._running.discard(trial)

    def end(self) -> None:
        """Break off what is under way, and begin no more."""
        self._has_ended = True
        for trial in tuple(self._running):
            trial.cancel()


async def attempt(aim: Aim, reactor: Any, limit_s: float) -> Tried:
    """Try it, with a connection of its own that disturbs no other. Never raises for what the peer does."""
    trial = _Trial(aim, reactor.seconds)
    try:
        await _attempt(trial, reactor, limit_s)
    except CancelledError:
        trial.give_up()
    return trial.tried


async def _attempt(trial: "_Trial", reactor: Any, limit_s: float) -> None:
    aim = trial.aim
    if not await _addresses(reactor, aim.host, min(limit_s, _RESOLVE_S)):
        trial.fail("EN-CERT-UNTESTED", f"no address for {aim.host}", Outcome.UNKNOWN)
        return
    trial.passed(Stage.NAME, aim.host)
    factory = TLSMemoryBIOFactory(aim.tls, True, Factory.forProtocol(lambda: trial), reactor)
    connecting = HostnameEndpoint(reactor, aim.host, aim.port, timeout=limit_s).connect(factory)
    late = reactor.callLater(limit_s, trial.late)
    try:
        await connecting.addTimeout(limit_s, reactor)
        await trial.ended
    except TimeoutError:
        trial.fail("EN-CERT-UNTESTED", f"no connection within {limit_s:g} s", Outcome.UNKNOWN)
    except ConnectionRefusedError as error:
        trial.fail("EN-CERT-UNTESTED", in_words(error), Outcome.UNKNOWN, is_turned_away=True)
    except (ConnectError, ConnectingCancelledError, OSError) as error:
        trial.fail("EN-CERT-UNTESTED", in_words(error), Outcome.UNKNOWN)
    finally:
        if late.active():
            late.cancel()


async def _addresses(reactor: Any, host: str, limit_s: float) -> list[object]:
    found = _Found()
    reactor.nameResolver.resolveHostName(found, host)
    try:
        await found.complete.addTimeout(limit_s, reactor)
    except TimeoutError:
        return []
    return found.addresses


@implementer(IResolutionReceiver)
class _Found:
    """The addresses of a name, as they come."""

    def __init__(self) -> None:
        self.addresses: list[object] = []
        self.complete: Deferred[None] = Deferred()

    def resolutionBegan(self, resolution: object) -> None:  # noqa: N802
        """It is looked up."""

    def addressResolved(self, address: object) -> None:  # noqa: N802
        self.addresses.append(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        if not self.complete.called:
            self.complete.callback(None)


@implementer(IHandshakeListener)
@dataclass(eq=False)
class _Trial(Protocol):
    """The connection of one trial."""

    aim: Aim
    seconds: Callable[[], float]
    steps: list[Step] = field(default_factory=list)
    outcome: Outcome = Outcome.UNKNOWN
    status: int | None = None
    ended: "Deferred[None]" = field(default_factory=Deferred)
    _heard: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self._since_s = self.seconds()

    @property
    def tried(self) -> Tried:
        """The whole of it."""
        return Tried(
            peer=self.aim.peer,
            role=self.aim.role,
            outcome=self.outcome,
            steps=tuple(self.steps),
            status=self.status,
        )

    def connectionMade(self) -> None:
        where: Any = self._wire().getPeer()
        self.passed(Stage.CONNECTION, f"{where.host} port {where.port}")

    def handshakeCompleted(self) -> None:
        connection = tls_of(self.transport)
        assert connection is not None
        self.passed(Stage.HANDSHAKE, f"{connection.get_protocol_version_name()} {connection.get_cipher_name()}")
        try:
            peer = self.aim.tls.judge(connection)
        except Refused as refused:
            self.fail(refused.code, refused.detail, Outcome.UNKNOWN)
            self._wire().abortConnection()
            return
        self.aim.proven(tuple(connection.get_peer_cert_chain(as_cryptography=True) or ()))
        self.passed(Stage.PEER, f"{peer.certificate.subject}, until {peer.certificate.not_after:%Y-%m-%d}")
        if not self.aim.asks:
            self._end(Outcome.UNKNOWN)
            self._wire().loseConnection()
            return
        # Any answer will do; OPTIONS asks for nothing and changes nothing.
        asked = f"OPTIONS {self.aim.path or '/'} HTTP/1.1\r\nhost: {self.aim.host}\r\nconnection: close\r\n\r\n"
        self._wire().write(asked.encode("ascii"))

    def dataReceived(self, data: bytes) -> None:
        self._heard += data
        line, found, _ = bytes(self._heard).partition(b"\r\n")
        if not found and len(self._heard) < _MAX_BYTES:
            return
        self.status = _status(line)
        told = f"it answers {self.status}" if self.status else "it answers"
        if self.status in _TURNED_DOWN:
            self.fail("EN-CERT-NOT-TAKEN", told, Outcome.REFUSED)
        elif not self.ended.called:
            self.passed(Stage.ANSWER, told)
            self._end(Outcome.TAKEN)
        self._wire().abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        refusal, told = refusal_of(self.transport), _text(reason.value)
        # Once the peer proved who it is, an alert can only be about what we showed it; before, anybody may send one.
        is_ours = self._stages > _PROVEN or (self._is_proven and any(alert in told for alert in CERTIFICATE_ALERTS))
        if isinstance(reason.value, TlsError) and is_ours:
            self.fail("EN-CERT-NOT-TAKEN", told, Outcome.REFUSED)
        elif refusal is not None:  # by us, or of the handshake as a whole
            self.fail(refusal.code, refusal.detail, Outcome.UNKNOWN)
        elif isinstance(reason.value, TlsError):
            self.fail("EN-TLS-HANDSHAKE", told, Outcome.REFUSED if self._is_proven else Outcome.UNKNOWN)
        else:
            self.fail("EN-CERT-UNTESTED", told or "it closed the connection without an answer", Outcome.UNKNOWN)

    def late(self) -> None:
        """The time is over."""
        if not self.ended.called and self.transport is not None:
            self.fail("EN-CERT-UNTESTED", "no answer in time", Outcome.UNKNOWN)
            self._wire().abortConnection()

    def give_up(self) -> None:
        """Who tries ends."""
        if self.transport is not None:
            self._wire().abortConnection()
        if not self.steps or not self.steps[-1].code:
            told = "broken off: the node stops"
            self.steps.append(Step(stage=self._stage, took_s=self._took_s(), told=told, code="EN-CERT-UNTESTED"))

    def fail(self, code: str, told: str, outcome: Outcome, *, is_turned_away: bool = False) -> None:
        """It ends here; only the first reason counts."""
        if self.ended.called:
            return
        took_s = self._took_s()
        self.steps.append(Step(stage=self._stage, took_s=took_s, told=told, code=code, is_turned_away=is_turned_away))
        self._end(outcome)

    def passed(self, stage: Stage, told: str) -> None:
        """It came so far."""
        self.steps.append(Step(stage=stage, took_s=self._took_s(), told=told))

    @property
    def _stage(self) -> Stage:
        """Where it is."""
        return list(Stage)[min(self._stages, len(Stage) - 1)]

    @property
    def _stages(self) -> int:
        """How many it came through."""
        return len(self.steps)

    @property
    def _is_proven(self) -> bool:
        """Whether who answers has the key of the certificate that it shows."""
        connection = tls_of(self.transport)
        return isinstance(connection, WatchedConnection) and connection.is_proven

    def _end(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.ended.callback(None)

    def _took_s(self) -> float:
        before_s, self._since_s = self._since_s, self.seconds()
        return round(self._since_s - before_s, 4)

    def _wire(self) -> Any:
        return self.transport


def _status(line: bytes) -> int | None:
    parts = line.split(b" ", 2)
    return int(parts[1]) if len(parts) > 1 and parts[0].startswith(b"HTTP/") and parts[1].isdigit() else None


def _text(error: BaseException | None) -> str:
    """OpenSSL gives its reasons as a list of (library, function, reason)."""
    if isinstance(error, TlsError) and error.args and isinstance(error.args[0], list):
        return "; ".join(str(reason[-1]) for reason in error.args[0])
    return ""
