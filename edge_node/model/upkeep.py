"""What people record of the upkeep of a node: incidents, approved changes, putting it out of use.

Knows: the fields of each, the steps by which a node is put out of use.
Must not know: how it is stored, when any of it is late.

No text here names a patient.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

#: How people write whom a breach of personal data is reported to.
_AUTHORITY: Final = re.compile(r"\bAP\b|autoriteit\s+persoonsgegevens", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Something went wrong that others may have to hear of."""

    id: int
    detected_at: datetime
    what: str
    is_breach: bool  # of personal data: the authority is told within its term
    owner: str
    opened_at: datetime
    opened_by: str
    reported_at: datetime | None = None
    reported_to: str = ""
    closed_at: datetime | None = None
    closed_by: str = ""

    @property
    def is_reported(self) -> bool:
        """Whether all were told who must be: of a breach of personal data that is the authority, too."""
        return self.reported_at is not None and (not self.is_breach or bool(_AUTHORITY.search(self.reported_to)))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIncident:
    """One as it is told of."""

    detected_at: datetime | None  # None: now
    what: str
    is_breach: bool
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Somebody approved the settings that are in force, with the release that uses them."""

    digest: str
    release: str
    change: str
    approver: str
    at: datetime
    by: str
    why: str


class Step(StrEnum):
    """What is to be done to put a node out of use, in this order."""

    BEGUN = "begun"
    PATIENTS = "patients-removed"  # from the index, or handed over to another holder
    APPLICATION = "application-removed"  # from the national register
    CERTIFICATE = "certificate-revoked"  # seen by the node
    QUEUE = "queue-empty"  # seen by the node
    LOG = "log-exported"  # with the head it was exported up to
    KEYS = "keys-wiped"  # and their backups
    CLOSED = "closed"


#: What the node sees for itself; nobody declares it.
SEEN: frozenset[Step] = frozenset({Step.CERTIFICATE, Step.QUEUE})
#: What a person declares.
DECLARED: frozenset[Step] = frozenset({Step.PATIENTS, Step.APPLICATION, Step.LOG, Step.KEYS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A step that was taken."""

    step: Step
    at: datetime
    owner: str
    note: str
    by: str
