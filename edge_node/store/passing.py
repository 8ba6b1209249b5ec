"""Pushes that are handed over while their sender waits: each holds its lane until it ends, although it is not kept.

Knows: which lanes are held so and until when, which handovers ended with an outcome that nobody knows.
Must not know: who waits, what is answered.
"""

from dataclasses import dataclass
from typing import Final

from edge_node.model.keeping import Push
from edge_node.store import duplicates, lanes
from edge_node.store.messages import Message
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment

_KEY: Final = "direction = ? AND sender = ? AND root = ? AND extension = ?"
_BEGIN: Final = """
    INSERT OR REPLACE INTO passing
        (direction, sender, root, extension, lane, removal, unknown, holds, forget_at)
    VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?)"""
_HOLDS: Final = """
    SELECT max(holds) FROM passing INDEXED BY passing_lane WHERE lane = ? AND unknown = 0 AND holds > ?"""
_REGISTERING: Final = """
    SELECT 1 FROM passing INDEXED BY passing_lane WHERE lane = ? AND removal = 0 AND unknown = 0 AND holds > ?"""
#: One whose process is gone, or whose end could not be recorded, has an outcome that nobody knows either.
_UNKNOWN: Final = """
    DELETE FROM passing WHERE lane = ? AND sender = ? AND removal = 0 AND (unknown = 1 OR holds <= ?)"""
_ROUSE: Final = """
    UPDATE messages INDEXED BY messages_head SET due = ?
    WHERE lane = ? AND head = 1 AND due = ? AND state IN ('KEPT', 'WAITING')"""
_DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Stay:
    """How long a handover holds its lane at the longest, from when."""

    holds_s: float
    at: Moment


def begin(session: Session, push: Push, lane: bytes, stay: Stay) -> None:
    """A push goes to the other side."""
    session.execute("DELETE FROM passing WHERE forget_at < ?", (stay.at.now,))
    forget_at = stay.at.now + (push.lifetime_s or _DAY_S)
    is_removal = int(push.supersedes is not None)
    until = session.due(stay.at, stay.holds_s)
    session.execute(_BEGIN, (*duplicates.key(push), lane, is_removal, until, forget_at))


def end(session: Session, push: Push, at: Moment, *, arrived: bool, unknown: bool = False) -> None:
    """It ended: what was kept behind it may go; a removal that may have come before it goes again."""
    key = duplicates.key(push)
    found = session.execute(f"SELECT lane, holds, removal FROM passing WHERE {_KEY}", key).fetchone()  # noqa: S608
    if found is None:
        return
    lane, holds, is_removal = found
    if unknown:
        session.execute(f"UPDATE passing SET unknown = 1 WHERE {_KEY}", key)  # noqa: S608
    else:
        session.execute(f"DELETE FROM passing WHERE {_KEY}", key)  # noqa: S608
    if not is_removal and (arrived or unknown):
        lanes.overtaken(session, lane, unknown=unknown)
    session.execute(_ROUSE, (session.due(at), lane, holds))


def wait_behind(session: Session, message: Message, at: Moment) -> bool:
    """Whether an earlier push of its lane is on its way; then this one is due when that one must have ended."""
    holds = _holds(session, message, at)
    if holds is not None:
        session.execute("UPDATE messages SET due = ? WHERE seq = ?", (holds, message.seq))
    return holds is not None


def is_held(session: Session, message: Message, at: Moment) -> bool:
    """Whether an earlier push of its lane is on its way."""
    return _holds(session, message, at) is not None


def _holds(session: Session, message: Message, at: Moment) -> int | None:
    if message.removal:
        return None  # a removal waits for nothing
    found: tuple[int | None] = session.execute(_HOLDS, (message.lane, session.due(at))).fetchone()
    return found[0]


def is_registering(session: Session, lane: bytes, at: Moment) -> bool:
    """Whether a registration is on its way in this lane."""
    return session.execute(_REGISTERING, (lane, session.due(at))).fetchone() is not None


def was_unknown(session: Session, push: Push, lane: bytes, at: Moment) -> bool:
    """Whether a registration of this sender may arrive yet; asked once, by the removal that then goes twice."""
    return session.execute(_UNKNOWN, (lane, str(push.sender), session.due(at))).rowcount > 0
