"""What is seen of the clock of this machine, of who keeps it right, and of the time that others have.

Knows: the fields that the checks on the clock ask about.
Must not know: how a time server or the kernel is asked.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelClock:
    """What the kernel says of its clock."""

    is_kept: bool  # something set it lately
    max_error_s: float  # how far it may be off, as far as the kernel was told


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracking:
    """What chrony says of the clock that it keeps."""

    source: str  # its server, by address or id
    stratum: int
    offset_s: float
    error_s: float  # how far the offset itself may be off
    synced_at: datetime | None  # None: never
    is_kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerTime:
    """What one time server says."""

    server: str
    offset_s: float = 0.0  # by which this clock would have to be moved
    error_s: float = 0.0
    stratum: int = 0
    failure: str = ""  # it said nothing that can be used, and why


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The clock jumped."""

    at: datetime
    by_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockFacts:
    """All that is seen of the clock at a moment."""

    at: datetime
    kernel: KernelClock | None  # None: it may not be asked
    chrony: Tracking | None = None
    touched_at: datetime | None = None  # when systemd-timesyncd last set it
    servers: tuple[ServerTime, ...] = ()
    peer_s: float | None = None  # by how much the time in the switchboard's answers differs
    unkept_s: float = 0.0  # for how long the kernel has said that nobody keeps it
    steps: tuple[Step, ...] = ()
    watched_s: float = 0.0
