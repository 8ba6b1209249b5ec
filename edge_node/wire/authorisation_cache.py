"""A value that is fetched anew when its time is over, and kept when that fails.

Knows: freshness, one fetch for all who wait, how long an old value is still better than none.
Must not know: what the value is, or where it comes from.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from twisted.internet.defer import Deferred, TimeoutError
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure

from edge_node.errors import EdgeNodeError, NotSent
from edge_node.wire.authorisation_fetch import unreachable

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh(Generic[T]):
    """A value as it was fetched. `age_s` is more than nothing for one that was kept on disk."""

    value: T = field(repr=False)
    max_age_s: float
    age_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheTimes:
    """How long an old value is used when no new one comes, and how soon it is asked for again."""

    keep_for_s: float
    retry_s: float


class Cached(Generic[T]):
    """One such value."""

    def __init__(
        self, clock: IReactorTime, times: CacheTimes, *, fell_back: Callable[[NotSent | None], None]
    ) -> None:
        self._clock = clock
        self._times = times
        self._fell_back = fell_back  # told of the error for which an old value is used; of None when one is new again
        self._held: Fresh[T] | None = None
        self._since_s = 0.0  # on the clock: when the value was fetched
        self._again_s = 0.0
        self._waiters: list[Deferred[T]] = []
        self._is_fetching = False

    def hold(self, fresh: Fresh[T]) -> None:
        """Take a value."""
        self._held, self._since_s = fresh, self._clock.seconds() - fresh.age_s

    def doubt(self) -> None:
        """Something says that the value may be old: it is fetched anew when it is asked for."""
        if self._held is not None:
            self._held = replace(self._held, max_age_s=0.0)
            self._again_s = 0.0

    @property
    def is_empty(self) -> bool:
        """Whether there is no value at all."""
        return self._held is None

    async def get(self, fetch: Callable[[], Awaitable[Fresh[T]]], *, timeout_s: float) -> T:
        """Return the value, fetched anew when it is no longer fresh. Raises `NotSent` when there is none to use."""
        held, age_s = self._held, self._clock.seconds() - self._since_s
        if held is not None and (age_s < held.max_age_s or self._clock.seconds() < self._again_s):
            return held.value
        try:
            value = await self._fetched(fetch, timeout_s)
        except NotSent as error:
            if self._held is None or age_s >= self._times.keep_for_s:
                raise
            self._again_s = self._clock.seconds() + min(self._times.retry_s, self._times.keep_for_s - age_s)
            self._fell_back(error)
            return self._held.value
        return value

    async def _fetched(self, fetch: Callable[[], Awaitable[Fresh[T]]], timeout_s: float) -> T:
        waiter: Deferred[T] = Deferred()
        self._waiters.append(waiter)
        waiter.addTimeout(max(0.0, timeout_s), self._clock)
        if not self._is_fetching:
            self._is_fetching = True
            # Not bound to the one who asked first: when it leaves, the others still wait.
            Deferred.fromCoroutine(_awaited(fetch)).addCallbacks(self._came, self._failed)
        try:
            return await waiter
        except TimeoutError as error:
            raise unreachable("no answer in time") from error
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    def _came(self, fresh: Fresh[T]) -> None:
        self._is_fetching = False
        self._again_s = 0.0
        self.hold(fresh)
        self._fell_back(None)
        for waiter in self._taken():
            waiter.callback(fresh.value)

    def _failed(self, failure: Failure) -> None:
        self._is_fetching = False
        error = failure.value
        for waiter in self._taken():
            waiter.errback(error if isinstance(error, EdgeNodeError) else failure)

    def _taken(self) -> list[Deferred[T]]:
        waiting, self._waiters = [one for one in self._waiters if not one.called], []
        return waiting


async def _awaited(fetch: Callable[[], Awaitable[Fresh[T]]]) -> Fresh[T]:
    return await fetch()
