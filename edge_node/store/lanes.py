"""Lanes: which message goes first.

Knows: that one message of a lane is its head, and who follows it.
Must not know: why a message leaves, when it is due.
"""

import sqlite3
from typing import Final

from edge_node.model.keeping import LaneClosed, Push
from edge_node.model.lifecycle import CLOSING, State
from edge_node.model.message import Direction
from edge_node.store import detours, messages, restore_hold
from edge_node.store.damage import Reading
from edge_node.store.keys import PatientKey
from edge_node.store.messages import COLUMNS, Message
from edge_node.store.session import Session

_HEAD: Final = f"SELECT {COLUMNS} FROM messages INDEXED BY messages_head WHERE lane = ? AND head = 1 LIMIT ?"  # noqa: S608
_NEXT: Final = """
    SELECT seq FROM messages INDEXED BY messages_lane
    WHERE lane = ? AND head IS NOT NULL ORDER BY seq LIMIT 1"""
_PROMOTE: Final = f"UPDATE messages SET head = 1 WHERE seq = ({_NEXT})"  # noqa: S608
_MEMBERS: Final = f"""
    SELECT {COLUMNS} FROM messages INDEXED BY messages_lane
    WHERE lane = ? AND head IS NOT NULL ORDER BY seq LIMIT ?"""  # noqa: S608
_OVERTAKEN: Final = """
    UPDATE messages INDEXED BY messages_lane SET again = 1
    WHERE lane = ? AND head IS NOT NULL AND removal = 1 AND (state = 'IN_FLIGHT' OR ?)"""


def name(key: PatientKey, push: Push, order: str) -> bytes:
    """Return the lane of a push in that ordering group: of its patient, or where none is named of its sender.

    On the way out each sender has lanes of its own: what one organisation has to sign or release never closes
    another's, and no refusal names another's message.
    """
    ends = f"{push.sender} {push.receiver}" if push.direction is Direction.OUT else str(push.receiver)
    return key.lane((push.direction, ends), push.patient or str(push.sender), order)


def of(session: Session, push: Push, order: str) -> bytes:
    """Return the lane in which that push goes now."""
    return detours.onward(session, name(session.key, push, order))


def head(session: Session, lane: bytes) -> Message | None:
    """Return the first of the lane."""
    found = messages.select(session, _HEAD, (lane, 1))
    return found[0] if found else None


def members(session: Session, lane: bytes) -> list[Message]:
    """Return all of the lane, oldest first."""
    return messages.select(session, _MEMBERS, (lane, -1))


def closed_by(first: Message | None, *, must_be_empty: bool = False) -> LaneClosed | None:
    """Say which message keeps a new one out of the lane, if one does."""
    if first is None:
        return None
    closed = State(first.state) in CLOSING
    # Behind what a restore holds a new message waits: who handed in the old ones may be waiting too, and nobody can
    # release them all at once. What is not kept cannot wait.
    if not must_be_empty and (not closed or restore_hold.is_on(first)):
        return None
    return LaneClosed(uid=first.uid, message_id=first.message_id, state=State(first.state), closed=closed)


def promote(session: Session, lane: bytes) -> None:
    """The head left: the oldest of those behind it is the head now."""
    try:
        session.execute(_PROMOTE, (lane,))
    except sqlite3.Error:
        found = session.execute(_NEXT, (lane,)).fetchone()
        with Reading(found[0] if found else 0, "row"):  # the one that comes next is at fault
            raise


def overtaken(session: Session, lane: bytes, *, unknown: bool) -> None:
    """A registration arrived, or may yet: a removal on its way goes again; when nobody knows, one to come too."""
    session.execute(_OVERTAKEN, (lane, unknown))
