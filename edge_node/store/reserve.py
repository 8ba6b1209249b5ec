"""Space of the store's own, for when the disk is full: queries are logged from it, and deliveries come to their end.

Knows: what is set apart and how, in which order it is given up, when it is used up, how it is made whole again.
Must not know: who fills the disk, what is refused meanwhile.

Three things are set apart. Pages within the database file: once given up they are all that new rows take, so that the
file does not grow. Blocks behind the end of the write-ahead log: a commit needs no other ones. Both are in files of
ours, where nobody else can take them. And a file that is given back to the disk, so that what stands in the log at
that moment finds room in the database.
"""

import contextlib
import ctypes
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge_node.errors import EdgeNodeError
from edge_node.store import emptying
from edge_node.store.session import Session

_PAGE: Final = 16384
_LOG_BYTES: Final = 32 * 1024 * 1024
_FILLER_BYTES: Final = 64 * 1024 - 512  # four pages, whole
_PAGES_A_FILLER: Final = 4
_FILLERS_A_STEP: Final = 16
#: A record of the access log with its place in the tree and its share of the heads; measured 720 bytes for a push and
#: 1,400 for a query with all that a token tells, the rest is for half empty pages.
_RECORD_BYTES: Final = 2048
#: For the ends of deliveries when the records have used up theirs.
_DRAIN_PAGES: Final = 256
_KEEP_SIZE: Final = 1  # FALLOC_FL_KEEP_SIZE


class NothingToSetApart(EdgeNodeError):
    """The disk has room for what comes in, and none for a reserve: no commit failed."""

    code = "EN-STORE-FULL"


@dataclass(frozen=True, slots=True)
class ReserveState:
    """How the reserve is, as the line and the status ask for it."""

    is_open: bool = False  # given up: the disk is full
    is_scarce: bool = False  # more than half of it is gone: what is left is for queries and deliveries
    is_used_up: bool = False  # not even queries can be recorded
    is_whole: bool = False


class Reserve:
    """The reserve of one store. Changed in the writer's thread; its state may be read anywhere."""

    def __init__(self, path: Path, records: int) -> None:
        self._log = path.with_name(path.name + "-wal")
        self._file = path.with_name(path.name + ".reserve")
        self._fillers = -(-(records * _RECORD_BYTES // _PAGE + _DRAIN_PAGES) // _PAGES_A_FILLER)
        # An empty file was given back; one that is not there was never made.
        self.state = ReserveState(is_open=self._file.exists() and self._file.stat().st_size == 0)

    def give_up(self, session: Session) -> bool:
        """The disk is full. Say whether there is room for another try."""
        connection = session.connection
        if self.state.is_open:
            return _written_back(connection)
        self.state = ReserveState(is_open=True)
        _give_back(self._file)
        session.fail_point("reserve-given-back")
        _written_back(connection)
        if not _released(connection):
            return False
        _written_back(connection)
        self.look(session)
        return True

    def look(self, session: Session) -> None:
        """See how much is left; only while it is in use."""
        if self.state.is_open:
            (free,) = session.execute("PRAGMA freelist_count").fetchone()
            half = _DRAIN_PAGES + (self._fillers * _PAGES_A_FILLER - _DRAIN_PAGES) // 2
            self.state = ReserveState(is_open=True, is_scarce=free < half, is_used_up=free < _DRAIN_PAGES)

    def empty_log(self, session: Session) -> None:
        """Empty the log where that was asked for; on a full disk its blocks are what is left, so not then."""
        if not session.log_is_to_go:
            return
        if self.state.is_open:
            emptying.put_off(session)
        elif emptying.empty(session) and self.state.is_whole:
            _lengthen(self._log)

    def fill(self, session: Session) -> bool:
        """Set a little more apart; say whether something is missing yet. Raises `NothingToSetApart`."""
        if self._file_bytes() < _LOG_BYTES:
            _allocate(self._file)
            return True
        _lengthen(self._log)
        (present,) = session.execute("SELECT count(*) FROM reserve_pages").fetchone()
        missing = min(self._fillers - present, _FILLERS_A_STEP)
        for _ in range(missing):
            session.execute("INSERT INTO reserve_pages (filler) VALUES (zeroblob(?))", (_FILLER_BYTES,))
        return bool(missing > 0)

    def filled(self) -> None:
        """Nothing is missing: the disk has room again."""
        self.state = ReserveState(is_whole=True)

    def _file_bytes(self) -> int:
        try:
            return self._file.stat().st_blocks * 512
        except FileNotFoundError:
            return 0


def give_back(path: Path) -> bool:
    """Give the file back before the store is open; say whether there was one to give."""
    file = path.with_name(path.name + ".reserve")
    if not file.exists() or file.stat().st_size == 0:
        return False
    _give_back(file)
    return True


def _give_back(file: Path) -> None:
    with contextlib.suppress(OSError):
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            # Not removed: that it is empty tells the next start that the reserve is in use.
            os.ftruncate(handle, 0)
            os.fsync(handle)  # ext4 gives blocks free only when that is in its journal
        finally:
            os.close(handle)


def _written_back(connection: sqlite3.Connection) -> bool:
    """Write the log back into the file, and begin it anew at its start; say whether all of it went."""
    try:
        # Not TRUNCATE: the blocks of the log are ours as long as the file has them.
        busy, in_log, done = connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
    except sqlite3.Error:
        return False
    return not busy and in_log == done


def _released(connection: sqlite3.Connection) -> bool:
    try:
        # Nothing but zeros is in them: to overwrite each would take the log that there is no room for.
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("DELETE FROM reserve_pages")
    except sqlite3.Error:
        return False
    finally:
        connection.execute("PRAGMA secure_delete = ON")
    return True


def _allocate(file: Path) -> None:
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.posix_fallocate(handle, 0, _LOG_BYTES)
        os.fsync(handle)
    except OSError as error:
        os.ftruncate(handle, 0)
        raise NothingToSetApart("there is no room for the reserve") from error
    finally:
        os.close(handle)


def _lengthen(log: Path) -> None:
    """Have blocks behind the end of the log; where the file system cannot, the log takes them as it goes."""
    if log.stat().st_blocks * 512 >= _LOG_BYTES:
        return
    handle = os.open(log, os.O_RDWR)
    try:
        allocate = ctypes.CDLL(None, use_errno=True).fallocate
        allocate(handle, _KEEP_SIZE, ctypes.c_long(0), ctypes.c_long(_LOG_BYTES))
    finally:
        os.close(handle)
