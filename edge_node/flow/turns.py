"""Spreads long work over turns of the reactor, so that whoever else waits is never kept long.

Knows: how long one piece of work may go on, and that those who wait go on one a turn, in the order they came.
Must not know: what the work is.

Reading in a thread would not help: the interpreter runs one thread at a time and lets each keep it for milliseconds,
which the reactor would wait for at every call to the system.
"""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

#: How long one piece of work goes on before the reactor has its turn.
TURN_S: Final = 0.003
#: What is read without a look at the time: a millisecond of the smallest elements there are.
STEP_BYTES: Final = 4 * 1024
#: Up to this size a body is read at once, without waiting for larger ones.
AT_ONCE_BYTES: Final = 4 * STEP_BYTES


class Turns:
    """The reactor's time, shared out."""

    def __init__(self, clock: IReactorTime, turn_s: float = TURN_S) -> None:
        self._clock = clock
        self._turn_s = turn_s
        self._waiting: deque[Deferred[None]] = deque()

    async def work(self, steps: Iterator[object]) -> None:
        """Take every step, a turn at a time. Cancelled where the one who waits for it goes away."""
        if self._waiting:
            await self.pause()
        while not self._go_on(steps):
            await self.pause()

    async def feed(self, take: Callable[[bytes], object], data: bytes) -> None:
        """Give bytes to a reader: at once where they are few, else a step at a time."""
        if len(data) <= AT_ONCE_BYTES:
            take(data)
        else:
            await self.work(take(data[at : at + STEP_BYTES]) for at in range(0, len(data), STEP_BYTES))

    async def pause(self) -> None:
        """Wait for the next turn that is free."""
        turn: Deferred[None] = Deferred()
        self._waiting.append(turn)
        if len(self._waiting) == 1:
            self._clock.callLater(0, self._next)
        try:
            await turn
        finally:
            if turn in self._waiting:
                self._waiting.remove(turn)

    def _go_on(self, steps: Iterator[object]) -> bool:
        """Work for one turn; say whether it is done."""
        until_s = self._clock.seconds() + self._turn_s
        return all(self._clock.seconds() < until_s for _ in steps)

    def _next(self) -> None:
        # The one who goes on may have gone away meanwhile, and may be the last.
        if not self._waiting:
            return
        turn = self._waiting.popleft()
        if self._waiting:
            self._clock.callLater(0, self._next)
        turn.callback(None)
