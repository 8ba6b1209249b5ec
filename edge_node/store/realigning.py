"""What a repaired store knows of itself fits what was saved: its run, its keys, the numbers it gives once.

Knows: from what each can be found again where its own row is lost, when it cannot.
Must not know: how rows are read past a damaged page.
"""

import sqlite3
from collections.abc import Collection
from pathlib import Path
from typing import Final

from edge_node.errors import EdgeNodeError
from edge_node.store import events, keys, rekeying, unlocking
from edge_node.store.session import RUN_SHIFT

#: The first schema of which it is known that every digest of a content is keyed.
_KEYED_SINCE: Final = 5
#: More numbers than any site gave since the last one that was saved.
_LEAP: Final = 1_000_000_000
_LAST_RUN: Final = f"""
    SELECT max(run) FROM (
        SELECT max(run) AS run FROM messages UNION ALL SELECT max(due) >> {RUN_SHIFT} FROM messages
        UNION ALL SELECT max(run) FROM duplicates UNION ALL SELECT value FROM meta WHERE key = 'run')"""  # noqa: S608
_SEQUENCE: Final = "SELECT seq FROM sqlite_sequence WHERE name = ?"
#: Numbers that are never given twice, by table: where else they stand.
_GIVEN: Final = {
    "events": "SELECT max(upto) FROM told",
    "day_keys": """SELECT max(key) FROM (SELECT max(key) AS key FROM bodies UNION ALL SELECT max(key) FROM answers
        UNION ALL SELECT max(key) FROM wrapped_keys)""",
}


def realign(damaged: sqlite3.Connection, new: sqlite3.Connection, path: Path, torn: Collection[str]) -> None:
    """Put it right; `torn` are the tables of which rows were lost. Raises `EN-STORE-DAMAGED` where nothing tells."""
    new.execute("BEGIN")
    _count_on(damaged, new)
    if "meta" in torn:
        _find_keys(damaged, new, path.with_name(unlocking.PATIENT_FILE))
    (run,) = new.execute(_LAST_RUN).fetchone()
    if run is not None:
        new.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('run', ?)", (run,))
    new.execute("COMMIT")


def _count_on(damaged: sqlite3.Connection, new: sqlite3.Connection) -> None:
    """No number is given again: who was told of one asks for what comes after it."""
    for table, elsewhere in _GIVEN.items():
        last = _last(damaged, table)
        known = max(last or 0, _first(new, elsewhere) or 0, _first(new, _SEQUENCE, table) or 0)
        new.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        next_to = known + _LEAP if last is None else known
        new.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, next_to))
        if table == "events" and next_to > known:
            events.skipped(new, known, next_to)


def _last(damaged: sqlite3.Connection, table: str) -> int | None:
    """The last number that was given; 0 where none was, None where nobody can tell."""
    try:
        return _first(damaged, _SEQUENCE, table) or 0
    except sqlite3.Error:
        return None


def _first(connection: sqlite3.Connection, sql: str, *values: str) -> int | None:
    row = connection.execute(sql, values).fetchone()
    return None if row is None or not isinstance(row[0], int) else row[0]


def _find_keys(damaged: sqlite3.Connection, new: sqlite3.Connection, patient: Path) -> None:
    """What the store knew of its keys is lost, or a part of it; the key that seals is known by what it opens."""
    if unlocking.remembered(new, unlocking.REHASH) is None:
        if keys.next_of(patient).exists():
            raise _lost("the hashes may have been changing their key: which ones did, nobody can tell")
        if not patient.exists():
            raise _lost(f"{patient} is missing: put it back from the last backup")
        if unlocking.remembered(new, unlocking.PATIENT) is None:
            unlocking.remember(new, unlocking.PATIENT, keys.load(patient).id)
    if damaged.execute("PRAGMA user_version").fetchone()[0] < _KEYED_SINCE:
        raise _lost("nobody can tell whether an older release had keyed what it holds")
    rekeying.set_done(new)


def _lost(why: str) -> EdgeNodeError:
    return EdgeNodeError(f"what the store knew of itself is lost, and {why}", code="EN-STORE-DAMAGED")
