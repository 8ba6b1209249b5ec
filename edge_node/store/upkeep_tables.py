"""The tables of what people record of the upkeep of a node, and of what was seen first when.

Knows: their columns; of approvals the last of the same settings and release counts.
Must not know: what of it is late.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from edge_node.errors import Refused
from edge_node.model.overview import By
from edge_node.model.upkeep import Approval, Incident, NewIncident, Step, Taken
from edge_node.store.session import Session

_INCIDENTS: Final = """
    SELECT id, detected_at, what, is_breach, owner, opened_at, opened_by, reported_at, reported_to, closed_at,
    closed_by FROM incidents"""
_APPROVALS: Final = "SELECT digest, release, change, approver, at, by_whom, why FROM approvals"


def sighted(session: Session, kind: str, names: Sequence[str], at: datetime) -> dict[str, datetime]:
    """Return since when each of these is known, as of now for what is new; what is not among them is forgotten."""
    before = dict(session.execute("SELECT name, first_at FROM sightings WHERE kind = ?", (kind,)).fetchall())
    for name in before.keys() - set(names):
        session.execute("DELETE FROM sightings WHERE kind = ? AND name = ?", (kind, name))
    for name in set(names) - before.keys():
        session.execute("INSERT INTO sightings VALUES (?, ?, ?)", (kind, name, at.timestamp()))
    return {name: _moment(before.get(name, at.timestamp())) for name in names}


def known_since(connection: sqlite3.Connection, kind: str) -> Mapping[str, datetime]:
    """Return the same without changing anything."""
    rows = connection.execute("SELECT name, first_at FROM sightings WHERE kind = ?", (kind,))
    return {name: _moment(first_at) for name, first_at in rows}


def open_incident(session: Session, new: NewIncident, by: By, at: datetime) -> Incident:
    """Write one down."""
    detected = at if new.detected_at is None else new.detected_at
    number = session.execute(
        """INSERT INTO incidents (detected_at, what, is_breach, owner, opened_at, opened_by)
           VALUES (?, ?, ?, ?, ?, ?)""",
        (detected.timestamp(), new.what, int(new.is_breach), new.owner, at.timestamp(), by.who),
    ).lastrowid
    assert number is not None
    return incident(session.connection, number)


def report_incident(session: Session, number: int, to: str, at: datetime) -> Incident:
    """It was reported; the first time counts."""
    _open_one(session, number)
    told = dict.fromkeys((*filter(None, incident(session.connection, number).reported_to.split(", ")), to))
    session.execute(
        "UPDATE incidents SET reported_at = coalesce(reported_at, ?), reported_to = ? WHERE id = ?",
        (at.timestamp(), ", ".join(told), number),
    )
    return incident(session.connection, number)


def close_incident(session: Session, number: int, by: By, at: datetime) -> Incident:
    """It is over."""
    _open_one(session, number)
    session.execute(
        "UPDATE incidents SET closed_at = ?, closed_by = ? WHERE id = ?", (at.timestamp(), by.who, number)
    )
    return incident(session.connection, number)


def incident(connection: sqlite3.Connection, number: int) -> Incident:
    """Return one. Raises `Refused` where there is none."""
    row = connection.execute(f"{_INCIDENTS} WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise Refused(f"no incident {number}", code="EN-NOT-FOUND")
    return _incident(row)


def incidents(connection: sqlite3.Connection, limit: int, *, closed: bool) -> tuple[Incident, ...]:
    """Return the open ones, or all; the newest first."""
    which = "" if closed else " WHERE closed_at IS NULL"
    return tuple(map(_incident, connection.execute(f"{_INCIDENTS}{which} ORDER BY id DESC LIMIT ?", (limit,))))


def approve(session: Session, made: Approval) -> None:
    """Write one down."""
    session.execute(
        "INSERT INTO approvals (digest, release, change, approver, at, by_whom, why) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (made.digest, made.release, made.change, made.approver, made.at.timestamp(), made.by, made.why),
    )


def approval(connection: sqlite3.Connection, digest: str, release: str) -> Approval | None:
    """Return the last one of these settings with that release."""
    sql = f"{_APPROVALS} WHERE digest = ? AND release = ? ORDER BY seq DESC LIMIT 1"
    row = connection.execute(sql, (digest, release)).fetchone()
    return None if row is None else _approval(row)


def approvals(connection: sqlite3.Connection, limit: int) -> tuple[Approval, ...]:
    """Return the last ones, newest first."""
    return tuple(map(_approval, connection.execute(f"{_APPROVALS} ORDER BY seq DESC LIMIT ?", (limit,))))


def take(session: Session, taken: Taken) -> None:
    """A step was taken."""
    session.execute(
        "INSERT OR REPLACE INTO leaving (step, at, owner, note, by_whom) VALUES (?, ?, ?, ?, ?)",
        (taken.step.value, taken.at.timestamp(), taken.owner, taken.note, taken.by),
    )


def stay(session: Session) -> None:
    """The node is not put out of use after all."""
    session.execute("DELETE FROM leaving")


def taken(connection: sqlite3.Connection) -> tuple[Taken, ...]:
    """Return the steps that were taken, in the order in which they were."""
    rows = connection.execute("SELECT step, at, owner, note, by_whom FROM leaving ORDER BY at")
    return tuple(
        Taken(step=Step(step), at=_moment(at), owner=owner, note=note, by=by) for step, at, owner, note, by in rows
    )


def _open_one(session: Session, number: int) -> None:
    if incident(session.connection, number).closed_at is not None:
        raise Refused(f"incident {number} is closed", code="EN-CHECK-DECLARED")


def _incident(row: tuple[Any, ...]) -> Incident:
    number, detected, what, is_breach, owner, opened, opened_by, reported, to, closed, closed_by = row
    return Incident(
        id=number,
        detected_at=_moment(detected),
        what=what,
        is_breach=bool(is_breach),
        owner=owner,
        opened_at=_moment(opened),
        opened_by=opened_by,
        reported_at=None if reported is None else _moment(reported),
        reported_to=to,
        closed_at=None if closed is None else _moment(closed),
        closed_by=closed_by,
    )


def _approval(row: tuple[Any, ...]) -> Approval:
    digest, release, change, approver, at, by, why = row
    return Approval(digest=digest, release=release, change=change, approver=approver, at=_moment(at), by=by, why=why)


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
