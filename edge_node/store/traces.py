"""What is still known of a row that cannot be read: from the indexes of its table, and from the access log.

Knows: which index holds which columns, so that the row itself is not touched.
Must not know: what is done with such a row.
"""

import sqlite3
from dataclasses import dataclass
from typing import Final

#: Each of these is answered from the index alone.
_LANE: Final = "SELECT lane FROM messages INDEXED BY messages_lane WHERE head IS NOT NULL AND seq = ?"
_MEMBERS: Final = "SELECT seq FROM messages INDEXED BY messages_lane WHERE head IS NOT NULL AND lane = ? ORDER BY seq"
_NAMES: Final = {
    ("uid",): "SELECT uid FROM messages INDEXED BY messages_uid WHERE seq = ?",
    ("extension", "root"): "SELECT extension, root FROM messages INDEXED BY messages_id WHERE seq = ?",
    ("direction", "state"): "SELECT direction, state FROM messages INDEXED BY messages_state WHERE seq = ?",
}
#: The log has no index by message: only its newest lines are looked through.
_LOGGED: Final = """
    SELECT record ->> '$."access_point.application"', record ->> '$."counterparty.application"',
           record ->> '$."event.interaction"', record ->> '$."correlation.id"'
    FROM (SELECT record FROM log_records ORDER BY seq DESC LIMIT 200000)
    WHERE record ->> '$."event.code"' = 'kept' AND record ->> '$."correlation.message"' = ?
          AND record ->> '$."event.direction"' = ? LIMIT 1"""
#: A line says who is ours and who is the other side.
_LOGGED_NAMES: Final = {
    "out": ("sender", "receiver", "interaction", "correlation"),
    "in": ("receiver", "sender", "interaction", "correlation"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """Who is in a lane."""

    readable: tuple[int, ...] = ()
    unreadable: tuple[int, ...] = ()


def facts(connection: sqlite3.Connection, seq: int) -> dict[str, str]:
    """The short texts of the row that can be told without it."""
    found: dict[str, str] = {}
    for names, sql in _NAMES.items():
        found |= _texts(names, _first(connection, sql, (seq,)))
    if {"root", "extension", "direction"} <= found.keys():
        told = (f"{found['root']}/{found['extension']}", found["direction"])
        names = _LOGGED_NAMES.get(found["direction"], ())
        found |= _texts(names, _first(connection, _LOGGED, told))
    return found


def lane(connection: sqlite3.Connection, seq: int) -> bytes | None:
    """The lane it is in, if it is in one."""
    row = _first(connection, _LANE, (seq,))
    return row[0] if row is not None and isinstance(row[0], bytes) else None


def members(connection: sqlite3.Connection, lane: bytes, *, but: int) -> Members:
    """Who else is in a lane, oldest first. Looked at outside a commit, which one bad page would make unwritable."""
    try:
        found = [row[0] for row in connection.execute(_MEMBERS, (lane,)) if row[0] != but]
    except sqlite3.Error:
        return Members()
    good = [seq for seq in found if _is_readable(connection, seq)]
    return Members(readable=tuple(good), unreadable=tuple(sorted(set(found) - set(good))))


def unreadable(connection: sqlite3.Connection) -> list[int]:
    """Every message whose row cannot be read. Takes seconds where there are millions."""
    try:
        found = [row[0] for row in connection.execute("SELECT seq FROM messages INDEXED BY messages_uid")]
    except sqlite3.Error:
        return []
    return sorted(seq for seq in found if not _is_readable(connection, seq))


def _is_readable(connection: sqlite3.Connection, seq: int) -> bool:
    # Its last column: all of the row has to be there.
    return _first(connection, "SELECT late FROM messages WHERE seq = ?", (seq,)) is not None


def _first(connection: sqlite3.Connection, sql: str, values: tuple[object, ...]) -> tuple[object, ...] | None:
    try:
        row: tuple[object, ...] | None = connection.execute(sql, values).fetchone()
    except sqlite3.Error:
        return None
    return row


def _texts(names: tuple[str, ...], row: tuple[object, ...] | None) -> dict[str, str]:
    if row is None:
        return {}
    return {name: value for name, value in zip(names, row, strict=True) if isinstance(value, str)}
