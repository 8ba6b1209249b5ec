"""One moment of the open store as a file of its own, made beside the writer.

Knows: that a reader's snapshot stays as it was while commits go on, how the copy is looked through.
Must not know: what is done with the copy.

The reading transaction is what makes a copy in small steps end: SQLite begins a copy anew when somebody writes
between two of its steps, unless the source stays at one moment. Until it ends the log of the store grows with what is
written meanwhile; the next checkpoint takes that back.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from edge_node.errors import EdgeNodeError
from edge_node.model.backup import Manifest
from edge_node.store import compatibility, day_keys, log_keys, schema, unlocking
from edge_node.store.database import open_readonly
from edge_node.store.faults import translated
from edge_node.store.recovery import RecoveryPublic

#: Of 16 kB: half a megabyte a step, a few milliseconds of the disk.
_STEP_PAGES: Final = 32
#: Written back so often, so that no commit waits behind a large write.
_SYNC_STEPS: Final = 16
Progress = Callable[[int, int], None]


def size_of(store: Path) -> int:
    """Return how large a copy would be now."""
    with open_readonly(store) as source:
        return _size(source)


def copy(store: Path, target: Path, progress: Progress) -> None:
    """Write one moment of the store into a new file, readable by its owner only; `progress` may end it by raising."""
    handle = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open_readonly(store) as source, closing(sqlite3.connect(target, isolation_level=None)) as into:
            # Nothing of it counts before it was checked: no journal, and no syncs but our own.
            into.execute("PRAGMA journal_mode = OFF")
            into.execute("PRAGMA synchronous = OFF")
            source.execute("BEGIN")
            source.execute("SELECT 1 FROM sqlite_schema").fetchone()  # the moment begins with the first read
            source.backup(into, pages=_STEP_PAGES, progress=_stepwise(handle, _size(source), progress))
        os.fsync(handle)
    finally:
        os.close(handle)


def _size(source: sqlite3.Connection) -> int:
    pages, page = (source.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    return int(pages * page)


def _stepwise(handle: int, nbytes: int, progress: Progress) -> Callable[[int, int, int], None]:
    steps = [0]

    def step(_status: int, remaining: int, pages: int) -> None:
        steps[0] += 1
        if steps[0] % _SYNC_STEPS == 0:
            os.fdatasync(handle)
        progress(nbytes - nbytes * remaining // max(1, pages), nbytes)

    return step


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy that nobody changes: without a lock, and without files beside it."""
    try:
        address = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise translated(error) from error


def check(connection: sqlite3.Connection) -> None:
    """Look through the whole file. Raises `EN-STORE-DAMAGED` with what is wrong first."""
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise EdgeNodeError(str(found).splitlines()[0][:200], code="EN-STORE-DAMAGED")


def examine(path: Path, keys: tuple[RecoveryPublic, ...]) -> Manifest:
    """Check the copy, and return what is in it as far as the copy itself tells."""
    with opened(path) as connection:
        check(connection)
        if _meta(connection, unlocking.REHASH) is not None:
            raise EdgeNodeError("its hashes get another key: finish edge-node store rehash", code="EN-BACKUP-FAILED")
        _check_openers(connection, keys)
        seq, at = _last_line(connection)
        return Manifest(
            id="",
            site="",
            made_at="",
            release="",
            schema=schema.version(connection),
            usable_from=compatibility.usable_from(connection),
            settings_hash="",
            run=_meta(connection, "run") or 0,
            journal_seq=seq,
            last_line_at=at,
            patient_key=str(_meta(connection, "patient key") or ""),
            keys=tuple(key.id for key in keys),
            counts=counts(connection),
        )


def _check_openers(connection: sqlite3.Connection, keys: tuple[RecoveryPublic, ...]) -> None:
    """Each recovery key must open all that is sealed in the store; one that was just added does so after a start."""
    for key in keys:
        missing = [*day_keys.unwrapped_by(connection, key.id), *log_keys.unwrapped_by(connection, key.id)]
        if missing:
            detail = f"the recovery key {key.id} does not open {len(missing)} keys yet: reload the daemon's settings"
            raise EdgeNodeError(detail, code="EN-BACKUP-FAILED")


def counts(connection: sqlite3.Connection) -> tuple[tuple[str, str, int], ...]:
    """Return how many messages are in each state, as the counters have it."""
    found = connection.execute("SELECT direction, state, n FROM counters WHERE n > 0 ORDER BY 1, 2").fetchall()
    return tuple((str(direction), str(state), int(n)) for direction, state, n in found)


def _last_line(connection: sqlite3.Connection) -> tuple[int, str]:
    sql = "SELECT seq, substr(record ->> '$.at', 1, 19) || 'Z' FROM log_records ORDER BY seq DESC LIMIT 1"
    found = connection.execute(sql).fetchone()
    return (0, "") if found is None else (int(found[0]), str(found[1]))


def _meta(connection: sqlite3.Connection, key: str) -> Any:
    found = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if found is None else found[0]
