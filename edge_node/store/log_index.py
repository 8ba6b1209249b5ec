"""The index beside the file of a segment: at which bytes lie the records that a mark or an id is of.

Knows: how it is made of what stands in the file, that it counts only as the key of the segment vouches for it, and
while nobody touches the file.
Must not know: whose mark it is, what a record tells. It is made anew where it is missing, so that no backup has it.
"""

import bisect
import contextlib
import hashlib
import json
import os
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from edge_node.store import chain, log_sources
from edge_node.store.chain import Head
from edge_node.store.log_keys import SegmentKey
from edge_node.store.log_segments import Segment
from edge_node.store.log_span import NO_RECORD

#: Ids that stand open in a record and are looked for.
NAMED: Final = frozenset({"correlation.id", "correlation.message", "correlation.uid"})
_FORM: Final = b"edge-node log index 2\n"
_TAG_BYTES: Final = 32
_ENTRY: Final = struct.Struct(">8sQ")
_KEY_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Index:
    """One that is vouched for."""

    _entries: bytes

    def places(self, key: bytes) -> set[int]:
        """At which bytes of the file the lines begin that may be of it."""
        count = len(self._entries) // _ENTRY.size
        first = bisect.bisect_left(range(count), key, key=self._key)
        found = set()
        for number in range(first, count):
            each, place = _ENTRY.unpack_from(self._entries, number * _ENTRY.size)
            if each != key:
                break
            found.add(place)
        return found

    def _key(self, number: int) -> bytes:
        at = number * _ENTRY.size
        return self._entries[at : at + _KEY_BYTES]


def path_of(file: Path) -> Path:
    """Where the index of a file is."""
    return file.with_suffix(".index")


def key_of_mark(mark: bytes) -> bytes:
    """By what a mark is found."""
    return mark[:_KEY_BYTES]


def key_of_id(name: str, value: str) -> bytes:
    """By what an id is found."""
    return hashlib.sha256(f"{name}\0{value}".encode()).digest()[:_KEY_BYTES]


def make(file: Path, segment: Segment, key: SegmentKey, pause: Callable[[], None]) -> None:
    """Write the index of a file. Raises `OSError`."""
    entries, bound = [], _bound(file, segment)
    with log_sources.opened(file) as lines:
        for place, line in _lines(lines):
            entries += [_ENTRY.pack(each, place) for each in _keys(line)]
            pause()
    body = bound + b"".join(sorted(entries))
    part = path_of(file).with_suffix(".part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(_FORM + key.vouch(body) + body)
        part.rename(path_of(file))  # not synced: one that a crash spoiled is not vouched for, and made anew
    except OSError:
        part.unlink(missing_ok=True)  # of a full disk nothing is kept for it
        raise


def load(file: Path, segment: Segment, key: SegmentKey) -> Index | None:
    """Read the index of a file; None where none is there that is of it and vouched for: that one is made anew."""
    try:
        bound = _bound(file, segment)
        with log_sources.opened(path_of(file)) as index:
            found = index.read()
    except OSError:
        return None
    tag, body = found[len(_FORM) : len(_FORM) + _TAG_BYTES], found[len(_FORM) + _TAG_BYTES :]
    if not found.startswith(_FORM) or not body.startswith(bound) or not key.is_vouched(tag, body):
        with contextlib.suppress(OSError):
            remove(file)
        return None
    return Index(body[len(bound) :])


def is_there(file: Path) -> bool:
    """Whether there is one, whatever it is worth."""
    return path_of(file).exists()


def remove(file: Path) -> None:
    """The file is gone, or its index is worth nothing."""
    path_of(file).unlink(missing_ok=True)


def _bound(file: Path, segment: Segment) -> bytes:
    """What an index is of: a file that nobody touched since, which ends with this record."""
    looks = hashlib.sha256(repr(log_sources.looks(file)).encode()).digest()
    return looks + (segment.hash or b"").ljust(len(chain.START), b"\0")


def _lines(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    place = 0
    for line in file:
        yield place, line
        place += len(line)


def _keys(line: bytes) -> Iterable[bytes]:
    try:
        found = chain.read_line(line)
        record: dict[str, Any] = {} if isinstance(found, Head) else json.loads(found[1])
        marks = {key_of_mark(bytes.fromhex(mark)) for mark in record.get("marks", {}).values()}
        return marks | {key_of_id(name, str(record[name])) for name in NAMED if name in record}
    except (*NO_RECORD, AttributeError):
        return ()  # what was bent is found by whoever proves the log
