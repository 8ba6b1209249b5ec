"""The one thread that writes: it commits whatever is waiting together, then tells each caller.

Knows: the line of waiting units, the caps of one commit, how the reactor is told.
Must not know: what a unit does.
"""

import sqlite3
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeVar, cast

from twisted.internet.defer import Deferred

from edge_node.errors import StoreUnavailable
from edge_node.store import emptying
from edge_node.store.batch import DiskFailed, Outcome, Work, run_batch
from edge_node.store.faults import is_fatal
from edge_node.store.session import Session

T = TypeVar("T")

MAX_UNITS: Final = 128
MAX_BYTES: Final = 8 * 1024 * 1024


def _nothing_to_give(_: Session) -> bool:
    """There is no reserve."""
    return False


def _writable() -> bool:
    """The file system takes changes."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """What is done when the machine fails the store."""

    give_up_reserve: Callable[[Session], bool] = _nothing_to_give  # the disk is full: is there room for another try?
    look_at_reserve: Callable[[Session], None] = lambda _: None
    empty_log: Callable[[Session], None] = lambda _: None
    is_readonly: Callable[[], bool] = _writable


_NO_EMERGENCY: Final = Emergency()


@dataclass(slots=True)
class _Waiting:
    work: Work[Any]
    nbytes: int
    done: Deferred[Any] = field(default_factory=Deferred)


class Writer:
    """Takes units of work from the reactor's thread and answers there, after their commit."""

    def __init__(
        self,
        session: Session,
        call_from_thread: Callable[..., Any],
        on_fatal: Callable[[Exception], None],
        close: Callable[[], None],
        *,
        emergency: Emergency = _NO_EMERGENCY,
    ) -> None:
        self._session = session
        self._call_from_thread = call_from_thread
        self._on_fatal = on_fatal
        self._close = close
        self._emergency = emergency
        self._disk_failed: DiskFailed | None = None
        self._line: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._is_open = True
        #: The code with which the last commit failed; empty when it did not. Read in the reactor's thread.
        self.failure = ""
        self._closed: Deferred[None] = Deferred()
        self._thread = threading.Thread(target=self._serve, name="store-writer", daemon=True)

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def do(self, work: Work[T], nbytes: int = 0) -> Awaitable[T]:
        """Have this done in the next commit; the result comes when it is durable."""
        waiting = _Waiting(work, nbytes)
        if self._is_open:
            self._line.put(waiting)
        else:
            waiting.done.errback(StoreUnavailable("the store is closed"))
        return cast("Awaitable[T]", waiting.done)

    def close(self) -> Deferred[None]:
        """Commit what waits, close the file, and say when it is done."""
        if self._is_open:
            self._is_open = False
            self._line.put(None)
        done: Deferred[None] = Deferred()
        self._closed.addCallback(lambda _: done.callback(None))
        return done

    def _serve(self) -> None:
        ended = False
        try:
            while not ended:
                batch, ended = self._take()
                self._commit(batch)
            self._close()
        except Exception as error:  # noqa: BLE001  the top of the loop: no unit may be told yes after this
            self._call_from_thread(self._fail, error)
        self._call_from_thread(self._closed.callback, None)

    def _take(self) -> tuple[list[_Waiting], bool]:
        """Wait for a unit, then take what else waits, within the caps. Say whether the end was reached."""
        first = self._line.get()
        batch: list[_Waiting] = []
        nbytes = 0
        waiting = first
        while waiting is not None:
            batch.append(waiting)
            nbytes += waiting.nbytes
            if len(batch) >= MAX_UNITS or nbytes >= MAX_BYTES:
                return batch, False
            try:
                waiting = self._line.get_nowait()
            except Empty:
                return batch, False
        return batch, True

    def _commit(self, batch: list[_Waiting]) -> None:
        if not batch:
            return
        works = [waiting.work for waiting in batch]
        try:
            outcomes = self._run(works)
        except DiskFailed as error:
            if self._emergency.is_readonly():
                # To end would only make the local systems see no node at all: it refuses until a person acts.
                self._disk_failed = error
                outcomes = _refused(works)
            else:
                self._call_from_thread(self._told, [(waiting, Outcome(error=error)) for waiting in batch])
                raise
        self._call_from_thread(self._told, list(zip(batch, outcomes, strict=True)))

    def _run(self, works: list[Work[Any]]) -> list[Outcome]:
        if self._disk_failed is not None:
            if self._emergency.is_readonly():
                return _refused(works)
            raise self._disk_failed  # it takes changes again: what is really on it, only a new start can tell
        outcomes = run_batch(self._session, works)
        missed = [number for number, outcome in enumerate(outcomes) if _found_no_room(outcome)]
        if missed and self._emergency.give_up_reserve(self._session):
            again = run_batch(self._session, [works[number] for number in missed])
            for number, outcome in zip(missed, again, strict=True):
                outcomes[number] = outcome
        self._emergency.look_at_reserve(self._session)
        self._empty_log()
        return outcomes

    def _empty_log(self) -> None:
        try:
            self._emergency.empty_log(self._session)
        except sqlite3.Error as error:
            if is_fatal(error):
                raise DiskFailed(getattr(error, "sqlite_errorname", "SQLITE_IOERR")) from error
            emptying.put_off(self._session)  # what stands in the way stops a commit too, which is told

    def _told(self, told: list[tuple[_Waiting, Outcome]]) -> None:
        failed = [outcome.error.code for _, outcome in told if isinstance(outcome.error, StoreUnavailable)]
        self.failure = failed[-1] if failed else ""
        _tell(told)

    def _fail(self, error: Exception) -> None:
        """In the reactor: nothing more is taken, whoever waits is told, the process is ended by its owner."""
        self._is_open = False
        refused = Outcome(error=StoreUnavailable("the disk failed"))
        while not self._line.empty():
            waiting = self._line.get_nowait()
            if waiting is not None:
                _tell([(waiting, refused)])
        self._on_fatal(error)


def _refused(works: list[Work[Any]]) -> list[Outcome]:
    error = StoreUnavailable("the file system of the store is read-only", code="EN-STORE-READONLY")
    return [Outcome(error=error) for _ in works]


def _found_no_room(outcome: Outcome) -> bool:
    return isinstance(outcome.error, StoreUnavailable) and outcome.error.code == "EN-STORE-FULL"


def _tell(told: list[tuple[_Waiting, Outcome]]) -> None:
    for waiting, outcome in told:
        if outcome.error is None:
            waiting.done.callback(outcome.value)
        else:
            waiting.done.errback(outcome.error)
