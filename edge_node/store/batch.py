"""Several units of work in one commit.

Knows: that a failing unit leaves the others alone, and what a failing commit means for all.
Must not know: threads, or what a unit does.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from edge_node.errors import StoreUnavailable
from edge_node.store.faults import is_fatal, translated
from edge_node.store.session import Session

T = TypeVar("T")
Work = Callable[[Session], T]


class DiskFailed(StoreUnavailable):
    """The disk gave an I/O error: what is on it is not known, so the process must end."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one unit: a value, or the error it raised."""

    value: Any = None
    error: Exception | None = None


def run_batch(session: Session, works: Sequence[Work[Any]]) -> list[Outcome]:
    """Run each unit, commit once, and return what came of each. Raises `DiskFailed`."""
    try:
        session.begin()
        outcomes = [_run(session, work) for work in works]
        session.commit()
    except sqlite3.Error as error:
        _undo(session)
        failure = _failure(error)
        return [Outcome(error=failure) for _ in works]
    return outcomes


def transact(session: Session, work: Work[T]) -> T:
    """Run one unit in a commit of its own."""
    outcome = run_batch(session, [work])[0]
    if outcome.error is not None:
        raise outcome.error
    return outcome.value  # type: ignore[no-any-return]


def _run(session: Session, work: Work[Any]) -> Outcome:
    session.begin_unit()
    try:
        value = work(session)
    except sqlite3.Error as error:
        session.undo_unit()
        if not session.connection.in_transaction or is_fatal(error):
            raise  # SQLite ended the transaction: none of the units is in it any more
        return Outcome(error=translated(error))
    except Exception as error:  # noqa: BLE001  the caller is told; the other units go on
        session.undo_unit()
        return Outcome(error=error)
    session.keep_unit()
    return Outcome(value)


def _undo(session: Session) -> None:
    try:
        session.roll_back()
    except sqlite3.Error as error:
        raise DiskFailed("the store could not be rolled back") from error


def _failure(error: sqlite3.Error) -> StoreUnavailable:
    if is_fatal(error):
        raise DiskFailed(getattr(error, "sqlite_errorname", "SQLITE_IOERR")) from error
    failure = translated(error)
    failure.__cause__ = error
    return failure
