"""A full segment of the access log becomes a file, and leaves the database; after its time the file goes too.

Knows: the order of the steps, and that a kill between any two loses no record and has none twice.
Must not know: when it is done, what is in a record.

A file is written beside its place, synced, read again and renamed. Then one commit says that the segment lies there:
its rows are nothing but leftovers from that moment on, and go a little at a time.
"""

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from edge_node.errors import EdgeNodeError, StoreUnavailable
from edge_node.store import log_index, log_keys, log_segments, log_sources
from edge_node.store.access_log import AccessLog
from edge_node.store.keys import sync_directory
from edge_node.store.log_line import Line
from edge_node.store.log_segments import Segment
from edge_node.store.sealed_files import make_folder
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment

_PART: Final = ".part"
_AT_ONCE: Final = 200
_SYNC_LINES: Final = 2000
FailPoint = Callable[[str], None]


def write(connection: sqlite3.Connection, segment: Segment, folder: Path, fail_point: FailPoint) -> str:
    """Write the file of a full segment; one that is there already, whole, is left. Return its name."""
    make_folder(folder)
    name = log_sources.name_of(segment)
    path, part = folder / name, folder / (name + _PART)
    try:
        digest = _write(log_sources.of_segment(connection, segment), part)
        fail_point("log-written")
        if _digest(part) != digest:
            raise StoreUnavailable(f"{part} does not hold what was written to it", code="EN-STORE-DAMAGED")
        part.rename(path)
        sync_directory(folder)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StoreUnavailable(f"{part}: {error.strerror}", code="EN-STORE-FULL") from error
    fail_point("log-placed")
    return name


def _write(lines: Iterable[bytes], part: Path) -> bytes:
    digest = hashlib.sha256()
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        for number, line in enumerate(lines, start=1):
            file.write(line)
            digest.update(line)
            if number % _SYNC_LINES == 0:
                file.flush()
                os.fdatasync(file.fileno())  # in parts, so that no commit waits behind a large write
        file.flush()
        os.fsync(file.fileno())
    return digest.digest()


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # from the disk, not from memory
        return hashlib.file_digest(file, "sha256").digest()


def settle(session: Session, number: int, name: str) -> None:
    """The segment lies in that file from this commit on."""
    log_segments.file(session.connection, number, name)
    session.fail_point("log-filed")


def clear(session: Session, _limit: int, _at: Moment) -> int:
    """Remove some rows of segments that lie in files."""
    first = log_sources.first_in_store(session.connection)
    gone = session.execute(
        "DELETE FROM log_records WHERE seq IN (SELECT seq FROM log_records WHERE seq < ? ORDER BY seq LIMIT ?)",
        (first, _AT_ONCE),
    ).rowcount
    session.execute("DELETE FROM log_heads WHERE seq < (SELECT min(seq) FROM log_records)")
    if gone:
        session.fail_point("log-clearing")
    return int(gone)


def prune(session: Session, at: Moment) -> Segment | None:
    """Forget the oldest segment when its time is over, with a record that says so; its file goes after the commit."""
    log = session.log
    oldest = log_segments.in_state(session.connection, "filed")
    if not isinstance(log, AccessLog) or oldest is None or oldest.ended is None or oldest.hash is None:
        return None
    if oldest.ended + log.plan.retention_s > at.now or _is_needed(session.connection, oldest):
        return None
    told = {
        "event.type": "node",
        "event.action": "D",
        "event.result": "ok",
        "event.code": "log pruned",
        "event.details": [["segment", str(oldest.number)], ["through", f"{oldest.last}:{oldest.hash.hex()}"]],
        "user.kind": "node",
    }
    log.append(Line(told), at.now)
    log.sign(at.now)  # what nobody vouches for is no reason for records to be gone
    session.execute("DELETE FROM log_segments WHERE number = ?", (oldest.number,))
    log_keys.destroy(session.connection, oldest.number)
    return oldest


def _is_needed(connection: sqlite3.Connection, oldest: Segment) -> bool:
    """Rows of it are in the database yet: without its line nobody would know them for leftovers."""
    sql = "SELECT 1 FROM log_records WHERE seq <= ? LIMIT 1"
    return connection.execute(sql, (oldest.last,)).fetchone() is not None


def remove_files(connection: sqlite3.Connection, folder: Path) -> tuple[str, ...]:
    """Remove the files of segments that were pruned; also after a kill between the commit and that."""
    known = log_segments.listed(connection)
    chains = {each.chain: each.number for each in reversed(known)}
    gone = [
        each.path
        for each in log_sources.files_in(folder)
        if each.chain in chains and each.number < min(chains[each.chain], known[0].number)
    ]
    try:
        for path in gone:
            log_index.remove(path)  # first: of one whose file is gone nobody would know
            path.unlink()
    except OSError as error:
        raise EdgeNodeError(f"{error.filename}: {error.strerror}", code="EN-STORE-READONLY") from error
    return tuple(path.name for path in gone)
