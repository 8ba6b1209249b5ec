"""What SQLite's errors mean to the node.

Knows: SQLite's result codes and our codes for them.
Must not know: which statement failed.
"""

import sqlite3
from typing import Final

from edge_node.errors import StoreUnavailable

_MEANING: Final = {
    sqlite3.SQLITE_FULL: "EN-STORE-FULL",
    sqlite3.SQLITE_CORRUPT: "EN-STORE-DAMAGED",
    sqlite3.SQLITE_NOTADB: "EN-STORE-DAMAGED",
    sqlite3.SQLITE_READONLY: "EN-STORE-READONLY",
}
#: Of the errors of the disk those that say nothing of what was written. SQLite's numbers; Python 3.11 has no name for
#: the last two: IOERR_CORRUPTFS is what a read gives when the disk says EIO.
_CORRUPTFS: Final = sqlite3.SQLITE_IOERR | (33 << 8)
_DATA: Final = sqlite3.SQLITE_IOERR | (32 << 8)
_READS: Final = frozenset({sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ, _CORRUPTFS, _DATA})
#: The index of the log is a file too: it could not be made longer.
_NO_ROOM: Final = frozenset({sqlite3.SQLITE_IOERR_SHMSIZE})
_NO_MEMORY: Final = frozenset({sqlite3.SQLITE_IOERR_NOMEM})


def primary_code(error: sqlite3.Error) -> int | None:
    """Return the primary result code, or None where Python itself raised the error."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def is_fatal(error: sqlite3.Error) -> bool:
    """Say whether the disk failed: after a failed fsync nobody knows what is on it, so the process must end."""
    code = getattr(error, "sqlite_errorcode", None)
    return primary_code(error) == sqlite3.SQLITE_IOERR and code not in _READS | _NO_ROOM | _NO_MEMORY


def is_damage(error: sqlite3.Error) -> bool:
    """Say whether something that is on the disk cannot be read."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # Python's own: text that is no UTF-8
        return isinstance(error, sqlite3.OperationalError) and "decode" in str(error).lower()
    return code in _READS or code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def is_no_room(error: sqlite3.Error) -> bool:
    """Say whether the disk is full."""
    return primary_code(error) == sqlite3.SQLITE_FULL or getattr(error, "sqlite_errorcode", None) in _NO_ROOM


def translated(error: sqlite3.Error) -> StoreUnavailable:
    """Return the same in our words. SQLite's text names tables and columns, never values."""
    code = _MEANING.get(primary_code(error) or 0, StoreUnavailable.code)
    if is_no_room(error):
        code = "EN-STORE-FULL"
    elif is_damage(error):
        code = "EN-STORE-DAMAGED"
    return StoreUnavailable(getattr(error, "sqlite_errorname", type(error).__name__), code=code)
