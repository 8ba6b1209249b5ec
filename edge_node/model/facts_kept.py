"""What is seen of what the store keeps: whether it is whole, whether it goes in time, whether it goes too soon.

Knows: the fields that the checks of topic F on retention ask about.
Must not know: tables, files.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LogContent:
    """The newest lines of the access log, held to what must be in each."""

    records: int  # that were looked at
    lacking: tuple[tuple[int, tuple[str, ...]], ...]  # number, fields that are not there


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSpan:
    """From when on the access log is there."""

    at: datetime
    years: int  # for which it is to be kept
    first: int  # number of the oldest line
    began_at: datetime | None  # when that was written; None: nothing is there
    missing: tuple[str, ...]  # files that are known and not there


@dataclass(frozen=True, slots=True, kw_only=True)
class BodiesKept:
    """Contents of messages whose time is over, and that are still there."""

    overdue: int
    oldest: datetime | None  # when the time of the oldest of them was over
    at: datetime
    is_waiting: bool  # nothing is removed while nobody knows the time


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryKept:
    """Whether ids of messages that ended are still remembered."""

    memory_s: float  # for which they are to be
    ended: int  # messages that were looked at
    forgotten: int  # of those


@dataclass(frozen=True, slots=True)
class RoomSeen:
    """How much room there was at a moment."""

    seconds: float  # of the clock that never jumps
    free_bytes: int
