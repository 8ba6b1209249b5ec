"""One step in the life of a kept message, with all that goes with it in the same commit.

Knows: what a step changes in the row, its lane, its history, the counters, the memory of its id.
Must not know: why the step is taken. Which step may follow which is the table of `model.lifecycle`.
"""

from dataclasses import dataclass
from typing import Final

from edge_node.model.lifecycle import LEASABLE, OPEN, Event, State, advance
from edge_node.model.message import Direction, Payload, Said
from edge_node.model.overview import By
from edge_node.store import detours, duplicates, events, history, lanes, messages, resting, restore_hold
from edge_node.store.history import Happened
from edge_node.store.messages import Message
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment

NODE: Final = By(who="", why="")
_SUPERSEDED: Final = By(who="node", why="superseded by a removal")
#: Ends after which nobody wants the bytes back.
_DONE: Final = frozenset({State.DELIVERED, State.DISCARDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happens to a message."""

    event: Event
    at: Moment
    code: str = ""
    by: By = NODE
    after_s: float = 0  # until it is due again, where it then may be leased
    unknown: bool | None = None  # a handover may have reached the other side; None leaves it as it was
    spends: bool = False  # the other side may have seen the token
    said: Said | None = None  # what it answered


def step(session: Session, message: Message, change: Change) -> Message:
    """Take one step, and the one that must follow it at once; return the message after it."""
    state = advance(State(message.state), change.event)
    resting.left(session, message.seq, message.due)
    after = message._replace(
        state=state.value,
        due=session.due(change.at, change.after_s) if state in LEASABLE else None,
        unknown=message.unknown if change.unknown is None else int(change.unknown),
        spent=int(message.spent or _spends(message, change)),
        last_code=change.code or message.last_code,
    )
    if state is State.IN_FLIGHT:
        after = _with_lease(session, after)
    after = restore_hold.lifted(message, after, change.at.now)
    after = _placed(session, message, after, change.at)
    messages.update(session, message, after)
    if message.head == 1 and after.head is None:
        lanes.promote(session, message.lane)
    session.fail_point("stepped")
    _write_down(session, message, after, change)
    return _follow(session, after, change)


def _spends(message: Message, change: Change) -> bool:
    """Whether the message cannot go again with the token it has."""
    if not message.token or not change.spends:
        return False
    # Where a copy does no harm an unknown outcome costs no token; one that was called spent is.
    return not message.repeatable or change.event is Event.TOKEN_SPENT


def born(session: Session, message: Message, payload: Payload, at: Moment) -> Message:
    """Put a new message in; one that is KEPT comes to wait, one that is IN_FLIGHT was born leased."""
    happened = [Happened(at.now, Event.CHECKS_PASSED, State.KEPT)]
    if message.state == State.IN_FLIGHT:
        message = _with_lease(session, message)._replace(due=None)
        happened.append(Happened(at.now, Event.LEASED, State.IN_FLIGHT))
    message = messages.insert(session, message, payload)
    resting.take_way(session, message.seq, payload.format)
    session.count(message.direction, State(message.state), 1)
    history.begin(session, message.seq, happened)
    return message


def _with_lease(session: Session, message: Message) -> Message:
    return message._replace(run=session.run, fence=message.fence + 1, attempts=message.attempts + 1)


def _placed(session: Session, before: Message, after: Message, at: Moment) -> Message:
    """Put the message in or out of its lane, and set what its end or its return sets."""
    state = State(after.state)
    if state in OPEN and before.ended_at is None:
        return after
    kept = session.retention
    if state in OPEN:  # it returns, by a person
        duplicates.set_end(session, after, None)
        after = after._replace(lane=detours.follow(session, after.seq, after.lane))
        head = None if after.superseded else int(lanes.head(session, after.lane) is None)
        expires_at = None if after.lifetime_s is None else at.now + after.lifetime_s
        return after._replace(head=head, ended_at=None, body_until=None, expires_at=expires_at)
    duplicates.set_end(session, after, at.now + kept.memory_s)
    body_s = kept.delivered_body_s if state in _DONE else kept.dead_letter_s
    return after._replace(head=None, ended_at=at.now, body_until=at.now + body_s)


def _write_down(session: Session, before: Message, after: Message, change: Change) -> None:
    session.count(before.direction, State(before.state), -1)
    session.count(after.direction, State(after.state), 1)
    happened = Happened(change.at.now, change.event, after.state, change.code, change.by.who, change.by.why)
    history.add(session, after.seq, happened)
    events.of_step(session, before, after, change)


def _follow(session: Session, message: Message, change: Change) -> Message:
    state = State(message.state)
    if message.superseded and (state is State.DELIVERED or message.unknown):
        # It may reach the index after the removal that replaced it in flight. One that is still to go comes after it.
        lanes.overtaken(session, message.lane, unknown=bool(message.unknown))
    if message.superseded and state in OPEN and state is not State.IN_FLIGHT:
        return step(session, message, Change(event=Event.DISCARDED, at=change.at, by=_SUPERSEDED))
    if message.direction == Direction.OUT and message.spent and state in LEASABLE:
        # A token is for one use (design section 3): only a new signature lets it go on.
        return step(session, message, Change(event=Event.TOKEN_SPENT, at=change.at, code=change.code))
    return message


def supersede(session: Session, message: Message, at: Moment) -> None:
    """A removal came: this registration is never sent (again)."""
    if message.state == State.IN_FLIGHT:
        # Its lease ends by its owner; until then it is in nobody's way.
        messages.update(session, message, message._replace(superseded=1, head=None))
        if message.head == 1:
            lanes.promote(session, message.lane)
        return
    step(session, message._replace(superseded=1), Change(event=Event.DISCARDED, at=at, by=_SUPERSEDED))
