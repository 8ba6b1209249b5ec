"""Where a body ends: after so many bytes, or after the last chunk.

Knows: the framing of chunks, exactly, and how much framing a body may cost.
Must not know: heads, sockets, what a body holds.

This is not left to llhttp: it takes sizes padded with noughts and chunk extensions without end, and tells neither.
"""

import re
from enum import Enum
from typing import Final, Protocol

from edge_node.wire.http1 import BadHttp, too_big

#: What chunks may cost beyond the body itself. Chunks of one byte, or with extensions, cost more than they bring.
FRAMING_BYTES: Final = 4_096

#: A size line without its end. Extensions are passed over (RFC 9112, 7.1.1), as long as they are visible ASCII.
_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,16})(?:[\t ]*;[\t\x20-\x7e]*)?")
#: From the end of a chunk to the beginning of the next one, as nearly every sender writes it.
_NEXT: Final = re.compile(rb"\r\n([0-9A-Fa-f]{1,16})\r\n")
#: What a size line may look like as long as its end has not come.
_BEGUN: Final = re.compile(rb"[0-9A-Fa-f]{0,16}(?:(?<=[0-9A-Fa-f])[\t ]*(?:;[\t\x20-\x7e]*)?)?\r?")


class Body(Protocol):
    """Reads one body."""

    @property
    def is_whole(self) -> bool:
        """Has its end come?"""
        ...

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """Return what of these bytes is body, and what is behind it."""
        ...


class Counted:
    """A body whose length was told."""

    __slots__ = ("_left",)

    def __init__(self, length: int) -> None:
        self._left = length

    @property
    def is_whole(self) -> bool:
        """Has its end come?"""
        return self._left == 0

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """Return what of these bytes is body, and what is behind it."""
        if len(data) <= self._left:
            self._left -= len(data)
            return data, b""
        part, rest = data[: self._left], data[self._left :]
        self._left = 0
        return part, rest


class ToTheEnd:
    """A body that ends with its connection, of so many bytes at most."""

    __slots__ = ("_left", "_max", "is_whole")

    def __init__(self, max_bytes: int) -> None:
        self.is_whole = False
        self._left = self._max = max_bytes

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """Return what of these bytes is body: all of them. Raises `BadHttp`."""
        self._left -= len(data)
        if self._left < 0:
            raise too_big(self._max)
        return data, b""


class _Line(Enum):
    """Which line comes next."""

    SIZE = "the size of a chunk"
    END = "the end of a chunk"
    LAST = "the empty line behind the last chunk"


class Chunks:
    """A body in chunks, of so many bytes at most."""

    __slots__ = ("_begun", "_body", "_framing", "_left", "_max", "_next", "is_whole")

    def __init__(self, max_bytes: int) -> None:
        self.is_whole = False
        self._max = max_bytes
        self._next = _Line.SIZE
        self._begun = b""  # a line whose end has not come
        self._left = 0  # of the chunk
        self._body = 0
        self._framing = 0

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """Return what of these bytes is body, and what is behind it. Raises `BadHttp`."""
        pieces = []
        place = 0
        while place < len(data) and not self.is_whole:
            if self._left:
                piece = data[place : place + self._left]
                pieces.append(piece)
                self._left -= len(piece)
                self._body += len(piece)
                place += len(piece)
            else:
                place = self._skip(data, place) or self._read_line(data, place)
        return b"".join(pieces), data[place:]

    def _skip(self, data: bytes, place: int) -> int:
        """Go to the next chunk in one step where both lines are there, since a sender may have made very many."""
        found = _NEXT.match(data, place) if self._next is _Line.END and not self._begun else None
        if found is None:
            return 0
        self._count(found.end() - place)
        self._begin(int(found[1], 16))
        return found.end()

    def _count(self, nbytes: int) -> None:
        self._framing += nbytes
        if self._framing > FRAMING_BYTES + self._body:
            raise BadHttp(400, "the chunks cost more than the body in them")

    def _read_line(self, data: bytes, place: int) -> int:
        """Take a line, or the beginning of one; return where the next thing begins."""
        end = data.find(b"\n", place) + 1 or len(data)
        self._count(end - place)
        line = self._begun + data[place:end]
        if line.endswith(b"\n"):
            self._begun = b""
            self._take_line(line)
        else:
            self._begun = line
            self._take_begun(line)
        return end

    def _take_line(self, line: bytes) -> None:
        if not line.endswith(b"\r\n"):
            raise BadHttp(400, "a line among the chunks ends without CR")
        if self._next is _Line.SIZE:
            self._take_size(line[:-2])
        elif line != b"\r\n":
            raise self._not_empty()
        elif self._next is _Line.LAST:
            self.is_whole = True
        else:
            self._next = _Line.SIZE

    def _take_size(self, line: bytes) -> None:
        size = _SIZE.fullmatch(line)
        if size is None:
            raise _no_size()
        self._begin(int(size[1], 16))

    def _begin(self, size: int) -> None:
        self._left = size
        if self._body + self._left > self._max:
            raise too_big(self._max)
        self._next = _Line.END if self._left else _Line.LAST

    def _take_begun(self, line: bytes) -> None:
        """Refuse at once what cannot become a line, instead of waiting for more of it."""
        if self._next is _Line.SIZE:
            if not _BEGUN.fullmatch(line):
                raise _no_size()
        elif line != b"\r":
            raise self._not_empty()

    def _not_empty(self) -> BadHttp:
        if self._next is _Line.LAST:
            return BadHttp(400, "trailers are not accepted")
        return BadHttp(400, "a chunk is longer than its size")


def _no_size() -> BadHttp:
    return BadHttp(400, "the size of a chunk is 1 to 16 hexadecimal digits")


def body_of(length: int | None, max_bytes: int) -> Body:
    """Make the reader of a body; `length` None is chunked."""
    return Chunks(max_bytes) if length is None else Counted(length)
