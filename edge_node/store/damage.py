"""A row that cannot be read: damaged on disk, or not what this release writes.

Knows: which errors say so, and that they are told with the number of the row.
Must not know: what is done with such a row.
"""

import sqlite3
from types import TracebackType
from typing import Final

from edge_node.errors import EdgeNodeError
from edge_node.store.faults import is_damage

_CODE: Final = "EN-STORE-DAMAGED"
#: What our own readers raise when a value is not one they can have written.
_MISREAD: Final = (ValueError, TypeError, LookupError, AttributeError)


class CannotRead(EdgeNodeError):
    """This message cannot be read; whoever catches it sets the message aside. Holds no value of it."""

    code = _CODE

    def __init__(self, seq: int, why: str, *, is_of_the_disk: bool = False) -> None:
        super().__init__(why)
        self.seq = seq
        self.why = why
        #: The file did not give it back; SQLite takes no more changes in this commit.
        self.is_of_the_disk = is_of_the_disk


class Reading:
    """Within this block only one row is read: whatever goes wrong is the fault of that row."""

    __slots__ = ("_seq", "_what")

    def __init__(self, seq: int, what: str) -> None:
        self._seq = seq
        self._what = what

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or isinstance(error, CannotRead):
            return
        if _is_of_the_row(error):
            of_the_disk = isinstance(error, sqlite3.Error) and hasattr(error, "sqlite_errorcode")
            raise CannotRead(self._seq, f"{self._what}: {_named(error)}", is_of_the_disk=of_the_disk) from error


def _is_of_the_row(error: BaseException) -> bool:
    if isinstance(error, sqlite3.Error):
        return is_damage(error)
    if isinstance(error, EdgeNodeError):
        return error.code == _CODE
    return isinstance(error, _MISREAD)


def _named(error: BaseException) -> str:
    """The kind of error; its text may hold what was read."""
    return str(getattr(error, "sqlite_errorname", type(error).__name__))
