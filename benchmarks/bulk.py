"""How long a person's question takes while a night of bulk messages is on its way, beside an idle node.

Knows: two nodes on stages of their own, one of which has thousands of bulk messages waiting; that slices take turns.
Must not know: how bulk is throttled.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import yaml

from benchmarks.claim import fill_store
from benchmarks.exchange import make_push
from benchmarks.keeping import bsns, pushes
from benchmarks.relay import Arm, Slice, take
from benchmarks.stage import Stage, build
from edge_node.model.keeping import BULK
from edge_node.settings.schema import StoreSettings

WAITING: Final = 5_000
RATE: Final = 50.0
_SECONDS: Final = 20.0
_CONNECTIONS: Final = 4


@dataclass(slots=True)
class Bulk:
    """Questions of a person, with nothing else to do and beside bulk."""

    idle: list[Slice] = field(default_factory=list)
    beside: list[Slice] = field(default_factory=list)
    sent: int = 0  # bulk messages that arrived meanwhile
    seconds: float = 0.0

    @property
    def added_ms(self) -> list[float]:
        """What bulk added to the slowest hundredth, a figure a round."""
        return [beside.p99_ms - idle.p99_ms for idle, beside in zip(self.idle, self.beside, strict=True)]


def measure(folder: Path, rounds: int, say: Callable[[str], None]) -> Bulk:
    """Ask both nodes in turns."""
    found = Bulk()
    with ExitStack() as until:
        arms = [_arm(folder / name, until, waiting) for name, waiting in (("idle", 0), ("bulk", WAITING))]
        (idle, _), (beside, far_end) = arms
        say(f"bulk: a node with {WAITING} bulk messages waiting runs")
        before = _arrived(far_end)
        for number in range(rounds):
            found.idle.append(take(idle, idle.order))
            found.beside.append(take(beside, beside.order))
            found.seconds += found.idle[-1].seconds + found.beside[-1].seconds
            say(f"bulk: round {number + 1} of {rounds}")
        found.sent = _arrived(far_end) - before
    if not found.sent:
        raise RuntimeError("no bulk message arrived: there was nothing to be beside")
    return found


def _arm(folder: Path, until: ExitStack, waiting: int) -> tuple[Arm, Stage]:
    folder.mkdir(parents=True)
    stage = build(folder, until, also=make_push)
    settings = yaml.safe_load(stage.settings.read_text(encoding="utf-8"))
    settings["store"]["bulk_per_s"] = StoreSettings().bulk_per_s  # the sandbox is in a hurry
    stage.settings.write_text(yaml.safe_dump(settings), encoding="utf-8")
    if waiting:
        make, patients = pushes(), bsns(waiting)
        made = (make.push(number, patient) for number, patient in enumerate(patients))
        fill_store(folder / "state" / "store.db", (replace(push, priority=BULK) for push in made))
    node = until.enter_context(stage.start_node())
    order = replace(stage.order, seconds=_SECONDS, rate=RATE, connections=_CONNECTIONS)
    return Arm(name=folder.name, order=order, program=node), stage


def _arrived(stage: Stage) -> int:
    """How many pushes its far end has had."""
    return (stage.folder / "far-end.out").read_text(encoding="utf-8").count('"push"')
