"""Messages in a state that no step of ours leads to, wherever they stand: ended and held ones too.

Knows: how to find them without walking the queue.
Must not know: how a message is set aside.
"""

import sqlite3
from collections.abc import Iterator
from typing import Final

from edge_node.model.lifecycle import State
from edge_node.model.message import Direction
from edge_node.store import aside
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment

#: The next value of an index, instead of all its rows.
_NEXT_DIRECTION: Final = "SELECT min(direction) FROM messages INDEXED BY messages_state WHERE direction > ?"
_NEXT_STATE: Final = "SELECT min(state) FROM messages INDEXED BY messages_state WHERE direction = ? AND state > ?"
_SEQS: Final = """
    SELECT seq FROM messages INDEXED BY messages_state
    WHERE direction = ? AND state = ? AND seq NOT IN (SELECT seq FROM set_aside WHERE stuck = 1) LIMIT ?"""
_KNOWN: Final = frozenset((direction.value, state.value) for direction in Direction for state in State)


def put_aside(session: Session, limit: int, at: Moment) -> int:
    """Set them aside, with their bytes; say how many there were."""
    done = 0
    for direction, state in tuple(_unknown(session.connection)):
        for (seq,) in session.execute(_SEQS, (direction, state, limit - done)).fetchall():
            aside.set_aside(session, seq, "row: unknown state", at)
            done += 1
    return done


def _unknown(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    for direction in _walk(connection, _NEXT_DIRECTION):
        for state in _walk(connection, _NEXT_STATE, direction):
            if (direction, state) not in _KNOWN:
                yield direction, state


def _walk(connection: sqlite3.Connection, sql: str, *of: str) -> Iterator[str]:
    last = ""
    while (found := connection.execute(sql, (*of, last)).fetchone()[0]) is not None:
        yield found
        last = found
