"""Asks something again and again: at its interval while the answer is good, sooner while it is not.

Knows: the pauses, that nodes started together do not ask together.
Must not know: what is asked, of whom.

So that a breakdown is known within half a minute of its first sign, and its end as soon, without a question every few
seconds to those who are well.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.python.failure import Failure

from edge_node.flow.ports import Chance
from edge_node.flow.waiting import start

#: The first question comes within this time: before it nothing is known.
_FIRST_S: Final = 15.0
_SOON_S: Final = 5.0
_SOON_TIMES: Final = 6
_LATER_S: Final = 30.0
_SPREAD: Final = 0.2


class Pulse:
    """Asks until it is told to end. `ask` says whether all was well, and raises nothing that is to be expected."""

    def __init__(
        self,
        ask: Callable[[], Awaitable[bool]],
        clock: IReactorTime,
        chance: Chance,
        failed: Callable[[Failure], None],
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._chance = chance
        self._failed = failed
        self._interval_s: float | None = None
        self._failures = 0
        self._timer: IDelayedCall | None = None

    def begin(self, interval_s: float | None) -> None:
        """Ask from now on; None: never."""
        self.end()
        self._interval_s = interval_s
        if interval_s is not None:
            self._sleep(min(interval_s, _FIRST_S) * self._chance.uniform())

    def end(self) -> None:
        """Ask no more."""
        self._interval_s = None
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None

    def _sleep(self, wait_s: float) -> None:
        self._timer = self._clock.callLater(wait_s, self._run)

    def _run(self) -> None:
        self._timer = None
        asked = self._interval_s
        start(self._turn(), self._broken).addCallback(lambda _: self._next(asked))

    async def _turn(self) -> None:
        is_well = await self._ask()
        self._failures = 0 if is_well else self._failures + 1

    def _broken(self, failure: Failure) -> None:
        self._failures += 1
        self._failed(failure)

    def _next(self, asked: float | None) -> None:
        if self._interval_s is None or self._timer is not None or asked is None:
            return  # it ended, or began anew, meanwhile
        if not self._failures:
            spread = 1 - _SPREAD / 2 + _SPREAD * self._chance.uniform()
            self._sleep(self._interval_s * spread)
        else:
            self._sleep(min(self._interval_s, _SOON_S if self._failures < _SOON_TIMES else _LATER_S))
