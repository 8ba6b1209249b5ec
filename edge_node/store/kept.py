"""What the store keeps, held against what it is to keep: lines of the access log, bodies, memories of message ids.

Knows: the tables, the folder of the log, which fields each line must have.
Must not know: what is long enough.
"""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from edge_node.model.facts_kept import LogContent
from edge_node.store import log_segments
from edge_node.store.log_line import MISSING

#: What no line may be without, whatever it tells.
_ALWAYS: Final = ("at", "seq", "event.type", "event.action", "event.result", "user.kind", "access_point.node")
#: A line of the release before, or of whoever had no key: chained as it was written then.
_TAKEN_UP: Final = "taken_up"
_NEWEST: Final = "SELECT seq, record FROM log_records ORDER BY seq DESC LIMIT ?"
_OVERDUE: Final = "SELECT count(*), min(body_until) FROM messages WHERE body_until <= ?"
_ENDED: Final = """
    SELECT count(*), coalesce(sum(NOT EXISTS (
        SELECT 1 FROM duplicates AS d WHERE d.direction = m.direction AND d.sender = m.sender
        AND d.root = m.root AND d.extension = m.extension)), 0)
    FROM (SELECT * FROM messages WHERE ended_at > ? ORDER BY ended_at LIMIT ?) AS m"""


def content(connection: sqlite3.Connection, limit: int) -> LogContent:
    """Hold the newest lines to what must be in each; one that nobody can read lacks all."""
    rows = connection.execute(_NEWEST, (limit,)).fetchall()
    lacking = tuple((seq, lacks) for seq, text in rows if (lacks := tuple(_lacks(text))))
    return LogContent(records=len(rows), lacking=lacking)


def began(connection: sqlite3.Connection) -> tuple[int, datetime | None]:
    """Return the number of the oldest line of the log, and when its segment was begun."""
    segments = log_segments.listed(connection)
    if not segments:
        return 0, None
    oldest = min(segments, key=lambda segment: segment.first)
    return oldest.first, datetime.fromtimestamp(oldest.began, UTC)


def missing_files(connection: sqlite3.Connection, folder: Path) -> tuple[str, ...]:
    """Return the files of segments that are known and not there."""
    known = (segment.file for segment in log_segments.listed(connection) if segment.file is not None)
    return tuple(name for name in known if not (folder / name).is_file())


def overdue(connection: sqlite3.Connection, before: datetime) -> tuple[int, datetime | None]:
    """Count the bodies whose time was over before a moment, and say since when the oldest is."""
    count, oldest = connection.execute(_OVERDUE, (before.timestamp(),)).fetchone()
    return count, None if oldest is None else datetime.fromtimestamp(oldest, UTC)


def forgotten(connection: sqlite3.Connection, after: datetime, limit: int) -> tuple[int, int]:
    """Of the messages that ended after a moment, the oldest first: how many, and how many ids nobody remembers."""
    count, gone = connection.execute(_ENDED, (after.timestamp(), limit)).fetchone()
    return count, gone


def _lacks(text: str) -> Iterator[str]:
    record = _read(text)
    if _TAKEN_UP in record:
        return
    yield from (name for name in _ALWAYS if record.get(name) in (None, ""))
    marked = record.get(MISSING)
    if isinstance(marked, list):
        yield from map(str, marked)


def _read(text: str) -> dict[str, Any]:
    try:
        record = json.loads(text)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}
