"""One caller of the control socket: its requests, and the parts and ends of their answers, a JSON object a line.

Knows: how long a line may be, that one request is carried out at a time, when a caller stopped listening.
Must not know: what a verb does, where the socket is.

A line in is a request; lines out are any number of `{"part": ...}`, then one with `ok`. The line `{"verb": "stop"}`
is no request and is not answered: what is in hand ends after its present unit, and its answer says how far it came.
"""

# mypy: disallow-untyped-calls=False

import json
import select
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import structlog
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IHalfCloseableProtocol, IPushProducer, IReactorTime
from twisted.internet.protocol import connectionDone
from twisted.protocols.basic import LineReceiver
from twisted.protocols.policies import TimeoutMixin
from twisted.python.failure import Failure
from zope.interface import implementer

from edge_node.errors import EdgeNodeError
from edge_node.status.document import Document, of_error
from edge_node.status.verbs import Attendant, wrong

MAX_LINE_BYTES: Final = 64 * 1024  # a certificate with its chain
_IDLE_S: Final = 60
_CREDENTIALS: Final = struct.Struct("3i")  # pid, uid, gid
_STOP: Final = {"verb": "stop"}

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a connection needs to serve its caller."""

    attendant: Attendant
    clock: IReactorTime
    name_of: Callable[[int], str]


@implementer(IPushProducer)
class _Listening:
    """The caller of one request: what it is told waits until it has read what it was told before."""

    def __init__(self, say: Callable[[Document], None]) -> None:
        self.is_stopped = False
        self._say = say
        self._room: Deferred[None] | None = None

    async def tell(self, part: Document) -> None:
        self._say({"part": part})
        if self._room is not None and not self.is_stopped:
            await self._room

    def stop(self) -> None:
        self.is_stopped = True
        self.resumeProducing()

    def pauseProducing(self) -> None:
        if self._room is None:
            self._room = Deferred()

    def resumeProducing(self) -> None:
        room, self._room = self._room, None
        if room is not None:
            room.callback(None)

    def stopProducing(self) -> None:
        self.stop()


@implementer(IHalfCloseableProtocol)
class ControlLine(LineReceiver, TimeoutMixin):
    """One caller. Its requests are carried out in order, the next one only after the answer to the last."""

    transport: Any  # Twisted types it as one that may be absent and has no handle
    delimiter = b"\n"
    MAX_LENGTH = MAX_LINE_BYTES

    def __init__(self, desk: Desk, callers: "set[ControlLine]") -> None:
        self._desk = desk
        self._callers = callers
        self._who = ""
        self._in_hand: _Listening | None = None
        self._working: Deferred[None] | None = None
        self._next: bytes | None = None  # came while another one was in hand
        self._said_all = False

    def callLater(self, period: float, func: Callable[[], None]) -> Any:  # noqa: N802  the hook of TimeoutMixin
        return self._desk.clock.callLater(period, func)

    def connectionMade(self) -> None:
        self._callers.add(self)
        self._who = self._desk.name_of(peer_uid(self.transport.getHandle()))
        self.setTimeout(_IDLE_S)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._callers.discard(self)
        self.setTimeout(None)
        # The unit in hand is finished: it was recorded, and half of it would be worse. No further one begins.
        if self._in_hand is not None:
            self._in_hand.stop()

    def readConnectionLost(self) -> None:  # noqa: N802  of IHalfCloseableProtocol
        """The caller says no more; one that is still there wants its answer."""
        self._said_all = True
        if self._in_hand is None:
            self.transport.loseConnection()
        elif _is_gone(self.transport.getHandle()):
            self.transport.abortConnection()

    def writeConnectionLost(self) -> None:  # noqa: N802
        """We never close only our half."""

    def hang_up(self) -> None:
        """Let the caller go: the daemon stops."""
        if self._in_hand is not None:
            self._in_hand.stop()
        self.transport.loseConnection()

    def lineReceived(self, line: bytes) -> None:
        if self._in_hand is None:
            self._begin(line)
        elif _read(line) == _STOP:
            self._in_hand.stop()
        else:
            # Reading goes on while one is in hand, so that a caller who hangs up is noticed; up to the next request.
            self._next = line
            self.pauseProducing()

    def lineLengthExceeded(self, line: bytes) -> None:
        self._say({"ok": False, "error": of_error(wrong(f"a request has at most {MAX_LINE_BYTES} bytes"))})
        self.transport.loseConnection()

    def _begin(self, line: bytes) -> None:
        request = _read(line)
        if request == _STOP:
            return  # what it was to stop has ended
        self.setTimeout(None)
        self._in_hand = _Listening(self._say)
        self.transport.registerProducer(self._in_hand, True)
        self._working = Deferred.fromCoroutine(self._attend(request, self._in_hand))
        self._working.addErrback(self._failed)
        self._working.addBoth(self._ended)

    async def _attend(self, request: object, caller: _Listening) -> None:
        if request is None:
            self._say({"ok": False, "error": of_error(wrong("a request is one JSON object on one line"))})
            return
        answer = await self._desk.attendant.attend(request, self._who, caller)
        self._log(request, answer)
        self._say(answer)

    def _log(self, request: Any, answer: Document) -> None:
        """Log who asked for a change; the reason stands in the record, which not everybody reads."""
        if self._desk.attendant.changes(request):
            # Of a request that was refused nothing is repeated: it may hold anything.
            uid, identity = (request.get("uid"), request.get("identity")) if answer["ok"] else (None, None)
            of = {} if identity is None else {"identity": identity}
            outcome = self._desk.attendant.outcome(request["verb"], answer)
            _log.info("control.change", verb=request["verb"], who=self._who, uid=uid, outcome=outcome, **of)

    def _failed(self, failure: Failure) -> None:
        _log.error("control.failed", exc_info=failure.value)
        self._say({"ok": False, "error": of_error(EdgeNodeError("see the log"))})

    def _ended(self, _none: None) -> None:
        self._in_hand = self._working = None
        if self not in self._callers:
            return
        self.transport.unregisterProducer()
        self.setTimeout(_IDLE_S)
        self._go_on()

    def _go_on(self) -> None:
        following, self._next = self._next, None
        if following is not None:
            self._begin(following)
        if self._said_all and self._in_hand is None:
            self.transport.loseConnection()
        elif self.paused and self._next is None:
            self.resumeProducing()

    def _say(self, line: Document) -> None:
        if self in self._callers:
            self.sendLine(json.dumps(line).encode("utf-8"))


def _read(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _is_gone(handle: socket.socket) -> bool:
    """Whether the other end closed both ways, and not only its own."""
    poll = select.poll()
    poll.register(handle, 0)
    return any(event & select.POLLHUP for _, event in poll.poll(0))


def peer_uid(handle: socket.socket) -> int:
    """Who is at the other end, as the kernel knows it."""
    raw = handle.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    uid: int = _CREDENTIALS.unpack(raw)[1]
    return uid
