"""The client: what certainly did not leave, what nobody knows, and which connection is used again."""

from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred, fail, succeed
from twisted.internet.error import ConnectionRefusedError, DNSLookupError, NoRouteError, TCPTimedOutError
from twisted.internet.interfaces import IProtocolFactory, IStreamClientEndpoint
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransportWithDisconnection
from twisted.python.failure import Failure
from zope.interface import implementer

from edge_node.errors import NotReached, NotSent, OutcomeUnknown
from edge_node.wire.http1 import Limits
from edge_node.wire.http1_client import ClientAnswer, Destination, HttpClient

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 5\r\n\r\nhello"


@implementer(IStreamClientEndpoint)
class Line:
    """The way to a peer in memory."""

    def __init__(self) -> None:
        self.wires: list[StringTransportWithDisconnection] = []
        self.outcome: Deferred[Any] | None = None  # instead of a connection

    def connect(self, factory: IProtocolFactory) -> Deferred[Any]:
        if self.outcome is not None:
            return self.outcome
        wire = StringTransportWithDisconnection()
        wire.protocol = factory.buildProtocol(None)  # type: ignore[arg-type,assignment]
        wire.protocol.makeConnection(wire)
        self.wires.append(wire)
        return succeed(wire.protocol)


class Caller:
    """A client with its line and its clock in the test's hand."""

    def __init__(self, *, max_connections: int = 2, limits: Limits | None = None) -> None:
        self.line, self.clock = Line(), Clock()
        destination = Destination(
            endpoint=self.line,
            authority="switch.test",
            max_connections=max_connections,
            limits=limits or Limits(),
        )
        self.client = HttpClient(destination, self.clock)

    def ask(self, body: bytes = b"question", method: str = "POST") -> "Deferred[ClientAnswer]":
        headers = (("content-type", "text/xml"),)
        return Deferred.fromCoroutine(self.client.request(method, "/Service", headers, body, timeout_s=30))

    def hear(self, data: bytes, wire: int = 0) -> None:
        self.line.wires[wire].protocol.dataReceived(data)


def result_of(deferred: "Deferred[Any]") -> Any:
    """Return what a Deferred fired with; raise its failure."""
    results: list[Any] = []
    deferred.addBoth(results.append)
    if isinstance(results[0], Failure):
        results[0].raiseException()
    return results[0]


def read(answer: ClientAnswer) -> bytes:
    """Read one piece that is there."""
    piece: bytes = result_of(Deferred.fromCoroutine(answer.read()))
    return piece


class TestRequest:
    def test_is_written_as_http_1_1(self) -> None:
        """The switchboard gets the bytes of the message as they are."""
        caller = Caller()
        caller.ask()
        assert caller.line.wires[0].value() == (
            b"POST /Service HTTP/1.1\r\nhost: switch.test\r\ncontent-type: text/xml\r\n"
            b"content-length: 8\r\n\r\nquestion"
        )

    def test_gets_its_answer(self) -> None:
        """Status and type are known before the body."""
        caller = Caller()
        asked = caller.ask()
        caller.hear(OK)
        answer = result_of(asked)
        assert (answer.status, answer.content_type, read(answer), read(answer)) == (200, "text/xml", b"hello", b"")

    def test_uses_the_same_connection_again(self) -> None:
        """A handshake a message would cost more than the message."""
        caller = Caller()
        caller.ask()
        caller.hear(OK)
        caller.ask()
        assert len(caller.line.wires) == 1

    def test_cannot_split_itself(self) -> None:
        """A SOAPAction taken from a local request must not become a second request."""
        caller = Caller()
        request = caller.client.request("POST", "/", (("soapaction", "a\r\nx: y"),), b"", timeout_s=1)
        with pytest.raises(ValueError, match="header"):
            result_of(Deferred.fromCoroutine(request))
        assert caller.line.wires == []

    def test_follows_no_redirect(self) -> None:
        """Medical data goes where the settings say, nowhere else."""
        caller = Caller()
        asked = caller.ask()
        caller.hear(b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n")
        assert (result_of(asked).status, len(caller.line.wires)) == (302, 1)

    def test_passes_over_interim_answers(self) -> None:
        """100 and 103 are not the answer."""
        caller = Caller()
        asked = caller.ask()
        caller.hear(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + OK)
        assert result_of(asked).status == 200

    def test_head_has_no_body_to_wait_for(self) -> None:
        """A probe must not hang on an announced length."""
        caller = Caller()
        asked = caller.ask(b"", "HEAD")
        caller.hear(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        assert read(result_of(asked)) == b""


class TestNotSent:
    def test_when_nobody_answers_the_door(self) -> None:
        """No byte left: the message may go again without a doubt."""
        caller = Caller()
        caller.line.outcome = fail(ConnectionRefusedError())
        with pytest.raises(NotSent):
            result_of(caller.ask())
        assert caller.client.connections == 0

    def test_when_connecting_takes_too_long(self) -> None:
        """A dead route shows after five seconds, not after two minutes."""
        caller = Caller()
        caller.line.outcome = Deferred()
        asked = caller.ask()
        caller.clock.advance(5)
        with pytest.raises(NotSent):
            result_of(asked)

    def test_when_all_connections_stay_in_use(self) -> None:
        """Waiting has an end, and it is a sure one."""
        caller = Caller(max_connections=1)
        caller.ask()
        second = caller.ask()
        caller.clock.advance(10)
        with pytest.raises(NotSent):
            result_of(second)

    def test_when_closing(self) -> None:
        """A stopping node begins nothing."""
        caller = Caller()
        caller.client.close()
        with pytest.raises(NotSent):
            result_of(caller.ask())


class TestOutcomeUnknown:
    @pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200", OK[:30]])
    def test_when_the_line_breaks_before_an_answer(self, answer: bytes) -> None:
        """The switchboard may have processed it: never a new id, never called failed."""
        caller = Caller()
        asked = caller.ask()
        caller.hear(answer)
        caller.line.wires[0].loseConnection()
        with pytest.raises(OutcomeUnknown):
            result_of(asked)

    @pytest.mark.parametrize(
        "answer",
        [
            b"HTTP/1.1 200 OK\r\n\r\nabc",
            b"220 mail.test ESMTP\r\n",
            b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 200,
            b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
            b"HTTP/1.1 102 Processing\r\n\r\n" * 9,
        ],
        ids=["no length", "not HTTP", "too many headers", "too big", "interim for ever"],
    )
    def test_when_the_answer_is_none(self, answer: bytes) -> None:
        """What cannot be read says nothing about what was done."""
        caller = Caller()
        asked = caller.ask()
        caller.hear(answer)
        with pytest.raises(OutcomeUnknown):
            result_of(asked)
        assert caller.line.wires[0].disconnected

    def test_when_no_answer_comes_in_time(self) -> None:
        """The person at the screen gets an answer, and the connection is not used again."""
        caller = Caller()
        asked = caller.ask()
        caller.clock.advance(30)
        with pytest.raises(OutcomeUnknown):
            result_of(asked)
        assert (caller.line.wires[0].disconnected, caller.client.connections) == (True, 0)

    def test_when_the_body_breaks_off(self) -> None:
        """Half a medication list must never look whole."""
        caller = Caller()
        asked = caller.ask()
        caller.hear(OK[:-1])
        answer = result_of(asked)
        assert read(answer) == b"hell"
        caller.line.wires[0].loseConnection()
        with pytest.raises(OutcomeUnknown):
            read(answer)

    def test_when_the_body_takes_longer_than_the_whole_may(self) -> None:
        """The time-out is of the exchange, not of its head."""
        caller = Caller()
        asked = caller.ask()
        caller.hear(OK[:-1])
        caller.clock.advance(31)
        answer = result_of(asked)
        with pytest.raises(OutcomeUnknown):
            read(answer)

    def test_when_the_body_is_larger_than_it_may_be(self) -> None:
        """Chunks announce no length: they are counted."""
        caller = Caller(limits=Limits(body_bytes=10))
        asked = caller.ask()
        caller.hear(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n" + b"a" * 20)
        answer = result_of(asked)
        with pytest.raises(OutcomeUnknown):
            read(answer)


class TestPool:
    def test_gives_a_free_connection_to_the_one_who_waits_longest(self) -> None:
        """Nobody starves at a busy hour."""
        caller = Caller(max_connections=1)
        caller.ask(b"first")
        caller.ask(b"second")
        caller.ask(b"third")
        caller.line.wires[0].clear()
        caller.hear(OK)
        assert caller.line.wires[0].value().endswith(b"second")
        caller.hear(OK)
        assert caller.line.wires[0].value().endswith(b"third")

    def test_opens_another_when_one_in_use_is_lost(self) -> None:
        """Who waited for the broken one gets a new one."""
        caller = Caller(max_connections=1)
        caller.ask().addErrback(lambda failure: None)
        caller.ask(b"second")
        caller.line.wires[0].loseConnection()
        assert caller.line.wires[1].value().endswith(b"second")

    @pytest.mark.parametrize(
        "answer",
        [
            OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
            OK.replace(b"HTTP/1.1", b"HTTP/1.0"),
            OK + b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            OK + b"HTTP",
        ],
        ids=["close", "1.0", "a second answer", "stray bytes"],
    )
    def test_uses_no_connection_again_after(self, answer: bytes) -> None:
        """Bytes behind an answer would be taken for the next patient's answer."""
        caller = Caller()
        caller.ask()
        caller.hear(answer)
        caller.ask()
        assert len(caller.line.wires) == 2

    def test_uses_no_connection_on_which_something_came_unasked(self) -> None:
        """An answer to nobody must not become the answer to the next question."""
        caller = Caller()
        caller.ask()
        caller.hear(OK)
        caller.hear(OK)
        caller.ask()
        assert len(caller.line.wires) == 2

    def test_closes_what_is_idle(self) -> None:
        """The switchboard's firewall forgets idle connections silently; we are first."""
        caller = Caller()
        caller.ask()
        caller.hear(OK)
        caller.clock.advance(76)
        assert (caller.line.wires[0].connected, caller.client.connections) == (False, 0)

    def test_breaks_off_what_its_asker_left(self) -> None:
        """A cancelled query must not keep a connection for nobody."""
        caller = Caller()
        asked = caller.ask()
        asked.cancel()
        with pytest.raises(CancelledError):
            result_of(asked)
        assert (caller.line.wires[0].disconnected, caller.client.connections) == (True, 0)

    def test_breaks_off_an_answer_that_was_aborted(self) -> None:
        """An answer to another question is not read to its end."""
        caller = Caller()
        asked = caller.ask()
        caller.hear(OK[:-1])
        answer = result_of(asked)
        answer.abort()
        with pytest.raises(OutcomeUnknown):
            read(answer)
        assert caller.line.wires[0].disconnected

    def test_closes_when_its_last_try_to_connect_failed(self) -> None:
        """A reload while the line is down must not leave the old pool behind for a minute."""
        caller = Caller()
        caller.line.outcome = connecting = Deferred()
        asked = caller.ask()
        closed = caller.client.close()
        assert not closed.called
        connecting.errback(ConnectionRefusedError())
        asked.addErrback(lambda _: None)
        assert closed.called
        assert caller.clock.getDelayedCalls() == []

    def test_closes_for_both_who_asked(self) -> None:
        """A stop soon after a reload has less patience than the reload had."""
        caller = Caller()
        caller.ask().addErrback(lambda _: None)
        first, second = caller.client.close(limit_s=60), caller.client.close(limit_s=1)
        caller.clock.advance(1)
        assert (first.called, second.called) == (True, True)

    @pytest.mark.parametrize("times", [1, 2])
    def test_breaks_off_when_nobody_waits_for_its_close_any_more(self, times: int) -> None:
        """A node that stops while a list is fetched leaves neither a connection nor a timer behind."""
        caller = Caller()
        caller.ask().addErrback(lambda _: None)
        for closed in [caller.client.close() for _ in range(times)]:
            closed.addErrback(lambda _: None)
        closed.cancel()
        assert (caller.line.wires[0].disconnected, caller.clock.getDelayedCalls()) == (True, [])

    def test_closes_when_all_is_done(self) -> None:
        """A drain waits for the answer under way."""
        caller = Caller()
        caller.ask()
        closed = caller.client.close()
        assert not closed.called
        caller.hear(OK)
        assert closed.called


class TestBackPressure:
    def test_stops_the_peer_while_nobody_reads(self) -> None:
        """A large answer for a slow HIS stays at the switchboard, not in our memory."""
        caller = Caller()
        asked = caller.ask()
        caller.hear(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + b"a" * 70_000)
        assert caller.line.wires[0].producerState == "paused"
        answer = result_of(asked)
        assert (len(read(answer)), len(read(answer))) == (65_536, 4_464)
        waiting = Deferred.fromCoroutine(answer.read())
        assert caller.line.wires[0].producerState == "producing"
        caller.hear(b"b" * 130_000)
        assert len(result_of(waiting)) == 65_536


class TestKnock:
    def test_is_by_a_new_connection_that_asks_nothing(self) -> None:
        """An old one may seem alive long after its other end died."""
        caller = Caller()
        caller.ask()
        caller.hear(OK)
        result_of(Deferred.fromCoroutine(caller.client.knock(connect_s=5)))
        assert len(caller.line.wires) == 2
        assert caller.line.wires[1].value() == b""
        assert not caller.line.wires[1].connected

    def test_leaves_room_as_it_was(self) -> None:
        """A look every half minute must not use the pool up."""
        caller = Caller(max_connections=1)
        result_of(Deferred.fromCoroutine(caller.client.knock(connect_s=5)))
        caller.clock.advance(60)
        assert caller.client.connections == 0

    @pytest.mark.parametrize(
        ("error", "is_unreached"),
        [
            (ConnectionRefusedError(), False),
            (NoRouteError(), True),
            (DNSLookupError(), True),
            (TCPTimedOutError(), True),
        ],
    )
    def test_tells_a_refusal_from_silence(self, error: Exception, is_unreached: bool) -> None:
        """Who refuses is there; where nothing answers somebody looks at the modem."""
        caller = Caller()
        caller.line.outcome = fail(error)
        with pytest.raises(NotSent) as raised:
            result_of(Deferred.fromCoroutine(caller.client.knock(connect_s=5)))
        assert isinstance(raised.value, NotReached) is is_unreached


class TestHail:
    def test_is_content_with_any_answer(self) -> None:
        """A system that says that it knows no such question is there, and answers."""
        caller = Caller()
        hailed = Deferred.fromCoroutine(caller.client.hail(timeout_s=5))
        caller.hear(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
        assert result_of(hailed) is None
        assert caller.line.wires[0].value().startswith(b"OPTIONS / HTTP/1.1\r\n")

    def test_is_not_content_with_a_connection(self) -> None:
        """One that hangs takes them all."""
        caller = Caller()
        hailed = Deferred.fromCoroutine(caller.client.hail(timeout_s=5))
        caller.clock.advance(6)
        with pytest.raises(OutcomeUnknown):
            result_of(hailed)
