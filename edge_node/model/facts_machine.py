"""What is seen of the machine that the node runs on: its disk, its files, its updates, the shield around the process.

Knows: the fields that the checks of topic F on the machine ask about.
Must not know: how any of it is found, what of it is good.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskFacts:
    """Whether what is written lies encrypted on the disk."""

    device: str  # that holds the store
    layers: tuple[str, ...]  # of encryption between the store and the disk, by their kind
    is_encrypted: bool
    swaps: tuple[tuple[str, bool], ...] | None  # each, and whether it is encrypted; None: not to be seen
    may_swap: bool  # whether memory of this process may be written there at all


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file of the store, or its folder."""

    name: str
    mode: int
    owner: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesFacts:
    """Who may read what is kept."""

    owner: int  # the account of this process
    files: tuple[StoredFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchFacts:
    """Which security updates of the machine wait."""

    at: datetime
    listed_at: datetime  # when the machine last asked what there is
    waiting: tuple[tuple[str, datetime], ...]  # package with version, and since when it is known here


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFacts:
    """Until when this release is maintained."""

    at: datetime
    release: str
    supported_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShieldFacts:
    """How the process is shielded from the machine, and the machine from it."""

    user: int  # number of the account it acts as
    umask: int
    has_no_new_privileges: bool
    filters_calls: bool
    capabilities: int  # in effect, as a set of bits
    core_bytes: int | None  # largest core file; None: no limit
    is_debugging: bool
    old_services: tuple[int, ...]  # ports of services without encryption that somebody listens on, on this machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Ups:
    """One emergency power supply."""

    name: str
    is_on_mains: bool
    percent: int | None  # charged


@dataclass(frozen=True, slots=True, kw_only=True)
class MalwareFacts:
    """Whether the protection against malware runs, and how fresh its signatures are."""

    at: datetime
    is_running: bool | None  # None: no command is set that tells
    renewed_at: datetime | None  # None: no file is set that tells
