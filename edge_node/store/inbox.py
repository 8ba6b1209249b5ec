"""The inbox: messages are locked for who fetches them, and each lock is ended by its owner or by time.

Knows: that a lock is a lease with an owner, when it is over, what a late or repeated confirmation means.
Must not know: how a local system proved who it is, how it asks.
"""

from datetime import UTC, datetime
from heapq import merge
from typing import Final, NamedTuple

from edge_node.errors import Refused
from edge_node.model.inbox import Fetcher, Key, Offer, Wish
from edge_node.model.lifecycle import OPEN, Event, IllegalTransition, State
from edge_node.model.message import Direction, Payload
from edge_node.model.overview import By
from edge_node.store import aside, journal, life, messages, passing
from edge_node.store.damage import CannotRead, Reading
from edge_node.store.life import Change
from edge_node.store.messages import COLUMNS, Message
from edge_node.store.session import Session
from edge_node.store.surroundings import Chance, Moment

LOST: Final = "EN-INBOX-LOCK"
_OFFERED: Final = f"""
    SELECT {COLUMNS} FROM messages INDEXED BY messages_inbox
    WHERE direction = 'in' AND head = 1 AND state IN ('KEPT', 'WAITING') AND receiver = ?
    ORDER BY seq LIMIT ?"""  # noqa: S608
_OVER: Final = "SELECT seq, lock, owner, fence FROM inbox_locks WHERE ends <= ? ORDER BY ends LIMIT ?"
_NEXT_END: Final = "SELECT min(ends) FROM inbox_locks WHERE ends IS NOT NULL"
_LOCK: Final = "INSERT OR REPLACE INTO inbox_locks (seq, lock, owner, fence, ends) VALUES (?, ?, ?, ?, ?)"
_SET_END: Final = "UPDATE inbox_locks SET ends = ? WHERE seq = ?"


_BY_SEQ: Final = f"SELECT {COLUMNS} FROM messages WHERE seq = ? LIMIT ?"  # noqa: S608
#: Heads that are looked at beyond those wanted: some have to wait for a push on its way.
_SPARE: Final = 32
#: Of bodies of what is locked at once; the last one may go over it.
_MAX_BYTES: Final = 8 * 1024 * 1024


class _Lock(NamedTuple):
    seq: int
    lock: str
    owner: str
    fence: int


def lock(session: Session, ask: tuple[Fetcher, Wish], chance: Chance, at: Moment) -> list[Offer]:
    """Lock the oldest heads of lanes for who asks."""
    fetcher, wish = ask
    end_locks(session, wish.most + 1, at)
    most = wish.most + _SPARE
    by_receiver = [messages.select(session, _OFFERED, (it, most)) for it in sorted(fetcher.applications)]
    offers: list[Offer] = []
    nbytes = 0
    for head in merge(*by_receiver):  # by seq, the first column
        if len(offers) >= wish.most or nbytes >= _MAX_BYTES:
            break
        if passing.is_held(session, head, at):
            continue
        with aside.Sparing(session, at):
            offers.append(_lock(session, head, (fetcher, wish, chance.hex(16)), at))
            nbytes += head.size
    return offers


def held(session: Session, fetcher: Fetcher, key: Key) -> Message:
    """Return the message, if this lock is the last one anybody had on it. Another's message is as absent as none."""
    message = messages.find(session, key.uid)
    if message is None or message.direction != Direction.IN or message.receiver not in fetcher.applications:
        raise Refused("no such message of yours", code="EN-NOT-FOUND")
    found = _lock_of(session, message.seq)
    if found is None or (found.lock, found.owner, found.fence) != (key.lock, fetcher.system, message.fence):
        raise Refused("the message was handed to somebody else since, or never locked so", code=LOST)
    return message


def payload(session: Session, fetcher: Fetcher, key: Key, at: Moment) -> tuple[Message, Payload | None]:
    """Return the bytes to who has the lock now; None where they can be read no more, and were set aside."""
    message = _in_hand(session, fetcher, key)
    return message, _opened(session, message, at)


def confirm(session: Session, fetcher: Fetcher, key: Key, at: Moment) -> Message:
    """The local system has it: delivered, exactly once, however often it says so.

    A lock that ended by time still counts, as long as nobody was handed the message since.
    """
    message = held(session, fetcher, key)
    if message.state == State.DELIVERED:
        return message
    return _end(session, message, Change(event=Event.CONFIRMED, at=at, by=_by(fetcher, "confirmed")))


def release(session: Session, fetcher: Fetcher, key: Key, at: Moment) -> Message:
    """The local system did not take it: offered again at once, as if this handover had not been."""
    message = held(session, fetcher, key)
    if State(message.state) in OPEN and message.state != State.IN_FLIGHT:
        return message
    return _end(session, message, Change(event=Event.RELEASED, at=at, by=_by(fetcher, "given back")))


def extend(session: Session, fetcher: Fetcher, key: Key, how: tuple[float, Moment]) -> Message:
    """Keep the lock for so many seconds from now."""
    lock_s, at = how
    message = _in_hand(session, fetcher, key)
    session.execute(_SET_END, (session.due(at, lock_s), message.seq))
    return message


def end_locks(session: Session, limit: int, at: Moment) -> int:
    """End locks that are over, and those of older runs; say how many messages are offered again."""
    ended = 0
    for row in session.execute(_OVER, (session.due(at), limit)).fetchall():
        ended += _time_out(session, _Lock._make(row), at)
    return ended


def next_end_s(session: Session, at: Moment) -> float | None:
    """Return how long until a lock is over."""
    (ends,) = session.execute(_NEXT_END).fetchone()
    return None if ends is None else max(0.0, (ends - session.due(at)) / 1000)


def take(session: Session, uid: str, by: By, at: Moment) -> Message:
    """A named person took it over by hand."""
    message = messages.get(session, uid)
    if message.direction != Direction.IN:
        raise Refused("this message goes to the switchboard: it has no place in the inbox", code="EN-ILLEGAL-STEP")
    if message.state == State.IN_FLIGHT:
        raise Refused("a local system has it in hand now: look again in a moment", code="EN-ILLEGAL-STEP")
    return _end(session, message, Change(event=Event.CONFIRMED, at=at, by=by))


def read(session: Session, uid: str, by: By, at: Moment) -> tuple[Message, Payload | None]:
    """Open a message that waits, for a named person. The line of the access log is there before the bytes come."""
    message = messages.get(session, uid)
    if message.direction != Direction.IN or State(message.state) not in OPEN:
        raise Refused("only a message that waits for a local system is opened", code="EN-ILLEGAL-STEP")
    journal.add_reading(session, message, by, at.now)
    return message, _opened(session, message, at)


def _lock(session: Session, message: Message, given: tuple[Fetcher, Wish, str], at: Moment) -> Offer:
    fetcher, wish, name = given
    _check(session, message)
    change = Change(event=Event.LEASED, at=at, by=_by(fetcher, "fetched"))
    after = life.step(session, message, change)
    session.execute(_LOCK, (after.seq, name, fetcher.system, after.fence, session.due(at, wish.lock_s)))
    return Offer(
        key=Key(uid=after.uid, lock=name),
        message_id=str(after.message_id),
        interaction=after.interaction,
        sender=after.sender,
        receiver=after.receiver,
        kept_at=datetime.fromtimestamp(after.kept_at, UTC),
        size=after.size,
        attempts=after.attempts,
        redelivery=bool(after.unknown),
        correlation=after.correlation,
    )


def _opened(session: Session, message: Message, at: Moment) -> Payload | None:
    with aside.Sparing(session, at):
        return _check(session, message)
    return None


def _check(session: Session, message: Message) -> Payload:
    """The bytes; nobody is given a message whose bytes cannot be read. Raises `CannotRead`."""
    with Reading(message.seq, "body"):
        found = messages.payload(session, message.seq)
        if found is None:
            raise CannotRead(message.seq, "body: missing")
    return found


def _lock_of(session: Session, seq: int) -> _Lock | None:
    row = session.execute("SELECT seq, lock, owner, fence FROM inbox_locks WHERE seq = ?", (seq,)).fetchone()
    return None if row is None else _Lock._make(row)


def _in_hand(session: Session, fetcher: Fetcher, key: Key) -> Message:
    message = held(session, fetcher, key)
    if message.state != State.IN_FLIGHT or message.run != session.run:
        raise Refused("the lock is over: lock again", code=LOST)
    return message


def _end(session: Session, message: Message, change: Change) -> Message:
    try:
        after = life.step(session, message, change)
    except IllegalTransition as error:
        raise Refused(str(error), code="EN-ILLEGAL-STEP") from error
    session.execute(_SET_END, (None, after.seq))
    if change.event is Event.CONFIRMED:
        journal.add_change(session, after, change)
    return after


def _time_out(session: Session, over: _Lock, at: Moment) -> int:
    session.execute(_SET_END, (None, over.seq))
    found = messages.select(session, _BY_SEQ, (over.seq, 1))
    if not found:
        return 0
    (message,) = found
    if message.state != State.IN_FLIGHT or message.fence != over.fence or message.run != session.run:
        return 0  # taken back at the start, with all leases of older runs
    life.step(session, message, Change(event=Event.LEASE_EXPIRED, at=at, code=LOST, unknown=True))
    return 1


def _by(fetcher: Fetcher, what: str) -> By:
    return By(who=f"local system {fetcher.system}", why=f"{what} through the inbox")
