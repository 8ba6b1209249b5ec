"""The access log as whoever may read it sees it: records opened, found by whom they are of.

Knows: which key opens which segment, how a record is found by a mark.
Must not know: who asks, whether the records are what was signed, how they are shown.
"""

import base64
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag

from edge_node.model.log_state import LogWanted
from edge_node.store import log_keys, log_segments, log_sources
from edge_node.store.chain import moment
from edge_node.store.keys import PatientKey
from edge_node.store.log_keys import SegmentKey
from edge_node.store.log_line import hash_of
from edge_node.store.log_segments import Segment
from edge_node.store.log_span import Row
from edge_node.store.master import Master

#: In a record of which the sealed part cannot be read: why.
_LOCKED: Final = "locked"


@dataclass(frozen=True, slots=True)
class Keys:
    """What opens a log."""

    masters: tuple[Master, ...] = field(repr=False)
    patient: PatientKey = field(repr=False)


def read(connection: sqlite3.Connection, folder: Path, keys: Keys, wanted: LogWanted) -> Iterator[dict[str, Any]]:
    """Return the records that are wanted, oldest first, with what is sealed in them."""
    for segment in log_segments.listed(connection):
        if segment.ended is not None and wanted.since and moment(segment.ended) < wanted.since:
            continue
        secret = log_keys.secret(connection, segment.number, keys.masters)
        key = None if secret is None else SegmentKey.of(secret)
        marks = _marks(wanted, key, keys.patient)
        if wanted.sought and not marks:
            continue
        if segment.file is not None and not (folder / segment.file).exists():
            told = f"{segment.file} is not here: records {segment.first} to {segment.last}"
            yield {"seq": segment.first, "at": moment(segment.began), _LOCKED: told}
            continue
        for text in _texts(connection, folder, segment):
            if not marks or any(mark in text for mark in marks):
                record = _record(text, key)
                if record is not None and _is_wanted(record, wanted):
                    yield record


def _marks(wanted: LogWanted, key: SegmentKey | None, patient: PatientKey) -> list[bytes]:
    """What stands in the text of a record of this segment that is sought: by today's key of hashes, or an older."""
    if key is None:
        return []
    return [
        f'"{name}":"{key.mark(name, hash_of(name, value, each)).hex()}"'.encode()
        for name, value in wanted.sought.items()
        for each in (patient, *patient.older)
    ]


def _texts(connection: sqlite3.Connection, folder: Path, segment: Segment) -> Iterator[bytes]:
    if segment.state == "filed" and segment.file is not None:
        for line in log_sources.of_file(folder / segment.file):
            if isinstance(line, Row):
                yield line.text
        return
    first = segment.first
    while some := log_segments.links(connection, first, segment.last, 1000):
        yield from (link.text for link in some)
        first = some[-1].seq + 1


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
