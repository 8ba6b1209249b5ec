"""Several units of work in one commit.

Knows: that a failing unit leaves the others alone, and what a failing commit means for all.
Must not know: threads, or what a unit does.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from edge_node.errors import StoreUnavailable
from edge_node.store.damage import CannotRead
from edge_node.store.evicting import evict, evict_all
from edge_node.store.faults import is_damage, is_fatal, translated
from edge_node.store.session import Session

#: How many messages one unit may find unreadable; it is tried again later, when others had their turn.
_MAX_EVICTED: Final = 64

T = TypeVar("T")
Work = Callable[[Session], T]


class DiskFailed(StoreUnavailable):
    """The disk gave an I/O error: what is on it is not known, so the process must end."""


class _Broken(Exception):
    """The commit cannot be made, and one of its units is to blame."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one unit: a value, or the error it raised."""

    value: Any = None
    error: Exception | None = None


def run_batch(session: Session, works: Sequence[Work[Any]]) -> list[Outcome]:
    """Run each unit, commit once, and return what came of each. Raises `DiskFailed`."""
    try:
        return _together(session, works)
    except (_Broken, CannotRead):
        # Something on the disk cannot be read, which only one of them wanted: none may take the others down.
        _undo(session)
        return [_alone(session, work) for work in works]


def transact(session: Session, work: Work[T]) -> T:
    """Run one unit in a commit of its own."""
    outcome = run_batch(session, [work])[0]
    if outcome.error is not None:
        raise outcome.error
    return outcome.value  # type: ignore[no-any-return]


def _together(session: Session, works: Sequence[Work[Any]]) -> list[Outcome]:
    try:
        session.begin()
        outcomes = [_run(session, work) for work in works]
        session.commit()
    except sqlite3.Error as error:
        _undo(session)
        if is_damage(error):
            raise _Broken from error
        failure = _failure(error)
        return [Outcome(error=failure) for _ in works]
    return outcomes


def _alone(session: Session, work: Work[Any]) -> Outcome:
    """Run a unit in a commit of its own; each message that it cannot read is set aside first."""
    for _ in range(_MAX_EVICTED):
        try:
            return _together(session, [work])[0]
        except CannotRead as found:
            _undo(session)
            try:
                evict(session, found)
            except sqlite3.Error as error:
                return Outcome(error=_failure(error))
        except _Broken as error:
            _undo(session)
            cause = error.__cause__
            if isinstance(cause, sqlite3.Error) and is_damage(cause) and _found_whose(session):
                continue
            known = isinstance(cause, sqlite3.Error)
            return Outcome(error=_failure(cause) if known else StoreUnavailable("no memory"))  # type: ignore[arg-type]
    return Outcome(error=StoreUnavailable("too much cannot be read", code="EN-STORE-DAMAGED"))


def _found_whose(session: Session) -> bool:
    try:
        return evict_all(session)
    except sqlite3.Error:
        return False


def _run(session: Session, work: Work[Any]) -> Outcome:
    session.begin_unit()
    try:
        value = work(session)
    except CannotRead:
        raise
    except sqlite3.Error as error:
        session.undo_unit()
        if not session.connection.in_transaction or is_fatal(error) or is_damage(error):
            raise  # SQLite ended the transaction, or takes nothing more in it: none of the units is in it any more
        return Outcome(error=translated(error))
    except Exception as error:  # the caller is told; the other units go on
        session.undo_unit()
        if not session.connection.in_transaction:  # SQLite had no memory, and gave up all of them
            raise _Broken from error
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
