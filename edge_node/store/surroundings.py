"""What the store is handed: time, chance, the shell's threads, and how long things are kept.

Knows: the shape of each, and their defaults.
Must not know: which class fits, or what the store does with them.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from edge_node.store.recovery import RecoveryPublic

_DAY_S: Final = 86_400.0


class Clock(Protocol):
    """Time, handed in."""

    def monotonic(self) -> float: ...

    def now(self) -> float: ...


class Chance(Protocol):
    """Chance, handed in."""

    def hex(self, nbytes: int) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long what has ended stays. Design section 3: bodies 24 h, dead letters and memories 30 days."""

    delivered_body_s: float = _DAY_S
    dead_letter_s: float = 30 * _DAY_S
    memory_s: float = 30 * _DAY_S
    row_s: float = 90 * _DAY_S
    day_key_s: float = 30 * _DAY_S
    copy_s: float = 7 * _DAY_S  # of the store before its schema changed


@dataclass(frozen=True, slots=True, kw_only=True)
class SealingKeys:
    """Where the key of the store is, and who besides may open what it seals."""

    path: Path | None = None  # None: beside the store, made at the first start
    is_credential: bool = False  # systemd lends it to the service
    recovery: tuple[RecoveryPublic, ...] | None = None  # None: as they were at the last start
    may_be_absent: bool = False  # for a command that opens no message


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPlan:
    """How the access log is kept."""

    node: str = ""  # its name in the records that the log writes of itself
    segment_records: int = 20_000
    segment_s: float = 31 * _DAY_S
    head_records: int = 64  # a head is signed at least so often
    retention_s: float = 5 * 366 * _DAY_S


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, on both clocks, taken where the caller is."""

    now: float  # seconds since the epoch
    monotonic_ms: int


def moment(clock: Clock) -> Moment:
    """Read both clocks once."""
    return Moment(clock.now(), int(clock.monotonic() * 1000))


def _pass_through(name: str) -> None:
    """Nothing happens at a fail point outside the tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a store needs while it is open, with or without a reactor."""

    clock: Clock
    chance: Chance
    retention: Retention = Retention()
    sealing: SealingKeys = SealingKeys()
    fail_point: Callable[[str], None] = _pass_through  # tests end the process here
    journal_reserve_records: int = 10_000  # that fit when the disk is full
    log: LogPlan = LogPlan()
    sealed_files: Path | None = None  # folder of the files that the store's key opens as well


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """The reactor's side of the threads."""

    call_from_thread: Callable[..., Any]  # reactor.callFromThread
    aside: Callable[[Callable[[], Any]], Awaitable[Any]]  # runs a function in the shell's thread pool
    on_fatal: Callable[[Exception], None]  # the disk failed: the process must end and recover at start
