"""What is seen of removals from the index, of emergency accesses, and of tokens on the disk.

Knows: the fields that the checks of topics D and E ask about.
Must not know: how any of it is found.
"""

from dataclasses import dataclass
from datetime import datetime

from edge_node.model.emergency import EmergencyState


@dataclass(frozen=True, slots=True, kw_only=True)
class Removals:
    """The removals that were kept to be sent, and what came of them over a window."""

    waiting: int = 0
    oldest_s: float = 0.0  # of those that wait
    done: int = 0
    slowest_s: float = 0.0  # of those that were acknowledged
    failed: int = 0  # refused by the other side, or over


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyFacts:
    """The emergency accesses that nobody looked at yet."""

    at: datetime
    state: EmergencyState


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenScan:
    """What a search for tokens among the files of the store found."""

    found: tuple[str, ...]  # names of files, never what stands there
    read_bytes: int
    whole_passes: int  # since the start; none: not everything was looked at yet
    files: int
    whole_bytes: int = 0  # of the last whole pass
    whole_looks: int = 0  # which took so many looks: what was found then may be so old
    whole_at: datetime | None = None  # when it ended
