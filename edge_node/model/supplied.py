"""What only the local system knows of a message it sends: its user's session, and how the patient stands with it.

Knows: these facts; that each of them may be missing, which is neither good nor wrong.
Must not know: in which headers they stand, which rule asks about them.
"""

from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Final


class Consent(StrEnum):
    """What the patient said about the exchange of his data."""

    YES = "yes"
    NO = "no"
    WITHDRAWN = "withdrawn"
    UNASKED = "unknown"  # nobody asked him yet

    @property
    def is_refusal(self) -> bool:
        """Whether the patient is known not to want it."""
        return self in {Consent.NO, Consent.WITHDRAWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplied:
    """All of it about one message; None: it was not said."""

    session_age_s: float | None = None  # since the user logged in
    session_idle_s: float | None = None  # since the user last did something, before this message
    card_out_s: float | None = None  # the card is out of its reader for so long; 0: it is in
    bsn_verified: bool | None = None  # at SBV-Z, or from the chip of a document
    identity_checked: bool | None = None  # with a document whose validity was looked up
    consent: Consent | None = None
    relation: bool | None = None  # the patient is in treatment here
    is_temporary: bool | None = None  # a passer-by, or a patient of somebody who is away
    ends_on: date | None = None  # of a temporary patient
    unread: tuple[str, ...] = ()  # names of headers whose value is of no form that is known

    @property
    def named(self) -> frozenset[str]:
        """Which of the facts were said."""
        return frozenset(name for name in _FACTS if getattr(self, name) is not None)


NOTHING: Final = Supplied()
_FACTS: Final = tuple(one.name for one in fields(Supplied) if one.name != "unread")
