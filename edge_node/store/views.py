"""What people see of the queue, read beside the writer.

Knows: how rows become what a list shows; never a body, never a patient.
Must not know: how they are changed.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import Any, Final

from edge_node.model.identifiers import MessageId
from edge_node.model.keeping import way_of
from edge_node.model.lifecycle import State
from edge_node.model.message import Direction, Format
from edge_node.model.overview import Choice, Count, Overview, Rest, Row, Shown
from edge_node.store import aside_views, history, late, messages, parking, resting
from edge_node.store.faults import is_damage
from edge_node.store.messages import COLUMNS, Message
from edge_node.store.session import RUN_SHIFT
from edge_node.store.surroundings import Moment

_LIST: Final = f"""
    SELECT {COLUMNS} FROM messages INDEXED BY messages_state
    WHERE direction = ?1 AND state = ?2 AND (?3 IS NULL OR receiver = ?3) AND (?4 IS NULL OR interaction = ?4)
        AND (?6 IS NULL OR last_code = ?6) AND (?7 IS NULL OR kept_at <= ?7) AND (?8 IS NULL OR kept_at > ?8)
    ORDER BY seq LIMIT ?5"""  # noqa: S608
_WAYS: Final = frozenset(way_of(format_) for format_ in Format)
_KNOWN: Final = frozenset(product(Direction, State))
_MOST_LATE: Final = 1000
_OLDEST: Final = """
    SELECT kept_at FROM messages INDEXED BY messages_state
    WHERE direction = ? AND state = ? ORDER BY seq LIMIT 1"""

_OLDEST_TALLIED: Final = "SELECT min(slot) * 300.0 FROM tallies WHERE direction = ? AND state = ?"


def overview(connection: sqlite3.Connection, at: Moment) -> Overview:
    """Count by direction and state, without walking the queue."""
    counted = connection.execute("SELECT direction, state, n FROM counters WHERE n > 0 ORDER BY 1, 2").fetchall()
    # What is in a state of another release is set aside, and counted there.
    counts = tuple(_count(connection, line, at) for line in counted if line[:2] in _KNOWN)
    return Overview(counts=counts, late=late.count(connection, _MOST_LATE), set_aside=aside_views.count(connection))


def choose(connection: sqlite3.Connection, choice: Choice, at: Moment) -> tuple[Row, ...]:
    """Return the messages chosen, oldest first."""
    directions = [choice.direction] if choice.direction else list(Direction)
    states = [choice.state] if choice.state else list(State)
    kept = (
        None if choice.older_s is None else at.now - choice.older_s,
        None if choice.younger_s is None else at.now - choice.younger_s,
    )
    found: list[Message] = []
    for direction, state in product(directions, states):
        values = (direction.value, state.value, choice.receiver, choice.interaction, choice.limit, choice.code, *kept)
        found += messages.readable(connection, _LIST, values)
    found.sort()
    return rows(connection, found[: choice.limit], at)


def show(connection: sqlite3.Connection, uid: str, at: Moment) -> Shown | None:
    """Return one message with its history."""
    return _shown(connection, f"SELECT {COLUMNS} FROM messages WHERE uid = ?", (uid,), at)  # noqa: S608


def find(connection: sqlite3.Connection, message_id: MessageId, at: Moment) -> Shown | None:
    """Return the newest message with this id."""
    sql = f"SELECT {COLUMNS} FROM messages WHERE extension = ? AND root = ? ORDER BY seq DESC LIMIT 1"  # noqa: S608
    return _shown(connection, sql, (message_id.extension, message_id.root), at)


def rows(connection: sqlite3.Connection, found: Iterable[Message], at: Moment) -> tuple[Row, ...]:
    """Return messages as a list shows them."""
    run = run_of(connection)
    return tuple(replace(row(message, run, at), rests=_rest(connection, message, run)) for message in found)


def _rest(connection: sqlite3.Connection, message: Message, run: int) -> Rest | None:
    if message.due is None or message.due < resting.end_of(run):
        return None
    place = resting.place(connection, message.seq)
    if parking.is_inbox(place):
        return Rest.INBOX
    return Rest.LINE if place in _WAYS else Rest.DESTINATION


def row(message: Message, run: int, at: Moment) -> Row:
    """Return one message, without what it rests for."""
    due_in_s = None
    if message.due is not None and message.due < resting.end_of(run):
        due_in_s = max(0.0, (message.due - (run << RUN_SHIFT) - at.monotonic_ms) / 1000)
    return Row(
        uid=message.uid,
        direction=Direction(message.direction),
        message_id=str(message.message_id),
        interaction=message.interaction,
        sender=message.sender,
        receiver=message.receiver,
        state=State(message.state),
        attempts=message.attempts,
        unknown=bool(message.unknown),
        code=message.last_code,
        correlation=message.correlation,
        kept_at=datetime.fromtimestamp(message.kept_at, UTC),
        due_in_s=due_in_s,
        ends_at=None if message.expires_at is None else datetime.fromtimestamp(message.expires_at, UTC),
    )


def _count(connection: sqlite3.Connection, line: tuple[str, str, int], at: Moment) -> Count:
    direction, state, messages = line
    oldest = _oldest(connection, direction, state)
    age_s = 0.0 if oldest is None else max(0.0, at.now - oldest)
    return Count(direction=Direction(direction), state=State(state), messages=messages, oldest_s=age_s)


def _oldest(connection: sqlite3.Connection, direction: str, state: str) -> float | None:
    """When it was kept; where it cannot be read, from the tallies, to five minutes and for what waits only."""
    try:
        row = connection.execute(_OLDEST, (direction, state)).fetchone()
    except sqlite3.Error as error:
        if not is_damage(error):
            raise
        row = connection.execute(_OLDEST_TALLIED, (direction, state)).fetchone()
    return None if row is None else row[0]


def _shown(connection: sqlite3.Connection, sql: str, values: tuple[Any, ...], at: Moment) -> Shown | None:
    found = connection.execute(sql, values).fetchone()
    if found is None:
        return None
    message = messages.read(found)  # what no step of ours can have written is damage, and is called so
    (shown,) = rows(connection, [message], at)
    return Shown(row=shown, steps=history.of(connection, message.seq))


def run_of(connection: sqlite3.Connection) -> int:
    """Return the run of the process that has the store, or had it last."""
    return int(connection.execute("SELECT value FROM meta WHERE key = 'run'").fetchone()[0])
