"""One connection to the HTTP/1.1 server: reads a request whole, answers it, then reads the next.

Knows: the order of one exchange, its limits and deadlines, the room a body needs, the TLS judge's place.
Must not know: what a message means, who may ask what, how a TLS context is made.
"""

import logging
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from enum import Enum
from io import BytesIO
from typing import Any, Final, Protocol

import structlog
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IHandshakeListener, IReactorTime
from twisted.internet.protocol import Protocol as TwistedProtocol
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from edge_node.errors import EdgeNodeError, Refused
from edge_node.wire.budget import Budget
from edge_node.wire.http1 import (
    PIECE_BYTES,
    Asked,
    BadHttp,
    Handler,
    Head,
    Judge,
    Limits,
    Render,
    Request,
    Response,
    TransportPeer,
    UnfitHeader,
    first_value,
    plain,
    too_big,
)
from edge_node.wire.http1_answer import AnswerWriter, Framing
from edge_node.wire.http1_pace import Pace
from edge_node.wire.http1_parse import Mark, RequestEvent, RequestFrame, RequestParser
from edge_node.wire.http1_transport import Outflow, plain_peer, tls_of, tls_peer
from edge_node.wire.refusal_log import Refusal, RefusalLog

log = structlog.get_logger()

_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """What a listener adds: the words of its errors, the judge of its TLS peers."""

    render: Render = plain
    judge: Judge | None = None


class Server(Protocol):
    """What a connection asks of its listener."""

    handler: Handler
    limits: Limits
    budget: Budget
    clock: IReactorTime
    options: ServerOptions
    refused: RefusalLog
    is_draining: bool

    def gone(self, connection: "HttpConnection") -> None:
        """Forget a connection that ended."""
        ...


class _State(Enum):
    """Where a connection is; it ends with the process, so it is not in the table of message states."""

    HANDSHAKE = "handshake"
    READING = "reading"
    WAITING = "waiting for memory"
    ANSWERING = "answering"
    LINGERING = "lingering"  # answered and to be closed: what still comes is thrown away
    CLOSING = "closing"
    CLOSED = "closed"


@implementer(IHandshakeListener)
class HttpConnection(TwistedProtocol):
    """Serves requests one after the other."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._limits = server.limits
        self._parser = RequestParser(server.limits)
        self._events: deque[RequestEvent] = deque()
        self._pace = Pace(server.limits, server.clock, self._late)
        self._hold = server.budget.hold()
        self._state = _State.HANDSHAKE
        self._peer = TransportPeer(address="unknown")
        self._frame: RequestFrame | None = None  # of the request being read or answered
        self._is_read = False
        self._body = BytesIO()
        self._outflow: Outflow | None = None
        self._answering: Deferred[None] | None = None
        self._advancing = False
        self._served = 0

    @property
    def _wire(self) -> Any:
        return self.transport

    # The transport tells us

    def connectionMade(self) -> None:
        """A plain peer is known now, a TLS peer after its handshake."""
        if hasattr(self._wire, "setTcpNoDelay"):
            self._wire.setTcpNoDelay(True)
        self._outflow = Outflow(self._wire, self._pace.deadline, self._limits.write_stall_s)
        self._pace.await_head(begun=False)
        if tls_of(self._wire) is None:
            self._peer = plain_peer(self._wire)
            self._state = _State.READING

    def handshakeCompleted(self) -> None:
        """Judge the TLS peer before the first byte of a request is looked at."""
        connection = tls_of(self._wire)
        judge = self._server.options.judge
        assert connection is not None
        try:
            extra = judge(connection) if judge else None
        except Refused as refusal:
            self._turn_out(refusal)
            return
        self._peer = tls_peer(self._wire, connection, extra)
        self._state = _State.READING

    def dataReceived(self, data: bytes) -> None:
        """Read on; what comes while a request is in hand waits, and stops the reading."""
        if self._state in (_State.READING, _State.WAITING, _State.ANSWERING):
            self._events.extend(self._parser.feed(data))
        if self._state is _State.READING:
            self._advance()
        elif self._state in (_State.WAITING, _State.ANSWERING):
            self._wire.pauseProducing()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The client went away: what was being done for it is cancelled."""
        self._state = _State.CLOSED
        self._pace.deadline.stop()
        self._events.clear()
        self._body = BytesIO()
        if self._answering is not None:
            self._answering.cancel()
        self._hold.release()
        self._server.gone(self)

    def _turn_out(self, refusal: Refused) -> None:
        words = {"detail": refusal.detail}
        told = Refusal(event="http.peer-refused", code=refusal.code, words=words, level=logging.WARNING)
        self._server.refused.tell(told)
        self.abort()

    # The listener tells us

    def rejudge(self) -> None:
        """Judge the TLS peer once more: one that was revoked since says nothing more, and gets no answer."""
        if self._state in (_State.HANDSHAKE, _State.CLOSING, _State.CLOSED):
            return  # first: what is closed has no socket to look at
        connection, judge = tls_of(self._wire), self._server.options.judge
        if connection is None or judge is None:
            return
        try:
            judge(connection)
        except Refused as refusal:
            self._turn_out(refusal)

    def drain(self) -> None:
        """Close at once when idle; what is in hand is answered with Connection: close."""
        if self._state is _State.HANDSHAKE:
            self.abort()
        elif self._state is _State.READING and self._frame is None and not self._parser.mid_message:
            self._close()

    def abort(self) -> None:
        """Break off, so that nobody takes what was written for a whole answer."""
        self._let_go(_State.CLOSING)
        self._wire.abortConnection()

    # Reading a request

    def _advance(self) -> None:
        if self._advancing:
            return
        self._advancing = True
        try:
            while self._events and self._state is _State.READING:
                self._take(self._events.popleft())
        finally:
            self._advancing = False
        if self._state is _State.READING:
            self._wire.resumeProducing()
            self._set_deadline()

    def _take(self, event: RequestEvent) -> None:
        if isinstance(event, bytes):
            self._take_body(event)
        elif isinstance(event, RequestFrame):
            self._take_head(event)
        elif isinstance(event, BadHttp):
            self._refuse(event)
        else:
            self._is_read = True
            self._answer(self._handle())

    def _take_head(self, frame: RequestFrame) -> None:
        self._frame = frame
        self._is_read = False
        refusal = self._gate(frame)
        if refusal is not None:
            code = first_value(refusal.headers, "edge-node-error") or ""
            self._tell_refused(code, refusal.status)
            self._answer(self._write(refusal))
        elif frame.length != 0:
            self._make_room(PIECE_BYTES if frame.length is None else frame.length)

    def _gate(self, frame: RequestFrame) -> Response | None:
        try:
            return self._server.handler.gate(self._head(frame))
        except Exception as error:  # noqa: BLE001 - the top of this request's life
            return self._own_fault(error)

    def _head(self, frame: RequestFrame) -> Head:
        return Head(frame.method, frame.target, frame.headers, self._peer)

    def _take_body(self, piece: bytes) -> None:
        """Keep a piece. Room for a body of unknown length is taken as it grows, doubling."""
        self._body.write(piece)
        if self._body.tell() > self._hold.nbytes:
            self._make_room(max(self._hold.nbytes, self._body.tell() - self._hold.nbytes))

    def _make_room(self, nbytes: int) -> None:
        budget = self._server.budget
        nbytes = min(nbytes, max(budget.max_bytes - self._hold.nbytes, self._body.tell() - self._hold.nbytes))
        if self._hold.nbytes + nbytes > budget.max_bytes:
            self._refuse(too_big(budget.max_bytes))
        elif self._hold.grow(nbytes, self._room_made):
            self._go_ahead()
        else:
            self._state = _State.WAITING
            self._wire.pauseProducing()
            self._pace.await_room()

    def _room_made(self) -> None:
        self._state = _State.READING
        self._pace.room_made()
        self._go_ahead()
        self._advance()

    def _go_ahead(self) -> None:
        """The first time there is room, a client that asked may send its body."""
        if self._body.tell() or self._frame is None:
            return
        self._pace.begin_body()
        if self._frame.awaits_continue and not self._events:
            self._wire.write(_CONTINUE)

    # Deadlines

    def _set_deadline(self) -> None:
        """Set that of what is being waited for."""
        if self._frame is not None:
            self._pace.await_body(self._body.tell())
        elif self._parser.mid_message:
            self._pace.await_head(begun=True)
        elif self._served:
            self._pace.await_next()

    def _late(self) -> None:
        if self._state is _State.WAITING:
            self._refuse(BadHttp(503, "no memory is free for this body now", code="EN-BUSY"))
        elif self._state is _State.READING and (self._frame is not None or self._parser.mid_message):
            self._refuse(BadHttp(408, f"the {self._pace.part} did not arrive in time", code="EN-TIMEOUT"))
        elif self._state in (_State.READING, _State.LINGERING):
            self._close()
        else:
            self.abort()

    # Answering it

    def _answer(self, work: Coroutine[Deferred[Any], Any, None]) -> None:
        self._state = _State.ANSWERING
        self._pace.answer()
        if not self._events:
            self._wire.resumeProducing()  # reading on is how we see that the client went away
        answering = Deferred.fromCoroutine(work)
        self._answering = answering
        answering.addErrback(self._broke)

    async def _handle(self) -> None:
        assert self._frame is not None
        request = Request(self._head(self._frame), self._body.getvalue())  # not copied: this is its own buffer
        self._body = BytesIO()
        try:
            response = await self._server.handler.handle(request)
        except Exception as error:
            if self._state is _State.CLOSED:
                raise
            response = self._own_fault(error)
        await self._write(response)

    def _own_fault(self, error: Exception) -> Response:
        code = error.code if isinstance(error, EdgeNodeError) else "EN-INTERNAL"
        log.error("http.handler-failed", code=code, error=type(error).__name__)
        return replace(self._rendered(code, type(error).__name__), status=500)

    def _refuse(self, fault: BadHttp) -> None:
        """Answer what cannot be read any further; its sender gets a little time to read why."""
        self._tell_refused(fault.code, fault.status, detail=fault.detail)
        self._hold.release()
        self._events.clear()
        self._is_read = False
        response = self._rendered(fault.code, fault.detail, fault.about)
        self._answer(self._write(replace(response, status=fault.status)))

    def _rendered(self, code: str, detail: str, about: Asked | None = None) -> Response:
        if self._frame is not None:
            about = self._frame.method, self._frame.target, self._frame.headers
        return self._server.options.render(code, detail, None if about is None else Head(*about, self._peer))

    def _tell_refused(self, code: str, status: int, **more: str) -> None:
        words = {"status": status, "peer": self._peer.address, **more}
        source = self._peer.address.rpartition(":")[0]  # each connection of a host has another port
        self._server.refused.tell(Refusal(event="http.refused", code=code, words=words, source=source))

    async def _write(self, response: Response) -> None:
        is_read = self._is_read or self._rest_is_here()
        frame = self._frame
        framing = Framing(
            bare=frame is not None and frame.method == "HEAD",
            chunks=frame is not None and frame.version == "1.1",
            close=not is_read or self._is_last(frame),
        )
        assert self._outflow is not None
        writer = AnswerWriter(self._outflow, self._limits.body_bytes)
        try:
            await writer.write(response, framing)
        except UnfitHeader:
            log.error("http.response-unfit", status=response.status)
            await writer.write(replace(self._rendered("EN-INTERNAL", "header"), status=500), framing)
        self._finish(is_read=is_read, close=framing.close)

    def _rest_is_here(self) -> bool:
        """A request refused at its head: throw away its body if that came along, so that the connection can stay."""
        while self._frame is not None and self._events:
            event = self._events.popleft()
            if not isinstance(event, bytes):
                return event is Mark.END
        return False

    def _is_last(self, frame: RequestFrame | None) -> bool:
        is_kept = frame is not None and frame.keep_alive and self._served + 1 < self._limits.requests
        return not is_kept or self._server.is_draining

    def _finish(self, *, is_read: bool, close: bool) -> None:
        if self._state is not _State.ANSWERING:
            return
        self._hold.release()
        self._frame = None
        self._body = BytesIO()
        self._served += 1
        if not close:
            self._state = _State.READING
            self._advance()
        elif is_read and not self._events:
            self._close()
        else:
            self._linger()

    def _broke(self, failure: Failure) -> None:
        """An answer that cannot be finished: break the connection, so that it is not read as whole."""
        error = failure.value
        if not isinstance(error, CancelledError):
            code = error.code if isinstance(error, EdgeNodeError) else "EN-INTERNAL"
            log.error("http.answer-broken", code=code, error=type(error).__name__)
        if self._state is not _State.CLOSED:
            self.abort()

    def _linger(self) -> None:
        """Closing with bytes unread makes a reset, which can wipe out our answer before it is read."""
        self._let_go(_State.LINGERING)
        self._events.clear()
        self._wire.resumeProducing()
        if not self._peer.is_tls and hasattr(self._wire, "loseWriteConnection"):
            self._wire.loseWriteConnection()
        self._pace.deadline.set(self._limits.linger_s)

    def _close(self) -> None:
        self._let_go(_State.CLOSING)
        self._pace.deadline.set(self._limits.write_stall_s)
        self._wire.loseConnection()

    def _let_go(self, state: _State) -> None:
        """Nothing more is answered here: a transport with a producer would not close."""
        self._state = state
        if self._outflow is not None:
            self._outflow.close()
            self._outflow = None
