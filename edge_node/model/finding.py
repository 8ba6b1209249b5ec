"""What a check found.

Knows: that a finding has a stable code and says what is wrong without patient data.
Must not know: what is done about it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `code` is one of `errors.PAGES`; `detail` names field or value, never a patient."""

    code: str
    detail: str
