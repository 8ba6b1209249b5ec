"""The table of kept messages.

Knows: the columns, how a row is read, put in, changed and handed out.
Must not know: which step follows which, lanes, duplicates.
"""

import contextlib
import sqlite3
from dataclasses import replace
from typing import Any, Final, NamedTuple

from edge_node.errors import Refused
from edge_node.model.identifiers import ApplicationId, InteractionId, MessageId
from edge_node.model.keeping import BULK, Entry, Renewal
from edge_node.model.lifecycle import State
from edge_node.model.message import Direction, Payload
from edge_node.store import bodies
from edge_node.store.damage import CannotRead, Reading
from edge_node.store.faults import is_damage
from edge_node.store.session import Session


class Message(NamedTuple):
    """One row, in the order of `COLUMNS`."""

    seq: int
    uid: str
    direction: str
    sender: str
    receiver: str
    root: str
    extension: str
    interaction: str
    ordering: str
    patient: bytes | None
    lane: bytes
    priority: int
    state: str
    head: int | None
    due: int | None
    expires_at: float | None
    lifetime_s: float | None
    attempts: int
    fence: int
    run: int | None
    unknown: int
    token: bytes
    spent: int
    removal: int
    superseded: int
    again: int
    last_code: str
    correlation: str
    digest: bytes
    size: int
    kept_at: float
    ended_at: float | None
    body_until: float | None
    answer: int | None
    repeatable: int = 0
    token_ends_at: float | None = None

    @property
    def message_id(self) -> MessageId:
        return MessageId(self.root, self.extension)


COLUMNS: Final = ", ".join(Message._fields)
_INSERT: Final = f"INSERT INTO messages ({COLUMNS}) VALUES ({', '.join('?' * len(Message._fields))})"  # noqa: S608
_STATES: Final = frozenset(State)
_DIRECTIONS: Final = frozenset(Direction)
_NO_LIMIT: Final = -1
#: How each query ends that `select` gets: past what is stuck it takes that many more.
_LIMITED: Final = "LIMIT ?"
#: What most steps change. A column that is not named costs none of its indexes.
_UPDATE: Final = """
    UPDATE messages SET state = ?, due = ?, attempts = ?, fence = ?, run = ?, unknown = ?, token = ?, spent = ?,
        superseded = ?, again = ?, last_code = ?, size = ?, answer = ?
    WHERE seq = ?"""
#: What changes besides when a message enters or leaves its lane.
_MOVE: Final = "UPDATE messages SET head = ?, expires_at = ?, ended_at = ?, body_until = ? WHERE seq = ?"
_BY_SEQ: Final = f"SELECT {COLUMNS} FROM messages WHERE seq = ?"  # noqa: S608
_BY_UID: Final = f"SELECT {COLUMNS} FROM messages WHERE uid = ? LIMIT ?"  # noqa: S608  columns of ours


def insert(session: Session, message: Message, payload: Payload) -> Message:
    """Put a new message in, with its bytes; return it with its place in the order of arrival."""
    seq = session.execute(_INSERT, (_next_seq(session), *message[1:])).lastrowid
    assert seq is not None
    bodies.add(session, seq, message.uid, payload)
    return message._replace(seq=seq)


def _next_seq(session: Session) -> int | None:
    """The next place in the order of arrival; None leaves it to SQLite, which may give one of a removed row again."""
    if not session.floor:
        return None
    (last,) = session.execute("SELECT max(seq) FROM messages").fetchone()
    return max(last or 0, session.floor) + 1


def read(row: tuple[Any, ...]) -> Message:
    """Return a row as a message. Raises `CannotRead` for one that no step of ours can have written."""
    message = Message._make(row)
    if message.state not in _STATES or message.direction not in _DIRECTIONS:
        raise CannotRead(message.seq, "row: unknown state")
    if not isinstance(message.lane, bytes) or not isinstance(message.uid, str):
        raise CannotRead(message.seq, "row: wrong type")
    return message


def readable(connection: sqlite3.Connection, sql: str, values: tuple[Any, ...]) -> list[Message]:
    """Return what a query for `COLUMNS` finds, without what cannot be read: for people, beside the line."""
    try:
        return [read(row) for row in connection.execute(sql, values)]
    except (sqlite3.Error, CannotRead) as error:
        if isinstance(error, sqlite3.Error) and not is_damage(error):
            raise
    seqs = connection.execute(sql.replace(COLUMNS, "seq", 1), values).fetchall()
    found = []
    for (seq,) in seqs:
        with contextlib.suppress(sqlite3.Error, CannotRead):
            found.append(read(connection.execute(_BY_SEQ, (seq,)).fetchone()))
    return found


def select(session: Session, sql: str, values: tuple[Any, ...]) -> list[Message]:
    """Return what a query for `COLUMNS` finds; its last value is its limit. Raises `CannotRead` for one of them."""
    assert sql.endswith(_LIMITED), sql
    if session.stuck:
        return _select_past(session, sql, values)
    try:
        return [read(row) for row in session.execute(sql, values)]
    except sqlite3.Error as error:
        if not is_damage(error):
            raise
        return _select_past(session, sql, values)


def _select_past(session: Session, sql: str, values: tuple[Any, ...]) -> list[Message]:
    """The same row by row, past those that are known to be lost: the indexes of the queue tell which there are."""
    limit = None if values[-1] == _NO_LIMIT else int(values[-1])
    most = _NO_LIMIT if limit is None else limit + len(session.stuck)
    rows = session.execute(sql.replace(COLUMNS, "seq", 1), (*values[:-1], most)).fetchall()
    return [_one(session, seq) for (seq,) in rows if seq not in session.stuck][:limit]


def _one(session: Session, seq: int) -> Message:
    with Reading(seq, "row"):
        return read(session.execute(_BY_SEQ, (seq,)).fetchone())


def update(session: Session, before: Message, after: Message) -> None:
    """Write what a step changed. Raises `CannotRead` where its page, or the next one, cannot be changed."""
    try:
        _write(session, before, after)
    except sqlite3.Error:
        with Reading(after.seq, "row"):
            raise


def _write(session: Session, before: Message, after: Message) -> None:
    was, place = _place(before), _place(after)
    if was != place:
        session.execute(_MOVE, (*place, after.seq))
    m = after
    first = (m.state, m.due, m.attempts, m.fence, m.run, m.unknown, m.token, m.spent)
    session.execute(_UPDATE, (*first, m.superseded, m.again, m.last_code, m.size, m.answer, m.seq))


def _place(message: Message) -> tuple[int | None, float | None, float | None, float | None]:
    return (message.head, message.expires_at, message.ended_at, message.body_until)


def find(session: Session, uid: str) -> Message | None:
    """Return the message with this public name."""
    found = select(session, _BY_UID, (uid, 1))
    return found[0] if found else None


def get(session: Session, uid: str) -> Message:
    """Return the message, or refuse."""
    found = find(session, uid)
    if found is None:
        raise Refused("no message with this name", code="EN-NOT-FOUND")
    return found


def payload(session: Session, seq: int) -> Payload | None:
    """Return the bytes; None when their time was over. Raises `Unreadable`."""
    return bodies.get(session, seq)


def bytes_of(session: Session, uid: str) -> Payload:
    """Return the bytes of a message, or refuse."""
    found = payload(session, get(session, uid).seq)
    if found is None:
        raise Refused("the body of this message was removed", code="EN-ILLEGAL-STEP")
    return found


def renew_bytes(session: Session, message: Message, renewal: Renewal) -> None:
    """The same message with other tokens, wherever its format has them: in the body or in headers."""
    old = payload(session, message.seq)
    if old is None:
        return
    new = old if renewal.body is None else replace(old, body=renewal.body)
    new = new if renewal.headers is None else replace(new, headers=renewal.headers)
    bodies.change(session, message.seq, message.uid, new)


def set_token_end(session: Session, seq: int, ends_at: float | None) -> None:
    """The message has another token, or its signer was told that it ended (None)."""
    session.execute("UPDATE messages SET token_ends_at = ? WHERE seq = ?", (ends_at, seq))


def entry(message: Message, payload: Payload) -> Entry:
    """Return the message as the line gets it."""
    return Entry(
        uid=message.uid,
        direction=Direction(message.direction),
        message_id=message.message_id,
        interaction=InteractionId(message.interaction),
        sender=ApplicationId(message.sender),
        receiver=ApplicationId(message.receiver),
        state=State(message.state),
        attempts=max(0, message.attempts - (message.state == State.IN_FLIGHT)),
        fence=message.fence,
        unknown=bool(message.unknown),
        has_token=bool(message.token),
        correlation=message.correlation,
        payload=payload,
        is_bulk=message.priority == BULK,
        is_repeatable=bool(message.repeatable),
        code=message.last_code,
    )
