"""What became of the messages that waited for the end of a breakdown.

Knows: which messages were open at some moment of a span, and how each of them stands.
Must not know: what broke down, who is told.
"""

import sqlite3
from typing import Final

from edge_node.model.alert import Settled
from edge_node.model.lifecycle import LEASABLE, State
from edge_node.model.message import Direction

Span = tuple[float, float]  # seconds since the epoch

_ENDED: Final = """
    SELECT state, count(*) FROM messages INDEXED BY messages_ended
    WHERE ended_at >= ? AND direction = ? AND kept_at <= ? GROUP BY state"""
_OPEN: Final = """
    SELECT count(*) FROM messages INDEXED BY messages_state
    WHERE direction = ? AND state = ? AND kept_at BETWEEN ? AND ?"""
_FAILED: Final = (State.DEAD, State.EXPIRED)
#: They go on when a person lets them.
_STUCK: Final = (State.NEEDS_TOKEN, State.HELD)


def settled(connection: sqlite3.Connection, direction: Direction, span: Span) -> Settled:
    """Count them."""
    since, until = span
    ended = dict(connection.execute(_ENDED, (since, direction.value, until)).fetchall())
    on_their_way = [(state, 0.0) for state in (*LEASABLE, State.IN_FLIGHT)]
    return Settled(
        delivered=ended.get(State.DELIVERED.value, 0),
        failed=sum(ended.get(state.value, 0) for state in _FAILED)
        + sum(_count(connection, direction, state, (since, until)) for state in _STUCK),
        waiting=sum(_count(connection, direction, state, (begin, until)) for state, begin in on_their_way),
    )


def _count(connection: sqlite3.Connection, direction: Direction, state: State, span: Span) -> int:
    return int(connection.execute(_OPEN, (direction.value, state.value, *span)).fetchone()[0])
