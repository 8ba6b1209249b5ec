"""Where the access log was found to be bent: written down, sealed off, until a person says that it was seen.

Knows: the table of breaches, that a new chain begins, that the same is not found twice.
Must not know: how a log is proven, who is told, whether messages are still taken.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict
from typing import Final

from edge_node.model.log_state import Bend, Breach, Found
from edge_node.model.overview import By
from edge_node.store.access_log import AccessLog
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment

#: As many places are named in the record that begins the new chain; the table has all.
_NAMED: Final = 20


def listed(connection: sqlite3.Connection) -> tuple[Breach, ...]:
    """Return all, oldest first."""
    rows = connection.execute("SELECT id, at, chain, detail, seen_at, seen_by FROM log_breaches ORDER BY id")
    return tuple(
        Breach(id=row[0], at=row[1], chain=row[2], found=_found(row[3]), seen_at=row[4], seen_by=row[5])
        for row in rows
    )


def unknown(connection: sqlite3.Connection, found: Iterable[Found]) -> tuple[Found, ...]:
    """Return of these what was not found before."""
    known = {each.key for breach in listed(connection) for each in breach.found}
    return tuple(each for each in found if each.key not in known)


def seal_off(session: Session, found: tuple[Found, ...], at: Moment) -> bool:
    """End the chain in which these were found, and begin another; say whether any was new."""
    log = session.log
    new = unknown(session.connection, found)
    if not new or not isinstance(log, AccessLog):
        return False
    session.execute(
        "INSERT INTO log_breaches (at, chain, detail) VALUES (?, ?, ?)",
        (at.now, log.tip.chain, json.dumps([asdict(each) for each in new])),
    )
    named = tuple((each.bend.value, f"{each.first}-{each.last}") for each in new[:_NAMED])
    log.begin_chain(at.now, "the log was bent", named)
    return True


def see(session: Session, by: By, at: Moment) -> int:
    """A person knows of them; return how many were not seen yet."""
    sql = "UPDATE log_breaches SET seen_at = ?, seen_by = ? WHERE seen_at IS NULL"
    return int(session.execute(sql, (at.now, by.who)).rowcount)


def _found(detail: str) -> tuple[Found, ...]:
    return tuple(Found(**{**each, "bend": Bend(each["bend"])}) for each in json.loads(detail))
