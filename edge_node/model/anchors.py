"""Anchors of a peer that are to take the place of others, and how far that came.

Knows: what is told of such a change.
Must not know: what a certificate is, how a change is tried.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Phase(StrEnum):
    """How far a change came."""

    WAITING = "waiting"  # old and new count, until the peer was reached with the new ones alone
    REFUSED = "refused"  # the peer is not under the new ones: the old ones count


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorChange:
    """Anchors in the settings that lack some of those that are proven."""

    peer: str
    phase: Phase
    added: tuple[str, ...]  # names of CAs
    removed: tuple[str, ...]
    since: datetime
    why: str  # not yet tried, or what the last trial showed


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorsInUse:
    """Which anchors of a peer count now, and what is to become of them."""

    peer: str
    counting: tuple[str, ...]
    change: AnchorChange | None
