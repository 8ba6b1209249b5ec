"""The segments of the access log as the database knows them: one is open, some are full, the rest lie in files.

Knows: their table, where the chain is.
Must not know: keys, what is in a record, the files.
"""

import sqlite3
from dataclasses import dataclass
from typing import Final

from edge_node.store import chain
from edge_node.store.chain import Head, Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """Where the chain is."""

    chain: str
    segment: int
    first: int  # seq of the first record of the segment
    began: float
    seq: int
    hash: bytes
    head: Head | None = None  # the newest one signed

    @property
    def unsigned(self) -> int:
        """How many records no head vouches for."""
        return self.seq - (self.head.seq if self.head is not None else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One of them."""

    number: int
    chain: str
    first: int
    began: float
    state: str
    last: int | None
    ended: float | None
    hash: bytes | None
    file: str | None


_ALL: Final = "SELECT number, chain, first, began, state, last, ended, hash, file FROM log_segments"


def listed(connection: sqlite3.Connection) -> list[Segment]:
    """Return all that are known, in order."""
    return [_segment(row) for row in connection.execute(f"{_ALL} ORDER BY number")]


def in_state(connection: sqlite3.Connection, state: str) -> Segment | None:
    """Return the oldest one in this state."""
    row = connection.execute(f"{_ALL} WHERE state = ? ORDER BY number LIMIT 1", (state,)).fetchone()
    return None if row is None else _segment(row)


def begin(connection: sqlite3.Connection, tip: Tip) -> None:
    """A segment begins behind this tip."""
    connection.execute(
        "INSERT INTO log_segments (number, chain, first, began, state) VALUES (?, ?, ?, ?, 'open')",
        (tip.segment, tip.chain, tip.first, tip.began),
    )


def end(connection: sqlite3.Connection, tip: Tip, at: float) -> None:
    """The open one is full."""
    connection.execute(
        "UPDATE log_segments SET state = 'full', last = ?, ended = ?, hash = ? WHERE number = ?",
        (tip.seq, at, tip.hash, tip.segment),
    )


def file(connection: sqlite3.Connection, number: int, name: str) -> None:
    """It lies in a file from now on; its rows are nothing but leftovers."""
    connection.execute("UPDATE log_segments SET state = 'filed', file = ? WHERE number = ?", (name, number))


def links(connection: sqlite3.Connection, first: int, last: int | None, limit: int) -> list[Link]:
    """Return the next records of a segment, as they stand."""
    rows = connection.execute(
        """SELECT seq, hash, CAST(record AS BLOB) FROM log_records
           WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?""",
        (first, 2**62 if last is None else last, limit),
    )
    return [Link(row[0], bytes(row[1]), bytes(row[2])) for row in rows]


def heads(connection: sqlite3.Connection, first: int, last: int | None) -> list[tuple[int, bytes, bytes]]:
    """Return what was signed within a segment, as it stands: number, statement, signature."""
    rows = connection.execute(
        """SELECT seq, CAST(statement AS BLOB), signature FROM log_heads
           WHERE seq BETWEEN ? AND ? ORDER BY seq""",
        (first, 2**62 if last is None else last),
    )
    return [(row[0], bytes(row[1]), bytes(row[2])) for row in rows]


def newest_head(connection: sqlite3.Connection) -> Head | None:
    """Return the head that was signed last; None where there is none, or it is none."""
    row = connection.execute(
        "SELECT CAST(statement AS BLOB), signature FROM log_heads ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    try:
        return chain.read_head(bytes(row[0]), bytes(row[1]))
    except ValueError:
        return None


def tip(connection: sqlite3.Connection) -> Tip:
    """Return where the chain is; one without a name where there is none."""
    opened = in_state(connection, "open")
    row = connection.execute("SELECT seq, hash FROM log_records ORDER BY seq DESC LIMIT 1").fetchone()
    last = connection.execute("SELECT number, last, hash FROM log_segments ORDER BY number DESC LIMIT 1").fetchone()
    head = newest_head(connection)
    if opened is None:
        seq = max(row[0] if row else 0, (last[1] or 0) if last else 0)
        return Tip(chain="", segment=last[0] if last else 0, first=0, began=0, seq=seq, hash=chain.START, head=head)
    is_empty = row is None or row[0] < opened.first
    return Tip(
        chain=opened.chain,
        segment=opened.number,
        first=opened.first,
        began=opened.began,
        seq=opened.first - 1 if is_empty else row[0],
        hash=chain.START if is_empty else bytes(row[1]),
        head=head,
    )


def _segment(row: tuple[object, ...]) -> Segment:
    names = ("number", "chain", "first", "began", "state", "last", "ended", "hash", "file")
    return Segment(**dict(zip(names, row, strict=True)))  # type: ignore[arg-type]  # the table is STRICT
