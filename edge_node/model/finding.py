"""What a check found.

Knows: that a finding has a stable code, says what is wrong without patient data, and stops a message or does not.
Must not know: what is done about it.
"""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a finding means for the message it is about."""

    BLOCK = "block"
    WARN = "warn"  # told and counted; the message passes


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `code` is one of `errors.PAGES`; `detail` names field or value, never a patient."""

    code: str
    detail: str
    severity: Severity = Severity.BLOCK
