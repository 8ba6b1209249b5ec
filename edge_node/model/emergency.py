"""An emergency access (noodtoegang) that somebody has to look at afterwards.

Knows: what a list for review shows, without anybody's name or number but for who looked.
Must not know: how an access says that it is of an emergency, how it is stored.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """What came of the review."""

    JUSTIFIED = "justified"
    UNJUSTIFIED = "unjustified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """One access. Moments are aware UTC."""

    id: int
    at: datetime
    direction: str
    interaction: str
    application: str  # ours
    counterparty: str
    system: str
    role: str
    ura: str
    message: str  # root/extension, without what may be a number of a patient
    correlation: str
    result: str
    explained_at: datetime | None = None
    explained_by: str = ""
    signed_at: datetime | None = None
    signed_by: str = ""
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyState:
    """How many wait for somebody to look at them."""

    open: int = 0
    unexplained: int = 0  # of these: nobody said why yet
    oldest_at: datetime | None = None
