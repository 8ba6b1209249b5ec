"""A removal from the index: it never waits, and replaces the registrations that do (design section 3).

Knows: which registrations a removal replaces, that it takes the head of its lane, when it must be sent again.
Must not know: what an index is.
"""

from typing import Final

from edge_node.model.keeping import Push
from edge_node.model.lifecycle import Event
from edge_node.store import lanes, life, messages, passing
from edge_node.store.life import Change
from edge_node.store.messages import Message
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment

#: Longer than any answer to a push is waited for: a registration in flight has ended by then.
_AGAIN_AFTER_S: Final = 60.0


def replace_waiting(session: Session, push: Push, patient: bytes | None, at: Moment) -> bool:
    """End the registrations this removal replaces; say whether one of them may have reached the other side."""
    if push.supersedes is None or patient is None:
        return False  # without a patient the lane is the sender's: it holds other people's registrations
    lane = lanes.of(session, push, push.supersedes)
    again = passing.was_unknown(session, push, lane, at)
    for message in lanes.members(session, lane):
        # Another organisation behind this node may have registered the same patient.
        if not message.removal and message.sender == str(push.sender):
            # One in flight tells at its end whether it may have arrived.
            again = again or bool(message.unknown)
            # Ending the one before may have made this one the head.
            life.supersede(session, messages.get(session, message.uid), at)
    return again


def take_head(session: Session, lane: bytes) -> None:
    """What is the head now goes behind the removal that comes."""
    session.execute("UPDATE messages INDEXED BY messages_head SET head = 0 WHERE lane = ? AND head = 1", (lane,))


def may_be_overtaken(session: Session, message: Message, at: Moment) -> bool:
    """Whether what this removal removes may arrive, or have arrived, after it."""
    return bool(message.removal and (message.again or is_on_its_way(session, message.direction, message.lane, at)))


def is_on_its_way(session: Session, direction: str, lane: bytes, at: Moment) -> bool:
    """Whether a registration that a removal replaced is being handed over."""
    return passing.is_registering(session, lane, at) or _is_replaced_in_flight(session, direction, lane)


def _is_replaced_in_flight(session: Session, direction: str, lane: bytes) -> bool:
    found = session.execute(
        """SELECT 1 FROM messages INDEXED BY messages_state
           WHERE direction = ? AND state = 'IN_FLIGHT' AND superseded = 1 AND lane = ?""",
        (direction, lane),
    ).fetchone()
    return found is not None


def send_again(session: Session, message: Message, change: Change) -> Message:
    """The other side took a removal that may have been overtaken by what it removes: send it once more."""
    put_back = Change(
        event=Event.DELIVERY_FAILED,
        at=change.at,
        code=change.code,
        after_s=_AGAIN_AFTER_S,
        unknown=True,  # so that "no such registration" is then a good answer
        spends=True,
    )
    return life.step(session, message._replace(again=0), put_back)
