"""What SQLite's errors mean to the node.

Knows: SQLite's result codes and our codes for them.
Must not know: which statement failed.
"""

import sqlite3

from edge_node.errors import StoreUnavailable

_MEANING = {
    sqlite3.SQLITE_FULL: "EN-STORE-FULL",
    sqlite3.SQLITE_CORRUPT: "EN-STORE-DAMAGED",
    sqlite3.SQLITE_NOTADB: "EN-STORE-DAMAGED",
}


def primary_code(error: sqlite3.Error) -> int | None:
    """Return the primary result code, or None where Python itself raised the error."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def is_fatal(error: sqlite3.Error) -> bool:
    """Say whether the disk failed: after a failed fsync nobody knows what is on it, so the process must end."""
    return primary_code(error) == sqlite3.SQLITE_IOERR


def translated(error: sqlite3.Error) -> StoreUnavailable:
    """Return the same in our words. SQLite's text names tables and columns, never values."""
    code = _MEANING.get(primary_code(error) or 0, StoreUnavailable.code)
    return StoreUnavailable(getattr(error, "sqlite_errorname", type(error).__name__), code=code)
