"""What is accepted as HTTP/1.1: exactly one reading of any bytes, or none."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_node.wire.http1 import BadHttp, Limits
from edge_node.wire.http1_parse import Mark, RequestFrame, RequestParser, ResponseFrame, ResponseParser

REQUEST = (
    b'POST /Professional HTTP/1.1\r\nHost: node:8080\r\nSOAPAction: "urn:hl7-org:v3/X_Y"\r\n'
    b"Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
)


def events_of(*pieces: bytes) -> list[object]:
    """Read the pieces, the body as one."""
    parser = RequestParser(Limits())
    events = [event for piece in pieces for event in parser.feed(piece)]
    body = b"".join(event for event in events if isinstance(event, bytes))
    return [*(event for event in events if not isinstance(event, bytes)), body]


def fault_of(data: bytes, limits: Limits | None = None) -> BadHttp:
    """Read bytes that must be refused; return why."""
    fault = RequestParser(limits or Limits()).feed(data)[-1]
    assert isinstance(fault, BadHttp)
    return fault


class TestRequest:
    @settings(deadline=None, derandomize=True)
    @given(cuts=st.lists(st.integers(0, len(REQUEST)), max_size=12))
    def test_reads_the_same_however_the_network_cuts_it(self, cuts: list[int]) -> None:
        """A slow line must not change what a message says."""
        edges = [0, *sorted(cuts), len(REQUEST)]
        pieces = [REQUEST[start:end] for start, end in pairwise(edges)]
        assert events_of(*pieces) == events_of(REQUEST)

    def test_reads_head_body_and_end(self) -> None:
        """The head is known before the body, so that a stranger's body is never read."""
        frame, end, body = events_of(REQUEST)
        assert isinstance(frame, RequestFrame)
        assert (frame.method, frame.target, frame.length) == ("POST", "/Professional", None)
        assert frame.headers[0] == ("host", "node:8080")
        assert (end, body) == (Mark.END, b"hello world")

    @settings(deadline=None, derandomize=True)
    @given(noise=st.binary(max_size=300))
    def test_survives_any_bytes(self, noise: bytes) -> None:
        """Whatever comes in is an answer or a refusal, never a crash."""
        parser = RequestParser(Limits())
        events = parser.feed(noise) + parser.feed(b"GET / HTTP/1.1\r\n" + noise)
        assert sum(isinstance(event, BadHttp) for event in events) <= 1

    @settings(deadline=None, derandomize=True)
    @given(noise=st.binary(max_size=60), place=st.integers(0, len(REQUEST)))
    def test_survives_a_damaged_request(self, noise: bytes, place: int) -> None:
        """A broken proxy in between gives a refusal, not an exception."""
        parser = RequestParser(Limits())
        events = parser.feed(REQUEST[:place] + noise + REQUEST[place:])
        assert all(isinstance(event, RequestFrame | bytes | Mark | BadHttp) for event in events)

    def test_reads_nothing_after_a_fault(self) -> None:
        """What follows a fault is the attacker's hidden request."""
        parser = RequestParser(Limits())
        parser.feed(b"GET / HTTP/1.1\r\nHost : a\r\n\r\n")
        assert parser.feed(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n") == []


HEAD = b"POST / HTTP/1.1\r\nHost: a\r\n"

SMUGGLING = {
    "CL.TE": HEAD + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
    "TE.CL": HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n1\r\nA\r\n0\r\n\r\n",
    "TE.TE other coding": HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "TE.TE list": HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "TE.TE same twice": HEAD + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "TE unknown": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "TE identity": HEAD + b"Transfer-Encoding: identity\r\n\r\n",
    "TE vertical tab": HEAD + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "TE folded": HEAD + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "TE space before colon": HEAD + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "TE in HTTP/1.0": b"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "CL twice, other": HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "CL twice, same": HEAD + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
    "CL list": HEAD + b"Content-Length: 1, 1\r\n\r\na",
    "CL sign": HEAD + b"Content-Length: +1\r\n\r\na",
    "CL negative": HEAD + b"Content-Length: -1\r\n\r\na",
    "CL hexadecimal": HEAD + b"Content-Length: 0x1\r\n\r\na",
    "CL overlong": HEAD + b"Content-Length: 99999999999999999999999\r\n\r\na",
    "CL empty": HEAD + b"Content-Length:\r\n\r\na",
    "chunk size sign": HEAD + b"Transfer-Encoding: chunked\r\n\r\n+1\r\na\r\n0\r\n\r\n",
    "chunk size 0x": HEAD + b"Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n",
    "chunk too long": HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
    "chunk bare LF": HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n",
    "trailers": HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nHost: b\r\n\r\n",
    "trailer announced": HEAD + b"Trailer: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "bare LF": b"GET / HTTP/1.1\nHost: a\n\n",
    "bare LF in header": b"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
    "bare CR": b"GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
    "folded header": HEAD + b"X: a\r\n b\r\n\r\n",
    "space before first header": b"GET / HTTP/1.1\r\n Host: a\r\n\r\n",
    "NUL in value": HEAD + b"X: a\x00b\r\n\r\n",
    "control in value": HEAD + b"X: a\x01b\r\n\r\n",
    "DEL in value": HEAD + b"X: a\x7fb\r\n\r\n",
    "no name": HEAD + b": a\r\n\r\n",
    "no Host": b"GET / HTTP/1.1\r\n\r\n",
    "no Host in HTTP/1.0": b"GET / HTTP/1.0\r\n\r\n",
    "two Hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
    "empty Host": b"GET / HTTP/1.1\r\nHost:\r\n\r\n",
    "Host with path": b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
    "two credentials": HEAD + b"Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n",
    "absolute target": b"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "fragment": b"GET /#a HTTP/1.1\r\nHost: a\r\n\r\n",
    "target not ASCII": b"GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n",
    "upgrade": b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
    "upgrade alone": b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n",
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS to a plain port": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
}


class TestSmuggling:
    @pytest.mark.parametrize("data", SMUGGLING.values(), ids=SMUGGLING.keys())
    def test_is_refused(self, data: bytes) -> None:
        """Two parsers that see two messages let one practice's request ride on another's."""
        events = RequestParser(Limits()).feed(data)
        assert isinstance(events[-1], BadHttp)
        assert Mark.END not in events

    @pytest.mark.parametrize("digits", [b"9" * 400, b"0" * 399 + b"1", b"0" * 16 + b"1"], ids=["9", "0", "17"])
    def test_by_a_length_of_very_many_digits_is_refused(self, digits: bytes) -> None:
        """Programs differ in what they make of a number that does not fit."""
        assert fault_of(HEAD + b"Content-Length: " + digits + b"\r\n\r\n").status == 400

    def test_shows_no_head_that_has_a_fault_at_its_end(self) -> None:
        """A handler must not act on a head that is refused a moment later."""
        assert len(RequestParser(Limits()).feed(HEAD + b"Transfer-Encoding: chunked \t\r\n\r\n")) == 1

    @pytest.mark.parametrize(
        ("data", "status"),
        [
            (b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
            (b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 501),
            (b"PLAY / RTSP/1.0\r\nHost: a\r\n\r\n", 501),
            (b"GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505),
            (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
            (b"GET /\r\n\r\n", 505),
            (HEAD + b"Expect: tea\r\n\r\n", 417),
            (HEAD + b"Content-Length: 11000000\r\n\r\n", 413),
        ],
    )
    def test_names_what_is_not_spoken_here(self, data: bytes, status: int) -> None:
        """A developer must see from the status what to change."""
        assert fault_of(data).status == status

    @pytest.mark.parametrize("name", ["upgrade", "upgrade alone", "HTTP/2 preface"])
    def test_tells_a_client_of_http_2_what_to_set(self, name: str) -> None:
        """Java's client asks for h2c by itself; its developer sees only this text."""
        assert fault_of(SMUGGLING[name]).detail.endswith("set the client to HTTP/1.1")


class TestFirstLine:
    @pytest.mark.parametrize(
        "line",
        [b"GET  /a HTTP/1.1", b"GET /a  HTTP/1.1", b"GET /a HTTP/1.1 ", b"GET\t/a HTTP/1.1", b" GET /a HTTP/1.1"],
    )
    def test_has_one_space_between_its_words(self, line: bytes) -> None:
        """A program that splits at each space sees another address."""
        assert fault_of(line + b"\r\nHost: a\r\n\r\n").status in (400, 501)

    @pytest.mark.parametrize(
        "path",
        [
            b"/a/../b",
            b"/a/..",
            b"/./a",
            b"/%2e%2E/a",
            b"/.%2e/a",
            b"/a%2Fb",
            b"/a%5cb",
            b"/a\\b",
            b"/a%00",
            b"/a%0d",
            b"/%z",
        ],
    )
    def test_has_a_path_with_one_reading(self, path: bytes) -> None:
        """What is allowed for one address must not reach another one behind a second reader."""
        assert fault_of(b"GET " + path + b" HTTP/1.1\r\nHost: a\r\n\r\n").status == 400

    def test_may_have_a_query_as_fhir_clients_write_it(self) -> None:
        """A bar between system and code is never escaped in practice."""
        frame = events_of(b"GET /fhir/Task?code=http://a.example/s|b&_id=../c HTTP/1.1\r\nHost: a\r\n\r\n")[0]
        assert isinstance(frame, RequestFrame)
        assert frame.target == "/fhir/Task?code=http://a.example/s|b&_id=../c"

    def test_may_follow_one_line_end(self) -> None:
        """Some old clients send one too many behind a body (RFC 9112, 2.2)."""
        assert events_of(b"\r", b"\n" + REQUEST) == events_of(REQUEST)

    @pytest.mark.parametrize("before", [b"\n", b"\r", b"\r\n\r\n", b" ", b"\x00", b"\xef\xbb\xbf"])
    def test_follows_nothing_else(self, before: bytes) -> None:
        """What one program passes over the next takes for a request."""
        assert fault_of(before + REQUEST).status == 400


class TestConnection:
    @pytest.mark.parametrize("lines", [b"close", b"keep-alive, Close", b"close\r\nConnection: keep-alive"])
    def test_ends_where_any_header_says_so(self, lines: bytes) -> None:
        """A second header must not take back what the first one said."""
        frame = events_of(HEAD + b"Connection: " + lines + b"\r\n\r\n")[0]
        assert isinstance(frame, RequestFrame)
        assert not frame.keep_alive

    def test_has_nothing_behind_its_last_request(self) -> None:
        """The sender said that it was the last one: the bytes are another's."""
        last = HEAD + b"Connection: close\r\n\r\n"
        assert fault_of(last + HEAD + b"\r\n").status == 400


class TestHost:
    @pytest.mark.parametrize(
        "host", [b"a/b", b"u@a", b"a, b", b"a:b", b"a:-1", b"a:999999", b"http://a", b"[::1", b"a b", b"\xe9"]
    )
    def test_of_another_form_is_refused(self, host: bytes) -> None:
        """Two readers that find two hosts in it send one request to two places."""
        assert fault_of(b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n").status == 400

    @pytest.mark.parametrize("host", [b"localhost", b"node_1:8080", b"127.0.0.1:80", b"[::1]:8080", b"his.example."])
    def test_of_any_name_is_taken(self, host: bytes) -> None:
        """Local systems call the node by whatever name their network has for it."""
        assert Mark.END in events_of(b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")


class TestLimits:
    @pytest.mark.parametrize(
        ("data", "status"),
        [
            (b"GET /" + b"a" * 100 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
            (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"x: y\r\n" * 5 + b"\r\n", 431),
            (b"GET / HTTP/1.1\r\nHost: a\r\nx: " + b"y" * 300 + b"\r\n\r\n", 431),
            (b"GET / HTTP/1.1\r\nHost: a\r\nx: " + b"y" * 300, 431),
            (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n", 413),
            (HEAD + b"Content-Length: 11\r\n\r\n", 413),
        ],
        ids=["target", "count", "bytes", "unfinished header", "chunks", "announced"],
    )
    def test_bound_what_one_request_may_take(self, data: bytes, status: int) -> None:
        """Memory is for messages: one caller cannot fill it."""
        limits = Limits(target_bytes=50, header_count=4, header_bytes=200, body_bytes=10)
        assert fault_of(data, limits).status == status

    def test_a_body_does_not_count_as_header(self) -> None:
        """A large message behind small headers, in one packet, is fine."""
        body = b"x" * 5_000
        events = RequestParser(Limits(header_bytes=100)).feed(HEAD + b"Content-Length: 5000\r\n\r\n" + body)
        assert (b"".join(event for event in events if isinstance(event, bytes)), events[-1]) == (body, Mark.END)


class TestResponse:
    @pytest.mark.parametrize(
        "data",
        [
            b"HTTP/1.1 200 OK\r\n\r\nabc",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"HTTP/1.1 101 OK\r\nUpgrade: a\r\nConnection: upgrade\r\n\r\nabc",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n",
            b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
            b"hello\r\n",
        ],
    )
    def test_whose_end_cannot_be_known_is_refused(self, data: bytes) -> None:
        """Half a medication list that looks whole is worse than none."""
        events = ResponseParser(Limits()).feed(data)
        assert isinstance(events[-1], BadHttp)
        assert Mark.END not in events

    def test_that_offers_another_protocol_is_read_as_it_is(self) -> None:
        """Apache offers HTTP/2 with every answer; nobody takes it up."""
        data = b"HTTP/1.1 200 OK\r\nUpgrade: h2,h2c\r\nConnection: Upgrade\r\nContent-Length: 3\r\n\r\nabc"
        frame, body, end = ResponseParser(Limits()).feed(data)
        assert isinstance(frame, ResponseFrame)
        assert (frame.keep_alive, body, end) == (True, b"abc", Mark.END)

    def test_may_end_with_its_connection_where_that_was_chosen(self) -> None:
        """A revocation list is signed: half of one is never taken for a whole one."""
        frame, body = ResponseParser(Limits(), to_the_end=True).feed(b"HTTP/1.1 200 OK\r\n\r\nabc")
        assert isinstance(frame, ResponseFrame)
        assert (frame.to_the_end, frame.keep_alive, body) == (True, False, b"abc")

    def test_that_ends_with_its_connection_has_its_limit(self) -> None:
        """It must not fill the memory."""
        events = ResponseParser(Limits(body_bytes=2), to_the_end=True).feed(b"HTTP/1.1 200 OK\r\n\r\nabc")
        assert isinstance(events[-1], BadHttp)

    @pytest.mark.parametrize("status", [204, 304])
    def test_without_a_body_needs_no_length(self, status: int) -> None:
        """These never have a body."""
        frame, end = ResponseParser(Limits()).feed(b"HTTP/1.1 %d X\r\n\r\n" % status)
        assert isinstance(frame, ResponseFrame)
        assert (frame.status, frame.length, end) == (status, 0, Mark.END)
