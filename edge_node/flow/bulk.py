"""The throttle on bulk messages, such as a night of registrations.

Knows: how many may go in a second, evenly.
Must not know: which messages are bulk.
"""

from collections.abc import Callable


class Throttle:
    """An allowance that grows with time, up to one second's worth."""

    def __init__(self, per_s: float, monotonic: Callable[[], float]) -> None:
        self._per_s = per_s
        self._most = max(1.0, per_s)
        self._monotonic = monotonic
        self._allowance = self._most
        self._since_s = monotonic()

    def go_on(self, per_s: float) -> None:
        """Keep to another number from now on."""
        self.available()
        self._per_s, self._most = per_s, max(1.0, per_s)

    def available(self) -> int:
        """How many may go now."""
        now_s = self._monotonic()
        self._allowance = min(self._most, self._allowance + (now_s - self._since_s) * self._per_s)
        self._since_s = now_s
        return int(self._allowance)

    def take(self, count: int) -> None:
        """That many went."""
        self._allowance -= count

    def wait_s(self) -> float:
        """Seconds until one may go; 0 when one may go now."""
        return 0.0 if self.available() >= 1 else (1.0 - self._allowance) / self._per_s
