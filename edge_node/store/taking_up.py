"""The access log goes on where the last run ended, with what was written meanwhile by whoever had no key.

Knows: the lines that wait, and those of the release before, in its own table.
Must not know: how a line is chained.

A line is taken out of its table in the commit that chains it. It keeps its moment, and says where it comes from.
"""

import json
import sqlite3
from typing import Any, Final

from edge_node.store.access_log import AccessLog, Log, Waiting
from edge_node.store.log_line import PATIENT, SOUGHT, Line, hash_of
from edge_node.store.sealing import Ring
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment, Surroundings

#: Lines in one commit: some tens of milliseconds.
_AT_ONCE: Final = 500
#: A column of the release before, and what it is called in a record.
_COLUMNS: Final = {
    "direction": "event.direction",
    "event": "event.type",
    "interaction": "event.interaction",
    "message_id": "correlation.message",
    "outcome": "event.code",
    "correlation": "correlation.id",
    "sender": "sender",
    "receiver": "receiver",
}


def log_of(connection: sqlite3.Connection, ring: Ring, around: Surroundings) -> Log:
    """Return the log of this store; without a key, one whose lines wait."""
    if ring.master is None:
        return Waiting(connection)
    connection.execute("BEGIN IMMEDIATE")
    try:
        log = AccessLog(connection, ring, around.chance, around.log)
        log.take_up(around.clock.now())
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return log


def go_on(session: Session, at: Moment) -> int:
    """Take up some of the lines that wait, oldest first; say how many."""
    if not isinstance(session.log, AccessLog):
        return 0
    return _waiting(session) or _older(session)


def step(session: Session, _limit: int, at: Moment) -> int:
    """The same, as a step of housekeeping."""
    return go_on(session, at)


def _waiting(session: Session) -> int:
    sql = "SELECT id, at, line, patient FROM log_waiting ORDER BY id LIMIT ?"
    rows = session.execute(sql, (_AT_ONCE,)).fetchall()
    for number, at, written, patient in rows:
        said = json.loads(written)
        hashes = {name: hash_of(name, value, session.key) for name, value in said["sealed"].items() if name in SOUGHT}
        if patient is not None:
            hashes[PATIENT] = patient
        session.log.append(Line({**said["open"], "taken_up": f"waiting {number}"}, said["sealed"], hashes), at)
        session.execute("DELETE FROM log_waiting WHERE id = ?", (number,))
    return len(rows)


def _older(session: Session) -> int:
    sql = f"SELECT seq, at, patient, {', '.join(_COLUMNS)} FROM journal ORDER BY seq LIMIT ?"  # noqa: S608
    rows = session.execute(sql, (_AT_ONCE,)).fetchall()
    for row in rows:
        session.log.append(_line(row), row[1])
        session.execute("DELETE FROM journal WHERE seq = ?", (row[0],))
    return len(rows)


def _line(row: tuple[Any, ...]) -> Line:
    named = {name: value for name, value in zip(_COLUMNS.values(), row[3:], strict=True) if value}
    hashes = {} if row[2] is None else {PATIENT: row[2]}
    return Line({**named, "taken_up": f"journal {row[0]}"}, {}, hashes)
