"""What a full queue costs a start: the first receipt beside that of an empty node, and the way back from a kill.

Knows: two nodes with the same settings, one with very many messages waiting; how a start is timed.
Must not know: how a store is opened or recovered.
"""

import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks import claim
from benchmarks.exchange import make_push, read_exchange
from benchmarks.load import Asker
from benchmarks.stage import Stage, build

KILLED_WITH: Final = 100_000


@dataclass(slots=True)
class Full:
    """What each start showed, in seconds."""

    empty_s: list[float] = field(default_factory=list)
    full_s: list[float] = field(default_factory=list)
    killed_s: list[float] = field(default_factory=list)  # to the ready line


def measure(folder: Path, rounds: int, many: int, say: Callable[[str], None]) -> Full:
    """Start both nodes in turn; then kill and start again and again the one with fewer waiting."""
    found = Full()
    with ExitStack() as until:
        empty = build(folder / "empty", until, make_push)
        full = _filled(build(folder / "full", until, make_push), many)
        say(f"start: a store with {many} messages is full")
        for number in range(rounds):
            found.empty_s.append(_first_answer_s(empty))
            found.full_s.append(_first_answer_s(full))
            say(f"start with {many} waiting: round {number + 1} of {rounds}")
        killed = _filled(build(folder / "killed", until, make_push), KILLED_WITH)
        for _ in range(rounds):
            found.killed_s.append(_back_s(killed))
    return found


def _filled(stage: Stage, many: int) -> Stage:
    """Let the node make its state folder, then put the messages there."""
    with stage.start_node():
        pass
    claim.fill_for_node(stage.folder / "state" / "store.db", many)
    return stage


def _first_answer_s(stage: Stage) -> float:
    """Seconds from the start of the process to the receipt for a push."""
    begun = time.perf_counter()
    with stage.start_node():
        Asker(stage.order, read_exchange(Path(stage.order.exchange))).ask()
        return time.perf_counter() - begun


def _back_s(stage: Stage) -> float:
    """Seconds from the start after a kill to the ready line."""
    node = stage.start_node()
    Asker(stage.order, read_exchange(Path(stage.order.exchange))).ask()
    node.process.send_signal(signal.SIGKILL)
    node.process.wait()
    begun = time.perf_counter()
    with stage.start_node():
        return time.perf_counter() - begun
