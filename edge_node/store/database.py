"""The file of the store, opened safely.

Knows: SQLite's settings, file modes, the lock that keeps a second process out.
Must not know: the tables.
"""

import errno
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from edge_node.errors import EdgeNodeError, StoreUnavailable
from edge_node.store import presence, schema
from edge_node.store.faults import primary_code, translated
from edge_node.store.keys import sync_directory
from edge_node.store.mounts import is_readonly

#: "EDGE": a SQLite file of somebody else is not taken for ours.
APPLICATION_ID: Final = 0x45444745

_CODES: Final = {
    errno.EROFS: "EN-STORE-READONLY",
    errno.ENOSPC: "EN-STORE-FULL",
    errno.EDQUOT: "EN-STORE-FULL",
    errno.EIO: StoreUnavailable.code,
}
_PRAGMAS: Final = (
    "PRAGMA page_size = 16384",  # before the file is made; bodies are some kilobytes
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a commit is on the disk when it returns
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA mmap_size = 0",  # an I/O error must be an error, not a signal
    "PRAGMA temp_store = MEMORY",  # nothing of a message in /tmp
    "PRAGMA secure_delete = ON",  # a removed body is overwritten
    "PRAGMA wal_autocheckpoint = 1000",  # 16 MB
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA cache_size = -32768",
)


@dataclass(slots=True)
class Database:
    """The open file and the lock on it."""

    connection: sqlite3.Connection
    lock: int

    def close(self) -> None:
        """Write the log back into the file, close it, let go of the lock."""
        try:
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            self.connection.close()
            os.close(self.lock)

    def abandon(self) -> None:
        """Close without writing anything: the opening failed, or the disk did."""
        self.connection.close()
        os.close(self.lock)


def open_exclusively(path: Path, *, is_new: bool = False) -> Database:
    """Open the store for changing, made and migrated where needed. Only one process at a time.

    A store that was there and is gone is not made anew, unless the caller says that this one was never there.
    """
    with _told_in_our_words():
        if not path.parent.exists():
            path.parent.mkdir(parents=True, mode=0o700)
        lock = _lock(path.with_name(path.name + ".lock"))
    try:
        if not is_new:
            with _told_in_our_words():
                presence.check(path)
        return Database(_open(path), lock)
    except sqlite3.Error as error:
        os.close(lock)
        raise translated(error) from error
    except BaseException:
        os.close(lock)
        raise


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep every other process from changing the store, without opening it."""
    with _told_in_our_words():
        if not path.parent.exists():
            path.parent.mkdir(parents=True, mode=0o700)
        lock = _lock(path.with_name(path.name + ".lock"))
    try:
        yield
    finally:
        os.close(lock)


@contextmanager
def open_unchanged(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the store for changing as it is, without migrating it. Only one process at a time."""
    with locked(path):
        connection = None
        try:
            connection = _connect(f"file:{quote(str(path.absolute()))}?mode=rw")
            connection.execute("PRAGMA synchronous = FULL")
            _check_ours(connection)
            yield connection
        except sqlite3.Error as error:
            raise translated(error) from error
        finally:
            if connection is not None:
                connection.close()


@contextmanager
def open_readonly(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the store for reading, beside whoever has it open."""
    connection = None
    try:
        connection = _reading(path)
        yield connection
    except sqlite3.Error as error:
        raise translated(error) from error
    finally:
        if connection is not None:
            connection.close()


def _reading(path: Path) -> sqlite3.Connection:
    address = f"file:{quote(str(path.absolute()))}?mode=ro"
    try:
        return _read(address)
    except sqlite3.OperationalError as error:
        # SQLite makes files beside a store that it reads. Where nobody can, nobody changes it meanwhile either.
        if primary_code(error) != sqlite3.SQLITE_CANTOPEN or not path.exists() or not is_readonly(path.parent):
            raise
        if _has_log(path):
            detail = f"{path} cannot be read here, because it has a log: copy both to a disk that takes changes"
            raise StoreUnavailable(detail, code="EN-STORE-READONLY") from error
    return _read(f"{address}&immutable=1")


def _read(address: str) -> sqlite3.Connection:
    connection = _connect(address)
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA busy_timeout = 5000")
        _check_ours(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _has_log(path: Path) -> bool:
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def _open(path: Path) -> sqlite3.Connection:
    with _told_in_our_words():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)  # SQLite gives its side files the mode of the file
    connection = _connect(f"file:{quote(str(path.absolute()))}?mode=rw")
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        if schema.is_empty(connection):  # also after a crash at the very first start
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        _check_ours(connection)
        schema.migrate(connection, path)
        _check_tables(connection)
        sync_directory(path.parent)
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(address: str) -> sqlite3.Connection:
    # One thread at a time uses a connection, but not the one that opened it.
    return sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False, cached_statements=256)


def _check_ours(connection: sqlite3.Connection) -> None:
    found = connection.execute("PRAGMA application_id").fetchone()[0]
    if found != APPLICATION_ID:
        raise EdgeNodeError("the file is not a store of the edge node", code="EN-STORE-DAMAGED")


def _check_tables(connection: sqlite3.Connection) -> None:
    """See that the way to the first row of every table can be read: damage there concerns every message."""
    for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        connection.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone()  # noqa: S608  a name of the schema


@contextmanager
def _told_in_our_words() -> Iterator[None]:
    """Translate what a full, failing or read-only file system says to a start."""
    try:
        yield
    except OSError as error:
        code = _CODES.get(error.errno or 0)
        if code is None:
            raise
        raise StoreUnavailable(f"{error.filename}: {error.strerror}", code=code) from error


def _lock(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    if os.geteuid() == 0:
        # Made by root while the daemon was down, it would keep the daemon's own user out.
        folder = path.parent.stat()
        os.fchown(handle, folder.st_uid, folder.st_gid)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise EdgeNodeError(f"{path} is held by another process", code="EN-STORE-IN-USE") from None
    return handle
