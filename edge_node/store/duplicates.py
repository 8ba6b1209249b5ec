"""The memory of message ids: which were seen, with what content, and how they were answered first.

Knows: the table of memories.
Must not know: what is done with a copy.
"""

from typing import NamedTuple

from edge_node.model.keeping import Entry, Push
from edge_node.model.message import StoredAnswer
from edge_node.store import answers
from edge_node.store.messages import Message
from edge_node.store.session import Session

Key = tuple[str, str, str, str]
_WHERE = "direction = ? AND sender = ? AND root = ? AND extension = ?"


class Memory(NamedTuple):
    """What is remembered of one message id."""

    digest: bytes
    state: str
    uid: str | None
    answer: int | None


def key(of: Push | Entry) -> Key:
    """Return what identifies a message: direction, sender and message id."""
    return (of.direction.value, str(of.sender), of.message_id.root, of.message_id.extension)


def key_of(message: Message) -> Key:
    """Return the same for a kept message."""
    return (message.direction, message.sender, message.root, message.extension)


def find(session: Session, of: Key) -> Memory | None:
    """Return what is remembered."""
    row = session.execute(f"SELECT digest, state, uid, answer FROM duplicates WHERE {_WHERE}", of).fetchone()  # noqa: S608
    return None if row is None else Memory._make(row)


def remember(session: Session, push: Push, uid: str | None, forget_at: float | None) -> None:
    """A message came for the first time, or is processed anew."""
    session.execute(
        """INSERT OR REPLACE INTO duplicates
           (direction, sender, root, extension, digest, state, uid, run, answer, forget_at)
           VALUES (?, ?, ?, ?, ?, 'open', ?, ?, NULL, ?)""",
        (*key(push), push.digest, uid, session.run, forget_at),
    )


def answer(session: Session, of: Key, uid: str | None, given: StoredAnswer) -> None:
    """Remember the first answer. A later one changes nothing."""
    memory = find(session, of)
    if memory is None or memory.uid != uid or memory.answer is not None:
        return
    number = answers.add(session, answers.of_memory(of, uid), given)
    session.execute(f"UPDATE duplicates SET state = 'answered', answer = ? WHERE {_WHERE}", (number, *of))  # noqa: S608


def outcome_unknown(session: Session, of: Key) -> None:
    """A push begun got no answer: its content stays remembered, a copy is admitted."""
    session.execute(f"UPDATE duplicates SET state = 'unknown' WHERE {_WHERE} AND uid IS NULL", of)  # noqa: S608


def forget(session: Session, of: Key) -> None:
    """A push begun was certainly not sent: a copy is new."""
    session.execute(f"DELETE FROM duplicates WHERE {_WHERE} AND uid IS NULL", of)  # noqa: S608


def set_end(session: Session, message: Message, forget_at: float | None) -> None:
    """The life of a kept message ended, or began again (None)."""
    of = key_of(message)
    session.execute(f"UPDATE duplicates SET forget_at = ? WHERE {_WHERE} AND uid = ?", (forget_at, *of, message.uid))  # noqa: S608
