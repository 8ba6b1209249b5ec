"""The tables of what is remembered of checks.

Knows: that a change is a line, that of what people declare the last one counts.
Must not know: how a check is judged, when a waiver may be given.
"""

import sqlite3
from datetime import UTC, datetime
from typing import Any, Final

from edge_node.model.check import Attestation, Result, Waiver
from edge_node.model.check_memory import Change, Memory
from edge_node.store.session import Session

_LAST: Final = """
    SELECT name, at, result, value FROM check_history
    WHERE seq IN (SELECT max(seq) FROM check_history GROUP BY name)"""
_WAIVERS: Final = """
    SELECT name, owner, reason, until, given_at, given_by FROM check_waivers
    WHERE seq IN (SELECT max(seq) FROM check_waivers GROUP BY name) AND ended_at IS NULL"""
_ATTESTATIONS: Final = """
    SELECT name, owner, statement, is_met, made_at, until, made_by FROM check_attestations
    WHERE seq IN (SELECT max(seq) FROM check_attestations GROUP BY name)"""
_HISTORY: Final = "SELECT name, at, result, value FROM check_history WHERE name = ? ORDER BY seq DESC LIMIT ?"
#: A newer release may have written others.
_RESULTS: Final = {result.value: result for result in Result}
_PRUNE: Final = """
    DELETE FROM check_history WHERE at < ? AND seq NOT IN (SELECT max(seq) FROM check_history GROUP BY name)"""


def memory(connection: sqlite3.Connection) -> Memory:
    """Return all that counts now."""
    return Memory(
        last={row[0]: _change(row) for row in connection.execute(_LAST)},
        waivers={row[0]: _waiver(row) for row in connection.execute(_WAIVERS)},
        attestations={row[0]: _attestation(row) for row in connection.execute(_ATTESTATIONS)},
    )


def history(connection: sqlite3.Connection, name: str, limit: int) -> tuple[Change, ...]:
    """Return the changes of one check, newest first."""
    return tuple(_change(row) for row in connection.execute(_HISTORY, (name, limit)))


def add_change(session: Session, change: Change) -> None:
    """Write down that a check got another result."""
    values = (change.check, change.at.timestamp(), change.result.value, change.value)
    session.execute("INSERT INTO check_history (name, at, result, value) VALUES (?, ?, ?, ?)", values)


def prune(session: Session, before: datetime) -> None:
    """Forget changes from before a moment, but never the last one of a check: since then it is as it is."""
    session.execute(_PRUNE, (before.timestamp(),))


def add_waiver(session: Session, waiver: Waiver) -> None:
    """Write one down."""
    session.execute(
        "INSERT INTO check_waivers (name, owner, reason, until, given_at, given_by) VALUES (?, ?, ?, ?, ?, ?)",
        (
            waiver.check,
            waiver.owner,
            waiver.reason,
            waiver.until.timestamp(),
            waiver.given_at.timestamp(),
            waiver.given_by,
        ),
    )


def end_waiver(session: Session, name: str, at: datetime) -> bool:
    """Take the last one back; say whether there was one."""
    sql = """UPDATE check_waivers SET ended_at = ?2 WHERE ended_at IS NULL AND until > ?2
        AND seq = (SELECT max(seq) FROM check_waivers WHERE name = ?1)"""
    return session.execute(sql, (name, at.timestamp())).rowcount == 1


def add_attestation(session: Session, made: Attestation) -> None:
    """Write one down."""
    session.execute(
        """INSERT INTO check_attestations (name, owner, statement, is_met, made_at, until, made_by)
           VALUES (?, ?, ?, ?, ?, ?, ?)""",
        (
            made.check,
            made.owner,
            made.statement,
            int(made.is_met),
            made.made_at.timestamp(),
            made.until.timestamp(),
            made.made_by,
        ),
    )


def _change(row: tuple[Any, ...]) -> Change:
    name, at, result, value = row
    return Change(check=name, at=_moment(at), result=_RESULTS.get(result, Result.UNKNOWN), value=value)


def _waiver(row: tuple[Any, ...]) -> Waiver:
    name, owner, reason, until, given_at, given_by = row
    return Waiver(
        check=name,
        owner=owner,
        reason=reason,
        until=_moment(until),
        given_at=_moment(given_at),
        given_by=given_by,
    )


def _attestation(row: tuple[Any, ...]) -> Attestation:
    name, owner, statement, is_met, made_at, until, made_by = row
    return Attestation(
        check=name,
        owner=owner,
        statement=statement,
        is_met=bool(is_met),
        made_at=_moment(made_at),
        until=_moment(until),
        made_by=made_by,
    )


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
