"""The beat of a reactor: how long it was away each time, measured from inside.

Knows: that a call due in a millisecond comes late when something stops the reactor; what the process used meanwhile,
and how long its thread waited for a processor.
Must not know: what stops it.

Usage: python -m benchmarks.beats FILE SETTINGS... runs the node, as `edge-node run` does, with a beat in its reactor;
without SETTINGS a reactor that does nothing, as the measure of the machine. Each beat is four numbers in FILE: when
it came, how long after the one before, how much processor time the process used between the two, and how long the
reactor's thread was ready meanwhile and had no processor. On a machine that does other things as well that last part
is theirs, and of the rest only what the process used is of its own making. The rest itself shows what only waits: for
a disk, or for another thread that holds the interpreter.
"""

import json
import os
import sys
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from edge_node.cli.floor import stand_on

_EVERY_S: Final = 0.001
_WRITE_S: Final = 0.2
_NUMBERS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """How long a reactor was away: by the clock, less its wait for a processor, and what the process used of that."""

    at_s: float
    wall_ms: float
    away_ms: float
    own_ms: float


class Beats:
    """Calls itself every millisecond and notes when that was."""

    def __init__(self, reactor: Any, file: BinaryIO, waited_s: Callable[[], float]) -> None:
        self._reactor = reactor
        self._file = file
        self._waited_s = waited_s
        self._numbers = array("d")
        self._wall, self._cpu, self._waited = time.perf_counter(), time.process_time(), waited_s()
        self._written = self._wall

    def beat(self) -> None:
        """Note this beat, and have the next one made."""
        wall, cpu, waited = time.perf_counter(), time.process_time(), self._waited_s()
        self._numbers.extend((wall, wall - self._wall, cpu - self._cpu, waited - self._waited))
        if wall - self._written > _WRITE_S:
            self._file.write(self._numbers.tobytes())
            self._numbers = array("d")
            self._written = wall
        self._wall, self._cpu, self._waited = wall, cpu, waited
        self._reactor.callLater(_EVERY_S, self.beat)


def read(file: Path, since_s: float, until_s: float) -> list[Stall]:
    """The beats of a span, each less the millisecond it was meant to wait."""
    numbers = array("d")
    content = file.read_bytes()
    size = _NUMBERS * numbers.itemsize
    numbers.frombytes(content[: len(content) // size * size])
    beats = zip(*(numbers[first::_NUMBERS] for first in range(_NUMBERS)), strict=True)
    return [
        _stall(at, wall - _EVERY_S, cpu, waited)
        for at, wall, cpu, waited in beats
        if since_s < at - wall and at < until_s
    ]


def _stall(at_s: float, wall_s: float, cpu_s: float, waited_s: float) -> Stall:
    away_s = max(0.0, wall_s - waited_s)
    return Stall(at_s=at_s, wall_ms=max(0.0, wall_s) * 1000, away_ms=away_s * 1000, own_ms=min(away_s, cpu_s) * 1000)


def waiting_for_a_processor() -> Callable[[], float]:
    """A clock of what this thread waited for a processor, as Linux counts it."""
    file = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
    return lambda: int(os.pread(file, 100, 0).split()[1]) / 1e9


def main() -> None:
    """Beat until told to stop."""
    from twisted.internet.main import installReactor

    file, settings = Path(sys.argv[1]), tuple(map(Path, sys.argv[2:]))
    if settings:
        stand_on(settings)
    from edge_node.machine import MonotonicReactor, give_large_memory_back
    from edge_node.node import Node

    reactor: Any = MonotonicReactor()  # type: ignore[no-untyped-call]
    installReactor(reactor)  # type: ignore[no-untyped-call]
    if settings:
        give_large_memory_back()
        reactor.callWhenRunning(Node(settings, reactor).begin)
    else:
        print(json.dumps({"event": "ready"}), flush=True)
    with file.open("wb", buffering=0) as written:
        reactor.callWhenRunning(Beats(reactor, written, waiting_for_a_processor()).beat)
        reactor.run(installSignalHandlers=not settings)


if __name__ == "__main__":
    main()
