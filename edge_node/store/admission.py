"""A push comes in: is it new, a copy, a renewal, or kept out by an earlier one?

Knows: the order of these questions, and what is committed together for each answer.
Must not know: who asked, what the other side will say.
"""

from dataclasses import dataclass, replace
from typing import Final

from edge_node.model.keeping import Admission, Admitted, Entry, IdReused, Known, Push, Renewal, TokenReused
from edge_node.model.lifecycle import Event, State, advance
from edge_node.model.message import Direction, StoredAnswer
from edge_node.store import (
    answers,
    aside,
    duplicates,
    journal,
    lanes,
    life,
    messages,
    passing,
    queue,
    removal,
    used_tokens,
)
from edge_node.store.aside import Aside
from edge_node.store.duplicates import Memory
from edge_node.store.life import Change
from edge_node.store.messages import Message
from edge_node.store.passing import Stay
from edge_node.store.sealing import Unreadable
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment

#: After these a copy is processed anew.
_ENDED_BADLY: Final = frozenset({State.REFUSED, State.DEAD, State.EXPIRED})
#: Why a copy of a message that was never answered gets no answer now: nobody has it in hand.
_UNANSWERED: Final = {State.NEEDS_TOKEN: "EN-TOKEN-SPENT", State.DISCARDED: "EN-DISCARDED"}


@dataclass(frozen=True, slots=True)
class Asked:
    """How a push is to be admitted."""

    uid: str
    at: Moment
    lease: bool = False
    answer: StoredAnswer | None = None  # the first one, where it is known beforehand
    holds_s: float = 0  # of a push begun: how long it can last at the longest


@dataclass(frozen=True, slots=True)
class _Past:
    """What is known of the same message id."""

    memory: Memory | None
    message: Message | None
    aside: Aside | None  # the same, where it could not be read any more

    @property
    def unknown(self) -> bool:
        """Whether an earlier handover may have reached the other side."""
        begun = self.memory is not None and self.memory.state == "unknown"
        of = self.message or self.aside
        return begun or (of is not None and bool(of.unknown))


def keep(session: Session, push: Push, asked: Asked) -> Admission:
    """Commit a push that the node will deliver by itself."""
    push = _keyed(session, push)
    past = _past(session, push)
    if _is_renewal(session, push, past):
        assert past.message is not None
        return _reused(session, push) or _renew(session, past.message, push, asked)
    known = _copy(session, push, past) or _reused(session, push)
    if known is not None:
        return known
    patient = session.key.patient(push.patient)
    lane = lanes.of(session, push, push.order)
    first = lanes.head(session, lane)
    closed = None if push.supersedes is not None else lanes.closed_by(first)
    if closed is not None:
        return closed
    _forget(session, past, asked.uid)
    message = _row(session, push, asked)._replace(patient=patient, lane=lane, unknown=int(past.unknown))
    if push.supersedes is not None:
        return _insert_removal(session, message, push, asked)
    return _insert(session, message._replace(head=int(first is None)), push, asked)


def begin(session: Session, push: Push, asked: Asked) -> Admission:
    """Commit that a push is being handed over while its sender waits; its bytes are not kept."""
    push = _keyed(session, push)
    past = _past(session, push)
    known = _copy(session, push, past) or _reused(session, push)
    if known is not None:
        return known
    patient = session.key.patient(push.patient)
    lane = lanes.of(session, push, push.order)
    overtaken = False
    if push.supersedes is None:
        closed = lanes.closed_by(lanes.head(session, lane), must_be_empty=True)
        if closed is not None:
            return closed
    else:
        was_unknown = removal.replace_waiting(session, push, patient, asked.at)
        overtaken = was_unknown or removal.is_on_its_way(session, push.direction, lane, asked.at)
    passing.begin(session, push, lane, Stay(asked.holds_s, asked.at))
    _forget(session, past, asked.uid)
    if push.duplicates:
        end = asked.at.now + (push.lifetime_s or 0) + session.retention.memory_s
        duplicates.remember(session, push, None, end)
    used_tokens.remember(session, _use(push), asked.at.now)
    journal.add_push(session, push, "begun", asked.at.now)
    return Admitted(uid=asked.uid, entry=None, unknown=past.unknown, overtaken=overtaken)


def finish(session: Session, push: Push, given: StoredAnswer, at: Moment) -> None:
    """A push begun was answered."""
    duplicates.answer(session, duplicates.key(push), None, given)
    passing.end(session, push, at, arrived=True)
    journal.add_answered(session, push, given, at.now)


def abandon(session: Session, push: Push, code: str, how: tuple[bool, Moment]) -> None:
    """A push begun got no answer; `how` says whether it may have been processed, and when it was given up."""
    unknown, at = how
    if unknown:
        duplicates.outcome_unknown(session, duplicates.key(push))
    else:
        duplicates.forget(session, duplicates.key(push))
    passing.end(session, push, at, arrived=False, unknown=unknown)
    journal.add_unanswered(session, push, code, (unknown, at.now))


def answered(session: Session, uid: str, given: StoredAnswer) -> StoredAnswer:
    """Remember the answer to the sender of a kept message; return the first one, which every copy gets."""
    if session.floor and aside.find(session, uid) is not None:
        return given
    message = messages.get(session, uid)
    of = duplicates.key_of(message)
    duplicates.answer(session, of, uid, given)
    memory = duplicates.find(session, of)
    # A signal has no memory: each of its copies is a message of its own.
    return given if memory is None or memory.uid != uid else _first(session, of, memory) or given


def settle(session: Session, entry: Entry, change: Change, given: StoredAnswer | None) -> None:
    """End a lease; the good answer to a push of ours is the first one, where its sender got none yet.

    He may be waiting for it: then all that must be durable before he hears it is in one commit.
    """
    change = change if given is None else replace(change, said=given.said)
    if given is None or not _is_first(session, entry, change):
        queue.settle(session, entry, change, given)
        return
    queue.settle(session, entry, change, None)
    duplicates.answer(session, duplicates.key(entry), entry.uid, given)


def _is_first(session: Session, entry: Entry, change: Change) -> bool:
    if change.event is not Event.ACKNOWLEDGED or entry.direction is not Direction.OUT:
        return False  # a copy of a refused message is processed anew; to a push in the node gave its own answer
    if session.floor and aside.find(session, entry.uid) is not None:
        return False
    memory = duplicates.find(session, duplicates.key(entry))
    return memory is not None and memory.uid == entry.uid and memory.answer is None


def renewed(session: Session, message: Message, renewal: Renewal, change: Change) -> Message:
    """The same message with a new token."""
    use = renewal.token_uses, duplicates.key_of(message), message.digest
    used_tokens.remember(session, use, change.at.now)
    messages.renew_bytes(session, message, renewal)
    messages.set_token_end(session, message.seq, used_tokens.ends_at(renewal.token_uses))
    size = message.size if renewal.body is None else len(renewal.body)
    changed = message._replace(size=size, token=renewal.token, spent=0)
    return life.step(session, changed, change)


def _keyed(session: Session, push: Push) -> Push:
    """The push with the digest that is written and compared: no digest of a content is stored without a key."""
    return replace(push, digest=session.key.content(push.digest))


def _past(session: Session, push: Push) -> _Past:
    memory = duplicates.find(session, duplicates.key(push)) if push.duplicates else None
    uid = None if memory is None else memory.uid
    message = None if uid is None else messages.find(session, uid)
    return _Past(memory, message, aside.find(session, uid) if message is None else None)


def _copy(session: Session, push: Push, past: _Past) -> Known | IdReused | None:
    """Return what a copy gets; None when the push is to be processed as new."""
    memory, message = past.memory, past.message
    if memory is None:
        return None
    if memory.digest != push.digest or _is_of_another(session, push, message):
        return IdReused()
    if memory.state == "unknown" or (message is not None and _may_begin_anew(message)):
        return None
    if past.aside is not None and past.aside.may_begin_anew:
        return None  # the node lost the bytes, and here they are
    try:
        answer = _first(session, duplicates.key(push), memory)
    except Unreadable:
        return Known(uid=memory.uid, answer=None, code="EN-ANSWER-LOST")
    if answer is None and message is None and memory.uid is not None:
        return Known(uid=memory.uid, answer=None, code="EN-SET-ASIDE")
    if answer is not None or message is None:
        return Known(uid=memory.uid, answer=answer)
    if message.direction == Direction.OUT and message.state == State.DELIVERED:
        # The process ended between the other side's answer and ours: that answer is the first one.
        answer = answers.get(session, message.answer, answers.of_message(message.uid))
    code = "" if answer is not None else _UNANSWERED.get(State(message.state), "")
    return Known(uid=memory.uid, answer=answer, code=code)


def _first(session: Session, of: duplicates.Key, memory: Memory) -> StoredAnswer | None:
    """The answer that was given first. Raises `Unreadable`."""
    return answers.get(session, memory.answer, answers.of_memory(of, memory.uid))


def _may_begin_anew(message: Message) -> bool:
    """Whether a copy is a new message; one of a registration that a removal replaced would undo the removal."""
    return State(message.state) in _ENDED_BADLY and not message.superseded


def _is_of_another(session: Session, push: Push, message: Message | None) -> bool:
    """Whether it is about another patient, as the tokens say where the content names nobody."""
    patient = session.key.patient(push.patient)
    return message is not None and None not in {patient, message.patient} and patient != message.patient


def _is_renewal(session: Session, push: Push, past: _Past) -> bool:
    message = past.message
    if message is None or message.state != State.NEEDS_TOKEN or not push.has_token:
        return False
    if _is_of_another(session, push, message):
        return False
    # The same token in other bytes is still the one that was spent.
    return message.digest == push.digest and message.token != push.token


def _reused(session: Session, push: Push) -> TokenReused | None:
    """A token is for one message. A copy of that one comes before this rule: it is no second use."""
    return TokenReused() if used_tokens.is_reused(session, _use(push)) else None


def _use(push: Push) -> used_tokens.Use:
    return push.token_uses, duplicates.key(push), push.digest


def _renew(session: Session, message: Message, push: Push, asked: Asked) -> Admitted:
    change = Change(event=Event.TOKEN_RENEWED, at=asked.at)
    renewal = Renewal(
        digest=push.digest,
        token=push.token,
        body=push.payload.body,
        headers=push.payload.headers,
        token_uses=push.token_uses,
    )
    message = renewed(session, message, renewal, change)
    journal.add_push(session, push, "renewed", asked.at.now)
    return _leased(session, message, push, asked)


def _leased(session: Session, message: Message, push: Push, asked: Asked) -> Admitted:
    if not asked.lease or message.head != 1 or passing.wait_behind(session, message, asked.at):
        return Admitted(uid=message.uid, entry=None)
    message = life.step(session, message, Change(event=Event.LEASED, at=asked.at))
    return Admitted(uid=message.uid, entry=messages.entry(message, push.payload))


def _insert_removal(session: Session, message: Message, push: Push, asked: Asked) -> Admitted:
    again = removal.replace_waiting(session, push, message.patient, asked.at)
    removal.take_head(session, message.lane)
    return _insert(session, message._replace(head=1, removal=1, again=int(again)), push, asked)


def _insert(session: Session, message: Message, push: Push, asked: Asked) -> Admitted:
    is_leased = asked.lease and message.head == 1 and not passing.is_held(session, message, asked.at)
    if is_leased:
        message = message._replace(state=advance(State(message.state), Event.LEASED).value)
    message = life.born(session, message, push.payload, asked.at)
    session.fail_point("inserted")
    used_tokens.remember(session, _use(push), asked.at.now)
    if push.duplicates:
        duplicates.remember(session, push, message.uid, None)
        if asked.answer is not None:
            duplicates.answer(session, duplicates.key(push), message.uid, asked.answer)
    journal.add_push(session, push, "kept", asked.at.now)
    return Admitted(uid=message.uid, entry=messages.entry(message, push.payload) if is_leased else None)


def _forget(session: Session, past: _Past, by: str) -> None:
    """A message that is processed anew is answered anew."""
    if past.memory is not None:
        answers.remove(session, past.memory.answer)
    if past.aside is not None and past.aside.uid is not None:
        aside.replaced(session, past.aside.uid, by)


def _row(session: Session, push: Push, asked: Asked) -> Message:
    return Message(
        seq=0,
        uid=asked.uid,
        direction=push.direction.value,
        sender=str(push.sender),
        receiver=str(push.receiver),
        root=push.message_id.root,
        extension=push.message_id.extension,
        interaction=str(push.interaction),
        ordering=push.order,
        patient=None,
        lane=b"",
        priority=push.priority,
        state=advance(State.RECEIVED, Event.CHECKS_PASSED).value,
        head=None,
        due=session.due(asked.at),
        expires_at=None if push.lifetime_s is None else asked.at.now + push.lifetime_s,
        lifetime_s=push.lifetime_s,
        attempts=0,
        fence=0,
        run=None,
        unknown=0,
        token=push.token,
        spent=0,
        removal=0,
        superseded=0,
        again=0,
        last_code="",
        correlation=push.correlation,
        digest=push.digest,
        size=len(push.payload.body),
        kept_at=asked.at.now,
        ended_at=None,
        body_until=None,
        answer=None,
        repeatable=int(push.is_repeatable),
        token_ends_at=used_tokens.ends_at(push.token_uses),
    )
