"""What relaying a question costs: processor time and waiting, beside nginx as mutual TLS proxy.

Knows: the three arms (direct, nginx, node), in what order slices of each are taken.
Must not know: how an arm is started, how a question looks.
"""

import json
import statistics
import subprocess
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Final

from benchmarks.load import Order
from benchmarks.programs import REPOSITORY, Program, environment, python

RATE: Final = 50.0
CONNECTIONS: Final = 8
#: A far end that thinks: still far quicker than the real one.
FAR_END_MS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One way to the far end. `program` is what stands between; None: nothing does."""

    name: str
    order: Order
    program: Program | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """What one slice of one arm showed."""

    answers: int
    seconds: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float  # a request, of the program between


@dataclass(slots=True)
class Seen:
    """All slices of one arm."""

    at_rate: list[Slice] = field(default_factory=list)
    at_rate_thinking: list[Slice] = field(default_factory=list)
    busy: list[Slice] = field(default_factory=list)


def measure(arms: list[Arm], rounds: int, seconds: float, say: Callable[[str], None]) -> dict[str, Seen]:
    """Take slices of all arms in turn, so that whatever else the machine does falls on each of them."""
    seen = {arm.name: Seen() for arm in arms}
    for number in range(rounds):
        # Every other round backwards: no arm always comes after the same one.
        turns = arms if number % 2 == 0 else arms[::-1]
        for arm in turns:
            order = replace(arm.order, seconds=seconds, rate=RATE)
            seen[arm.name].at_rate.append(take(arm, order))
        for arm in turns:
            order = replace(arm.order, seconds=seconds, rate=RATE, connections=CONNECTIONS, far_end_ms=FAR_END_MS)
            seen[arm.name].at_rate_thinking.append(take(arm, order))
        for arm in turns:
            order = replace(arm.order, seconds=seconds, connections=CONNECTIONS)
            seen[arm.name].busy.append(take(arm, order))
        say(f"relay: round {number + 1} of {rounds}")
    return seen


def take(arm: Arm, order: Order) -> Slice:
    """Take one slice."""
    command = python("benchmarks.load")
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY, env=environment()
    ) as load:
        assert load.stdin is not None
        assert load.stdout is not None
        print(json.dumps(asdict(order)), file=load.stdin, flush=True)
        if load.stdout.readline() != "warm\n":
            raise RuntimeError(f"{arm.name}: the first questions were not answered")
        before_s = arm.program.cpu_s if arm.program else 0.0
        print("go", file=load.stdin, flush=True)
        line = load.stdout.readline()
        after_s = arm.program.cpu_s if arm.program else 0.0
    if not line:
        raise RuntimeError(f"{arm.name}: a question was not answered")
    return _slice(json.loads(line), after_s - before_s)


def _slice(told: dict[str, object], cpu_s: float) -> Slice:
    took_s = told["took_s"]
    assert isinstance(took_s, list)
    cuts = statistics.quantiles(took_s, n=100)
    return Slice(
        answers=len(took_s),
        seconds=float(str(told["seconds"])),
        p50_ms=cuts[49] * 1000,
        p99_ms=cuts[98] * 1000,
        cpu_ms=cpu_s * 1000 / len(took_s),
    )
