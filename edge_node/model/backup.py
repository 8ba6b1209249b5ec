"""What people and monitoring see of backups, of the proof that they can be restored, and of a restore.

Knows: when the last ones were, what came of them, what a restored store still holds back.
Must not know: how a backup is made, kept or opened.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from edge_node.model.message import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What is in one backup. Moments are RFC 3339, UTC."""

    id: str
    site: str
    made_at: str
    release: str
    schema: int
    usable_from: int  # the oldest schema whose release can use the store in it
    settings_hash: str
    run: int
    journal_seq: int  # of the last line of the access log in it
    last_line_at: str  # when that line was written; empty: there was none
    patient_key: str  # the id of the key that stands for patients
    keys: tuple[str, ...]  # ids of the recovery keys that open it
    counts: tuple[tuple[str, str, int], ...]  # direction, state, messages


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A backup that was written and read again."""

    path: str
    nbytes: int
    took_s: float
    manifest: Manifest
    pruned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a restore tells, and the store remembers: the span whose messages may be missing, and what is held."""

    site: str
    backup: str
    made_at: str
    last_line_at: str
    journal_seq: int
    restored_at: str
    held: int
    was: tuple[tuple[str, str, int], ...]  # open messages in the backup: direction, state, messages

    @property
    def missing_from(self) -> str:
        """Whatever came after this may be missing."""
        return self.last_line_at or self.made_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Safety:
    """How well the store is backed up. None: never, as far as the store knows."""

    has_keys: bool = False
    is_scheduled: bool = False
    every_s: float = 0.0
    good_at: datetime | None = None
    failed_at: datetime | None = None  # after the last good one
    failure: str = ""
    drilled_at: datetime | None = None
    restored: Report | None = None
    held: int = 0  # of the messages of a restore, how many still wait for a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """One line of what the store remembers of backups, drills and restores."""

    kind: str
    at: float
    code: str = ""  # empty: it went well
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Messages kept from one moment up to, not including, another; in seconds since the epoch."""

    since: float = 0.0
    until: float = float("inf")
    direction: Direction | None = None

    @property
    def directions(self) -> tuple[Direction, ...]:
        """Which ways."""
        return tuple(Direction) if self.direction is None else (self.direction,)


@dataclass(frozen=True, slots=True)
class Band:
    """How many messages of one way are held in a span, and when the oldest of them came."""

    direction: Direction
    held: int
    oldest: float | None
