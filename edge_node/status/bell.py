"""A bell for those who wait for something to come: it rings, or their time is over.

Knows: who waits, and for how long.
Must not know: what comes.
"""

from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

#: Also without a ring everybody looks so often: a pause that is over rings no bell.
_LOOK_S: Final = 1.0


class Bell:
    """Rung when something may have come."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._waiting: set[Deferred[None]] = set()
        self._is_closed = False

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @property
    def now_s(self) -> float:
        """Seconds of the clock that never jumps."""
        return float(self._clock.seconds())

    @property
    def is_closed(self) -> bool:
        """Whether nobody is to wait any more: the node stops."""
        return self._is_closed

    def ring(self) -> None:
        """Have everybody look."""
        for each in tuple(self._waiting):
            _go_on(each)

    def close(self) -> None:
        """Let everybody go, and nobody wait again."""
        self._is_closed = True
        self.ring()

    async def heard(self, within_s: float) -> None:
        """Return when it rings, when it is time to look, or when the time is over."""
        if self._is_closed:
            return
        ring: Deferred[None] = Deferred()
        self._waiting.add(ring)
        late = self._clock.callLater(min(within_s, _LOOK_S), _go_on, ring)
        try:
            await ring
        finally:  # also when who waited hung up
            self._waiting.discard(ring)
            _cancel(late)


def _go_on(ring: "Deferred[None]") -> None:
    if not ring.called:
        ring.callback(None)


def _cancel(late: Any) -> None:
    if late.active():
        late.cancel()
