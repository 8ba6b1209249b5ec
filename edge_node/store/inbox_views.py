"""What people see of the inbox, read beside the writer.

Knows: which messages wait for a local system, and who has one in hand.
Must not know: how they are locked, or how they are shown.
"""

import contextlib
import sqlite3
from typing import Any, Final

from edge_node.model.inbox import Waiting
from edge_node.store import views
from edge_node.store.faults import is_damage
from edge_node.store.messages import COLUMNS, Message
from edge_node.store.session import RUN_SHIFT
from edge_node.store.surroundings import Moment

#: One walk for each state, by its index; together they are sorted by arrival.
_STATES: Final = ("KEPT", "WAITING", "IN_FLIGHT", "HELD")
_SHOWN: Final = f"owner, ends, {', '.join(f'messages.{name}' for name in COLUMNS.split(', '))}"
_LOCKS: Final = """
    LEFT JOIN inbox_locks
        ON inbox_locks.seq = messages.seq AND inbox_locks.fence = messages.fence AND messages.state = 'IN_FLIGHT'"""
_OF_STATE: Final = f"""
    SELECT {_SHOWN} FROM messages INDEXED BY messages_state {_LOCKS}
    WHERE direction = 'in' AND state = ?1 AND (?2 IS NULL OR receiver = ?2)
    ORDER BY messages.seq LIMIT ?3"""  # noqa: S608
_SEQS: Final = "SELECT seq FROM messages INDEXED BY messages_state WHERE direction = 'in' AND state = ? ORDER BY seq"
_ONE: Final = f"""
    SELECT {_SHOWN} FROM messages {_LOCKS} WHERE messages.seq = ?1 AND (?2 IS NULL OR receiver = ?2)"""  # noqa: S608


def waiting(connection: sqlite3.Connection, choice: tuple[str | None, int], at: Moment) -> tuple[Waiting, ...]:
    """Return what waits for local systems, oldest first; `choice` is the receiver, or None, and how many at most."""
    receiver, limit = choice
    found = [row for state in _STATES for row in _of_state(connection, (state, receiver, limit))]
    found.sort(key=lambda row: row[2])
    run = int(connection.execute("SELECT value FROM meta WHERE key = 'run'").fetchone()[0])
    return tuple(_waiting(row[0], row[1], (Message._make(row[2:]), run, at)) for row in found[:limit])


def _of_state(connection: sqlite3.Connection, values: tuple[str, str | None, int]) -> list[tuple[Any, ...]]:
    """The rows of one state; where a page is damaged, those that can be read, one by one."""
    try:
        return connection.execute(_OF_STATE, values).fetchall()
    except sqlite3.Error as error:
        if not is_damage(error):
            raise
    state, receiver, limit = values
    found: list[tuple[Any, ...]] = []
    for (seq,) in connection.execute(_SEQS, (state,)):
        with contextlib.suppress(sqlite3.Error):
            found += connection.execute(_ONE, (seq, receiver))
        if len(found) >= limit:
            break
    return found


def _waiting(owner: str | None, ends: int | None, shown: tuple[Message, int, Moment]) -> Waiting:
    message, run, at = shown
    lock_s = None if ends is None else max(0.0, (ends - (run << RUN_SHIFT) - at.monotonic_ms) / 1000)
    return Waiting(row=views.row(message, run, at), locked_by=owner or "", lock_s=lock_s)
