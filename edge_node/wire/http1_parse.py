"""Bytes to heads and bodies of HTTP/1.1, strictly.

Knows: httptools (llhttp, strict) for heads, and the rules it leaves to us: one Host, exact framing, no upgrade.
Must not know: sockets, time, what a message means.

What is refused here is what makes two parsers see two different messages (request smuggling).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

import httptools

from edge_node.wire.http1 import NO_BODY, Asked, BadHttp, Headers, Limits, tokens, too_big
from edge_node.wire.http1_body import Body, ToTheEnd, body_of

#: RTSP and the like, which llhttp also knows, are not HTTP.
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SINGLE: Final = frozenset(
    {"host", "content-length", "transfer-encoding", "expect", "content-type", "authorization", "soapaction"}
)
#: Origin form only: a path as RFC 3986 has it, and a query of visible ASCII (FHIR clients leave `|` as it is).
_TARGET: Final = re.compile(r"((?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*)+)(?:\?[!-\"$-~]*)?")
#: What one program takes for a part of the path, and the next for its end: / \ and control characters.
_HIDDEN: Final = re.compile(r"%(?:2f|5c|7f|[01][0-9a-f])", re.IGNORECASE)
NO_UPGRADE: Final = "neither HTTP/2 nor any other Upgrade is spoken here: set the client to HTTP/1.1"
_HOST: Final = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=%-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")
#: llhttp takes any number of noughts before a length.
_LENGTH: Final = re.compile(r"[0-9]{1,16}")
_H2_PREFACE: Final = b"PRI * HTTP/2.0"
_HEAD_END: Final = b"\r\n\r\n"


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
    """The head of a response; `length` as in a request, with `to_the_end` it means nothing."""

    status: int
    headers: Headers
    keep_alive: bool
    length: int | None
    to_the_end: bool = False


RequestEvent = RequestFrame | bytes | Mark | BadHttp
ResponseEvent = ResponseFrame | bytes | Mark | BadHttp


class _Message:
    """The head of one message being read."""

    __slots__ = ("_bytes", "_limits", "headers", "line", "start")

    def __init__(self, limits: Limits) -> None:
        self._bytes = 0
        self._limits = limits
        self.line = b""  # the first, as it came
        self.start = b""  # target of a request
        self.headers: list[tuple[str, str]] = []

    def add_line(self, part: bytes) -> None:
        if not self.line.endswith(b"\n"):
            first, end, _ = part.partition(b"\n")
            self.line += first + end

    def add_start(self, part: bytes) -> None:
        self.start += part
        if len(self.start) > self._limits.target_bytes:
            raise BadHttp(414, f"the target is longer than {self._limits.target_bytes} bytes")

    def add_header(self, raw_name: bytes, raw_value: bytes) -> None:
        self._bytes += len(raw_name) + len(raw_value) + 4
        if self._bytes > self._limits.header_bytes or len(self.headers) >= self._limits.header_count:
            raise _too_many(self._limits)
        name = raw_name.decode("latin-1").lower()
        if name in _SINGLE and any(name == seen for seen, _ in self.headers):
            raise BadHttp(400, f"header {name} is there twice")
        self.headers.append((name, raw_value.decode("latin-1").strip(" \t")))


_Parser = httptools.HttpRequestParser | httptools.HttpResponseParser


class _Reader:
    """The part of reading that requests and responses share. Heads are llhttp's, a new one each; bodies are ours."""

    __slots__ = (
        "_body", "_frame", "_last", "_lead", "_limits", "_may_lead", "_new_parser", "_parser", "_tail", "_used",
        "broken", "events", "message", "mid_message",
    )  # fmt: skip

    def __init__(self, limits: Limits, new_parser: "Callable[[], _Parser]", may_lead: bytes = b"") -> None:
        self._limits = limits
        self._new_parser = new_parser
        self._may_lead = may_lead
        self._last = False  # was this the last message of the connection?
        self.broken = False
        self.events: list[object] = []
        self._begin()

    def _begin(self) -> None:
        self._parser = self._new_parser()
        self._frame: RequestFrame | ResponseFrame | None = None
        self._body: Body | None = None
        self._lead = b""  # what came before the message
        self._tail = b""  # the last three bytes of the head so far, in which its end may begin
        self._used = 0
        self.message = _Message(self._limits)
        self.mid_message = False

    def feed(self, data: bytes) -> None:
        try:
            while data:
                data = self._feed_head(data) if self._body is None else self._feed_body(self._body, data)
        except BadHttp as fault:
            self._break(fault)
        except httptools.HttpParserUpgrade:
            self._break(BadHttp(400, NO_UPGRADE))
        except httptools.HttpParserError as error:
            self._break(_fault(error))

    def _break(self, fault: BadHttp) -> None:
        self.broken = True
        self.events.append(fault)

    def _feed_head(self, data: bytes) -> bytes:
        """Give llhttp what belongs to the head, not a byte more; return the rest."""
        if not self.mid_message:
            data = self._begun(data)
            if not data:
                return data
        room = self._limits.header_bytes - self._used
        if room <= 0:
            raise _too_many(self._limits)
        seen = self._tail + data[:room]
        end = seen.find(_HEAD_END)
        size = end + len(_HEAD_END) - len(self._tail) if end >= 0 else len(data[:room])
        self._used += size
        self._tail = seen[-3:]
        self.message.add_line(data[:size])
        self._parser.feed_data(data[:size])
        if (self._frame is not None) is not (end >= 0):
            if self.message.line.startswith(_H2_PREFACE):
                raise BadHttp(505, NO_UPGRADE)
            raise BadHttp(400, "the head does not end where its empty line is")
        if self._frame is not None:
            self._begin_body(self._frame)
        return data[size:]

    def _begun(self, data: bytes) -> bytes:
        """Pass over what may stand before a message; llhttp passes over any number of line ends, bare ones too."""
        if self._last:
            raise BadHttp(400, "there are bytes behind the last message")
        while data[:1] in (b"\r", b"\n"):
            self._lead += data[:1]
            data = data[1:]
            if not self._may_lead.startswith(self._lead):
                raise BadHttp(400, "there are line ends before the message")
        if data and (self._lead not in (b"", self._may_lead) or not data[:1].isalpha()):
            raise BadHttp(400, "the message does not begin with a letter")
        self.mid_message = bool(data)
        return data

    def head(self, frame: "RequestFrame | ResponseFrame") -> None:
        """The head is whole."""
        self._frame = frame

    def _begin_body(self, frame: "RequestFrame | ResponseFrame") -> None:
        """llhttp found nothing wrong with the head, to its very end."""
        self._last = not frame.keep_alive
        self.events.append(frame)
        if isinstance(frame, ResponseFrame) and frame.to_the_end:
            self._body = ToTheEnd(self._limits.body_bytes)
        elif frame.length == 0:
            self._end()
        else:
            self._body = body_of(frame.length, self._limits.body_bytes)

    def _feed_body(self, body: Body, data: bytes) -> bytes:
        piece, rest = body.feed(data)
        if piece:
            self.events.append(piece)
        if body.is_whole:
            self._end()
        return rest

    def _end(self) -> None:
        self.events.append(Mark.END)
        self._begin()


class RequestParser:
    """Reads requests from bytes, one after the other."""

    __slots__ = ("_limits", "_llhttp", "_reader")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        # Some old clients send one line end too many behind a body (RFC 9112, 2.2).
        self._reader = _Reader(limits, self._new, may_lead=b"\r\n")

    def _new(self) -> httptools.HttpRequestParser:
        self._llhttp = httptools.HttpRequestParser(self)
        return self._llhttp

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
        fault = events[-1] if events else None
        if isinstance(fault, BadHttp):
            fault.about = _asked(reader.message)
        return events  # type: ignore[return-value]

    def on_url(self, part: bytes) -> None:
        self._reader.message.add_start(part)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._reader.message.add_header(name, value)

    def on_headers_complete(self) -> None:
        message = self._reader.message
        frame = _request_frame(self._llhttp.get_method().decode(), self._llhttp.get_http_version(), message)
        if frame.length is not None and frame.length > self._limits.body_bytes:
            raise too_big(self._limits.body_bytes)
        self._reader.head(frame)


class ResponseParser:
    """Reads responses from bytes, one after the other."""

    __slots__ = ("_llhttp", "_reader", "_to_the_end")

    def __init__(self, limits: Limits, *, to_the_end: bool = False) -> None:
        """With `to_the_end` a body without a length ends with its connection, which whoever feeds this must see."""
        self._to_the_end = to_the_end
        self._reader = _Reader(limits, self._new)

    def _new(self) -> httptools.HttpResponseParser:
        self._llhttp = httptools.HttpResponseParser(self)
        return self._llhttp

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
        status, version = self._llhttp.get_status_code(), self._llhttp.get_http_version()
        self._reader.head(_response_frame(status, version, message, to_the_end=self._to_the_end))


def _too_many(limits: Limits) -> BadHttp:
    return BadHttp(431, f"more than {limits.header_count} headers, or more than {limits.header_bytes} bytes of them")


def _fault(error: Exception) -> BadHttp:
    cause = error.__context__  # what a callback of ours raised
    if isinstance(cause, BadHttp):
        return cause
    if cause is not None:
        raise cause
    if isinstance(error, httptools.HttpParserInvalidMethodError):
        return BadHttp(501, "the method is not known")
    reason = str(error)
    return BadHttp(505 if reason == "Invalid HTTP version" else 400, reason)


def _asked(message: _Message) -> Asked | None:
    """Return what a refused request was about, by its first line: enough to refuse it in the form of its address."""
    words = message.line.removesuffix(b"\n").removesuffix(b"\r").decode("latin-1").split(" ")
    if len(words) != 3 or not message.line.endswith(b"\n"):
        return None
    return words[0], words[1], tuple(message.headers)


def _request_frame(method: str, version: str, message: _Message) -> RequestFrame:
    headers = tuple(message.headers)
    found = dict(headers)
    target = message.start.decode("latin-1")
    if version not in ("1.0", "1.1"):
        raise BadHttp(505, "only HTTP/1.1 and HTTP/1.0 are spoken here")
    if method not in _METHODS:
        raise BadHttp(501, "the method is not known")
    if message.line != f"{method} {target} HTTP/{version}\r\n".encode("latin-1"):
        raise BadHttp(400, "the first line must be method, target and version, one space between them")
    if target != "*" or method != "OPTIONS":
        _check_target(target)
    if not _HOST.fullmatch(found.get("host", "")):
        raise BadHttp(400, "exactly one Host header is needed, with a valid value")
    if "upgrade" in found:
        raise BadHttp(400, NO_UPGRADE)
    return RequestFrame(
        method=method,
        target=target,
        headers=headers,
        version=version,
        keep_alive=_stays(version, headers),
        length=_length(version, found),
        awaits_continue=_expects(version, found),
    )


def _check_target(target: str) -> None:
    found = _TARGET.fullmatch(target)
    if found is None:
        raise BadHttp(400, "the target must be a path, with or without a query, without a fragment")
    segments = re.sub("%2e", ".", found[1], flags=re.IGNORECASE).split("/")
    if "." in segments or ".." in segments or _HIDDEN.search(found[1]):
        raise BadHttp(400, "the path holds dot segments, or hides slashes or control characters")


def _stays(version: str, headers: Headers) -> bool:
    """Does the connection stay after this message?"""
    asked = frozenset[str]().union(*(tokens(value) for name, value in headers if name == "connection"))
    return version == "1.1" and "close" not in asked


def _expects(version: str, found: dict[str, str]) -> bool:
    expect = found.get("expect")
    if expect is None:
        return False
    if expect.lower() != "100-continue":
        raise BadHttp(417, "only 100-continue can be expected")
    return version == "1.1"


def _length(version: str, found: dict[str, str]) -> int | None:
    if "trailer" in found:
        raise BadHttp(400, "trailers are not accepted")
    coding, length = found.get("transfer-encoding"), found.get("content-length")
    if length is not None and not _LENGTH.fullmatch(length):
        raise BadHttp(400, "Content-Length must be at most 16 digits")
    if coding is None:
        return int(length) if length is not None else 0
    if version == "1.0":
        raise BadHttp(400, "HTTP/1.0 has no transfer codings")
    if coding.lower() != "chunked" or length is not None:
        raise BadHttp(400, "Transfer-Encoding must be exactly `chunked`, without Content-Length")
    return None


def _response_frame(status: int, version: str, message: _Message, *, to_the_end: bool) -> ResponseFrame:
    headers = tuple(message.headers)
    found = dict(headers)
    if version not in ("1.0", "1.1") or status == 101:
        raise BadHttp(502, "the answer is not HTTP/1.1")
    has_body = status >= 200 and status not in NO_BODY
    is_untold = has_body and "content-length" not in found and "transfer-encoding" not in found
    if is_untold and not to_the_end:
        raise BadHttp(502, "the answer tells no length, so it could be cut short unseen")
    return ResponseFrame(
        status=status,
        headers=headers,
        keep_alive=_stays(version, headers) and not is_untold,
        length=_length(version, found) if has_body else 0,
        to_the_end=is_untold,
    )
