"""Bytes to heads and bodies of HTTP/1.1, strictly.

Knows: httptools (llhttp, strict) and the rules it leaves to us: one Host, exact framing, no trailers, no upgrade.
Must not know: sockets, time, what a message means.

What is refused here is what makes two parsers see two different messages (request smuggling).
"""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

import httptools

from edge_node.wire.http1 import NO_BODY, BadHttp, Headers, Limits, first_value, tokens

#: RTSP and the like, which llhttp also knows, are not HTTP.
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SINGLE: Final = frozenset(
    {"host", "content-length", "transfer-encoding", "expect", "content-type", "authorization", "soapaction"}
)
_TARGET: Final = re.compile(r"/[!-\"$-~]*|\*")  # origin form only: no scheme, no fragment, nothing but visible ASCII
NO_UPGRADE: Final = "neither HTTP/2 nor any other Upgrade is spoken here: set the client to HTTP/1.1"
_HOST: Final = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=%\[\]:-]+")


class Mark(Enum):
    """The end of a message among its events."""

    END = "end"


@dataclass(frozen=True, slots=True)
class RequestFrame:
    """The head of a request. `length` None is chunked, 0 is no body."""

    method: str
    target: str
    headers: Headers
    version: str
    keep_alive: bool
    length: int | None
    awaits_continue: bool


@dataclass(frozen=True, slots=True)
class ResponseFrame:
    """The head of a response; `length` as in a request."""

    status: int
    headers: Headers
    keep_alive: bool
    length: int | None


RequestEvent = RequestFrame | bytes | Mark | BadHttp
ResponseEvent = ResponseFrame | bytes | Mark | BadHttp


class _Message:
    """One message being read: its headers and the count of its body."""

    __slots__ = ("_bytes", "_limits", "body_bytes", "headers", "start", "whole_head")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._bytes = 0
        self.start = b""  # target of a request
        self.headers: list[tuple[str, str]] = []
        self.whole_head = False
        self.body_bytes = 0

    def add_start(self, part: bytes) -> None:
        self.start += part
        if len(self.start) > self._limits.target_bytes:
            raise BadHttp(414, f"the target is longer than {self._limits.target_bytes} bytes")

    def add_header(self, raw_name: bytes, raw_value: bytes) -> None:
        if self.whole_head:
            raise BadHttp(400, "trailers are not accepted")
        self._bytes += len(raw_name) + len(raw_value) + 4
        if self._bytes > self._limits.header_bytes or len(self.headers) >= self._limits.header_count:
            raise _too_many(self._limits)
        name = raw_name.decode("latin-1").lower()
        if name in _SINGLE and any(name == seen for seen, _ in self.headers):
            raise BadHttp(400, f"header {name} is there twice")
        self.headers.append((name, raw_value.decode("latin-1").strip(" \t")))

    def add_body(self, size: int) -> None:
        self.body_bytes += size
        if self.body_bytes > self._limits.body_bytes:
            raise too_big(self._limits.body_bytes)


class _Reader:
    """The part of reading that requests and responses share: feeding, limits and faults."""

    __slots__ = ("_limits", "_parser", "_pieces", "_used", "broken", "events", "message", "mid_message")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._parser: httptools.HttpRequestParser | httptools.HttpResponseParser
        self._pieces: list[bytes] = []
        self._used = 0  # bytes fed while the head is not whole: llhttp keeps them without a bound of its own
        self.broken = False
        self.events: list[object] = []
        self.message = _Message(limits)
        self.mid_message = False

    def attach(self, parser: "httptools.HttpRequestParser | httptools.HttpResponseParser") -> None:
        self._parser = parser

    def feed(self, data: bytes) -> None:
        try:
            while data:
                data = self._feed_some(data)
        except httptools.HttpParserUpgrade:
            self._break(BadHttp(400, NO_UPGRADE))
        except httptools.HttpParserError as error:
            self._break(_fault(error))
        self.flush()

    def _feed_some(self, data: bytes) -> bytes:
        message = self.message
        if message.whole_head:
            self._parser.feed_data(data)
            return b""
        room = self._limits.header_bytes - self._used
        if room <= 0:
            self._break(_too_many(self._limits))
            return b""
        piece, rest = data[:room], data[room:]
        self.mid_message = True
        self._parser.feed_data(piece)
        if self.message is message and not message.whole_head:
            self._used += len(piece)
        return rest

    def _break(self, fault: BadHttp) -> None:
        self.flush()
        self.broken = True
        self.events.append(fault)

    def begin(self) -> None:
        self.mid_message = True

    def body(self, piece: bytes) -> None:
        self.message.add_body(len(piece))
        self._pieces.append(piece)

    def end(self) -> None:
        self.flush()
        self.events.append(Mark.END)
        self.message = _Message(self._limits)
        self.mid_message = False
        self._used = 0

    def flush(self) -> None:
        """One piece an event: a sender of one-byte chunks must not cost us an object a byte."""
        if self._pieces:
            self.events.append(self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces))
            self._pieces.clear()


class RequestParser:
    """Reads requests from bytes, one after the other."""

    __slots__ = ("_parser", "_reader", "on_body", "on_message_begin", "on_message_complete")

    def __init__(self, limits: Limits) -> None:
        reader = self._reader = _Reader(limits)
        self.on_message_begin, self.on_body, self.on_message_complete = reader.begin, reader.body, reader.end
        self._parser = httptools.HttpRequestParser(self)
        reader.attach(self._parser)

    @property
    def mid_message(self) -> bool:
        """Has a message begun that has not ended?"""
        return self._reader.mid_message

    def feed(self, data: bytes) -> list[RequestEvent]:
        """Return what these bytes complete. A fault is the last event: nothing is read after it."""
        reader = self._reader
        if not reader.broken:
            reader.feed(data)
        events, reader.events = reader.events, []
        return events  # type: ignore[return-value]

    def on_url(self, part: bytes) -> None:
        self._reader.message.add_start(part)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._reader.message.add_header(name, value)

    def on_headers_complete(self) -> None:
        message = self._reader.message
        message.whole_head = True
        frame = _request_frame(self._parser.get_method().decode(), self._parser.get_http_version(), message)
        if frame.length is not None and frame.length > self._reader._limits.body_bytes:
            raise too_big(self._reader._limits.body_bytes)
        self._reader.events.append(frame)


class ResponseParser:
    """Reads responses from bytes, one after the other."""

    __slots__ = ("_parser", "_reader", "on_body", "on_message_begin", "on_message_complete")

    def __init__(self, limits: Limits) -> None:
        reader = self._reader = _Reader(limits)
        self.on_message_begin, self.on_body, self.on_message_complete = reader.begin, reader.body, reader.end
        self._parser = httptools.HttpResponseParser(self)
        reader.attach(self._parser)

    @property
    def mid_message(self) -> bool:
        """Has a message begun that has not ended?"""
        return self._reader.mid_message

    def feed(self, data: bytes) -> list[ResponseEvent]:
        """Return what these bytes complete. A fault is the last event: nothing is read after it."""
        reader = self._reader
        if not reader.broken:
            reader.feed(data)
        events, reader.events = reader.events, []
        return events  # type: ignore[return-value]

    def on_header(self, name: bytes, value: bytes) -> None:
        self._reader.message.add_header(name, value)

    def on_headers_complete(self) -> None:
        message = self._reader.message
        message.whole_head = True
        self._reader.events.append(
            _response_frame(self._parser.get_status_code(), self._parser.get_http_version(), message)
        )


def too_big(max_bytes: int) -> BadHttp:
    """Make the refusal of a body over its limit."""
    return BadHttp(413, f"the body is larger than {max_bytes} bytes", code="EN-BODY-TOO-BIG")


def _too_many(limits: Limits) -> BadHttp:
    return BadHttp(431, f"more than {limits.header_count} headers, or more than {limits.header_bytes} bytes of them")


def _fault(error: Exception) -> BadHttp:
    cause = error.__context__  # what a callback of ours raised
    if isinstance(cause, BadHttp):
        return cause
    if cause is not None:
        raise cause
    if "PRI/Upgrade" in str(error):  # the preface of HTTP/2
        return BadHttp(505, NO_UPGRADE)
    if isinstance(error, httptools.HttpParserInvalidMethodError):
        return BadHttp(501, "the method is not known")
    reason = str(error)
    return BadHttp(505 if "version" in reason else 400, reason)


def _request_frame(method: str, version: str, message: _Message) -> RequestFrame:
    headers = tuple(message.headers)
    found = dict(headers)
    target = message.start.decode("latin-1")
    if version not in ("1.0", "1.1"):
        raise BadHttp(505, "only HTTP/1.1 and HTTP/1.0 are spoken here")
    if method not in _METHODS:
        raise BadHttp(501, "the method is not known")
    if not _TARGET.fullmatch(target) or (target == "*" and method != "OPTIONS"):
        raise BadHttp(400, "the target must be a path, in visible ASCII, without a fragment")
    if not _HOST.fullmatch(found.get("host", "")):
        raise BadHttp(400, "exactly one Host header is needed, with a valid value")
    return RequestFrame(
        method=method,
        target=target,
        headers=headers,
        version=version,
        keep_alive=version == "1.1" and "close" not in tokens(found.get("connection")),
        length=_length(version, found),
        awaits_continue=_expects(version, found),
    )


def _expects(version: str, found: dict[str, str]) -> bool:
    expect = found.get("expect")
    if expect is None:
        return False
    if expect.lower() != "100-continue":
        raise BadHttp(417, "only 100-continue can be expected")
    return version == "1.1"


def _length(version: str, found: dict[str, str]) -> int | None:
    if "upgrade" in found:
        raise BadHttp(400, NO_UPGRADE)
    if "trailer" in found:
        raise BadHttp(400, "trailers are not accepted")
    coding, length = found.get("transfer-encoding"), found.get("content-length")
    if coding is None:
        return int(length) if length is not None else 0
    if version == "1.0":
        raise BadHttp(400, "HTTP/1.0 has no transfer codings")
    if coding.lower() != "chunked" or length is not None:
        raise BadHttp(400, "Transfer-Encoding must be exactly `chunked`, without Content-Length")
    return None


def _response_frame(status: int, version: str, message: _Message) -> ResponseFrame:
    headers = tuple(message.headers)
    found = dict(headers)
    if version not in ("1.0", "1.1") or status == 101:
        raise BadHttp(502, "the answer is not HTTP/1.1")
    has_body = status >= 200 and status not in NO_BODY
    if has_body and "content-length" not in found and "transfer-encoding" not in found:
        raise BadHttp(502, "the answer tells no length, so it could be cut short unseen")
    return ResponseFrame(
        status=status,
        headers=headers,
        keep_alive=version == "1.1" and "close" not in tokens(first_value(headers, "connection")),
        length=_length(version, found) if has_body else 0,
    )
