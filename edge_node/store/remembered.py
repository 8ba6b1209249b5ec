"""What the store remembers of backups, drills and restores.

Knows: the table of them, and that only the newest few of a kind stay.
Must not know: how a backup is made, what is shown of it.
"""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from edge_node.model.backup import Made, Remembered, Report, Safety
from edge_node.store import database, restored
from edge_node.store.session import Session

BACKUP: Final = "backup"
ELSEWHERE: Final = "backup elsewhere"  # by hand, into a folder that is not the node's own
DRILL: Final = "drill"
RESTORE: Final = "restore"
_KEPT: Final = 50
_LAST: Final = "SELECT at, code, detail FROM backups WHERE kind = ? ORDER BY id DESC LIMIT 1"
_LAST_GOOD: Final = "SELECT at, code, detail FROM backups WHERE kind = ? AND code = '' ORDER BY id DESC LIMIT 1"
_TRIM: Final = """
    DELETE FROM backups WHERE kind = ?1 AND code = ?2 AND id NOT IN
        (SELECT id FROM backups WHERE kind = ?1 AND code = ?2 ORDER BY id DESC LIMIT ?3)"""


def add(session: Session | sqlite3.Connection, line: Remembered) -> None:
    """Remember one."""
    session.execute(
        "INSERT INTO backups (kind, at, code, detail) VALUES (?, ?, ?, ?)",
        (line.kind, line.at, line.code, json.dumps(dict(line.detail))),
    )
    session.execute(_TRIM, (line.kind, line.code, _KEPT))  # of the same outcome: failures never push the good one out


def of_made(made: Made, at: float, *, elsewhere: bool) -> Remembered:
    """A backup that was made."""
    detail = {"file": Path(made.path).name, "nbytes": made.nbytes, "journal_seq": made.manifest.journal_seq}
    return Remembered(kind=ELSEWHERE if elsewhere else BACKUP, at=at, detail=detail)


def offline(store: Path, line: Remembered) -> None:
    """Remember one while no daemon runs."""
    with database.open_unchanged(store) as connection:
        connection.execute("BEGIN IMMEDIATE")
        add(connection, line)
        connection.execute("COMMIT")


def last(connection: sqlite3.Connection, kind: str, *, good: bool = False) -> Remembered | None:
    """Return the newest of that kind."""
    row = connection.execute(_LAST_GOOD if good else _LAST, (kind,)).fetchone()
    return None if row is None else Remembered(kind=kind, at=row[0], code=row[1], detail=json.loads(row[2]))


def safety(connection: sqlite3.Connection) -> Safety:
    """Return how well the store is backed up, as far as the store knows."""
    newest = last(connection, BACKUP)
    failed = newest if newest is not None and newest.code else None
    good = [line for kind in (BACKUP, ELSEWHERE) if (line := last(connection, kind, good=True)) is not None]
    restore = last(connection, RESTORE)
    return Safety(
        good_at=_moment(max(good, key=lambda line: line.at, default=None)),
        failed_at=_moment(failed),
        failure="" if failed is None else failed.code,
        drilled_at=_moment(last(connection, DRILL, good=True)),
        restored=None if restore is None else report_of(restore.detail),
        held=restored.held(connection),
    )


def of_report(report: Report) -> dict[str, Any]:
    """Return the report of a restore as it is remembered."""
    return asdict(report)


def report_of(told: Mapping[str, Any]) -> Report:
    """Return it as it was; what a newer release added to it is left out."""
    known = {name: told[name] for name in Report.__dataclass_fields__ if name in told}
    return Report(**{**known, "was": tuple((str(a), str(b), int(c)) for a, b, c in known["was"])})


def _moment(line: Remembered | None) -> datetime | None:
    return None if line is None else datetime.fromtimestamp(line.at, UTC)
