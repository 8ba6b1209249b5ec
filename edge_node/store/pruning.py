"""What is removed when its time is over.

Knows: which moments end a body, a memory and a row.
Must not know: how those moments were set, when it is wise to remove.
"""

from collections.abc import Callable
from typing import Any, Final

from edge_node.model.lifecycle import State
from edge_node.store import (
    answers,
    aside,
    copies,
    emergencies,
    emptying,
    events,
    log_filing,
    resealing,
    strangers,
    taking_up,
    used_tokens,
)
from edge_node.store.damage import Reading
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment

#: Does up to that many of one kind; says how many it did.
Step = Callable[[Session, int, Moment], int]


def prune(session: Session, limit: int, at: Moment) -> int:
    """Remove up to that many of each; say how many went."""
    return sum(step(session, limit, at) for step in REMOVALS)


def _bodies(session: Session, limit: int, at: Moment) -> int:
    rows = _all(
        session, "SELECT seq, answer FROM messages WHERE body_until <= ? ORDER BY body_until LIMIT ?", at.now, limit
    )
    for seq, answer in rows:
        with Reading(seq, "body"):  # one that cannot be read cannot be removed either: it is set aside
            session.execute("DELETE FROM bodies WHERE seq = ?", (seq,))
        answers.remove(session, answer)
        with Reading(seq, "row"):
            session.execute("UPDATE messages SET body_until = NULL, answer = NULL WHERE seq = ?", (seq,))
    return len(rows)


def _memories(session: Session, limit: int, at: Moment) -> int:
    rows = _all(
        session,
        "SELECT answer, direction, sender, root, extension FROM duplicates WHERE forget_at <= ? LIMIT ?",
        at.now,
        limit,
    )
    for answer, *key in rows:
        answers.remove(session, answer)
        session.execute(
            "DELETE FROM duplicates WHERE direction = ? AND sender = ? AND root = ? AND extension = ?", tuple(key)
        )
    return len(rows)


def _rows(session: Session, limit: int, at: Moment) -> int:
    if session.stuck:
        return 0  # taking rows out has SQLite join pages with the damaged one: they stay until the repair
    rows = _all(
        session,
        """SELECT seq, direction, state FROM messages
           WHERE ended_at <= ? AND body_until IS NULL ORDER BY ended_at LIMIT ?""",
        at.now - session.retention.row_s,
        limit,
    )
    for seq, direction, state in rows:
        session.execute("DELETE FROM history WHERE seq = ?", (seq,))
        session.execute("DELETE FROM messages WHERE seq = ?", (seq,))
        session.count(direction, State(state), -1)
    return len(rows)


def _all(session: Session, sql: str, moment: float, limit: int) -> list[tuple[Any, ...]]:
    if session.stuck:  # a row on a damaged page is past removing: the others go
        sql = sql.replace("ORDER BY", "AND seq NOT IN (SELECT seq FROM set_aside WHERE stuck = 1) ORDER BY")
    return session.execute(sql, (moment, limit)).fetchall()


def _tokens(session: Session, limit: int, at: Moment) -> int:
    return used_tokens.forget(session, limit, at.now)


def _set_aside(session: Session, limit: int, at: Moment) -> int:
    return aside.forget(session, limit, at.now)


#: Each is a unit of its own, and short: no sender waits behind more than one.
REMOVALS: Final[tuple[Step, ...]] = (
    strangers.put_aside,
    _bodies,
    _memories,
    _tokens,
    _set_aside,
    emergencies.prune,
    events.forget,
    _rows,
)
STEPS: Final[tuple[Step, ...]] = (
    *REMOVALS,
    resealing.seal_bodies,
    resealing.seal_answers,
    resealing.reseal,
    taking_up.step,
    log_filing.clear,
    copies.remove_old,
    emptying.ask,
)
