"""One connection of the HTTP/1.1 client: one request at a time, its answer read piece by piece.

Knows: when a byte of the request may have left, back-pressure, what makes a connection unfit for the next request.
Must not know: the pool, who is asked what, how a TLS context is made.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import structlog
from OpenSSL.SSL import Error as TlsError
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IHandshakeListener, IReactorTime
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from edge_node.errors import EdgeNodeError, NotSent, OutcomeUnknown, Refused
from edge_node.wire.broken_way import in_words
from edge_node.wire.http1 import PIECE_BYTES, BadHttp, Judge, Limits
from edge_node.wire.http1_client_answer import ClientAnswer
from edge_node.wire.http1_parse import ResponseEvent, ResponseFrame, ResponseParser
from edge_node.wire.http1_transport import Deadline, Outflow, is_readable, refusal_of, tls_of

log = structlog.get_logger()

_MAX_INTERIM: Final = 8  # 1xx heads before the answer

#: Alerts by which a peer refuses our certificate. In TLS 1.3 they arrive after our handshake is done and our first
#: request is under way; the peer reads our certificate before it can read any request, so that was not processed.
CERTIFICATE_ALERTS: Final = (
    "bad certificate",
    "unsupported certificate",
    "certificate revoked",
    "certificate expired",
    "certificate unknown",
    "unknown ca",
    "certificate required",
    "no certificate",
)


@dataclass(frozen=True, slots=True)
class Sending:
    """A request ready for the wire."""

    head: bytes
    body: bytes
    is_head: bool  # the method HEAD: its answer has no body


@implementer(IHandshakeListener)
class ClientConnection(Protocol):
    """Carries one request after the other to one peer."""

    def __init__(self, limits: Limits, clock: IReactorTime, judge: Judge | None, *, to_the_end: bool = False) -> None:
        self.ready: Deferred[ClientConnection] = Deferred(lambda _: self.abort(None))
        self.on_idle: Callable[[ClientConnection], None] = lambda _: None
        self.on_lost: Callable[[ClientConnection], None] = lambda _: None
        self.is_lost = False
        self._limits = limits
        self._judge = judge
        self._parser = ResponseParser(limits, to_the_end=to_the_end)
        self._deadline = Deadline(clock, self._late)
        self._whole = Deadline(clock, lambda: self.abort(OutcomeUnknown("no whole answer within the time-out")))
        self._to_the_end = False  # does the answer in hand end with its connection?
        self._head: Deferred[ClientAnswer] | None = None  # of the request in hand
        self._answer: ClientAnswer | None = None
        self._sending: Deferred[None] | None = None
        self._is_head = False
        self._keep = True
        self._interim = 0
        self._heard = False  # did a byte of an answer ever come?
        self._broken: EdgeNodeError | None = None

    @property
    def _wire(self) -> Any:
        return self.transport

    # Becoming ready

    def connectionMade(self) -> None:
        """A plain connection is ready, a TLS one after its handshake."""
        if hasattr(self._wire, "setTcpNoDelay"):
            self._wire.setTcpNoDelay(True)
        if tls_of(self._wire) is None:
            self.ready.callback(self)

    def handshakeCompleted(self) -> None:
        """Judge the peer before the first byte of a request."""
        connection = tls_of(self._wire)
        assert connection is not None
        try:
            if self._judge is not None:
                self._judge(connection)
        except Refused as refusal:
            self.abort(NotSent(refusal.detail, code=refusal.code))
            return
        if not self.ready.called:
            self.ready.callback(self)

    def rejudge(self) -> None:
        """Judge the peer once more: one that was revoked since gets no request, and its answer is not read."""
        if self._judge is None or self.is_lost or not self.ready.called:
            return  # first: what is lost has no socket to look at
        connection = tls_of(self._wire)
        if connection is None:
            return
        try:
            self._judge(connection)
        except Refused as refusal:
            log.warning("http.peer-refused", code=refusal.code, detail=refusal.detail)
            self.abort(OutcomeUnknown(f"{refusal.code}: {refusal.detail}"))

    # One exchange

    @property
    def is_fit(self) -> bool:
        """May the next request go here? Bytes or an end waiting unread mean no."""
        return not self.is_lost and self._keep and self._broken is None and not is_readable(self._wire)

    def send(self, sending: Sending, *, timeout_s: float) -> Deferred[ClientAnswer]:
        """Hand a request to the transport: from here on every failure is an unknown outcome."""
        self._deadline.clear()
        self._whole.set(timeout_s)
        self._is_head, self._interim = sending.is_head, 0
        head: Deferred[ClientAnswer] = Deferred(self._cancelled)
        self._head = head
        self._sending = sent = Deferred.fromCoroutine(self._write(sending))
        sent.addErrback(self._write_failed)
        return head

    def _cancelled(self, head: Deferred[ClientAnswer]) -> None:
        """The asker went away."""
        self._head = None
        self.abort(None)

    def _write_failed(self, failure: Failure) -> None:
        if not isinstance(failure.value, CancelledError):
            self.abort(OutcomeUnknown(type(failure.value).__name__))

    async def _write(self, sending: Sending) -> None:
        if len(sending.body) <= PIECE_BYTES:
            self._wire.write(sending.head + sending.body)
        else:
            outflow = Outflow(self._wire, self._deadline, self._limits.write_stall_s)
            try:
                await outflow.write(sending.head)
                await outflow.write_body(sending.body)
            finally:
                outflow.close()

    def dataReceived(self, data: bytes) -> None:
        """Read the answer; anything that comes unasked makes the connection unfit."""
        if self._head is None and self._answer is None:
            self.abort(None)
            return
        self._heard = True
        events = self._parser.feed(data)
        for number, event in enumerate(events, 1):
            is_last = number == len(events) and not self._parser.mid_message
            self._take(event, is_last=is_last)
            if self._broken is not None:
                return

    def _take(self, event: ResponseEvent, *, is_last: bool) -> None:
        if isinstance(event, bytes):
            self._take_body(event)
        elif isinstance(event, ResponseFrame):
            self._take_head(event)
        elif isinstance(event, BadHttp):
            self.abort(OutcomeUnknown(event.detail))
        elif self._answer is not None:
            # Bytes behind an answer would be taken for the answer to the next question.
            self._keep = self._keep and is_last
            self._end()

    def _take_head(self, frame: ResponseFrame) -> None:
        if frame.status < 200:
            self._interim += 1
            if self._interim > _MAX_INTERIM:
                self.abort(OutcomeUnknown("too many interim answers"))
            return
        if self._head is None:
            self.abort(OutcomeUnknown("an answer nobody asked for"))
            return
        if not self._is_head and frame.length is not None and frame.length > self._limits.body_bytes:
            self.abort(OutcomeUnknown(f"the answer is larger than {self._limits.body_bytes} bytes"))
            return
        head, self._head = self._head, None
        self._keep, self._to_the_end = frame.keep_alive, frame.to_the_end
        answer = self._answer = ClientAnswer(frame, self)
        if self._is_head:  # the parser cannot know that no body follows
            self._keep = False
            self._end()
        head.callback(answer)

    def _take_body(self, piece: bytes) -> None:
        if self._answer is not None and not self._answer.add(piece):
            self._wire.pauseProducing()

    def go_on(self) -> None:
        """The reader took what there was."""
        if not self.is_lost and self._answer is not None:
            self._wire.resumeProducing()

    def _end(self) -> None:
        answer, self._answer = self._answer, None
        self._whole.clear()
        if (
            self._sending is not None and not self._sending.called
        ):  # answered before the request was written: nothing more can go here
            self._sending.cancel()
            self._keep = False
        self._wire.resumeProducing()
        if self._keep:
            self.rest()
        else:
            self.close()
        if answer is not None:
            answer.end(None)

    def rest(self) -> None:
        """Wait for a request; not for ever."""
        self._deadline.set(self._limits.idle_s)
        self.on_idle(self)

    # Its end

    def close(self) -> None:
        """Close an idle connection."""
        self._keep = False
        self._wire.loseConnection()
        self._deadline.set(self._limits.linger_s)

    def abort(self, reason: EdgeNodeError | None) -> None:
        """Break off; `reason` is what the one who waits is told."""
        self._keep = False
        self._broken = self._broken or reason or OutcomeUnknown("broken off")
        if self.transport is not None:
            self._wire.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell whoever waits what is known of the request."""
        self.is_lost = True
        self._deadline.stop()
        self._whole.stop()
        if self._sending is not None:
            self._sending.cancel()
        failure = self._broken or _failure(reason.value, heard=self._heard)
        head, self._head = self._head, None
        answer, self._answer = self._answer, None
        if not self.ready.called:
            self.ready.errback(failure if isinstance(failure, NotSent) else self._handshake_failed(reason.value))
        if head is not None:
            head.errback(failure)
        if answer is not None:
            is_whole = self._to_the_end and self._broken is None and isinstance(reason.value, ConnectionDone)
            answer.end(None if is_whole else failure)
        self.on_lost(self)

    def _handshake_failed(self, error: BaseException | None) -> NotSent:
        refusal = refusal_of(self._wire)
        if refusal is not None:
            return NotSent(refusal.detail, code=refusal.code)
        return NotSent(in_words(error), code="EN-TLS-HANDSHAKE")

    def _late(self) -> None:
        if self._head is not None or self._answer is not None:
            self.abort(OutcomeUnknown("the peer takes no more of the request"))
        elif self._keep:
            self.close()
        else:
            self.abort(None)


def _failure(error: BaseException | None, *, heard: bool) -> EdgeNodeError:
    text = in_words(error)
    if isinstance(error, TlsError) and not heard and any(alert in text for alert in CERTIFICATE_ALERTS):
        return NotSent(text, code="EN-TLS-HANDSHAKE")
    return OutcomeUnknown(f"the connection ended before the answer was whole: {text}")
