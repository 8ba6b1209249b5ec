"""The access log as whoever may read it sees it: records opened, found by whom they are of.

Knows: which key opens which segment, how a record is found by a mark.
Must not know: who asks, whether the records are what was signed, how they are shown.
"""

import base64
import errno
import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag

from edge_node.model.log_state import LogWanted
from edge_node.store import log_index, log_keys, log_segments, log_sources
from edge_node.store.chain import moment
from edge_node.store.keys import PatientKey
from edge_node.store.log_keys import SegmentKey
from edge_node.store.log_line import hash_of
from edge_node.store.log_segments import Segment
from edge_node.store.log_span import Row, Unreadable
from edge_node.store.master import Master

#: In a record of which the sealed part cannot be read: why.
_LOCKED: Final = "locked"
_DAY_S: Final = 86_400
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


@dataclass(frozen=True, slots=True)
class Keys:
    """What opens a log."""

    masters: tuple[Master, ...] = field(repr=False)
    patient: PatientKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Sought:
    """What is looked for in one segment: of each name one or more marks, by today's key of hashes or an older one."""

    marks: tuple[tuple[bytes, ...], ...]  # as they stand in a record
    keys: tuple[tuple[bytes, ...], ...]  # as an index has them

    def is_in(self, text: bytes) -> bool:
        """Whether of each name a mark stands in it."""
        return all(any(mark in text for mark in marks) for marks in self.marks)


def read(connection: sqlite3.Connection, folder: Path, keys: Keys, wanted: LogWanted) -> Iterator[dict[str, Any]]:
    """Return the records that are wanted, oldest first, with what is sealed in them."""
    for segment in _within(log_segments.listed(connection), wanted):
        secret = log_keys.secret(connection, segment.number, keys.masters)
        key = None if secret is None else SegmentKey.of(secret)
        if wanted.sought and key is None:
            yield _gap(segment, f"the key of segment {segment.number} is not here")
            continue
        if segment.file is not None and not (folder / segment.file).exists():
            yield _gap(segment, f"{segment.file} is not here")
            continue
        sought = _sought(wanted, key, keys.patient)
        for text in _texts(connection, folder, segment, (sought, key)):
            if isinstance(text, Unreadable):
                yield _gap(segment, f"{text.place} cannot be read")
                continue
            record = _record(text, key) if sought.is_in(text) else None
            if record is not None and _is_wanted(record, wanted):
                yield record


def _gap(segment: Segment, why: str) -> dict[str, Any]:
    """What stands for records that may be wanted and cannot be read: nobody takes a part for the whole."""
    last = "the last" if segment.last is None else segment.last
    return {"seq": segment.first, "at": moment(segment.began), _LOCKED: f"{why}: records {segment.first} to {last}"}


def make_index(connection: sqlite3.Connection, folder: Path, how: tuple[Keys, Callable[[], None]]) -> bool:
    """Make the oldest index that is missing and can be made; say whether one was. Raises `OSError` on a full disk."""
    keys, pause = how
    for segment in log_segments.listed(connection):
        file, secret = folder / (segment.file or ""), log_keys.secret(connection, segment.number, keys.masters)
        if segment.file is None or secret is None or not file.exists() or log_index.is_there(file):
            continue
        try:
            log_index.make(file, segment, SegmentKey.of(secret), pause)
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise
            continue  # it cannot be read: that is told by whoever proves the log
        return True
    return False


def _within(segments: Sequence[Segment], wanted: LogWanted) -> Iterator[Segment]:
    """The segments that may have records of that period.

    A clock that was ahead for a while was put back: what was before a segment and what comes after it say so.
    """
    ends = [max(each.began, each.ended or each.began) for each in segments]
    begins = [min(each.began, each.ended or each.began) for each in segments]
    latest, earliest = accumulate(ends, max), list(accumulate(reversed(begins), min))[::-1]
    for segment, last, first in zip(segments, latest, earliest, strict=True):
        is_before = bool(wanted.since) and moment(last + _DAY_S) < wanted.since
        is_after = bool(wanted.until) and moment(first - _DAY_S) >= wanted.until
        if segment.ended is None or not (is_before or is_after):  # in the one that is open anything may come
            yield segment


def _sought(wanted: LogWanted, key: SegmentKey | None, patient: PatientKey) -> _Sought:
    if key is None:
        return _Sought((), ())
    named = {
        name: [key.mark(name, hash_of(name, value, each)) for each in (patient, *patient.older)]
        for name, value in wanted.sought.items()
    }
    ids = [(log_index.key_of_id(name, value),) for name, value in wanted.open.items() if name in log_index.NAMED]
    return _Sought(
        marks=tuple(tuple(f'"{name}":"{mark.hex()}"'.encode() for mark in marks) for name, marks in named.items()),
        keys=(*(tuple(map(log_index.key_of_mark, marks)) for marks in named.values()), *ids),
    )


def _texts(
    connection: sqlite3.Connection, folder: Path, segment: Segment, how: tuple[_Sought, SegmentKey | None]
) -> Iterator[bytes | Unreadable]:
    if segment.state == "filed" and segment.file is not None:
        yield from _texts_of_file(folder / segment.file, segment, *how)
        return
    first = segment.first
    while some := log_segments.links(connection, first, segment.last, 1000):
        yield from (link.text for link in some)
        first = some[-1].seq + 1


def _texts_of_file(
    file: Path, segment: Segment, sought: _Sought, key: SegmentKey | None
) -> Iterator[bytes | Unreadable]:
    index = log_index.load(file, segment, key) if sought.keys and key is not None else None
    if index is None:
        lines = log_sources.of_file(file)
    else:
        places = [set().union(*map(index.places, keys)) for keys in sought.keys]
        lines = log_sources.at_places(file, sorted(set.intersection(*places)))
    for line in lines:
        if isinstance(line, Unreadable):
            yield line
        elif isinstance(line, Row):
            yield line.text


def _record(text: bytes, key: SegmentKey | None) -> dict[str, Any] | None:
    try:
        record: dict[str, Any] = json.loads(text)
        blob = record.pop("sealed", None)
        record.pop("marks", None)
        record.pop("prev", None)
        if blob is not None:
            record |= _opened(record, blob, key)
    except (ValueError, TypeError, AttributeError, KeyError):
        return None  # what was bent is told by whoever proves the log
    return record


def _opened(record: dict[str, Any], blob: str, key: SegmentKey | None) -> dict[str, Any]:
    if key is None:
        return {_LOCKED: "the key of this segment is not here"}
    try:
        opened: dict[str, Any] = json.loads(key.open(int(record["seq"]), base64.b64decode(blob)))
    except (InvalidTag, ValueError):
        return {_LOCKED: "it was changed, or is another's"}
    return opened


def _is_wanted(record: dict[str, Any], wanted: LogWanted) -> bool:
    at = str(record.get("at", ""))
    if (wanted.since and at < wanted.since) or (wanted.until and at >= wanted.until):
        return False
    # What is sealed proves that the mark is the right one; who is known by a hash only has nothing to compare.
    for name, value in wanted.sought.items():
        if name in record and record[name] != value:
            return False
    return all(str(record.get(name, "")) == value for name, value in wanted.open.items())
