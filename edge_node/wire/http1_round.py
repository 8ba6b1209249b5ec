"""A round past the live connections of a listener or a pool, to judge each peer once more.

Knows: that judging costs time, so that only a few are judged before others have their turn.
Must not know: why a round is made, what a connection carries.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, Protocol

from twisted.internet.interfaces import IDelayedCall, IReactorTime

#: Connections judged before the reactor goes on: some milliseconds.
_AT_ONCE: Final = 8


class Live(Protocol):
    """A connection that can be judged again."""

    def rejudge(self) -> None:
        """Judge the peer, and break off when it is refused now."""
        ...


class Round:
    """The round of one listener or pool; one that is asked for during another begins again."""

    def __init__(self, clock: IReactorTime, live: Callable[[], Iterable[Live]]) -> None:
        self._clock = clock
        self._live = live
        self._left: deque[Live] = deque()
        self._next: IDelayedCall | None = None

    def begin(self) -> None:
        """Judge every connection that is open now, the first few at once."""
        self._left = deque(self._live())
        if self._next is None:
            self._go_on()

    def _go_on(self) -> None:
        self._next = None
        try:
            for _ in range(min(_AT_ONCE, len(self._left))):
                self._left.popleft().rejudge()
        finally:  # one that cannot be judged saves nobody behind it
            if self._left:
                self._next = self._clock.callLater(0, self._go_on)
