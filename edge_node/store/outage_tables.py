"""The tables of outages, and of when the node was last known to run.

Knows: that a part has one outage that lasts at most.
Must not know: what an outage is, how many there may be.
"""

import sqlite3
from datetime import UTC, datetime
from typing import Final

from edge_node.model.check_memory import Outage
from edge_node.store.session import Session

_SINCE: Final = """
    SELECT part, began_at, ended_at FROM outages WHERE ended_at IS NULL OR ended_at >= ? ORDER BY began_at"""


def begin(session: Session, part: str, at: datetime) -> None:
    """An outage begins, unless one of that part lasts."""
    session.execute(
        """INSERT INTO outages (part, began_at)
           SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM outages WHERE part = ?1 AND ended_at IS NULL)""",
        (part, at.timestamp()),
    )


def end(session: Session, part: str, at: datetime) -> None:
    """The outage of a part that lasts ends; never before it began, whatever the clock did."""
    session.execute(
        "UPDATE outages SET ended_at = max(began_at, ?2) WHERE part = ?1 AND ended_at IS NULL", (part, at.timestamp())
    )


def end_all(session: Session, at: datetime) -> None:
    """What lasted when the node stopped is not known to have lasted longer."""
    session.execute("UPDATE outages SET ended_at = max(began_at, ?) WHERE ended_at IS NULL", (at.timestamp(),))


def add(session: Session, outage: Outage) -> None:
    """Write down one that is over."""
    ended_at = None if outage.ended_at is None else outage.ended_at.timestamp()
    sql = "INSERT INTO outages (part, began_at, ended_at) VALUES (?, ?, ?)"
    session.execute(sql, (outage.part, outage.began_at.timestamp(), ended_at))


def since(connection: sqlite3.Connection, at: datetime) -> tuple[Outage, ...]:
    """Return those that lasted, or ended, after a moment; the oldest first."""
    return tuple(
        Outage(part=part, began_at=_moment(began), ended_at=None if ended is None else _moment(ended))
        for part, began, ended in connection.execute(_SINCE, (at.timestamp(),))
    )


def watched_from(connection: sqlite3.Connection) -> datetime | None:
    """Return since when outages are kept: the first thing that any check found."""
    found = connection.execute("SELECT min(at) FROM check_history").fetchone()[0]
    return None if found is None else _moment(found)


def prune(session: Session, before: datetime) -> None:
    """Forget those that ended before a moment."""
    session.execute("DELETE FROM outages WHERE ended_at < ?", (before.timestamp(),))


def alive(session: Session, at: datetime) -> None:
    """The node runs at that moment."""
    session.execute("INSERT OR REPLACE INTO alive VALUES (1, ?)", (at.timestamp(),))


def last_alive(connection: sqlite3.Connection) -> datetime | None:
    """Return when it was last known to run; None: never."""
    found = connection.execute("SELECT at FROM alive").fetchone()
    return None if found is None else _moment(found[0])


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
