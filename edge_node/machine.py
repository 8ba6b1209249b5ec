"""The machine as it is: time, chance, memory and the reactor, which everything else is handed.

Knows: which clock never jumps, where good chance comes from, when memory goes back to the system.
Must not know: who uses them.
"""

import ctypes
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import SystemRandom
from typing import Any, Final, Protocol

import structlog
from twisted.internet.epollreactor import EPollReactor
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from edge_node.wire.trust_keys import SoundKeys

_log = structlog.get_logger()

#: The exit code of a process whose disk failed; the service manager starts another.
_DISK_FAILED: Final = 70
_M_MMAP_THRESHOLD: Final = -3
_LARGE_BYTES: Final = 256 * 1024


def give_large_memory_back() -> bool:
    """Have each large body in memory of its own, that goes back to the system with it; say whether that is possible.

    glibc raises the size from which it does so to the largest one it saw freed: after one message of 10 MiB all later
    ones lie among the small things, and the process keeps 45 MB more (measured).
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # another C library may not have it
    return mallopt is not None and mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES) == 1


def disk_failed(error: Exception) -> None:
    """End the process at once.

    What was written after a failed fsync cannot be trusted: only a new process reads what is really there.
    """
    _log.critical("store.failed", error=type(error).__name__, detail=str(error))
    os._exit(_DISK_FAILED)


def rest(seconds: float) -> None:
    """Let others have the machine for so long. For a thread that works for minutes, never for the reactor's."""
    time.sleep(seconds)


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
        return datetime.fromtimestamp(self.now(), UTC)


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


class Clocks(Protocol):
    """Both clocks, as everything is handed them; the reactor's own is the one that never jumps."""

    def monotonic(self) -> float:
        """Seconds of a clock that never jumps."""
        ...

    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    def moment(self) -> datetime:
        """The same, aware UTC."""
        ...


@dataclass(frozen=True, slots=True)
class Machine:
    """What a daemon is handed of the machine it runs on."""

    reactor: Any
    pool: ThreadPool
    clock: Clocks = field(default_factory=MachineClock)
    chance: MachineChance = field(default_factory=MachineChance)
    recall: Callable[[], tuple[str, ...]] = tuple  # the last lines of the log, where somebody remembers them
    sound: SoundKeys = field(default_factory=SoundKeys)  # keys that this process found good

    async def aside(self, work: Callable[[], Any]) -> Any:
        """Do it in a thread."""
        return await deferToThreadPool(self.reactor, self.pool, work)
