"""What is seen of the access log, the disk and the backups.

Knows: the fields that the checks of topic F ask about.
Must not know: how any of it is found.
"""

from dataclasses import dataclass
from datetime import datetime

from edge_node.model.backup import Safety


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFacts:
    """Whether the store can record, and how much room there is."""

    failure: str  # code of the last commit that failed; empty: it works
    is_reserve_open: bool
    is_reserve_used_up: bool
    free_bytes: int | None
    total_bytes: int | None
    reserve_bytes: int
    days_until_full: float | None = None  # at the pace of late; None: nobody can say, or never


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupFacts:
    """How well the store is backed up."""

    at: datetime
    safety: Safety
