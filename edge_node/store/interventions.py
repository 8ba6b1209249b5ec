"""What a person does to one kept message.

Knows: which step each verb takes, that who and why stay with the message, what makes a verb impossible.
Must not know: who may do it, how it was asked.
"""

from edge_node.errors import Refused
from edge_node.model.keeping import Renewal
from edge_node.model.lifecycle import OPEN, Event, IllegalTransition, State
from edge_node.model.overview import By
from edge_node.store import admission, duplicates, journal, life, messages, used_tokens
from edge_node.store.life import Change
from edge_node.store.messages import Message
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment


def retry(session: Session, uid: str, by: By, at: Moment) -> Message:
    """Make it due now; one that ended without being delivered lives again."""
    message = messages.get(session, uid)
    if State(message.state) not in OPEN:
        _check_may_return(session, message)
    return _changed(session, message, Change(event=Event.RETRIED, at=at, by=by))


def discard(session: Session, uid: str, by: By, at: Moment) -> Message:
    """End it undelivered."""
    return _changed(session, messages.get(session, uid), Change(event=Event.DISCARDED, at=at, by=by))


def hold(session: Session, uid: str, by: By, at: Moment) -> Message:
    """Keep it from being sent; its lane is closed until it is released."""
    return _changed(session, messages.get(session, uid), Change(event=Event.HELD_BACK, at=at, by=by))


def release(session: Session, uid: str, by: By, at: Moment) -> Message:
    """Let it be sent again."""
    return _changed(session, messages.get(session, uid), Change(event=Event.RELEASED, at=at, by=by))


def renew(session: Session, uid: str, renewal: Renewal, at: Moment) -> Message:
    """Replace the bytes by the same message with a new token."""
    message = messages.get(session, uid)
    if renewal.digest is not None and message.digest != session.key.content(renewal.digest):
        raise Refused("the content is not that of this message", code="EN-ID-REUSED")
    if message.token == renewal.token:
        raise Refused("the token is the one it has", code="EN-RENEWAL")
    if used_tokens.is_reused(session, (renewal.token_uses, duplicates.key_of(message), message.digest)):
        raise Refused(code="EN-TOKEN-REUSED")
    try:
        message = admission.renewed(session, message, renewal, Change(event=Event.TOKEN_RENEWED, at=at))
    except IllegalTransition as error:
        raise Refused(str(error), code="EN-ILLEGAL-STEP") from error
    journal.add_change(session, message, Event.TOKEN_RENEWED, at.now)
    return message


def _changed(session: Session, message: Message, change: Change) -> Message:
    try:
        message = life.step(session, message, change)
    except IllegalTransition as error:
        raise Refused(str(error), code="EN-ILLEGAL-STEP") from error
    journal.add_change(session, message, change.event, change.at.now)
    return message


def _check_may_return(session: Session, message: Message) -> None:
    memory = duplicates.find(session, duplicates.key_of(message))
    if memory is not None and memory.uid != message.uid:
        raise Refused("a newer copy of this message took its place", code="EN-ILLEGAL-STEP")
    if messages.payload(session, message.seq) is None:
        raise Refused("the body of this message was removed", code="EN-ILLEGAL-STEP")
