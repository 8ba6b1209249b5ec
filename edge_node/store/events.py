"""The table of notices: which step of a message's life is told to whom, and how far each way of telling came.

Knows: what is worth telling, that it is written in the commit of the step.
Must not know: how it is told, in which words.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from edge_node.model.identifiers import InvalidIdentifier, MessageId
from edge_node.model.lifecycle import LEASABLE, OPEN, Event, State
from edge_node.model.message import Direction
from edge_node.model.notice import Notice, NoticeKind
from edge_node.store import duplicates
from edge_node.store.messages import Message
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment

_INSERT: Final = """
    INSERT INTO events (at, application, kind, uid, direction, root, extension, interaction, sender, receiver, state,
        code, unknown, kept_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_COLUMNS: Final = """
    seq, at, kind, application, uid, direction, root, extension, interaction, sender, receiver, state, code, unknown,
    kept_at"""
_AFTER: Final = f"""
    SELECT {_COLUMNS} FROM events INDEXED BY events_application
    WHERE application = ? AND seq > ? ORDER BY seq LIMIT ?"""  # noqa: S608  columns of ours
_AFTER_OF_ALL: Final = f"SELECT {_COLUMNS} FROM events WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608
_ENDS: Final = {
    State.NEEDS_TOKEN: NoticeKind.NEEDS_TOKEN,
    State.DEAD: NoticeKind.DEAD,
    State.EXPIRED: NoticeKind.EXPIRED,
    State.HELD: NoticeKind.HELD,
    State.DISCARDED: NoticeKind.DISCARDED,
}
#: States in which a message goes nowhere until a person lets it.
_STOPPED: Final = frozenset({State.HELD, State.DEAD, State.EXPIRED})
#: Codes with which a local system asks for patience (class retry of the table of codes).
_PASSING: Final = frozenset({"RTEDEST", "INTERR", "NOSTORE", "SYNGBX", "SYNZIM", "GBZQUERYCOUNT", "ZIMBEZIG"})
#: Sooner nobody was told that a push in waits.
_SOON_S: Final = 60.0
_NAMED: Final = ("uid", "direction", "root", "extension", "interaction", "sender", "receiver")
_ASIDE: Final = "EN-SET-ASIDE"
_DISCARDED: Final = "EN-DISCARDED"
#: Numbers skipped after a restore: more than any site gave between the backup and its end.
_LEAP: Final = 1_000_000_000
#: In `meta`: what was skipped, and may have been given by the store that is gone.
_GAPS: Final = "event gaps"


class Step(Protocol):
    """What a step of `life` says of itself."""

    @property
    def event(self) -> Event: ...
    @property
    def code(self) -> str: ...
    @property
    def at(self) -> Moment: ...


def of_step(session: Session, before: Message, after: Message, change: Step) -> None:
    """Write down what a step has to tell."""
    kind = _kind(session, before, after, change)
    if kind is not None:
        add(session, after, kind, change.code or (_DISCARDED if kind is NoticeKind.DISCARDED else ""), change.at.now)


def of_aside(session: Session, facts: Mapping[str, str | None], *, unknown: bool, at: float) -> None:
    """Tell that a message which was to go on cannot be read any more, as far as it is known which one it was."""
    if facts["state"] not in OPEN or any(facts[name] is None for name in _NAMED):
        return
    try:
        MessageId(str(facts["root"]), str(facts["extension"]))
    except InvalidIdentifier:
        return  # what nobody can name is shown to the operator alone
    application = facts["sender"] if facts["direction"] == Direction.OUT else facts["receiver"]
    of_message = tuple(facts[name] for name in _NAMED[:5])
    ends = (facts["sender"], facts["receiver"], facts["state"], _ASIDE, int(unknown), at)
    session.execute(_INSERT, (at, application, NoticeKind.SET_ASIDE.value, *of_message, *ends))
    session.has_told = True


def add(session: Session, message: Message, kind: NoticeKind, code: str, at: float) -> None:
    """Write one down for the application on our side."""
    application = message.sender if message.direction == Direction.OUT else message.receiver
    of_message = (message.uid, message.direction, message.root, message.extension, message.interaction)
    ends = (message.sender, message.receiver, message.state, code, message.unknown, message.kept_at)
    session.execute(_INSERT, (at, application, kind.value, *of_message, *ends))
    session.has_told = True


def after(
    connection: sqlite3.Connection, applications: Iterable[str] | None, seq: int, limit: int
) -> tuple[Notice, ...]:
    """Return the next ones after that number, of these applications; None: of all."""
    if applications is None:
        rows = connection.execute(_AFTER_OF_ALL, (seq, limit)).fetchall()
    else:
        rows = [row for one in applications for row in connection.execute(_AFTER, (one, seq, limit))]
        rows.sort()
    return tuple(_notice(row) for row in rows[:limit])


def newest(connection: sqlite3.Connection) -> int:
    """Return the last number given; 0 before the first."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'events'").fetchone()
    return 0 if row is None else int(row[0])


def known(connection: sqlite3.Connection, seq: int) -> int:
    """Return from where to go on for who read up to that number: before it where this store did not give it."""
    if seq > newest(connection):
        return 0
    return next((first for first, last in _gaps(connection) if first < seq <= last), seq)


def cursor(session: Session, application: str, way: str) -> int:
    """Return how far this way of telling came. One that is new begins now: what was before it is in the status."""
    begun = (application, way, newest(session.connection))
    session.execute("INSERT OR IGNORE INTO told VALUES (?, ?, ?)", begun)
    sql = "SELECT upto FROM told WHERE application = ? AND way = ?"
    return int(session.execute(sql, (application, way)).fetchone()[0])


def advance(session: Session, application: str, way: str, upto: int) -> None:
    """This way of telling came further; never back."""
    sql = "UPDATE told SET upto = ?3 WHERE application = ?1 AND way = ?2 AND upto < ?3"
    session.execute(sql, (application, way, upto))


def forget(session: Session, limit: int, at: Moment) -> int:
    """Remove what was told as long ago as dead letters are kept."""
    sql = "DELETE FROM events WHERE seq IN (SELECT seq FROM events WHERE at <= ? ORDER BY at LIMIT ?)"
    return session.execute(sql, (at.now - session.retention.dead_letter_s, limit)).rowcount


def leap(connection: sqlite3.Connection) -> None:
    """After a restore: no number that was given since the backup is given again to something else."""
    last = newest(connection)
    if connection.execute("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'events'", (_LEAP,)).rowcount == 0:
        connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('events', ?)", (_LEAP,))
    skipped(connection, last, last + _LEAP)


def skipped(connection: sqlite3.Connection, last: int, upto: int) -> None:
    """Remember that this store gave no number after the one and up to the other: the one before it may have."""
    gaps = json.dumps([*_gaps(connection), (last, upto)])
    sql = "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
    connection.execute(sql, (_GAPS, gaps))


def _gaps(connection: sqlite3.Connection) -> list[tuple[int, int]]:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (_GAPS,)).fetchone()
    return [] if row is None else [(int(first), int(last)) for first, last in json.loads(row[0])]


def _kind(session: Session, before: Message, after: Message, change: Step) -> NoticeKind | None:
    state, was = State(after.state), State(before.state)
    if state is was:
        return None
    if state is State.DELIVERED:
        return NoticeKind.DELIVERED if _is_news(session, after, change.at) else None
    if was in _STOPPED and change.event in {Event.RELEASED, Event.RETRIED}:
        return NoticeKind.RELEASED
    if state in _ENDS:
        return _ENDS[state]
    if _is_refused_here(after, change) and not _was_late(session, after.seq):
        session.execute("UPDATE messages SET late = 2 WHERE seq = ?", (after.seq,))
        return NoticeKind.LATE
    return NoticeKind.UNKNOWN if _became_unknown(before, after) else None


def _is_news(session: Session, message: Message, at: Moment) -> bool:
    """Whether somebody was told that it is not there yet."""
    if message.direction == Direction.IN:
        return (message.attempts > 1 or at.now - message.kept_at > _SOON_S) and _was_late(session, message.seq)
    memory = duplicates.find(session, duplicates.key_of(message))
    # A signal has no memory, so nobody knows what its sender was told.
    return memory is None or memory.uid != message.uid or memory.answer is not None


def _was_late(session: Session, seq: int) -> bool:
    return bool(session.execute("SELECT late = 2 FROM messages WHERE seq = ?", (seq,)).fetchone()[0])


def _is_refused_here(message: Message, change: Step) -> bool:
    """Whether the local system said no. It is offered again, but by itself that may never help."""
    if message.direction != Direction.IN or change.event is not Event.DELIVERY_FAILED:
        return False
    return bool(change.code) and change.code not in _PASSING and not change.code.startswith("EN-")


def _became_unknown(before: Message, after: Message) -> bool:
    if after.direction != Direction.OUT or before.unknown or not after.unknown:
        return False
    # One whose token is spent needs a signature in the next step: that is then told, with the same mark.
    return not (after.spent and State(after.state) in LEASABLE)


def _notice(row: tuple[Any, ...]) -> Notice:
    seq, at, kind, application, uid, direction, root, extension, *rest = row
    interaction, sender, receiver, state, code, unknown, kept_at = rest
    return Notice(
        seq=seq,
        at=datetime.fromtimestamp(at, UTC),
        kind=NoticeKind(kind),
        application=application,
        uid=uid,
        direction=Direction(direction),
        message_id=MessageId(root, extension),
        interaction=interaction,
        sender=sender,
        receiver=receiver,
        state=State(state),
        code=code,
        unknown=bool(unknown),
        kept_at=datetime.fromtimestamp(kept_at, UTC),
    )
