"""What a target is: something that takes bytes, and what of it would be a crash.

Knows: the limits on time and memory for one input, and how an input is cut into pieces.
Must not know: any reader, or where inputs come from.

A target takes bytes and is importable without the machine that makes them up, so that tests can run it as well.
"""

import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

from edge_node.errors import PAGES, EdgeNodeError

MAX_BYTES: Final = 65_536
MAX_S: Final = 0.1
MAX_GROWTH_BYTES: Final = 50_000_000


class Crash(AssertionError):
    """An input did what none may do. Its text says what, and holds nothing of the input."""


class TooSlow(Crash):
    """It took longer than it may. Under a machine that counts every branch this must be seen again without it."""


class Target(Protocol):
    """Something to be tried with bytes."""

    @property
    def seeds(self) -> tuple[bytes, ...]:
        """Good inputs to begin with."""
        ...

    @property
    def words(self) -> tuple[bytes, ...]:
        """What is worth putting into an input."""
        ...

    def run(self, data: bytes) -> None:
        """Try one input. Raises `Crash`, or whatever was not expected."""
        ...


@dataclass(slots=True)
class Cost:
    """Time and memory of one piece of work, held against the limits."""

    seconds: float = 0.0
    _peak: int = field(default=0)

    def __enter__(self) -> "Cost":
        self._peak = _peak_bytes()
        self.seconds = -time.thread_time()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: object) -> None:
        self.seconds += time.thread_time()
        growth = _peak_bytes() - self._peak
        if kind is not None and not issubclass(kind, EdgeNodeError):
            return
        if growth > MAX_GROWTH_BYTES:
            raise Crash(f"it took {growth / 1e6:.0f} MB")
        if self.seconds > MAX_S:
            raise TooSlow(f"it took {self.seconds * 1000:.0f} ms")


def outcome(read: Callable[[], object]) -> object:
    """What a reader made of its input, or the code with which it refused it."""
    try:
        return read()
    except EdgeNodeError as error:
        if error.code not in PAGES:
            raise Crash(f"{error.code} is explained nowhere") from error
        return error.code


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    """The same bytes as they might come from the network."""
    return (data[at : at + size] for at in range(0, len(data), size))


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
