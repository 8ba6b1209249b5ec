"""A lane goes on under another name, past a message that the disk neither gives back nor lets go.

Knows: which lane goes on as which, what of a lane moves with it.
Must not know: how a row came to be unreadable, who leads a lane.
"""

import hashlib
import sqlite3
from collections.abc import Sequence
from typing import Final

from edge_node.store.session import Session

_BEGIN: Final = "INSERT INTO detours (lane, onward) VALUES (?, ?)"
_MOVE: Final = "UPDATE messages SET lane = ? WHERE seq = ?"


def begin(session: Session, lane: bytes, past: int, members: Sequence[int]) -> bytes:
    """Have the lane go on past that message, with these members as they stand; return its name from now on.

    The database holds one head a lane, and a damaged row stays where it is: what can be read moves.
    """
    name = _existing(session, lane) or _begun(session, lane, past)
    for seq in members:
        session.execute(_MOVE, (name, seq))
    session.execute("UPDATE passing SET lane = ? WHERE lane = ?", (name, lane))
    return name


def onward(session: Session, lane: bytes) -> bytes:
    """The name under which a lane goes on; nearly always its own."""
    if not session.stuck:
        return lane
    return _existing(session, lane) or lane


def follow(session: Session, seq: int, lane: bytes) -> bytes:
    """A message returns to its lane: move it where that goes on now."""
    name = onward(session, lane)
    if name != lane:
        session.execute(_MOVE, (name, seq))
    return name


def close(connection: sqlite3.Connection) -> None:
    """No damaged row stands in a lane any more: each lane has its own name back, with all that is in it."""
    for (name,) in connection.execute("SELECT DISTINCT onward FROM detours").fetchall():
        rows = connection.execute("SELECT lane FROM detours WHERE onward = ? ORDER BY id", (name,)).fetchall()
        first, *later = [row[0] for row in rows]
        for other in (*later, name):
            for table in ("messages", "passing"):
                connection.execute(f"UPDATE {table} SET lane = ? WHERE lane = ?", (first, other))  # noqa: S608
    connection.execute("DELETE FROM detours")


def _existing(session: Session, lane: bytes) -> bytes | None:
    found = session.execute("SELECT onward FROM detours WHERE lane = ?", (lane,)).fetchone()
    return None if found is None else bytes(found[0])


def _begun(session: Session, lane: bytes, past: int) -> bytes:
    name = hashlib.sha256(lane + past.to_bytes(8, "big")).digest()[: len(lane)]
    session.execute("UPDATE detours SET onward = ? WHERE onward = ?", (name, lane))
    session.execute(_BEGIN, (lane, name))
    return name
