"""What one unit of work has in its hands while it runs.

Knows: the connection, the run of the process, the counters that go with the commit, how a unit is undone.
Must not know: threads, or what a unit does.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from edge_node.model.lifecycle import State
from edge_node.store.access_log import Log
from edge_node.store.keys import PatientKey
from edge_node.store.sealing import Sealer
from edge_node.store.surroundings import Moment, Retention

RUN_SHIFT: Final = 40  # 2^40 ms is 34 years of one machine's running


def _nobody() -> None:
    """Nobody waits for news."""


@dataclass(slots=True, kw_only=True)
class Session:
    """The open store during one run. Used by one thread at a time."""

    connection: sqlite3.Connection
    run: int
    key: PatientKey
    sealer: Sealer
    log: Log
    retention: Retention
    fail_point: Callable[[str], None]
    moment: Callable[[], Moment]
    #: The highest place of a message that was set aside: no new one gets it.
    floor: int = 0
    #: Messages whose row cannot be read and cannot be taken out either, till the store is repaired.
    stuck: set[int] = field(default_factory=set)
    searched_ms: int | None = None  # when all rows were looked at for one that cannot be read
    log_tells: bool = True  # the log may hold what the store is rid of; what the run before left in it, nobody knows
    log_is_to_go: bool = False
    clock_offset_ms: int | None = None  # as it was last seen; None: nobody knows
    has_told: bool = False  # something was written that local systems are told
    on_told: Callable[[], None] = _nobody  # called in the writer's thread, after that commit
    fetched_by: frozenset[str] = frozenset()  # applications to which nothing is pushed
    _counted: Counter[tuple[str, str]] = field(default_factory=Counter)
    _unit: Counter[tuple[str, str]] = field(default_factory=Counter)

    def due(self, at: Moment, after_s: float = 0) -> int:
        """Return when something is due, so written that whatever an older run set sorts before now."""
        return (self.run << RUN_SHIFT) + at.monotonic_ms + int(after_s * 1000)

    def count(self, direction: str, state: State, by: int) -> None:
        """One message more or fewer in this state."""
        self._unit[direction, state.value] += by

    def set_aside_now(self, seq: int, *, is_stuck: bool) -> None:
        """A message left the line; told also when the commit fails, which only leaves a place empty."""
        self.floor = max(self.floor, seq)
        if is_stuck:
            self.stuck.add(seq)

    def execute(self, sql: str, values: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        """Run one statement; SQLite keeps it prepared."""
        return self.connection.execute(sql, values)

    def begin(self) -> None:
        """Begin what will be one commit."""
        self._counted.clear()
        self._unit.clear()
        self.has_told = False
        self.execute("BEGIN IMMEDIATE")
        self.sealer.begin()
        self.log.begin()

    def begin_unit(self) -> None:
        """Begin a part that may fail without taking the others down."""
        self._unit.clear()
        self.log.begin_unit()
        self.execute("SAVEPOINT unit")

    def keep_unit(self) -> None:
        """The part stands."""
        self.execute("RELEASE unit")
        self._counted.update(self._unit)

    def undo_unit(self) -> None:
        """The part never happened."""
        self.log.undo_unit()
        if self.connection.in_transaction:  # a full disk may have ended the whole transaction already
            self.execute("ROLLBACK TO unit")
            self.execute("RELEASE unit")

    def commit(self) -> None:
        """Make all parts durable, with the counters that belong to them."""
        for (direction, state), by in self._counted.items():
            self._bump(direction, state, by)
        self.fail_point("before-commit")
        self.execute("COMMIT")
        self.log.committed()
        self.fail_point("after-commit")
        if self.has_told:
            self.on_told()

    def roll_back(self) -> None:
        """None of the parts happened."""
        self.sealer.forget()
        self.log.roll_back()
        if self.connection.in_transaction:
            self.execute("ROLLBACK")

    def _bump(self, direction: str, state: str, by: int) -> None:
        if by:
            self.execute(
                """INSERT INTO counters (direction, state, n) VALUES (?, ?, ?)
                   ON CONFLICT DO UPDATE SET n = n + excluded.n""",
                (direction, state, by),
            )
