"""A site for the looks to look at, without a node: real settings, two clocks of the test's own, a real machine."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.python.failure import Failure

from edge_node.model.check import Outcome, Unseen
from edge_node.policy import check_catalogue, check_engine
from edge_node.probing import Look
from edge_node.settings.schema import Settings
from edge_node.thresholds import limits_of


@dataclass
class TwoClocks:
    """The wall clock, which can be set, and the one that never jumps."""

    wall_s: float = 1_795_348_800.0
    steady_s: float = 1000.0

    def pass_s(self, seconds: float) -> None:
        self.wall_s += seconds
        self.steady_s += seconds

    def now(self) -> float:
        return self.wall_s

    def monotonic(self) -> float:
        return self.steady_s

    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.wall_s, UTC)


@dataclass
class Site:
    """Fits `Ground`, as far as a look asks of it."""

    settings: Settings
    clocks: TwoClocks = field(default_factory=TwoClocks)
    apart_s: float | None = None
    parts: dict[str, Any] = field(default_factory=dict)
    wired: Any = None

    def __post_init__(self) -> None:
        self.machine = SimpleNamespace(clock=self.clocks, reactor=self.parts.get("reactor"))
        self.carrying = SimpleNamespace(clock_watch=SimpleNamespace(apart_s=self.apart_s))
        self.store = SimpleNamespace(clock_is_off=lambda _: None)
        self.in_force = SimpleNamespace(started_with=self.settings, **self.parts)

    def peek(self, work: Callable[[], Any]) -> "Deferred[Any]":
        return succeed(work())


def outcome(settings: Settings, look: Look[Any], check: str) -> Outcome:
    """Look, and judge one check by what is seen."""
    seen: list[Any] = []
    Deferred.fromCoroutine(_see(look)).addBoth(seen.append)
    if isinstance(seen[0], Failure):
        seen[0].raiseException()
    if isinstance(seen[0], Unseen):
        return check_engine.unknown(seen[0].reason)
    return check_engine.judge(look.rules[check], check_catalogue.load()[check], seen[0], limits_of(settings))


async def _see(look: Look[Any]) -> Any:
    try:
        return await look.see()
    except Unseen as unseen:
        return unseen


async def judged(settings: Settings, look: Look[Any], check: str) -> Outcome:
    """The same, where what is looked at takes its time."""
    seen = await _see(look)
    if isinstance(seen, Unseen):
        return check_engine.unknown(seen.reason)
    return check_engine.judge(look.rules[check], check_catalogue.load()[check], seen, limits_of(settings))
