"""How many handovers may go on at once, slow at first after a repair.

Knows: the cap, and that concurrency doubles with each delivery after a link came back (design section 3).
Must not know: what is handed over.
"""

from typing import Final

#: After so many handovers in a row that brought nothing, the rest waits out its pauses: the link is down again, or
#: only what is stuck is left, and waking that at once for ever would wear out the disk and the switchboard.
_MISSES: Final = 8


class Pace:
    """The window of one direction."""

    def __init__(self, cap: int) -> None:
        self._cap = cap
        self._window = cap
        self._misses = 0
        self.is_catching_up = False

    @property
    def window(self) -> int:
        """How many may go on at once."""
        return self._window

    def free(self, running: int) -> int:
        """How many more may start now."""
        return self._window - running

    def restart(self) -> None:
        """The link came back: begin with one, so that 6,000 nodes do not fall on the switchboard together."""
        self._window = 1
        self._misses = 0
        self.is_catching_up = True

    def ended(self, *, delivered: bool) -> None:
        """A handover ended."""
        if delivered:
            self._misses = 0
            self._window = min(self._cap, self._window * 2)
            return
        self._misses += 1
        if self._misses >= _MISSES:
            self.is_catching_up = False

    def go_on(self, cap: int) -> None:
        """Keep to another cap."""
        self._cap = cap
        self._window = min(self._window, cap) if self.is_catching_up else cap

    def caught_up(self) -> None:
        """Nothing waits out its pause any more."""
        self._window = self._cap
        self.is_catching_up = False
