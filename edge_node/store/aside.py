"""Messages that cannot be read: each leaves the line with its bytes as they are.

Knows: the tables of what was set aside, what goes with a message that leaves, what its lane and its counters need.
Must not know: how it was seen that a message cannot be read.

What a copy of such a message gets: nothing is delivered twice, so its id stays remembered. While it was open its
sender can make it good: the same content handed in again is kept anew, as one whose outcome is unknown when the first
one may have been handed over. Of one that had ended, or of which nobody can tell, a copy gets the first answer; where
that is gone too it is refused with EN-SET-ASIDE.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, NamedTuple

from edge_node.model.lifecycle import OPEN, Event, State
from edge_node.model.message import Direction
from edge_node.store import detours, events, journal
from edge_node.store.damage import CannotRead
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment

#: The tables with a part of a message, and what orders the rows of one message.
SOURCES: Final = {"messages": "0", "bodies": "0", "history": "step"}
FACTS: Final = (
    "uid", "direction", "sender", "receiver", "root", "extension", "interaction", "state", "correlation",
)  # fmt: skip
_MAX_TEXT: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What the disk does not let go: cells that cannot be read, tables whose row cannot be removed."""

    unread: frozenset[tuple[str, str]] = frozenset()
    tables: frozenset[str] = frozenset()
    stuck: bool = False  # not even its place in the lane can be changed
    facts: Mapping[str, str] = field(default_factory=dict)  # what is known of it from elsewhere
    lane: bytes | None = None
    members: tuple[int, ...] = ()  # of its lane, where they can be read: they go on past it


_NOTHING: Final = Left()


class Aside(NamedTuple):
    """What is known of a message that was set aside."""

    id: int
    seq: int
    uid: str | None
    direction: str | None
    state: str | None
    unknown: int
    replaced_by: str | None

    @property
    def may_begin_anew(self) -> bool:
        """Whether a copy of it is kept as new."""
        return self.replaced_by is None and self.state in OPEN


_COLUMNS: Final = ", ".join(Aside._fields)


def set_aside(session: Session, seq: int, why: str, at: Moment, left: Left = _NOTHING) -> None:
    """Move a message out of the line, with all that can still be read of it; what stood behind it may go.

    `why` says what could not be read, in words of ours: it is shown.
    """
    facts = {name: _text(session, seq, name, left) or left.facts.get(name) for name in FACTS}
    facts["state"] = _state(session, seq, facts["state"], left)
    number = _write_down(session, seq, why, at, facts, left)
    for source in SOURCES:
        _copy(session, number, source, seq, left)
    session.fail_point("set-aside")
    lane = _value(session, seq, "lane", left) or left.lane
    _take_out(session, seq, left)
    if left.stuck:
        session.execute("DELETE FROM resting WHERE seq = ?", (seq,))
    if lane is not None and left.stuck:
        lane = detours.begin(session, lane, seq, left.members)
    if lane is not None:
        _promote(session, lane)
    if facts["direction"] in set(Direction) and facts["state"] in set(State):
        session.count(str(facts["direction"]), State(str(facts["state"])), -1)
    _remember(session, facts, at)
    journal.add_set_aside(session, facts, at.now)
    unknown = session.execute("SELECT unknown FROM set_aside WHERE id = ?", (number,)).fetchone()[0]
    events.of_aside(session, facts, unknown=bool(unknown), at=at.now)
    session.set_aside_now(seq, is_stuck=left.stuck)


class Sparing:
    """Within this block a message that cannot be read is set aside, and the others go on.

    What the disk itself does not give back must leave in a commit of its own (`evicting`): that is raised further.
    """

    __slots__ = ("_at", "_session")

    def __init__(self, session: Session, at: Moment) -> None:
        self._session = session
        self._at = at

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, CannotRead) or error.is_of_the_disk:
            return False
        set_aside(self._session, error.seq, error.why, self._at)
        return True


def find(session: Session, uid: str | None) -> Aside | None:
    """Return what was set aside under this public name."""
    if uid is None:
        return None
    row = session.execute(f"SELECT {_COLUMNS} FROM set_aside WHERE uid = ?", (uid,)).fetchone()  # noqa: S608
    return None if row is None else Aside._make(row)


def is_settled(session: Session, uid: str, event: Event) -> bool:
    """Whether the message of a handover that ended was set aside meanwhile; an acknowledgement is noted there."""
    if find(session, uid) is None:
        return False
    if event is Event.ACKNOWLEDGED:
        session.execute("UPDATE set_aside SET state = 'DELIVERED', unknown = 1 WHERE uid = ?", (uid,))
    return True


def replaced(session: Session, uid: str, by: str) -> None:
    """Its sender handed it in again."""
    session.execute("UPDATE set_aside SET replaced_by = ? WHERE uid = ?", (by, uid))


def forget(session: Session, limit: int, now: float) -> int:
    """Remove the bytes whose time is over; that they were set aside stays known."""
    rows = session.execute("SELECT id, answer FROM set_aside WHERE until <= ? LIMIT ?", (now, limit)).fetchall()
    for number, answer in rows:
        session.execute("DELETE FROM set_aside_cells WHERE aside = ?", (number,))
        session.execute("DELETE FROM answers WHERE id = ?", (answer,))
        session.execute("UPDATE set_aside SET until = NULL, answer = NULL WHERE id = ?", (number,))
    return len(rows)


def floor(connection: sqlite3.Connection) -> int:
    """The highest place that was taken by one set aside: no new message gets it."""
    return int(connection.execute("SELECT coalesce(max(seq), 0) FROM set_aside").fetchone()[0])


def stuck(connection: sqlite3.Connection) -> set[int]:
    """The messages whose row is still in the line, where it cannot be read."""
    return {row[0] for row in connection.execute("SELECT seq FROM set_aside WHERE stuck = 1")}


def _write_down(session: Session, seq: int, why: str, at: Moment, facts: dict[str, str | None], left: Left) -> int:
    kept_at = _value(session, seq, "kept_at", left)
    answer = _value(session, seq, "answer", left)
    cursor = session.execute(
        f"""INSERT INTO set_aside (seq, at, why, {", ".join(FACTS)}, kept_at, unknown, answer, left_behind, stuck,
            until) VALUES (?, ?, ?, {", ".join("?" * len(FACTS))}, ?, ?, ?, ?, ?, ?)""",  # noqa: S608
        (
            seq, at.now, why, *facts.values(),
            kept_at if isinstance(kept_at, float) else None,
            int(_may_have_arrived(session, seq, facts["state"], left)),
            answer if isinstance(answer, int) else None,
            " ".join(sorted(left.tables)), int(left.stuck),
            at.now + session.retention.dead_letter_s,
        ),
    )  # fmt: skip
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _may_have_arrived(session: Session, seq: int, state: str | None, left: Left) -> bool:
    """Whether a handover may have reached the other side; what cannot be told may."""
    unknown = _value(session, seq, "unknown", left)
    return unknown != 0 or state not in OPEN or state == State.IN_FLIGHT


def _copy(session: Session, number: int, source: str, seq: int, left: Left) -> None:
    for name in columns(session.connection, source):
        if (source, name) not in left.unread:
            session.execute(
                f"""INSERT INTO set_aside_cells SELECT ?, ?, {SOURCES[source]}, ?, {name}
                    FROM {source} WHERE seq = ? AND {name} IS NOT NULL""",  # noqa: S608  names of the schema
                (number, source, name, seq),
            )


def _take_out(session: Session, seq: int, left: Left) -> None:
    for source in SOURCES:
        if source not in left.tables:
            session.execute(f"DELETE FROM {source} WHERE seq = ?", (seq,))  # noqa: S608
    if "messages" in left.tables and not left.stuck:
        session.execute("UPDATE messages SET head = NULL, due = NULL WHERE seq = ?", (seq,))


def _promote(session: Session, lane: bytes) -> None:
    session.execute(
        """UPDATE messages SET head = 1 WHERE seq = (
               SELECT seq FROM messages INDEXED BY messages_lane
               WHERE lane = ?1 AND head IS NOT NULL ORDER BY seq LIMIT 1)
           AND NOT EXISTS (SELECT 1 FROM messages INDEXED BY messages_head WHERE lane = ?1 AND head = 1)""",
        (lane,),
    )


def _remember(session: Session, facts: dict[str, str | None], at: Moment) -> None:
    """Its id stays known as long as that of any message that has ended."""
    key = (facts["direction"], facts["sender"], facts["root"], facts["extension"])
    session.execute(
        """UPDATE duplicates SET forget_at = ?
           WHERE direction = ? AND sender = ? AND root = ? AND extension = ? AND uid = ? AND forget_at IS NULL""",
        (at.now + session.retention.memory_s, *key, facts["uid"]),
    )


def _state(session: Session, seq: int, written: str | None, left: Left) -> str | None:
    """The state of the row, or where that is none the last one of its history."""
    if written in set(State) or ("history", "state") in left.unread or "history" in left.tables:
        return written
    row = session.execute(
        "SELECT CAST(state AS BLOB) FROM history WHERE seq = ? ORDER BY step DESC LIMIT 1", (seq,)
    ).fetchone()
    last = None if row is None else _as_text(row[0])
    return last if last in set(State) else written


def _text(session: Session, seq: int, name: str, left: Left) -> str | None:
    """A short text of the row, as it may be shown."""
    return _as_text(_value(session, seq, f"CAST({name} AS BLOB)", left, of=name))


def _value(session: Session, seq: int, expression: str, left: Left, *, of: str = "") -> Any:
    if ("messages", of or expression) in left.unread:
        return None
    row = session.execute(f"SELECT {expression} FROM messages WHERE seq = ?", (seq,)).fetchone()  # noqa: S608
    return None if row is None else row[0]


def _as_text(value: bytes | None) -> str | None:
    if value is None or len(value) > _MAX_TEXT:
        return None
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """The columns of a table, as the file has them: a newer release may have added some."""
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
