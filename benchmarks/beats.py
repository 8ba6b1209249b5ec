"""The beat of a reactor: how long it was away each time, measured from inside.

Knows: that a call due in a millisecond comes late when something stops the reactor; the process's own clock.
Must not know: what stops it.

Usage: python -m benchmarks.beats FILE SETTINGS... runs the node, as `edge-node run` does, with a beat in its reactor;
without SETTINGS a reactor that does nothing, as the measure of the machine. Each beat is three numbers in FILE: when
it came, how long after the one before, and how much processor time the process used between the two. On a machine
that does other things as well only the smaller of these is of the process's own making.
"""

import json
import sys
import time
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

_EVERY_S: Final = 0.001
_WRITE_S: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """How long a reactor was away: by the clock, and by what its process used meanwhile."""

    at_s: float
    wall_ms: float
    own_ms: float


class Beats:
    """Calls itself every millisecond and notes when that was."""

    def __init__(self, reactor: Any, file: BinaryIO) -> None:
        self._reactor = reactor
        self._file = file
        self._numbers = array("d")
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        self._written = self._wall

    def beat(self) -> None:
        """Note this beat, and have the next one made."""
        wall, cpu = time.perf_counter(), time.process_time()
        self._numbers.extend((wall, wall - self._wall, cpu - self._cpu))
        if wall - self._written > _WRITE_S:
            self._file.write(self._numbers.tobytes())
            self._numbers = array("d")
            self._written = wall
        self._wall, self._cpu = wall, cpu
        self._reactor.callLater(_EVERY_S, self.beat)


def read(file: Path, since_s: float, until_s: float) -> list[Stall]:
    """The beats of a span, each less the millisecond it was meant to wait."""
    numbers = array("d")
    content = file.read_bytes()
    numbers.frombytes(content[: len(content) // 24 * 24])
    beats = zip(numbers[0::3], numbers[1::3], numbers[2::3], strict=True)
    return [
        Stall(at_s=at, wall_ms=max(0.0, wall - _EVERY_S) * 1000, own_ms=max(0.0, min(wall - _EVERY_S, cpu)) * 1000)
        for at, wall, cpu in beats
        if since_s < at - wall and at < until_s
    ]


def main() -> None:
    """Beat until told to stop."""
    from twisted.internet.main import installReactor

    from edge_node.machine import MonotonicReactor
    from edge_node.node import Node

    file, settings = Path(sys.argv[1]), tuple(map(Path, sys.argv[2:]))
    reactor: Any = MonotonicReactor()  # type: ignore[no-untyped-call]
    installReactor(reactor)  # type: ignore[no-untyped-call]
    if settings:
        reactor.callWhenRunning(Node(settings, reactor).begin)
    else:
        print(json.dumps({"event": "ready"}), flush=True)
    with file.open("wb", buffering=0) as written:
        reactor.callWhenRunning(Beats(reactor, written).beat)
        reactor.run(installSignalHandlers=not settings)


if __name__ == "__main__":
    main()
