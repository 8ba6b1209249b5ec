"""Rounds of a service: the same work again and again, one at a time.

Knows: how long to rest between two, that one that fails is told and the next goes on, that a stop waits for one.
Must not know: what a round does.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.python.failure import Failure

from edge_node.flow.ports import Chance
from edge_node.flow.waiting import start

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """When rounds are made, and how it is told that one failed."""

    clock: IReactorTime
    pause_s: Callable[[], float]  # from the end of one to the next; asked each time
    event: str  # in the log, of a round that failed
    untold: tuple[type[Exception], ...] = ()  # what is told of elsewhere already, such as a store that is down
    is_told_once: bool = False  # a failure that stays has one line in the log; for rounds every few seconds
    chance: Chance | None = None  # the first comes within the pause: nodes started together do not go together


class Rounds:
    """Made from `begin` to `stop`."""

    def __init__(self, make: Callable[[], Coroutine[Any, Any, None]], rhythm: Rhythm) -> None:
        self._make = make
        self._rhythm = rhythm
        self._timer: IDelayedCall | None = None
        self._is_on = False
        self._is_under_way = False
        self._is_wanted = False  # one more, right after the one under way
        self._fault = ""  # of the last round
        self._waiting: list[Deferred[None]] = []  # for the one under way to end

    def begin(self) -> None:
        """Make the first one after a pause."""
        self._is_on = True
        if not self._is_under_way:
            chance = self._rhythm.chance
            self._rest(self._rhythm.pause_s() * (chance.uniform() if chance else 1.0))

    def soon(self) -> None:
        """Make one now, or right after the one under way; none before the beginning or after the stop."""
        if not self._is_on:
            return
        if self._is_under_way:
            self._is_wanted = True
        else:
            self._round()

    def stop(self) -> Deferred[None]:
        """Make no more; what is returned fires when the one under way has ended."""
        self._is_on = False
        self._cancel()
        ended: Deferred[None] = Deferred()
        if self._is_under_way:
            self._waiting.append(ended)
        else:
            ended.callback(None)
        return ended

    def _rest(self, pause_s: float) -> None:
        self._cancel()
        self._timer = self._rhythm.clock.callLater(pause_s, self._round)

    def _cancel(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()

    def _round(self) -> None:
        self._cancel()
        self._is_under_way, self._is_wanted = True, False
        start(self._work(), self._failed).addCallback(self._ended)

    async def _work(self) -> None:
        await self._make()
        self._fault = ""

    def _ended(self, _: None) -> None:
        self._is_under_way = False
        if self._is_on:
            self._rest(0.0 if self._is_wanted else self._rhythm.pause_s())
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            one.callback(None)

    def _failed(self, failure: Failure) -> None:
        fault = type(failure.value).__name__
        is_told = self._rhythm.is_told_once and fault == self._fault
        self._fault = fault
        if not is_told and not isinstance(failure.value, self._rhythm.untold):
            log.error(self._rhythm.event, error=fault)
