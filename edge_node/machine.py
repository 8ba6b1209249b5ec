"""Real time, real chance and the reactor: what everything else is handed.

Knows: which clock never jumps, where good chance comes from.
Must not know: who uses them.
"""

import secrets
import time
from datetime import UTC, datetime
from random import SystemRandom

from twisted.internet.epollreactor import EPollReactor


class MonotonicReactor(EPollReactor):
    """Twisted's reactor on the clock that never jumps.

    Twisted takes its timers from the wall clock: set back an hour, every time-out and pause would last an hour
    longer; set forward a day, all would end at once.
    """

    def seconds(self) -> float:
        """Seconds of the monotonic clock."""
        return time.monotonic()


class MachineClock:
    """Both clocks of this machine."""

    def monotonic(self) -> float:
        """Seconds of a clock that never jumps."""
        return time.monotonic()

    def now(self) -> float:
        """Seconds since the epoch, as the machine has it."""
        return time.time()

    def moment(self) -> datetime:
        """The same, aware UTC."""
        return datetime.now(UTC)


class MachineChance:
    """Chance from the system's secure source."""

    def __init__(self) -> None:
        self._random = SystemRandom()

    def uniform(self) -> float:
        """A number from 0 up to, not including, 1."""
        return self._random.random()

    def hex(self, nbytes: int) -> str:
        """That many random bytes, hexadecimal."""
        return secrets.token_hex(nbytes)

    def bytes(self, nbytes: int) -> bytes:
        """That many random bytes."""
        return secrets.token_bytes(nbytes)
