"""Lines of the access log about what the store itself does, or has done to it.

Knows: what of a kept message, of a deed and of a push without a line of its own stands in a line.
Must not know: how a line is written. Of a patient only the hash is known here: whoever writes the line adds it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from edge_node.model.identifiers import Bsn
from edge_node.model.keeping import Push
from edge_node.model.lifecycle import Event, State
from edge_node.model.message import Direction
from edge_node.model.overview import By
from edge_node.model.record import (
    AccessPoint,
    Action,
    Correlation,
    Counterparty,
    EventPart,
    LogEvent,
    LogRecord,
    ObjectPart,
    Result,
    UserKind,
    UserPart,
)
from edge_node.model.record_ends import result_of, with_said
from edge_node.store.life import Change
from edge_node.store.messages import Message

_NODE: Final = UserPart(kind=UserKind.NODE)
#: By their last state, how the handovers of a kept message ended; any other is not over.
_ENDS: Final = {
    State.DELIVERED: Result.OK,
    State.DEAD: Result.REFUSED,
    State.EXPIRED: Result.ERROR,
    State.HELD: Result.ERROR,
}
#: By whom a message was taken that fetched it itself (`store.inbox`).
_SYSTEM: Final = "local system "


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is known of a message, in text."""

    direction: str
    interaction: str
    message_id: str
    sender: str
    receiver: str
    correlation: str
    uid: str = ""
    patient: Bsn | None = None
    is_named: bool = False


def of_push(push: Push) -> LogRecord:
    """A push that has no line of its own."""
    known = _Known(
        direction=push.direction,
        interaction=str(push.interaction),
        message_id=str(push.message_id),
        sender=str(push.sender),
        receiver=str(push.receiver),
        correlation=push.correlation,
        patient=push.patient,
        is_named=push.patient is not None,
    )
    action = Action.CREATE if push.supersedes is None else Action.DELETE
    event = EventPart(type=LogEvent.PUSH, action=action, result=Result.OK)
    return _record(known, event, UserPart(kind=UserKind.NOT_SUPPLIED))


def of_handover(message: Message, change: Change) -> LogRecord:
    """How a handover ended: what was said of it, or that nobody knows."""
    state = State(message.state)
    is_unknown = change.unknown is True and state is not State.DELIVERED
    result = Result.UNKNOWN if is_unknown else _ENDS.get(state) or result_of(change.code)
    code = change.code or ("EN-OUTCOME-UNKNOWN" if is_unknown else str(state).lower())
    event = EventPart(type=LogEvent.HANDOVER, action=Action.EXECUTE, result=result, code=code)
    return _record(_known(message), event, _NODE, change)


def of_change(message: Message, change: Change) -> LogRecord:
    """What a person did to a kept message, or a system that fetched it."""
    who = change.by.who
    is_systems = who.startswith(_SYSTEM)
    event = EventPart(
        type=LogEvent.HANDOVER if change.event is Event.CONFIRMED else LogEvent.QUEUE,
        action=Action.DELETE if change.event is Event.DISCARDED else Action.UPDATE,
        result=Result.OK,
        code=str(change.event),
        reason="" if is_systems else change.by.why,
        details=(("state", str(message.state)),),
    )
    return _record(_known(message), event, _NODE if is_systems or not who else _operator(change.by))


def of_reading(message: Message, by: By) -> LogRecord:
    """A person opened a message."""
    event = EventPart(
        type=LogEvent.READING, action=Action.READ, result=Result.OK, code=str(message.state), reason=by.why
    )
    return _record(_known(message), event, _operator(by))


def of_set_aside(facts: Mapping[str, str]) -> LogRecord:
    """A message could not be read any more."""
    known = _Known(
        direction=facts["direction"],
        interaction=facts["interaction"],
        message_id=f"{facts['root']}/{facts['extension']}" if facts["extension"] else "",
        sender=facts["sender"],
        receiver=facts["receiver"],
        correlation=facts["correlation"],
        uid=facts.get("uid", ""),
    )
    event = EventPart(
        type=LogEvent.SET_ASIDE, action=Action.EXECUTE, result=Result.ERROR, code=facts["state"] or "unreadable"
    )
    return _record(known, event, _NODE)


def of_deed(what: str, by: By) -> LogRecord:
    """Something a person did to the store as a whole."""
    event = EventPart(type=LogEvent.NODE, action=Action.EXECUTE, result=Result.OK, code=what, reason=by.why)
    return LogRecord(event=event, user=_operator(by), access_point=AccessPoint(node=""))


def _operator(by: By) -> UserPart:
    return UserPart(kind=UserKind.OPERATOR, name=by.who)


def _known(message: Message) -> _Known:
    return _Known(
        direction=message.direction,
        interaction=message.interaction,
        message_id=str(message.message_id),
        sender=message.sender,
        receiver=message.receiver,
        correlation=message.correlation,
        uid=message.uid,
        is_named=message.patient is not None,
    )


def _record(known: _Known, event: EventPart, user: UserPart, change: Change | None = None) -> LogRecord:
    is_in = known.direction == Direction.IN
    ours, theirs = (known.receiver, known.sender) if is_in else (known.sender, known.receiver)
    correlation = Correlation(id=known.correlation, message=known.message_id, uid=known.uid)
    return LogRecord(
        event=_of_message(event, known),
        user=user,
        access_point=AccessPoint(node="", application=ours),
        counterparty=Counterparty(application=theirs),
        object=ObjectPart(patient="" if known.patient is None else known.patient.value, is_named=known.is_named),
        correlation=correlation if change is None or change.said is None else with_said(correlation, change.said),
    )


def _of_message(event: EventPart, known: _Known) -> EventPart:
    direction = Direction(known.direction) if known.direction in set(Direction) else None
    return replace(event, direction=direction, interaction=known.interaction)
