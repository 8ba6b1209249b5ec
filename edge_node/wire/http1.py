"""The nouns of HTTP/1.1 on the message path.

Knows: heads, requests, responses, the limits on them, and how a response head is written safely.
Must not know: sockets, the parser, what a message means.
"""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol

from OpenSSL.crypto import X509
from OpenSSL.SSL import Connection

from edge_node.errors import Refused

Headers = tuple[tuple[str, str], ...]
#: Method, target and headers of a request.
Asked = tuple[str, str, Headers]

#: What is handed over at once, in both directions; also the size from which a body is written with back-pressure.
PIECE_BYTES: Final = 65_536

REASONS: Final = {status.value: status.phrase for status in HTTPStatus}
NO_BODY: Final = frozenset({204, 304})

#: The caller may not set these: they are what an attacker would use to split a response.
_OURS: Final = frozenset({"connection", "content-length", "transfer-encoding"})
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


class BadHttp(Refused):
    """What came is not HTTP/1.1 as we accept it; `status` is what the sender is told."""

    code = "EN-HTTP"

    def __init__(self, status: int, detail: str, *, code: str = "EN-HTTP") -> None:
        self.status = status
        self.about: Asked | None = None  # the request, where its first line was whole
        super().__init__(detail, code=code)


def too_big(max_bytes: int) -> BadHttp:
    """Make the refusal of a body over its limit."""
    return BadHttp(413, f"the body is larger than {max_bytes} bytes", code="EN-BODY-TOO-BIG")


class UnfitHeader(ValueError):
    """A header that would split the message, or that is ours to set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one side of a connection may take. Every number is a setting."""

    header_bytes: int = 32_768
    header_count: int = 100
    target_bytes: int = 4_096
    body_bytes: int = 10 * 1024 * 1024
    header_time_s: float = 10.0  # from the first byte of a head to its last; the TLS handshake too
    body_time_s: float = 60.0
    request_time_s: float = 90.0  # from the first byte of a request to its last, waits for memory among them
    body_grace_s: float = 10.0  # after this a body must have come at least at this rate
    body_bytes_per_s: int = 1_024
    budget_wait_s: float = 10.0  # for room in the shared memory budget
    write_stall_s: float = 30.0  # the peer takes nothing of our answer
    idle_s: float = 75.0
    linger_s: float = 3.0  # a refused sender may finish, so that it reads why
    connections: int = 1_000  # of this listener; the budget bounds all listeners together
    connections_per_peer: int = 500  # of these, from one address
    requests: int = 10_000  # on one connection


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportPeer:
    """The other end of a connection, as the transport shows it."""

    address: str
    is_tls: bool = False
    certificate: X509 | None = None
    chain: tuple[X509, ...] = ()
    server_name: str | None = None
    credentials: tuple[int, int, int] | None = None  # pid, uid, gid of the process at a Unix socket
    extra: object = None  # what the TLS judge attached


@dataclass(frozen=True, slots=True)
class Head:
    """A request before its body. Header names are lower-case."""

    method: str
    target: str
    headers: Headers
    peer: TransportPeer

    def get(self, name: str) -> str | None:
        """Return the first value of a header, by its lower-case name."""
        return first_value(self.headers, name)

    def __repr__(self) -> str:  # headers and target may hold credentials
        return f"<Head {self.method}>"


@dataclass(frozen=True, slots=True)
class Request:
    """A request read whole."""

    head: Head
    body: bytes

    def __repr__(self) -> str:
        return f"<Request {self.head.method} {len(self.body)} bytes>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer. With `stream` the body is written in chunks as they come, and `body` is empty.

    A stream that raises breaks the connection, so that a truncated answer can never be read as complete.
    """

    status: int
    headers: Headers = ()
    body: bytes = b""
    stream: AsyncIterator[bytes] | None = None

    def __repr__(self) -> str:
        return f"<Response {self.status} {len(self.body)} bytes>"


class Handler(Protocol):
    """What a listener does with its requests."""

    def gate(self, head: Head) -> Response | None:
        """Refuse before the body is read (and before 100 Continue), or let it pass with None."""
        ...

    async def handle(self, request: Request) -> Response:
        """Answer. Cancelled at its current wait when the client goes away."""
        ...


#: Writes an error of the HTTP layer in the words of the listener (SOAP, FHIR, text): code, detail, and the request it
#: is about, where that is known. The status stays ours.
Render = Callable[[str, str, Head | None], Response]
#: Judges a TLS peer after the handshake, before any application byte; raises `Refused` to break the connection.
Judge = Callable[[Connection], object]


def plain(code: str, detail: str, head: Head | None = None) -> Response:
    """Write an error as a line of text."""
    body = f"{code}: {detail}\n".encode()
    return Response(status=500, headers=(("content-type", "text/plain; charset=utf-8"),), body=body)


def first_value(headers: Headers, name: str) -> str | None:
    """Return the first value of a header, by its lower-case name."""
    for key, value in headers:
        if key == name:
            return value
    return None


def tokens(value: str | None) -> frozenset[str]:
    """Read a comma-separated header such as `Connection`."""
    return frozenset(part.strip().lower() for part in value.split(",")) if value else frozenset()


def header_lines(headers: Headers) -> str:
    """Write headers; raise `UnfitHeader` for one that could split the message."""
    lines = []
    for name, value in headers:
        if name.lower() in _OURS or not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(value):
            raise UnfitHeader("a header cannot be sent")
        lines.append(f"{name}: {value}\r\n")
    return "".join(lines)


def response_head(response: Response, *, chunked: bool, close: bool) -> bytes:
    """Write the head of a response whose framing is decided here, never by the caller."""
    status = response.status
    framing = "transfer-encoding: chunked\r\n" if chunked else f"content-length: {len(response.body)}\r\n"
    if status in NO_BODY:
        framing = ""
    closing = "connection: close\r\n" if close else ""
    text = f"HTTP/1.1 {status} {REASONS.get(status, '')}\r\n{header_lines(response.headers)}{framing}{closing}\r\n"
    return text.encode("latin-1")
