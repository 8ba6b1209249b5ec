"""The certificates that keep this site going: whose they are, when they end, what was told of them.

Knows: the parts a certificate plays, the kinds of things there are to tell.
Must not know: how one is read, when something is told, in which words.
"""

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

_DAY_S: Final = 86_400.0


class Part(StrEnum):
    """What a certificate is for this site."""

    OWN = "own"  # shown by us to the switchboard
    LOCAL = "local"  # shown by us to local systems
    CA = "ca"  # above one of our own
    ANCHOR = "anchor"  # what peers are judged by


class Telling(StrEnum):
    """What there is to tell of one."""

    ENDS = "ends"
    REFUSED = "refused"  # by the switchboard: an older one is shown
    REVOKED = "revoked"  # by who issued it
    SOURCE = "source"  # no certificate: an address that gives no lists or answers about them, since `ends_at`


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A certificate whose days are counted."""

    fingerprint: str  # SHA-256, hexadecimal
    part: Part
    name: str  # what people call it: an identity, a listener, a CA
    subject: str
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateNotice:
    """One thing that was told of a certificate. `seq` orders them. Moments are aware UTC."""

    seq: int
    at: datetime
    telling: Telling
    days: int  # of the step that was reached; 0: it has ended
    certificate: Counted


def days_left(ends_at: datetime, at: datetime) -> int:
    """Return the whole days that are left, rounded up; 0 or fewer once it has ended."""
    return math.ceil((ends_at - at).total_seconds() / _DAY_S)
