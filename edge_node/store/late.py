"""Pushes in that wait too long, each found once and told.

Knows: the mark that says how far a message was looked at, the ages from which it is late.
Must not know: who is told, which interactions are of acute care.
"""

import sqlite3
from typing import Final

from edge_node.model.notice import Ages, NoticeKind
from edge_node.store import events, messages
from edge_node.store.damage import Reading
from edge_node.store.messages import COLUMNS, Message
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment

_CODE: Final = "EN-QUEUE-OLD"
_LOOK: Final = f"""
    SELECT {COLUMNS} FROM messages INDEXED BY messages_late
    WHERE direction = 'in' AND ended_at IS NULL AND late = ? AND kept_at <= ? ORDER BY kept_at LIMIT ?"""  # noqa: S608
_COUNT: Final = """
    SELECT count(*) FROM (SELECT 1 FROM messages INDEXED BY messages_late
    WHERE direction = 'in' AND ended_at IS NULL AND late = 2 LIMIT ?)"""
_NEW, _LOOKED_AT, _TOLD = 0, 1, 2


def tell(session: Session, ages: Ages, limit: int, at: Moment) -> tuple[Message, ...]:
    """Tell of those that became late; return them. Each is looked at no more than twice in its life."""
    found = [
        message
        for message in _older(session, _NEW, at.now - ages.first_s, limit)
        if _is_late(message, ages, at) or not _mark(session, message, _LOOKED_AT)
    ]
    waiting_s = max(ages.acute_s, ages.other_s)
    found += _older(session, _LOOKED_AT, at.now - waiting_s, limit - len(found))
    for message in found:
        _mark(session, message, _TOLD)
        events.add(session, message, NoticeKind.LATE, _CODE, at.now)
    return tuple(found)


def count(connection: sqlite3.Connection, most: int) -> int:
    """Return how many wait too long, up to that many."""
    return int(connection.execute(_COUNT, (most,)).fetchone()[0])


def _older(session: Session, late: int, before: float, limit: int) -> list[Message]:
    return messages.select(session, _LOOK, (late, before, max(0, limit)))


def _is_late(message: Message, ages: Ages, at: Moment) -> bool:
    limit_s = ages.acute_s if message.interaction in ages.acute else ages.other_s
    return at.now - message.kept_at >= limit_s


def _mark(session: Session, message: Message, late: int) -> bool:
    with Reading(message.seq, "row"):
        session.execute("UPDATE messages SET late = ? WHERE seq = ?", (late, message.seq))
    return True
