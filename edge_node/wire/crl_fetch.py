"""Fetches revocation lists in time, from each source as seldom as will do.

Knows: when each list is looked for, what a source that fails costs it, that nodes must not all come at once.
Must not know: what is in a list, which chains there are, HTTP.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from twisted.internet.defer import CancelledError, Deferred, DeferredSemaphore
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.python.failure import Failure

from edge_node.errors import EdgeNodeError, Refused, Unavailable
from edge_node.wire.crl_memory import SourceMemory
from edge_node.wire.crl_needs import ListSource
from edge_node.wire.fetching import ANSWER, Fetching, Found, Validators, Wish
from edge_node.wire.revocation_shelf import Lists
from edge_node.wire.source_state import SourceStates

_log = structlog.get_logger()

KIND: Final = "list"
_AT_ONCE: Final = 4
#: A CA whose certificate nobody has shown yet: its list waits.
_NO_CA: Final = "EN-CRL-ISSUER"
#: One source is ahead of another; what is held stays, and is the newer one.
_OLDER: Final = "EN-CRL-OLDER"

Aside = Callable[[Callable[[], Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchTimes:
    """When lists are fetched. Every number is a setting."""

    interval_s: float = 3600.0
    first_pause_s: float = 60.0  # after a failure; doubled each time, with full jitter
    longest_pause_s: float = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchTools:
    """What fetching works with."""

    fetching: Fetching
    lists: Lists
    memory: SourceMemory
    states: SourceStates
    times: Callable[[], FetchTimes]
    clock: IReactorTime
    now: Callable[[], datetime]
    chance: Callable[[], float]
    aside: Aside
    is_near: Callable[[str], bool] = lambda address: False  # reached without the proxy


@dataclass(slots=True, kw_only=True)
class _Watched:
    source: ListSource
    failures: int = 0
    again: IDelayedCall | None = None
    looking: "Deferred[None] | None" = None


class CrlFetcher:
    """Keeps the lists of some sources fresh."""

    def __init__(self, tools: FetchTools) -> None:
        self._tools = tools
        self._watched: dict[str, _Watched] = {}
        self._turns = DeferredSemaphore(_AT_ONCE)
        self._is_stopped = False

    @property
    def sources(self) -> tuple[ListSource, ...]:
        """Every source that is watched."""
        return tuple(one.source for one in self._watched.values())

    def want(self, sources: Iterable[ListSource]) -> None:
        """Watch these sources from now on and no others. A list that is missing is fetched at once."""
        if self._is_stopped:
            return
        wanted = {source.address: source for source in sources}
        for address in tuple(self._watched.keys() - wanted.keys()):
            self._leave(address)
        for address, source in wanted.items():
            watched = self._watched.get(address)
            if watched is None:
                watched = self._watched[address] = _Watched(source=source)
                self._later(watched, self._first_pause_s(source))
            elif watched.source != source:
                self._change(watched, source)

    def stop(self) -> None:
        """Fetch no more."""
        self._is_stopped = True
        for address in tuple(self._watched):
            self._leave(address)

    def _change(self, watched: _Watched, source: ListSource) -> None:
        """More is known of a source: another CA, or another address. One that fails is asked no sooner for it."""
        was_missing = self._is_missing(watched.source)
        watched.source = source
        if self._is_missing(source) and not was_missing and not watched.failures:
            self._later(watched, 0.0)

    def _leave(self, address: str) -> None:
        watched = self._watched.pop(address)
        if watched.again is not None and watched.again.active():
            watched.again.cancel()
        if watched.looking is not None:
            watched.looking.cancel()
        for one in watched.source.addresses:
            self._tools.states.forget((KIND, one))

    # When

    def _first_pause_s(self, source: ListSource) -> float:
        """At once for a list that is missing, soon for one of long ago, else some time in the hour."""
        times, held = self._tools.times(), self._held(source)
        is_new = not source.cas and source.address not in self._tools.memory.addresses
        if is_new or self._is_missing(source):
            return 0.0
        oldest = min((since for since, _ in held), default=None)
        is_old = oldest is None or (self._tools.now() - oldest).total_seconds() >= times.interval_s
        within_s = times.first_pause_s if is_old else times.interval_s
        return self._tools.chance() * min(within_s, self._left_s(source) / 2)

    def _next_pause_s(self, source: ListSource) -> float:
        """About an interval, within a tenth more or less; sooner where the list ends before that."""
        times = self._tools.times()
        pause_s = times.interval_s * (0.9 + 0.2 * self._tools.chance())
        return min(pause_s, max(self._left_s(source) / 2, min(times.first_pause_s, pause_s)))

    def _failed_pause_s(self, failures: int, asked_s: float | None) -> float:
        """Full jitter: any moment below a ceiling that doubles, so that 6,000 nodes never come back together."""
        times = self._tools.times()
        ceiling_s = min(times.longest_pause_s, times.first_pause_s * 2.0 ** min(failures - 1, 32))
        return max(self._tools.chance() * ceiling_s, min(asked_s or 0.0, times.longest_pause_s))

    def _held(self, source: ListSource) -> list[tuple[datetime, datetime]]:
        found = (self._tools.lists.of(ca) for ca in source.cas)
        return [(one.this_update, one.next_update) for one in found if one is not None]

    def _is_missing(self, source: ListSource) -> bool:
        """Whether a CA of it has no list that counts today."""
        now = self._tools.now()
        fresh = [until for _, until in self._held(source) if now < until]
        return len(fresh) < len(source.cas)

    def _left_s(self, source: ListSource) -> float:
        """Return for how long the list of it counts that ends first, of those that have not ended."""
        now = self._tools.now()
        left = [(until - now).total_seconds() for _, until in self._held(source) if now < until]
        return min(left, default=0.0 if source.cas else float("inf"))

    def _later(self, watched: _Watched, pause_s: float) -> None:
        if watched.again is not None and watched.again.active():
            watched.again.cancel()
        watched.again = self._tools.clock.callLater(pause_s, self._look, watched)

    # Looking

    def _look(self, watched: _Watched) -> None:
        watched.again = None
        if watched.looking is not None:
            return
        watched.looking = self._turns.run(lambda: Deferred.fromCoroutine(self._fetched(watched.source)))
        watched.looking.addCallbacks(self._came, self._failed, callbackArgs=(watched,), errbackArgs=(watched,))

    def _came(self, _: None, watched: _Watched) -> None:
        watched.looking, watched.failures = None, 0
        if self._watched.get(watched.source.address) is watched:
            self._later(watched, self._next_pause_s(watched.source))

    def _failed(self, failure: Failure, watched: _Watched) -> None:
        watched.looking = None
        if isinstance(failure.value, CancelledError) or self._watched.get(watched.source.address) is not watched:
            return
        error = failure.value
        if not isinstance(error, EdgeNodeError):
            _log.error("revocation.failed", error=type(error).__name__)
        watched.failures += 1
        asked_s = error.retry_after_s if isinstance(error, EdgeNodeError) else None
        self._later(watched, self._failed_pause_s(watched.failures, asked_s))

    async def _fetched(self, source: ListSource) -> None:
        """Fetch from the first address that gives a list that counts. Raises what the last one failed with."""
        last: EdgeNodeError = Unavailable("no address", code=ANSWER)
        for number, address in enumerate(source.addresses, 1):
            try:
                await self._from(address, source)
            except (Unavailable, Refused) as error:
                last = error
                if source.is_hoped_for:
                    continue
                self._tools.states.failed((KIND, address), self._tools.now(), error)
                continue
            self._tools.states.good((KIND, address), self._tools.now())
            for unasked in source.addresses[number:]:  # whatever ailed them, nobody knows of it any more
                self._tools.states.forget((KIND, unasked))
            return
        raise last

    async def _from(self, address: str, source: ListSource) -> None:
        may_be_unchanged = bool(source.cas) and not self._is_missing(source)
        held = self._tools.memory.validators(address) if may_be_unchanged else Validators()
        # Where the list that is held has ended, a cache on the way must not give that one again.
        headers = () if may_be_unchanged else (("cache-control", "no-cache"),)
        found = await self._tools.fetching.fetch(
            Wish(address=address, headers=headers, validators=held, by_proxy=not self._tools.is_near(address))
        )
        if found.body is not None:
            await self._take(address, source, found)

    async def _take(self, address: str, source: ListSource, found: Found) -> None:
        body, at, tools = found.body or b"", self._tools.now(), self._tools
        host = urlsplit(address).hostname or address
        became = await tools.aside(lambda: tools.lists.offer(body, host, at))
        refused = [one for one in became if isinstance(one, Refused)]
        borne = {_OLDER} if source.cas else {_OLDER, _NO_CA}
        for one in refused:
            if one.code not in borne:
                raise one
        if source.cas and not self._left_s(source):
            raise Unavailable("the list it gives has ended, or is not of the CA asked for", code=ANSWER)
        await self._remember(address, Validators() if refused else found.validators)

    async def _remember(self, address: str, validators: Validators) -> None:
        memory = self._tools.memory
        if memory.remember(address, validators):
            text = memory.text()
            await self._tools.aside(lambda: memory.write(text))
