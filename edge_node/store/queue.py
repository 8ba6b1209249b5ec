"""The queue: what is due is leased, and each lease is ended by its owner.

Knows: leases and their fences, dues, lifetimes.
Must not know: how messages came in, how they are sent, what a code means.
"""

from typing import Final

from edge_node.errors import EdgeNodeError, OutcomeUnknown
from edge_node.model.keeping import BULK, Entry, Room
from edge_node.model.lifecycle import LEASABLE, Event, State
from edge_node.model.message import Direction, Payload, StoredAnswer
from edge_node.store import answers, aside, journal, life, messages, parking, passing, removal, resting, strangers
from edge_node.store.damage import CannotRead, Reading
from edge_node.store.life import Change
from edge_node.store.messages import COLUMNS, Message
from edge_node.store.resting import PRIORITIES, Gates
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment

_DUE: Final = f"""
    SELECT {COLUMNS} FROM messages INDEXED BY messages_due
    WHERE direction = ? AND priority = ? AND head = 1 AND due <= ? ORDER BY due, seq LIMIT ?"""  # noqa: S608
_NEXT: Final = """
    SELECT due FROM messages INDEXED BY messages_due
    WHERE direction = ? AND priority = ? AND head = 1 AND due IS NOT NULL ORDER BY due LIMIT 1"""
_NEXT_PAST: Final = """
    SELECT due FROM messages INDEXED BY messages_due
    WHERE direction = ? AND priority = ? AND head = 1 AND due IS NOT NULL
        AND seq NOT IN (SELECT seq FROM set_aside WHERE stuck = 1) ORDER BY due LIMIT 1"""
_WAKE: Final = """
    UPDATE messages SET due = ?1 WHERE seq IN (
        SELECT seq FROM messages INDEXED BY messages_due
        WHERE direction = ?2 AND priority = ?3 AND head = 1 AND due > ?1 AND due < ?5 ORDER BY due, seq LIMIT ?4)"""
_WAKE_PAST: Final = _WAKE.replace("ORDER BY", "AND seq NOT IN (SELECT seq FROM set_aside WHERE stuck = 1) ORDER BY")
_WAKE_FOR: Final = """
    UPDATE messages SET due = ?1 WHERE seq IN (
        SELECT seq FROM messages INDEXED BY messages_due
        WHERE direction = ?2 AND priority = ?3 AND head = 1 AND due > ?1 AND due < ?5
            AND (?6 = '' OR receiver = ?6)
            AND ifnull((SELECT format FROM other_ways WHERE other_ways.seq = messages.seq), 'soap') = ?7
            AND seq NOT IN (SELECT seq FROM set_aside WHERE stuck = 1) ORDER BY due, seq LIMIT ?4)"""
_EXPIRED: Final = f"""
    SELECT {COLUMNS} FROM messages INDEXED BY messages_expires
    WHERE head IS NOT NULL AND expires_at <= ? AND state <> 'IN_FLIGHT' ORDER BY expires_at LIMIT ?"""  # noqa: S608
#: Only the owner ends a lease; the switchboard says what it thinks of the token.
_TOKEN_ENDED: Final = f"""
    SELECT {COLUMNS} FROM messages INDEXED BY messages_token_ends
    WHERE token_ends_at <= ? AND state <> 'IN_FLIGHT' ORDER BY token_ends_at LIMIT ?"""  # noqa: S608
_IN_FLIGHT: Final = f"""
    SELECT {COLUMNS} FROM messages INDEXED BY messages_state
    WHERE direction IN ('out', 'in') AND state = 'IN_FLIGHT' AND run < ? LIMIT ?"""  # noqa: S608
#: An answer came that says no: the token was seen.
_SPENDS: Final = frozenset({Event.REFUSED_FOR_GOOD, Event.CONFIGURATION_ERROR, Event.TOKEN_SPENT})
#: Heads that are put aside in one claim; the others who write have their turn then.
_MAX_ASIDE: Final = 256
#: Rows of another release that leave at a start; those beyond it leave one round of housekeeping after the other.
_MAX_STRANGERS: Final = 1000
#: Of bodies handed out at once; the last one may go over it.
_MAX_LEASED_BYTES: Final = 8 * 1024 * 1024
_TOKEN_SPENT: Final = "EN-TOKEN-SPENT"  # noqa: S105  a code
_NO_BODY: Final = Payload(path="", soap_action="", body=b"")


def lease(session: Session, direction: Direction, room: Room, at: Moment) -> list[Entry]:
    """Take due heads, most urgent first, then the longest due; those to closed places rest from then on."""
    gates = Gates(session, room.closed)
    taking = _Taking(session, room, gates, at)
    for priority in PRIORITIES:
        while (most := taking.room_for(priority)) > 0:
            due = messages.select(session, _DUE, (direction.value, priority, session.due(at), most))
            taking.take(due)
            if len(due) < most:
                break  # else there may be more behind those that were put aside
    return taking.entries


class _Taking:
    """One claim as it goes on."""

    def __init__(self, session: Session, room: Room, gates: Gates, at: Moment) -> None:
        self._session = session
        self._room = room
        self._gates = gates
        self._at = at
        self._aside = 0
        self._bulk = 0
        self._nbytes = 0
        self.entries: list[Entry] = []

    def room_for(self, priority: int) -> int:
        """How many more of that priority."""
        if self._aside >= _MAX_ASIDE or self._nbytes >= _MAX_LEASED_BYTES:
            return 0
        room = self._room.limit - len(self.entries)
        return min(room, self._room.bulk - self._bulk) if priority == BULK else room

    def take(self, due: list[Message]) -> None:
        """Lease what may go; put the others aside, so that they are not looked at again."""
        for message in due:
            if self._nbytes >= _MAX_LEASED_BYTES:
                return
            entry = None if self._is_kept_back(message) else _lease(self._session, message, self._at)
            if entry is None:
                self._aside += 1
                continue
            self.entries.append(entry)
            self._nbytes += message.size
            self._bulk += int(entry.is_bulk)

    def _is_kept_back(self, message: Message) -> bool:
        # What its system fetches is never pushed.
        session = self._session
        return (
            parking.park(session, message)
            or passing.wait_behind(session, message, self._at)
            or self._gates.turn_away(message)
        )


def settle(session: Session, entry: Entry, change: Change, answer: StoredAnswer | None) -> None:
    """End a lease with what came of it."""
    if session.floor and aside.is_settled(session, entry.uid, change.event):
        return
    message = _owned(session, entry)
    if change.event is Event.ACKNOWLEDGED and removal.may_be_overtaken(session, message, change.at):
        removal.send_again(session, message, change)
        return
    if answer is not None:
        answers.remove(session, message.answer)  # of an earlier end, after which a person let it go again
        message = message._replace(answer=answers.add(session, answers.of_message(message.uid), answer))
    journal.add_handover(session, life.step(session, message, change), change)


def settling(event: Event, code: str, at: Moment) -> Change:
    """Return the change an outcome makes."""
    # A token is called spent either because it was refused or because nobody knows; the code tells which.
    is_unknown = event is Event.TOKEN_SPENT and code == OutcomeUnknown.code
    return Change(event=event, at=at, code=code, unknown=True if is_unknown else None, spends=event in _SPENDS)


def put_back(session: Session, entry: Entry, change: Change) -> None:
    """End a lease without an outcome: due again later."""
    if session.floor and aside.is_settled(session, entry.uid, change.event):
        return
    message = _owned(session, entry)
    after = life.step(session, message, change)
    if change.unknown and not message.unknown:  # told once: what follows are more tries of the same
        journal.add_handover(session, after, change)


def wake(session: Session, direction: Direction, limit: int, at: Moment) -> int:
    """Make waiting heads due now, most urgent first."""
    woken = 0
    for priority in PRIORITIES:
        values = (session.due(at), direction.value, priority, limit - woken, resting.never(session))
        cursor = session.execute(_WAKE_PAST if session.stuck else _WAKE, values)
        woken += cursor.rowcount
    return woken


def wake_for(session: Session, where: tuple[Direction, str], limit: int, at: Moment) -> int:
    """The same of those that go to one place, or over one way."""
    direction, place = where
    format_, _, receiver = place.partition(" ")
    woken = 0
    for priority in PRIORITIES:
        values = (session.due(at), direction.value, priority, limit - woken, resting.never(session))
        woken += session.execute(_WAKE_FOR, (*values, receiver, format_)).rowcount
    return woken


def next_due_s(session: Session, direction: Direction, at: Moment) -> float | None:
    """Return how long until a head is due."""
    sql = _NEXT_PAST if session.stuck else _NEXT
    found = [session.execute(sql, (direction.value, priority)).fetchone() for priority in PRIORITIES]
    dues = [row[0] for row in found if row is not None and row[0] < resting.never(session)]
    return max(0.0, (min(dues) - session.due(at)) / 1000) if dues else None


def expire(session: Session, limit: int, at: Moment) -> list[Entry]:
    """End what lived too long, the longest over first."""
    ended = []
    for message in messages.select(session, _EXPIRED, (at.now, limit)):
        with aside.Sparing(session, at):
            ended.append(_expire(session, message.uid, at))
    return ended


def end_tokens(session: Session, limit: int, at: Moment) -> int:
    """What waits with a token that has ended waits for a signature, the longest over first; say how many it were."""
    ended = messages.select(session, _TOKEN_ENDED, (at.now, limit))
    for message in ended:
        messages.set_token_end(session, message.seq, None)
        if State(message.state) in LEASABLE:
            life.step(session, message, Change(event=Event.TOKEN_SPENT, at=at, code=_TOKEN_SPENT, spends=True))
    return len(ended)


def take_back(session: Session, at: Moment) -> int:
    """End the leases of older runs: the process that held them is gone, and may have sent the message."""
    strangers.put_aside(session, _MAX_STRANGERS, at)
    rows = messages.select(session, _IN_FLIGHT, (session.run, -1))
    change = Change(event=Event.LEASE_EXPIRED, at=at, code=OutcomeUnknown.code, unknown=True, spends=True)
    for message in rows:
        with aside.Sparing(session, at):
            life.step(session, message, change)
    session.execute(
        """UPDATE duplicates SET state = 'unknown'
           WHERE state = 'open' AND uid IS NULL AND run < ?""",
        (session.run,),
    )
    return len(rows)


def _lease(session: Session, message: Message, at: Moment) -> Entry | None:
    with aside.Sparing(session, at), Reading(message.seq, "body"):
        payload = messages.payload(session, message.seq)
        if payload is None:
            raise CannotRead(message.seq, "body: missing")
        return messages.entry(life.step(session, message, Change(event=Event.LEASED, at=at)), payload)
    return None


def _expire(session: Session, uid: str, at: Moment) -> Entry:
    change = Change(event=Event.LIFETIME_ENDED, at=at, code="EN-LIFETIME-ENDED")
    # Read again: the end of one may have made the next one the head of its lane.
    ended = life.step(session, messages.get(session, uid), change)
    journal.add_handover(session, ended, change)
    return messages.entry(ended, _NO_BODY)


def _owned(session: Session, entry: Entry) -> Message:
    """Return the message, if this is its lease: within a run only the owner ends one."""
    message = messages.get(session, entry.uid)
    if message.state != State.IN_FLIGHT or message.fence != entry.fence or message.run != session.run:
        raise EdgeNodeError(f"the lease of message {entry.uid} is not held any more", code="EN-ILLEGAL-STEP")
    return message
