"""The first messages of a TLS handshake, as bytes: what a client offers, what a server answers.

Knows: the layout of ClientHello, ServerHello, ServerKeyExchange and CertificateRequest (RFC 8446, RFC 5246).
Must not know: OpenSSL, which of the numbers are good.

Only the node's own messages are read: nothing from a network comes here.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

_ALERT: Final = 21
_HANDSHAKE: Final = 22
_CLIENT_HELLO: Final = 1
_SERVER_HELLO: Final = 2
_KEY_EXCHANGE: Final = 12
_CERTIFICATE_REQUEST: Final = 13

SUPPORTED_GROUPS: Final = 10
POINT_FORMATS: Final = 11
SIGNATURE_ALGORITHMS: Final = 13
ENCRYPT_THEN_MAC: Final = 22
EXTENDED_MASTER_SECRET: Final = 23
SESSION_TICKET: Final = 35
SUPPORTED_VERSIONS: Final = 43
PSK_KEY_EXCHANGE_MODES: Final = 45
KEY_SHARE: Final = 51
RENEGOTIATION_INFO: Final = 65281

Numbers = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """What a client offers, in its order."""

    versions: Numbers
    suites: Numbers
    groups: Numbers
    signatures: Numbers
    shares: Numbers = ()  # groups for which a key came along
    compressions: Numbers = (0,)
    extensions: frozenset[int] = frozenset()


@dataclass(slots=True)
class Answer:
    """What a server says before anything is secret."""

    alert: int | None = None
    version: int | None = None
    suite: int | None = None
    group: int | None = None  # of its key exchange, or for which it asks a key
    asked: Numbers = ()  # signature algorithms for the client's certificate
    extensions: dict[int, bytes] = field(default_factory=dict)


class _Reader:
    """Bytes from front to back."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        return self._at < len(self._data)

    def take(self, nbytes: int) -> bytes:
        taken = self._data[self._at : self._at + nbytes]
        if len(taken) < nbytes:
            raise ValueError("a handshake message ends too early")
        self._at += nbytes
        return taken

    def number(self, nbytes: int) -> int:
        return int.from_bytes(self.take(nbytes), "big")

    def vector(self, length_bytes: int) -> bytes:
        return self.take(self.number(length_bytes))

    def numbers(self, length_bytes: int, each: int) -> Numbers:
        listed = _Reader(self.vector(length_bytes))
        found = []
        while listed:
            found.append(listed.number(each))
        return tuple(found)


def read_hello(records: bytes) -> Hello:
    """Read a client's first message; raises `ValueError` when it is none."""
    body = next((body for kind, body in _messages(records) if kind == _CLIENT_HELLO), None)
    if body is None:
        raise ValueError("no ClientHello")
    reader = _Reader(body)
    version = reader.number(2)
    reader.take(32)
    reader.vector(1)
    suites, compressions = reader.numbers(2, 2), reader.numbers(1, 1)
    extensions = _extensions(reader)
    listed = {kind: _Reader(content) for kind, content in extensions.items()}
    return Hello(
        versions=listed[SUPPORTED_VERSIONS].numbers(1, 2) if SUPPORTED_VERSIONS in listed else (version,),
        suites=suites,
        groups=listed[SUPPORTED_GROUPS].numbers(2, 2) if SUPPORTED_GROUPS in listed else (),
        signatures=listed[SIGNATURE_ALGORITHMS].numbers(2, 2) if SIGNATURE_ALGORITHMS in listed else (),
        shares=tuple(_shares(extensions.get(KEY_SHARE, b"\0\0"))),
        compressions=compressions,
        extensions=frozenset(extensions),
    )


def write_hello(hello: Hello) -> bytes:
    """Write a client's first message, to see what a server says to it; it brings no key."""
    extensions = {
        SUPPORTED_GROUPS: _listed(hello.groups),
        POINT_FORMATS: b"\1\0",
        SIGNATURE_ALGORITHMS: _listed(hello.signatures),
        EXTENDED_MASTER_SECRET: b"",
        RENEGOTIATION_INFO: b"\0",
    }
    if 0x0304 in hello.versions:
        versions = _packed(hello.versions)
        extensions |= {SUPPORTED_VERSIONS: bytes([len(versions)]) + versions, KEY_SHARE: b"\0\0"}
    written = b"".join(struct.pack(">HH", kind, len(text)) + text for kind, text in extensions.items())
    body = struct.pack(">H", min(max(hello.versions), 0x0303)) + bytes(32) + b"\0" + _listed(hello.suites)
    body += bytes([len(hello.compressions), *hello.compressions]) + struct.pack(">H", len(written)) + written
    message = bytes([_CLIENT_HELLO]) + len(body).to_bytes(3, "big") + body
    return struct.pack(">BHH", _HANDSHAKE, 0x0301, len(message)) + message


def read_answer(records: bytes) -> Answer:
    """Read what a server said; raises `ValueError` when it cannot be read."""
    answer = Answer()
    for kind, content in _records(records):
        if kind == _ALERT:
            answer.alert = content[1]
    for kind, body in _messages(records):
        reader = _Reader(body)
        if kind == _SERVER_HELLO:
            _read_server_hello(answer, reader)
        elif kind == _KEY_EXCHANGE:
            reader.take(1)  # a named group
            answer.group = reader.number(2)
        elif kind == _CERTIFICATE_REQUEST:
            reader.vector(1)
            answer.asked = reader.numbers(2, 2)
    return answer


def _read_server_hello(answer: Answer, reader: _Reader) -> None:
    answer.version = reader.number(2)
    reader.take(32)
    reader.vector(1)
    answer.suite = reader.number(2)
    reader.take(1)
    answer.extensions = _extensions(reader)
    if SUPPORTED_VERSIONS in answer.extensions:
        answer.version = int.from_bytes(answer.extensions[SUPPORTED_VERSIONS], "big")
    if KEY_SHARE in answer.extensions:
        answer.group = int.from_bytes(answer.extensions[KEY_SHARE][:2], "big")


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    reader = _Reader(data)
    while reader:
        kind = reader.number(1)
        reader.take(2)
        yield kind, reader.vector(2)


def _messages(records: bytes) -> Iterator[tuple[int, bytes]]:
    """Give the handshake messages; several may share a record, one may fill several."""
    reader = _Reader(b"".join(content for kind, content in _records(records) if kind == _HANDSHAKE))
    while reader:
        yield reader.number(1), reader.vector(3)


def _extensions(reader: _Reader) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    listed = _Reader(reader.vector(2)) if reader else _Reader(b"")
    while listed:
        kind = listed.number(2)
        found[kind] = listed.vector(2)
    return found


def _shares(content: bytes) -> Iterator[int]:
    listed = _Reader(_Reader(content).vector(2))
    while listed:
        yield listed.number(2)
        listed.vector(2)


def _packed(numbers: Numbers) -> bytes:
    return b"".join(struct.pack(">H", number) for number in numbers)


def _listed(numbers: Numbers) -> bytes:
    return struct.pack(">H", 2 * len(numbers)) + _packed(numbers)
