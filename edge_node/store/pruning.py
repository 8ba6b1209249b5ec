"""What is removed when its time is over.

Knows: which moments end a body, a memory and a row.
Must not know: how those moments were set, when it is wise to remove.
"""

from typing import Any

from edge_node.model.lifecycle import State
from edge_node.store import answers, aside, events, used_tokens
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment


def prune(session: Session, limit: int, at: Moment) -> int:
    """Remove up to that many of each; say how many went."""
    return (
        _bodies(session, limit, at.now)
        + _memories(session, limit, at.now)
        + used_tokens.forget(session, limit, at.now)
        + aside.forget(session, limit, at.now)
        + events.forget(session, limit, at)
        + _rows(session, limit, at.now - session.retention.row_s)
    )


def _bodies(session: Session, limit: int, now: float) -> int:
    rows = _all(
        session, "SELECT seq, answer FROM messages WHERE body_until <= ? ORDER BY body_until LIMIT ?", now, limit
    )
    for seq, answer in rows:
        session.execute("DELETE FROM bodies WHERE seq = ?", (seq,))
        answers.remove(session, answer)
        session.execute("UPDATE messages SET body_until = NULL, answer = NULL WHERE seq = ?", (seq,))
    return len(rows)


def _memories(session: Session, limit: int, now: float) -> int:
    rows = _all(
        session,
        "SELECT answer, direction, sender, root, extension FROM duplicates WHERE forget_at <= ? LIMIT ?",
        now,
        limit,
    )
    for answer, *key in rows:
        answers.remove(session, answer)
        session.execute(
            "DELETE FROM duplicates WHERE direction = ? AND sender = ? AND root = ? AND extension = ?", tuple(key)
        )
    return len(rows)


def _rows(session: Session, limit: int, before: float) -> int:
    rows = _all(
        session,
        """SELECT seq, direction, state FROM messages
           WHERE ended_at <= ? AND body_until IS NULL ORDER BY ended_at LIMIT ?""",
        before,
        limit,
    )
    for seq, direction, state in rows:
        session.execute("DELETE FROM history WHERE seq = ?", (seq,))
        session.execute("DELETE FROM messages WHERE seq = ?", (seq,))
        session.count(direction, State(state), -1)
    return len(rows)


def _all(session: Session, sql: str, moment: float, limit: int) -> list[tuple[Any, ...]]:
    return session.execute(sql, (moment, limit)).fetchall()
