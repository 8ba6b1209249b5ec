"""The server: what reaches a handler, what a caller is told, what one caller may take."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs
from twisted.internet.defer import Deferred

from edge_node.errors import Unavailable
from edge_node.wire.budget import Budget
from edge_node.wire.http1 import Head, Limits, Request, Response
from edge_node.wire.http1_server import ServerOptions
from edge_node.wire.refusal_log import QUIET_S
from tests.wire.http_doubles import POST, Listener, Recorder, status_of
from tests.wire.test_http1_parse import SMUGGLING

CHUNKED = b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
HELLO = b"HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: 5\r\n\r\nhello"


class TestRequest:
    def test_is_answered_and_the_connection_stays(self) -> None:
        """Keep-alive: a HIS that sends a hundred messages shakes hands once."""
        visit = Listener().visit()
        assert [visit.send(POST), visit.send(POST)] == [HELLO, HELLO]
        assert visit.wire.connected

    @pytest.mark.parametrize("data", SMUGGLING.values(), ids=SMUGGLING.keys())
    def test_with_two_readings_reaches_nobody(self, data: bytes) -> None:
        """Smuggled requests act in another caller's name."""
        listener = Listener()
        answer = listener.visit().send(data)
        assert status_of(answer) >= 400
        assert b"EN-HTTP" in answer
        assert b"connection: close" in answer
        assert listener.handler.requests == []

    def test_behind_another_waits_for_its_turn(self) -> None:
        """One at a time: answers cannot be exchanged, and one caller cannot fill the memory."""
        first: Deferred[Response] = Deferred()
        listener = Listener(Recorder(lambda request: first))
        visit = listener.visit()
        visit.send(POST)
        visit.send(POST)
        assert (len(listener.handler.requests), visit.is_reading) == (1, False)
        first.callback(Response(status=200))
        assert len(listener.handler.requests) == 2

    def test_of_http_1_0_is_answered_and_closed(self) -> None:
        """Old clients wait for the end of the connection."""
        visit = Listener().visit()
        answer = visit.send(b"POST /a HTTP/1.0\r\nHost: a\r\nContent-Length: 1\r\n\r\na")
        assert b"connection: close" in answer
        assert not visit.wire.connected

    def test_number_so_many_is_the_last_of_a_connection(self) -> None:
        """Connections end now and then, so that load spreads over processes."""
        visit = Listener(limits=Limits(requests=2)).visit()
        assert b"connection: close" not in visit.send(POST)
        assert b"connection: close" in visit.send(POST)

    @settings(deadline=None, derandomize=True)
    @given(noise=st.binary(min_size=1, max_size=200))
    def test_of_random_bytes_does_not_touch_the_next_connection(self, noise: bytes) -> None:
        """A port scan in the hospital network must not stop messages."""
        listener = Listener()
        listener.visit().send(noise)
        assert listener.visit().send(POST) == HELLO


class TestGate:
    def test_refuses_before_the_body_is_read(self) -> None:
        """A stranger must not make us read ten megabytes."""
        listener = Listener()
        listener.handler.refusal = Response(status=401)
        answer = listener.visit().send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n")
        assert status_of(answer) == 401
        assert b"connection: close" in answer
        assert listener.handler.requests == []

    def test_leaves_a_line_in_the_log(self) -> None:
        """A HIS that is turned away calls the operator, who must find when and why."""
        listener = Listener()
        listener.handler.refusal = Response(status=401, headers=(("edge-node-error", "EN-UNAUTHENTICATED"),))
        with capture_logs() as logged:
            listener.visit().send(POST)
        assert [(line["event"], line["code"], line["status"]) for line in logged] == [
            ("http.refused", "EN-UNAUTHENTICATED", 401)
        ]

    def test_leaves_few_lines_in_a_flood(self) -> None:
        """A caller with an old password that tries on and on must not fill the disk."""
        listener = Listener()
        listener.handler.refusal = Response(status=401, headers=(("edge-node-error", "EN-UNAUTHENTICATED"),))
        with capture_logs() as logged:
            listener.visit().send(POST * 50)
            listener.clock.advance(QUIET_S)
        assert [line["count"] for line in logged if line["event"] == "http.refused"] == [1, 49]

    def test_of_noise_leaves_few_lines_as_well(self) -> None:
        """A scanner sends no HTTP at all."""
        listener = Listener()
        with capture_logs() as logged:
            replies = [listener.visit().send(b"\x16\x03\r\n\r\n") for _ in range(50)]
            listener.factory.drain(None, limit_s=1)
            listener.clock.advance(1)
        assert len(set(replies)) == 1
        assert [line["count"] for line in logged if line["event"] == "http.refused"] == [1, 49]

    def test_keeps_the_connection_when_the_body_came_along(self) -> None:
        """A client that first tries without credentials need not connect again."""
        listener = Listener()
        listener.handler.refusal = Response(status=401)
        visit = listener.visit()
        assert b"connection: close" not in visit.send(POST)
        listener.handler.refusal = None
        assert visit.send(POST) == HELLO

    def test_comes_before_100_continue(self) -> None:
        """WCF waits for it with its body; a refused caller never gets to send it."""
        listener = Listener()
        head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
        visit = listener.visit()
        assert visit.send(head) == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert visit.send(b"hello") == HELLO
        listener.handler.refusal = Response(status=403)
        assert status_of(visit.send(head)) == 403

    def test_asks_for_no_body_that_is_there(self) -> None:
        """An interim answer behind a body that was not waited for confuses old clients (RFC 9110, 10.1.1)."""
        assert Listener().visit().send(POST.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n")) == HELLO

    def test_that_fails_says_so(self) -> None:
        """A mistake of ours is an answer, not a hanging line."""
        listener = Listener()
        listener.handler.gate = _fail  # type: ignore[method-assign,assignment]
        assert status_of(listener.visit().send(POST)) == 500


class TestHandler:
    @pytest.mark.parametrize(
        ("error", "code"), [(RuntimeError("999911120"), b"EN-INTERNAL"), (Unavailable("x"), b"EN-UNAVAILABLE")]
    )
    def test_that_fails_gives_500_without_its_words(self, error: Exception, code: bytes) -> None:
        """The text of an exception could hold a patient's number."""

        async def fail(request: Request) -> Response:
            raise error

        visit = Listener(Recorder(fail)).visit()
        answer = visit.send(POST)
        assert (status_of(answer), code in answer, b"999911120" in answer) == (500, True, False)
        assert visit.wire.connected

    @pytest.mark.parametrize(
        "header",
        [("x", "a\r\nset-cookie: b"), ("x\r\ny", "a"), ("Content-length", "3"), ("TE", "€")],
    )
    def test_cannot_split_a_response(self, header: tuple[str, str]) -> None:
        """A value taken from a message must not become a second answer."""
        handler = Recorder(lambda request: Response(status=200, headers=(header,), body=b"b"))
        answer = Listener(handler).visit().send(POST)
        assert (status_of(answer), answer.count(b"HTTP/1.1"), b"set-cookie" in answer) == (500, 1, False)

    def test_is_cancelled_when_the_client_goes_away(self) -> None:
        """A query nobody waits for must not hold a line to the switchboard."""
        cancelled: list[object] = []
        listener = Listener(Recorder(lambda request: Deferred(cancelled.append)))
        visit = listener.visit()
        visit.send(POST)
        visit.leave()
        assert len(cancelled) == 1
        assert (listener.factory.connections, listener.budget.used_bytes) == (0, 0)

    @pytest.mark.parametrize(("method", "status"), [(b"HEAD", 200), (b"GET", 204), (b"GET", 304)])
    def test_gives_no_body_where_there_is_none(self, method: bytes, status: int) -> None:
        """A body here would be read as the next answer."""
        handler = Recorder(lambda request: Response(status=status, body=b"body"))
        answer = Listener(handler).visit().send(method + b" / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert answer.endswith(b"\r\n\r\n")

    def test_renders_our_errors_in_its_own_words(self) -> None:
        """A SOAP client reads faults, not text."""
        options = ServerOptions(render=lambda code, detail, head: Response(status=200, body=f"<{code}/>".encode()))
        answer = Listener(options=options).visit().send(b"BREW / HTTP/1.1\r\n\r\n")
        assert (status_of(answer), answer.endswith(b"<EN-HTTP/>")) == (501, True)

    @pytest.mark.parametrize(
        "request_",
        [
            b"GET /fhir/../Patient HTTP/1.1\r\nHost: a\r\nAccept: x/y\r\n\r\n",
            b"GET /fhir/Patient HTTP/1.1\r\nAccept: x/y\r\n\r\n",
            b"PUT /fhir/Task HTTP/1.1\r\nHost: a\r\nAccept: x/y\r\nContent-Length: 99999999999\r\n\r\n",
        ],
    )
    def test_renders_them_for_the_address_asked(self, request_: bytes) -> None:
        """A FHIR client reads an OperationOutcome in its own format, also about a head that is not good."""
        seen: list[Head | None] = []
        options = ServerOptions(render=lambda code, detail, head: seen.append(head) or Response(status=200))
        assert status_of(Listener(options=options).visit().send(request_)) in (400, 413)
        (head,) = seen
        assert head is not None
        assert (head.target.startswith("/fhir/"), head.get("accept")) == (True, "x/y")

    @pytest.mark.parametrize("request_", [b"\0", b"GET /fhir\r\nHost: a\r\n\r\n", b"GET /fhir"])
    def test_knows_no_address_before_the_first_line_is_whole(self, request_: bytes) -> None:
        """Half an address could be that of anything."""
        seen: list[Head | None] = []
        options = ServerOptions(render=lambda code, detail, head: seen.append(head) or Response(status=200))
        listener = Listener(options=options)
        listener.visit().send(request_)
        listener.clock.advance(Limits().header_time_s + 1)
        assert seen == [None]


async def _pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


class TestStream:
    def test_is_written_in_chunks(self) -> None:
        """An answer of megabytes flows through; the node never holds it."""
        handler = Recorder(lambda request: Response(status=200, stream=_pieces(b"hello", b"", b"you")))
        answer = Listener(handler).visit().send(POST)
        assert answer.endswith(b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\nyou\r\n0\r\n\r\n")

    def test_that_breaks_breaks_the_connection(self) -> None:
        """Without a last chunk a truncated answer cannot be read as whole."""

        async def broken() -> AsyncIterator[bytes]:
            yield b"half"
            raise Unavailable("the switchboard broke off")

        visit = Listener(Recorder(lambda request: Response(status=200, stream=broken()))).visit()
        answer = visit.send(POST)
        assert visit.wire.disconnected
        assert answer.endswith(b"4\r\nhalf\r\n")

    def test_waits_while_the_client_takes_nothing(self) -> None:
        """A slow HIS slows the switchboard's answer down, not our memory up."""
        visit = Listener(Recorder(lambda request: Response(status=200, stream=_pieces(b"a", b"b")))).visit()
        visit.wire.producer.pauseProducing()
        assert b"chunked" in visit.send(POST)
        visit.wire.producer.resumeProducing()
        assert visit.received().endswith(b"1\r\na\r\n1\r\nb\r\n0\r\n\r\n")

    def test_to_a_client_that_takes_nothing_for_long_is_broken_off(self) -> None:
        """A hanging workstation must not hold a connection for ever."""
        listener = Listener(Recorder(lambda request: Response(status=200, stream=_pieces(b"a", b"b"))))
        visit = listener.visit()
        visit.wire.producer.pauseProducing()
        visit.send(POST)
        listener.clock.advance(31)
        assert visit.wire.disconnected

    def test_or_whole_answer_not_taken_holds_the_next_request_back(self) -> None:
        """A client that asks and never reads must not fill our memory with answers."""
        listener = Listener()
        visit = listener.visit()
        visit.wire.producer.pauseProducing()
        visit.send(POST)
        visit.send(POST)
        assert (len(listener.handler.requests), visit.is_reading) == (1, False)
        visit.wire.producer.resumeProducing()
        assert len(listener.handler.requests) == 2

    def test_is_closed_when_the_client_goes_away(self) -> None:
        """What feeds it, a line to the switchboard, is let go."""
        ended: list[str] = []

        async def endless() -> AsyncIterator[bytes]:
            try:
                yield b"a"
                await Deferred()
            finally:
                ended.append("closed")

        visit = Listener(Recorder(lambda request: Response(status=200, stream=endless()))).visit()
        visit.send(POST)
        visit.leave()
        assert ended == ["closed"]

    def test_to_http_1_0_is_gathered(self) -> None:
        """It reads no chunks, and an end by closing could be a truncation."""
        handler = Recorder(lambda request: Response(status=200, stream=_pieces(b"hello", b"you")))
        answer = Listener(handler).visit().send(b"GET / HTTP/1.0\r\nHost: a\r\n\r\n")
        assert b"content-length: 8\r\n" in answer
        assert answer.endswith(b"helloyou")


def _fail(head: object) -> None:
    raise RuntimeError("gate")


class TestTime:
    @pytest.mark.parametrize(
        ("sent", "after_s", "what"),
        [
            (b"POST / HT", 11, b"408"),
            (POST[:-1], 61, b"408"),
            (POST[:-1], 11, b"408"),
            (CHUNKED + b"1\r\na\r\n", 11, b"408"),
            (CHUNKED + b"1\r\n", 11, b"408"),
            (b"\r\nP", 11, b"408"),
        ],
        ids=["head", "body in all", "body too slow", "chunks too slow", "no chunk", "line end before it"],
    )
    def test_to_send_a_request_is_bounded(self, sent: bytes, after_s: float, what: bytes) -> None:
        """A caller that sends a byte a minute must not hold a place."""
        listener = Listener()
        visit = listener.visit()
        visit.send(sent)
        listener.clock.advance(after_s)
        answer = visit.received()
        assert what in answer
        assert b"EN-TIMEOUT" in answer

    def test_in_all_is_bounded(self) -> None:
        """Parts that are each just in time may not add up without end."""
        limits = Limits(header_time_s=50, body_time_s=50, body_grace_s=50, request_time_s=60)
        listener = Listener(limits=limits)
        visit = listener.visit()
        visit.send(b"POST / HT")
        listener.clock.advance(40)
        visit.send(b"TP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na")
        listener.clock.advance(21)
        assert status_of(visit.received()) == 408

    def test_that_the_node_takes_is_not_the_senders(self) -> None:
        """A sender who waited for our memory has its full time to send."""
        first: Deferred[Response] = Deferred()
        answers = [first, Response(status=200)]
        limits = Limits(body_bytes_per_s=1_000_000)  # so that what came buys next to no time
        listener = Listener(Recorder(lambda request: answers.pop(0)), limits, Budget(max_bytes=70_000))
        listener.visit().send(POST)
        visit = listener.visit()
        visit.send(CHUNKED + b"1\r\na\r\n")
        visit.send(b"10000\r\n" + b"a" * 65_536)
        listener.clock.advance(9)
        assert listener.budget.waiting == 1
        first.callback(Response(status=200))
        listener.clock.advance(9)
        assert status_of(visit.send(b"\r\n0\r\n\r\n")) == 200

    def test_is_enough_for_a_body_that_keeps_its_rate(self) -> None:
        """A practice on a thin line may take its time."""
        listener = Listener(limits=Limits(body_grace_s=10, body_bytes_per_s=100, body_time_s=60))
        visit = listener.visit()
        visit.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000\r\n\r\n" + b"a" * 1_000)
        listener.clock.advance(15)
        visit.send(b"a" * 1_000)
        listener.clock.advance(10)
        assert status_of(visit.send(b"a" * 1_000)) == 200

    def test_on_an_idle_connection_is_bounded(self) -> None:
        """Forgotten connections go without a word."""
        listener = Listener()
        visit = listener.visit()
        visit.send(POST)
        listener.clock.advance(74)
        assert visit.wire.connected
        listener.clock.advance(2)
        assert (visit.wire.connected, visit.received()) == (False, b"")

    def test_to_say_the_first_word_is_bounded(self) -> None:
        """A connection that says nothing is closed."""
        listener = Listener()
        visit = listener.visit()
        listener.clock.advance(11)
        assert not visit.wire.connected

    def test_of_a_handler_is_its_own(self) -> None:
        """The flow has its own deadlines; ours must not cut them short."""
        listener = Listener(Recorder(lambda request: Deferred()))
        visit = listener.visit()
        visit.send(POST)
        listener.clock.advance(500)
        assert visit.wire.connected


class TestMemory:
    def test_is_held_until_the_answer_is_written(self) -> None:
        """What a handler works on counts too."""
        answer: Deferred[Response] = Deferred()
        listener = Listener(Recorder(lambda request: answer))
        listener.visit().send(POST)
        assert listener.budget.used_bytes == 5
        answer.callback(Response(status=200))
        assert listener.budget.used_bytes == 0

    def test_that_is_full_stops_the_reading_until_there_is_room(self) -> None:
        """At a burst callers wait a moment, and none is refused."""
        first: Deferred[Response] = Deferred()
        answers = [first, Response(status=200)]
        listener = Listener(Recorder(lambda request: answers.pop(0)), budget=Budget(max_bytes=8))
        one, two = listener.visit(), listener.visit()
        one.send(POST)
        two.send(POST[:-1])
        assert (two.is_reading, listener.budget.waiting) == (False, 1)
        first.callback(Response(status=200))
        assert (two.is_reading, listener.budget.waiting) == (True, 0)
        assert status_of(two.send(POST[-1:])) == 200

    def test_that_stays_full_gives_503(self) -> None:
        """Two halves that wait for each other must not wait for ever."""
        listener = Listener(Recorder(lambda request: Deferred()), budget=Budget(max_bytes=8))
        one, two = listener.visit(), listener.visit()
        one.send(POST)
        two.send(POST)
        listener.clock.advance(11)
        answer = two.received()
        assert (status_of(answer), b"EN-BUSY" in answer) == (503, True)

    def test_never_suffices_for_more_than_all_of_it(self) -> None:
        """Better refused at once than waiting for what cannot come."""
        answer = Listener(budget=Budget(max_bytes=4)).visit().send(POST)
        assert (status_of(answer), b"EN-BODY-TOO-BIG" in answer) == (413, True)

    def test_is_counted_while_chunks_come(self) -> None:
        """The length of a chunked body is known only afterwards."""
        listener = Listener(budget=Budget(max_bytes=100_000))
        visit = listener.visit()
        visit.send(CHUNKED + b"11170\r\n" + b"a" * 70_000)
        assert listener.budget.used_bytes == 100_000
        answer = visit.send(b"\r\n11170\r\n" + b"a" * 70_000)
        assert (status_of(answer), listener.budget.used_bytes) == (413, 0)


class TestConnections:
    def test_over_the_limit_are_told_so(self) -> None:
        """A client sees that we are busy, not that we are gone."""
        listener = Listener(limits=Limits(connections=1))
        listener.visit()
        visit = listener.visit()
        assert (status_of(visit.received()), visit.wire.connected) == (503, False)

    def test_from_one_address_have_a_limit_of_their_own(self) -> None:
        """One system that loses its connections must not take the places of all others."""
        listener = Listener(limits=Limits(connections_per_peer=1))
        visits = [listener.visit(host) for host in ("192.0.2.1", "192.0.2.1", "192.0.2.2")]
        assert [visit.wire.connected for visit in visits] == [True, False, True]
        assert (status_of(visits[1].received()), listener.factory.connections) == (503, 2)

    def test_from_one_address_make_room_when_they_end(self) -> None:
        """It may come back at once."""
        listener = Listener(limits=Limits(connections_per_peer=1))
        listener.visit("192.0.2.1").leave()
        assert listener.visit("192.0.2.1").send(POST) == HELLO

    def test_turned_away_leave_few_lines(self) -> None:
        """The operator sees who floods the node, and still finds the other lines."""
        listener = Listener(limits=Limits(connections_per_peer=1))
        with capture_logs() as logged:
            _visits = [listener.visit("192.0.2.1") for _ in range(50)]
        assert [(line["code"], line["peer"], line["count"]) for line in logged] == [("EN-BUSY", "192.0.2.1", 1)]

    def test_that_end_make_room(self) -> None:
        """A leak here would lock everyone out after some days."""
        listener = Listener(limits=Limits(connections=1), budget=Budget(max_connections=1))
        listener.visit().leave()
        assert listener.visit().send(POST) == HELLO


class TestDrain:
    def test_finishes_what_is_in_hand(self) -> None:
        """A restart must not break a message that is on its way."""
        first: Deferred[Response] = Deferred()
        listener = Listener(Recorder(lambda request: first))
        busy, idle = listener.visit(), listener.visit()
        busy.send(POST)
        drained = listener.factory.drain(None, limit_s=10)
        assert (idle.wire.connected, busy.wire.connected, drained.called) == (False, True, False)
        first.callback(Response(status=200))
        assert b"connection: close" in busy.received()
        assert drained.called

    def test_breaks_off_at_its_limit(self) -> None:
        """The machine must be able to restart."""
        listener = Listener(Recorder(lambda request: Deferred()))
        visit = listener.visit()
        visit.send(POST)
        drained = listener.factory.drain(None, limit_s=10)
        listener.clock.advance(10)
        assert (visit.wire.disconnected, drained.called) == (True, True)

    def test_turns_new_callers_away(self) -> None:
        """They find another node, or come back."""
        listener = Listener()
        listener.factory.drain(None, limit_s=10)
        assert b"EN-DRAINING" in listener.visit().received()
