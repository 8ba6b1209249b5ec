"""Asks something again and again: at its interval while the answer is good, sooner while it is not.

Knows: the pauses, that nodes started together do not ask together.
Must not know: what is asked, of whom.

So that a breakdown is known within half a minute of its first sign, and its end as soon, without a question every few
seconds to those who are well.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from twisted.internet.interfaces import IReactorTime

from edge_node.flow.ports import Chance
from edge_node.flow.rounds import Rhythm, Rounds

#: The first question comes within this time: before it nothing is known.
_FIRST_S: Final = 15.0
_SOON_S: Final = 5.0
_SOON_TIMES: Final = 6
_LATER_S: Final = 30.0
_SPREAD: Final = 0.2


class Pulse:
    """Asks until it is told to end. `ask` says whether all was well, and raises nothing that is to be expected."""

    def __init__(self, ask: Callable[[], Awaitable[bool]], clock: IReactorTime, chance: Chance, event: str) -> None:
        self._ask = ask
        self._chance = chance
        self._interval_s = 0.0
        self._is_new = True  # nothing was asked yet
        self._failures = 0
        self._rounds = Rounds(self._turn, Rhythm(clock=clock, pause_s=self._pause_s, event=event, chance=chance))

    def begin(self, interval_s: float | None) -> None:
        """Ask from now on; None: never."""
        self.end()
        if interval_s is not None:
            self._interval_s, self._is_new = interval_s, True
            self._rounds.begin()

    def doubt(self) -> None:
        """Something failed meanwhile: ask now, and not when it would be time. What fails already is asked soon."""
        if not self._failures:
            self._rounds.soon()

    def end(self) -> None:
        """Ask no more."""
        self._rounds.stop()

    async def _turn(self) -> None:
        self._is_new = False
        self._failures += 1  # until it is known to be none
        if await self._ask():
            self._failures = 0

    def _pause_s(self) -> float:
        if self._is_new:
            return min(self._interval_s, _FIRST_S)
        if not self._failures:
            return self._interval_s * (1 - _SPREAD / 2 + _SPREAD * self._chance.uniform())
        return min(self._interval_s, _SOON_S if self._failures < _SOON_TIMES else _LATER_S)
