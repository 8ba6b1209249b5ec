"""What a person does to one kept message.

Knows: which step each verb takes, that who and why stay with the message, what makes a verb impossible.
Must not know: who may do it, how it was asked.
"""

from typing import Final

from edge_node.errors import Refused
from edge_node.model.keeping import Renewal
from edge_node.model.lifecycle import OPEN, Event, IllegalTransition, State
from edge_node.model.message import Payload
from edge_node.model.overview import By
from edge_node.store import admission, detours, duplicates, journal, life, messages, used_tokens
from edge_node.store.life import Change
from edge_node.store.messages import Message
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment

#: A removal that went, or will go. One that was discarded or refused took nothing back.
_REMOVED: Final = """
    SELECT 1 FROM messages INDEXED BY messages_removals
    WHERE removal = 1 AND lane IN (?, ?) AND seq > ? AND state NOT IN ('DISCARDED', 'DEAD', 'EXPIRED')"""


def retry(session: Session, uid: str, by: By, at: Moment) -> Message:
    """Make it due now; one that ended without being delivered lives again."""
    return retry_one(session, messages.get(session, uid), by, at)


def discard(session: Session, uid: str, by: By, at: Moment) -> Message:
    """End it undelivered."""
    return discard_one(session, messages.get(session, uid), by, at)


def hold(session: Session, uid: str, by: By, at: Moment) -> Message:
    """Keep it from being sent; its lane is closed until it is released."""
    return hold_one(session, messages.get(session, uid), by, at)


def release(session: Session, uid: str, by: By, at: Moment) -> Message:
    """Let it be sent again."""
    return release_one(session, messages.get(session, uid), by, at)


def retry_one(session: Session, message: Message, by: By, at: Moment) -> Message:
    """Make a message due that was just read."""
    if State(message.state) not in OPEN:
        _check_may_return(session, message)
    return _changed(session, message, Change(event=Event.RETRIED, at=at, by=by))


def discard_one(session: Session, message: Message, by: By, at: Moment) -> Message:
    """End a message that was just read."""
    return _changed(session, message, Change(event=Event.DISCARDED, at=at, by=by))


def hold_one(session: Session, message: Message, by: By, at: Moment) -> Message:
    """Hold a message that was just read."""
    return _changed(session, message, Change(event=Event.HELD_BACK, at=at, by=by))


def release_one(session: Session, message: Message, by: By, at: Moment) -> Message:
    """Release a message that was just read."""
    return _changed(session, message, Change(event=Event.RELEASED, at=at, by=by))


def open_one(session: Session, uid: str, by: By, at: Moment) -> Payload:
    """Return the bytes for a named person. The line of the access log is committed before they are handed out."""
    message = messages.get(session, uid)
    found = messages.bytes_of(session, uid)
    journal.add_reading(session, message, by, at.now)
    return found


def renew(session: Session, uid: str, renewal: Renewal, at: Moment) -> Message:
    """Replace the bytes by the same message with a new token."""
    message = messages.get(session, uid)
    if renewal.digest is not None and message.digest != session.key.content(renewal.digest):
        raise Refused("the content is not that of this message", code="EN-ID-REUSED")
    if message.token == renewal.token:
        raise Refused("the token is the one it has", code="EN-RENEWAL")
    if used_tokens.is_reused(session, (renewal.token_uses, duplicates.key_of(message), message.digest)):
        raise Refused(code="EN-TOKEN-REUSED")
    change = Change(event=Event.TOKEN_RENEWED, at=at)
    try:
        message = admission.renewed(session, message, renewal, change)
    except IllegalTransition as error:
        raise Refused(str(error), code="EN-ILLEGAL-STEP") from error
    journal.add_change(session, message, change)
    return message


def _changed(session: Session, message: Message, change: Change) -> Message:
    if message.state == State.IN_FLIGHT:
        raise Refused(
            f"{change.event} cannot happen in IN_FLIGHT: only its owner ends a lease", code="EN-ILLEGAL-STEP"
        )
    try:
        message = life.step(session, message, change)
    except IllegalTransition as error:
        raise Refused(str(error), code="EN-ILLEGAL-STEP") from error
    journal.add_change(session, message, change)
    return message


def _check_may_return(session: Session, message: Message) -> None:
    memory = duplicates.find(session, duplicates.key_of(message))
    if memory is not None and memory.uid != message.uid:
        raise Refused("a newer copy of this message took its place", code="EN-ILLEGAL-STEP")
    if messages.payload(session, message.seq) is None:
        raise Refused("the body of this message was removed", code="EN-ILLEGAL-STEP")
    if message.removal or message.patient is None:
        return  # without a patient the lane is the sender's: it holds removals of other people's registrations
    lanes = (message.lane, detours.onward(session, message.lane))
    if session.execute(_REMOVED, (*lanes, message.seq)).fetchone() is not None:
        raise Refused("a removal of the same patient and kind came after it", code="EN-ILLEGAL-STEP")
