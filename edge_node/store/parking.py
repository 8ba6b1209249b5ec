"""Messages that are never pushed: put aside when the line comes to them, due again when their system is pushed to.

Knows: which applications fetch, how a message is kept out of what is due.
Must not know: who locks a message, who decided that a system fetches.
"""

from typing import Final

from edge_node.model.message import Direction
from edge_node.store.messages import Message
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment

# Only a head can be due, so only heads are put aside; those behind one are when they become it.
_PARK: Final = "UPDATE messages SET due = NULL WHERE seq = ?"
_NEXT_RECEIVER: Final = """
    SELECT min(receiver) FROM messages INDEXED BY messages_parked
    WHERE direction = 'in' AND head = 1 AND due IS NULL AND state IN ('KEPT', 'WAITING') AND receiver > ?"""
_UNPARK: Final = """
    UPDATE messages SET due = ? WHERE seq IN (
        SELECT seq FROM messages INDEXED BY messages_parked
        WHERE direction = 'in' AND head = 1 AND due IS NULL AND state IN ('KEPT', 'WAITING') AND receiver = ?
        ORDER BY seq LIMIT ?)"""


def park(session: Session, message: Message) -> bool:
    """Keep a due message from being pushed, if its system fetches; say whether it does."""
    if message.direction != Direction.IN or message.receiver not in session.fetched_by:
        return False
    session.execute(_PARK, (message.seq,))
    return True


def unpark(session: Session, limit: int, at: Moment) -> int:
    """Make messages due whose system is pushed to, again or for the first time; say how many."""
    receiver, done = "", 0
    while done < limit:
        (receiver,) = session.execute(_NEXT_RECEIVER, (receiver,)).fetchone()
        if receiver is None:
            return done
        if receiver not in session.fetched_by:
            done += session.execute(_UNPARK, (session.due(at), receiver, limit - done)).rowcount
    return done
