"""How long removals from the index take.

Knows: which rows are removals, and which of them are over.
Must not know: how long one may take.
"""

import sqlite3
from typing import Final

from edge_node.model.facts_users import Removals
from edge_node.model.lifecycle import OPEN, State
from edge_node.store.surroundings import Moment

_ROWS: Final = """
    SELECT state, kept_at, ended_at FROM messages INDEXED BY messages_removals
    WHERE removal = 1 AND direction = 'out' AND (ended_at IS NULL OR ended_at >= ?)"""
_FAILED: Final = frozenset({State.DEAD, State.EXPIRED})


def since(connection: sqlite3.Connection, window_s: float, at: Moment) -> Removals:
    """Return what waits, and what came of those that ended within a window."""
    waiting_s: list[float] = []
    done_s: list[float] = []
    failed = 0
    for state, kept_at, ended_at in connection.execute(_ROWS, (at.now - window_s,)):
        if state in OPEN:
            waiting_s.append(max(0.0, at.now - kept_at))
        elif state == State.DELIVERED and ended_at is not None:
            done_s.append(max(0.0, ended_at - kept_at))
        failed += state in _FAILED
    return Removals(
        waiting=len(waiting_s),
        oldest_s=max(waiting_s, default=0.0),
        done=len(done_s),
        slowest_s=max(done_s, default=0.0),
        failed=failed,
    )
