"""What tests of the looks share: a book in memory, a look that sees what it is told, settings of a practice."""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from edge_node.errors import StoreUnavailable
from edge_node.model.check import Limits, Outcome, Result
from edge_node.model.check_memory import Change, Memory, Outage
from edge_node.probing import Gate, Look, Parts, Probing
from edge_node.settings.load import load
from edge_node.settings.schema import Settings

from .settings import written

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


#: The settings of a practice, and what a test adds to them.
SMALL = written.SMALL


def settings_of(folder: Path, more: str = "") -> Settings:
    """Read them from a file."""
    return load((written.write(folder, SMALL + more),))


class BookInMemory:
    """Remembers, or is out of order."""

    def __init__(self, memory: Memory | None = None) -> None:
        self.kept = memory or Memory()
        self.changes: list[Change] = []
        self.is_broken = False
        self.pruned: list[datetime] = []

    async def memory(self) -> Memory:
        if self.is_broken:
            raise StoreUnavailable("no room", code="EN-STORE-FULL")
        return self.kept

    async def changed(self, changes: tuple[Change, ...]) -> None:
        if self.is_broken:
            raise StoreUnavailable("no room", code="EN-STORE-FULL")
        self.changes += changes

    async def begun(self, at: datetime, gap_s: float) -> Outage | None:
        return None

    async def alive(self, at: datetime) -> None:
        return None

    async def prune(self, before: datetime) -> None:
        self.pruned.append(before)


def is_below_ten(facts: float, limits: Limits) -> Outcome:
    """A rule for tests."""
    return Outcome(result=Result.GOOD if facts < 10 else Result.VIOLATED, value=f"{facts:g}")


@dataclass
class Bench:
    """The looks of a node, with one place that shows what the test wants."""

    settings: Settings
    check: str = "disk-space"
    sees: Any = 1.0
    memory: Memory = field(default_factory=Memory)
    is_seldom: bool = False

    def __post_init__(self) -> None:
        self.clock = Clock()
        self.looks = 0
        self.is_quiet = False
        self.hanging: list[Deferred[Any]] = []
        self.book = BookInMemory(self.memory)
        self.gate = Gate()
        look: Look[Any] = Look(
            name="place", see=self._see, rules={self.check: is_below_ten}, is_seldom=self.is_seldom
        )
        parts = Parts(
            looks=(look,),
            gate=self.gate,
            book=self.book,
            settings=lambda: self.settings,
            reactor=self.clock,
            moment=self.moment,
            is_quiet=lambda: self.is_quiet,
        )
        self.probing = Probing(parts)

    def moment(self) -> datetime:
        return datetime.fromtimestamp(START.timestamp() + self.clock.seconds(), UTC)

    def begin(self) -> "Bench":
        self.probing.begin()
        self.clock.advance(0)
        return self

    def result(self, check: str = "") -> Result:
        return self.gate.standing.verdicts[check or self.check].result

    def _see(self) -> Awaitable[Any]:
        self.looks += 1
        found: Deferred[Any] = Deferred()
        self.hanging.append(found)  # else nobody holds what hangs, and Python ends it
        if isinstance(self.sees, Exception):
            found.errback(self.sees)
        elif not isinstance(self.sees, Hanging):
            found.callback(self.sees)
        return found


class Hanging:
    """What a look sees that never comes back."""
