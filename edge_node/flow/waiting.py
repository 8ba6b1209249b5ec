"""Waiting for something a bounded time, without stopping it.

Knows: Deferreds and the clock handed in.
Must not know: what is waited for.
"""

from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.python.failure import Failure

T = TypeVar("T")


class Promise(Generic[T]):
    """A value that will be there, for any number of waiters, each with its own patience."""

    def __init__(self) -> None:
        self._result: T | None = None
        self._is_there = False
        self._waiters: list[Deferred[T | None]] = []

    def keep(self, result: T) -> None:
        """Give the value to all who wait. Only the first one counts."""
        if self._is_there:
            return
        self._result, self._is_there = result, True
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            waiter.callback(result)

    async def within(self, clock: IReactorTime, wait_s: float) -> T | None:
        """Return the value, or None when it has not come in that time."""
        if self._is_there:
            return self._result
        waiter: Deferred[T | None] = Deferred()
        self._waiters.append(waiter)
        timer: IDelayedCall = clock.callLater(wait_s, self._give_up, waiter)
        try:
            return await waiter
        finally:
            if timer.active():
                timer.cancel()
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    def _give_up(self, waiter: Deferred[T | None]) -> None:
        self._waiters.remove(waiter)
        waiter.callback(None)


def start(work: Coroutine[Any, Any, T], failed: Callable[[Failure], None]) -> Deferred[None]:
    """Run a coroutine on its own; what it raises goes to `failed`, so that nothing is lost unseen."""
    running: Deferred[Any] = Deferred.fromCoroutine(work)
    running.addCallbacks(lambda _: None, failed)
    return running


def unbroken(work: Coroutine[Any, Any, T], failed: Callable[[Failure], None]) -> "Deferred[T]":
    """Run a coroutine to its end even when its caller goes away.

    A caller that hangs up cancels what it waits for. Between the commit of a message and its handover that would
    leave a message that nobody delivers. What is raised after the caller left goes to `failed`.
    """
    waiting: Deferred[T] = Deferred()

    def end(failure: Failure) -> None:
        if waiting.called:
            failed(failure)
        else:
            waiting.errback(failure)

    # Twisted ignores the one result that comes after a cancellation.
    Deferred.fromCoroutine(work).addCallbacks(waiting.callback, end)
    return waiting


class Meanwhile:
    """Work that goes on beside other work, and is waited for before the next step."""

    def __init__(self, work: Coroutine[Any, Any, None]) -> None:
        self._failure: Failure | None = None
        self._end: Deferred[None] = Deferred()
        Deferred.fromCoroutine(work).addCallbacks(self._ended, self._failed)

    async def done(self) -> None:
        """Return when the work is done. Raises what it raised."""
        await self._end
        if self._failure is not None:
            self._failure.raiseException()

    def _ended(self, _: None) -> None:
        self._end.callback(None)

    def _failed(self, failure: Failure) -> None:
        self._failure = failure
        self._end.callback(None)
