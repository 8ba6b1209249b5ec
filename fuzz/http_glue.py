"""The HTTP glue: whatever bytes come, each request gets one answer, and nothing else is ever sent.

Knows: the server of the message path, a connection in memory, how answers are counted by somebody else.
Must not know: where inputs come from, what a message means.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from twisted.internet.task import Clock
from twisted.internet.testing import StringTransportWithDisconnection

from edge_node.wire.budget import Budget
from edge_node.wire.http1 import Head, Limits, Request, Response
from edge_node.wire.http1_server import HttpServerFactory
from fuzz.target import Cost, Crash, pieces

_LONG_S: Final = 1_000.0
_HEAD: Final = re.compile(rb"HTTP/1\.1 (\d{3}) [ -~]*\r\n((?:[!-9;-~]+: [ -~\t]*\r\n)*)\r\n")
_REFUSAL: Final = re.compile(rb"HTTP/1\.1 [45]")
_LENGTH: Final = re.compile(rb"content-length: (\d+)\r\n")
_REFUSED: Final = "/refused"
POST: Final = b"POST /Service HTTP/1.1\r\nHost: node\r\nContent-Type: text/xml\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED: Final = (
    b"POST /Service HTTP/1.1\r\nHost: node\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nhello\r\n3;a=b\r\nabc\r\n0\r\n\r\n"
)
_SEEDS: Final = (
    POST * 3,
    CHUNKED + POST,
    b"GET /v1/messages HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n",
    b"POST /refused HTTP/1.1\r\nHost: node\r\nContent-Length: 5\r\n\r\nhello" + POST,
    b"POST /a HTTP/1.1\r\nHost: node\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
    b"POST /a HTTP/1.0\r\nHost: node\r\nContent-Length: 5\r\n\r\nhello",
    b"HEAD /a HTTP/1.1\r\nHost: node\r\n\r\n",
)
WORDS: Final = (
    b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b"\r\n\r\n", b"\r\n ", b"POST ", b"GET ", b"HEAD ",
    b"CONNECT ", b"TRACE ", b"OPTIONS * ", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"HTTP/1.1", b"HTTP/1.0",
    b"HTTP/0.9", b"HTTP/2.0", b"/refused", b"/../", b"http://node/", b"Host: node\r\n", b"Host: other\r\n",
    b"Content-Length: 5\r\n", b"Content-Length: 6\r\n", b"Content-Length: -1\r\n", b"Content-Length: +5\r\n",
    b"Content-Length: 5, 5\r\n", b"Content-Length : 5\r\n", b"Content-Length: 99999999999999999999\r\n",
    b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip, chunked\r\n",
    b"Transfer-Encoding: identity\r\n", b"Transfer-Encoding:\x0bchunked\r\n", b"Trailer: a\r\n",
    b"Upgrade: h2c\r\n", b"Connection: Upgrade\r\n", b"Connection: close\r\n", b"Connection: keep-alive\r\n",
    b"Expect: 100-continue\r\n", b"Expect: x\r\n", b"0\r\n\r\n", b"0\r\na: b\r\n\r\n", b"5\r\nhello\r\n",
    b"fffffffff\r\n", b"5;a=\"\r\n\"\r\n", b"0x5\r\n",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of some bytes."""

    begun: tuple[str, ...]  # methods of the heads that were whole
    handled: tuple[tuple[str, str, bytes], ...]  # method, target, body
    sent: bytes
    is_closed: bool

    @property
    def is_clean(self) -> bool:
        """Whether nothing was refused."""
        return len(self.begun) == len(self.handled) and not _REFUSAL.search(self.sent)


class _Handler:
    """Answers everything but what it refuses at its head."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.handled: list[tuple[str, str, bytes]] = []

    def gate(self, head: Head) -> Response | None:
        self.begun.append(head.method)
        return Response(status=404) if head.target.startswith(_REFUSED) else None

    async def handle(self, request: Request) -> Response:
        self.handled.append((request.head.method, request.head.target, request.body))
        return Response(status=200, headers=(("content-type", "text/xml"),), body=b"<ok/>")


Serve = Callable[[bytes, int], Seen]


def serve(data: bytes, size: int) -> Seen:
    """Send bytes to a server in pieces of that size, then wait for a long time."""
    handler, clock = _Handler(), Clock()
    factory = HttpServerFactory(handler, Limits(), Budget(), clock)
    wire: Any = StringTransportWithDisconnection()
    wire.protocol = factory.buildProtocol(None)
    wire.protocol.makeConnection(wire)
    for piece in pieces(data, size):
        if wire.connected:
            wire.protocol.dataReceived(piece)
    clock.pump([1.0] * 60 + [_LONG_S] * 3)
    return Seen(tuple(handler.begun), tuple(handler.handled), wire.value(), not wire.connected)


def answers(sent: bytes, methods: Sequence[str]) -> list[int]:
    """The status of each answer, as a client without patience reads them; an answer to HEAD has no body."""
    found: list[int] = []
    at = 0
    while at < len(sent):
        head = _HEAD.match(sent, at)
        if head is None:
            raise Crash("something was sent that is no answer")
        status, length, at = int(head[1]), _LENGTH.search(head[2]), head.end()
        if status == 100:
            continue
        if length is None:
            raise Crash("an answer without a length")
        at += 0 if methods[len(found) : len(found) + 1] == ("HEAD",) else int(length[1])
        found.append(status)
    if at > len(sent):
        raise Crash("an answer that breaks off")
    return found


@dataclass(frozen=True, slots=True)
class GlueTarget:
    """Sends bytes to a server, at once and in pieces."""

    serve: Serve = serve

    @property
    def seeds(self) -> tuple[bytes, ...]:
        """Good requests of every kind."""
        return _SEEDS

    @property
    def words(self) -> tuple[bytes, ...]:
        """What requests are smuggled with."""
        return WORDS

    def run(self, data: bytes) -> None:
        """Try some bytes."""
        with Cost():
            seen = self.serve(data, len(data) or 1)
        self._adds_up(seen)
        split = self.serve(data, 1 + len(data) % 13)
        self._adds_up(split)
        # A request refused at its head ends the connection, unless its body is there already to be thrown away.
        common = min(len(seen.handled), len(split.handled))
        if seen.handled[:common] != split.handled[:common] or (seen.is_clean and seen.handled != split.handled):
            raise Crash("it depends on how it comes")

    @staticmethod
    def _adds_up(seen: Seen) -> None:
        found = answers(seen.sent, seen.begun)
        refused = len(found) - len(seen.begun)
        # One more than began: what could not be read as a head is refused, once, and nothing is read after it.
        if refused not in {0, 1} or (refused and found[-1] < 400):
            raise Crash(f"{len(seen.begun)} requests, {len(found)} answers")
        if found.count(200) != len(seen.handled):
            raise Crash("answers and requests that were handled differ")
        if not seen.is_closed:
            raise Crash("the connection stays open for ever")
