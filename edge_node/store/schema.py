"""The numbered steps of the schema, applied once each.

Knows: the `.sql` files beside it, how they are split into statements, which were applied.
Must not know: what the tables are for.
"""

import sqlite3
import sys
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge_node.errors import EdgeNodeError
from edge_node.store import compatibility
from edge_node.store.keys import sync_directory

if TYPE_CHECKING:
    from sqlite_utils import Database

#: In `meta` while steps to that schema are under way.
_BEGUN: Final = "steps begun"


def steps() -> list[tuple[int, str, str]]:
    """Return number, name and text of each step, in order."""
    folder = files("edge_node.store") / "migrations"
    found = sorted((path.name, path.read_text("utf-8")) for path in folder.iterdir() if path.name.endswith(".sql"))
    return [(int(name[:4]), name.removesuffix(".sql"), text) for name, text in found]


def version(connection: sqlite3.Connection) -> int:
    """Return the number of the last step applied; 0 for an empty file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def is_unfinished(connection: sqlite3.Connection) -> bool:
    """Say whether steps are left: an older release wrote the file, or a start was broken off between two of them."""
    return version(connection) < steps()[-1][0]


def is_empty(connection: sqlite3.Connection) -> bool:
    """Say whether nothing was ever put into the file."""
    return connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone() is None


def statements(text: str) -> Iterator[str]:
    """Split a file into statements: `executescript` would commit before it begins."""
    part = ""
    for line in text.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            yield part
            part = ""
    if part.strip():
        raise ValueError("the last statement of a migration has no end")


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the file to the newest schema, each step in one transaction, after a copy of what was there."""
    known = steps()
    present = version(connection)
    if present > known[-1][0]:
        check_usable(compatibility.usable_from(connection), present)
        return  # what the newer release added is left as it is
    if present < known[-1][0]:
        if present:
            _keep_way_back(connection, path, known[-1][0])
            compatibility.write_down(connection)  # first: a crash between steps must not leave less said than done
        apply(connection, known)
        connection.execute("DELETE FROM meta WHERE key = ?", (_BEGUN,))
    compatibility.write_down(connection)


def check_usable(usable_from: int, present: int) -> None:
    """Refuse a file of a newer release that this one would not understand, or would spoil."""
    last = steps()[-1][0]
    if usable_from > last:
        detail = f"schema {present}, usable from {usable_from} on; this release knows {last}"
        raise EdgeNodeError(detail, code="EN-STORE-NEWER")


def apply(connection: sqlite3.Connection, known: list[tuple[int, str, str]]) -> None:
    """Apply the steps that were not; sqlite-utils remembers which were."""
    from sqlite_utils import Database, Migrations  # takes longer to import than a start may: only where needed

    migrations = Migrations("edge_node.store")
    for _, name, text in known:
        migrations(name=name)(_step(text))
    migrations.apply(Database(connection))


def _step(text: str) -> "Callable[[Database], None]":
    def run(database: "Database") -> None:
        for statement in statements(text):
            database.conn.execute(statement)

    return run


def _keep_way_back(connection: sqlite3.Connection, path: Path, last: int) -> None:
    """Have a copy of the file as it was before the first step; after a stop between two steps that is there."""
    copy = path.with_name(f"{path.name}.before-{last:04d}")
    begun = connection.execute("SELECT value FROM meta WHERE key = ?", (_BEGUN,)).fetchone()
    if begun == (last,) and copy.exists() and _version_of(copy) < version(connection):
        return
    back_up(connection, copy)
    connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (_BEGUN, last))


def _version_of(copy: Path) -> int:
    """The schema of a copy; one that cannot be read is of no use."""
    opened = sqlite3.connect(copy)
    try:
        return version(opened)
    except sqlite3.DatabaseError:
        return sys.maxsize
    finally:
        opened.close()


def back_up(connection: sqlite3.Connection, copy: Path) -> None:
    """Write a whole copy of the store, readable by its owner only; it has its name when it is on the disk."""
    beside = copy.with_name(copy.name + ".part")
    beside.unlink(missing_ok=True)
    beside.touch(mode=0o600)
    target = sqlite3.connect(beside)
    try:
        target.execute("PRAGMA synchronous = FULL")
        connection.backup(target)
    finally:
        target.close()
    beside.rename(copy)
    sync_directory(copy.parent)
