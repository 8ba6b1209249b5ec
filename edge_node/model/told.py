"""The counts and limits that a local system tells of itself: what no message shows, and no machine can see.

Knows: each figure with its form; that none of them is about one patient or one user.
Must not know: who asks for a figure, how it is handed in or kept.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

#: A number, a day, whether something is so, or the name of a version.
Figure = float | date | bool | str

#: Such as 24.11.3 or 8.2-rc1; no part of it has as many digits as the number of a patient.
_VERSION_FORM: Final = re.compile(r"v?[0-9]{1,6}(?:[._][0-9A-Za-z]{1,8}){0,5}(?:-[A-Za-z][0-9A-Za-z]{0,7})?")
#: Fewer digits than the number of a patient has: none gets in as a count.
_MOST: Final = 99_999_999


class OddFigure(ValueError):
    """A figure of no form that is known; it names the figure, and never repeats what was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """All figures of one local system, as it told them last."""

    system: str  # its name in the settings
    at: datetime
    figures: Mapping[str, Figure]


def read_figures(document: Mapping[str, Any]) -> dict[str, Figure]:
    """Read what was handed in. Raises `OddFigure`."""
    found: dict[str, Figure] = {}
    for name, value in document.items():
        form = FORMS.get(name)
        if form is None:
            raise OddFigure(f"there is no figure of that name; there are {', '.join(sorted(FORMS))}")
        read = form.read(value)
        if read is None:
            raise OddFigure(f"{name} must be {form.words}")
        found[name] = read
    return found


def write_figures(figures: Mapping[str, Figure]) -> dict[str, Any]:
    """Write them as they are handed in."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in sorted(figures.items())}


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST else None


def _seconds(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value <= _MOST else None


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _truth(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _version(value: Any) -> str | None:
    return value if isinstance(value, str) and _VERSION_FORM.fullmatch(value) else None


@dataclass(frozen=True, slots=True)
class _Form:
    read: Callable[[Any], Figure | None]
    words: str


_COUNT: Final = _Form(_count, "a whole number, 0 or more")
_SECONDS: Final = _Form(_seconds, "a number of seconds, 0 or more")
_DAY: Final = _Form(_day, "a day, as 2026-12-31")
_TRUTH: Final = _Form(_truth, "true or false")
_VERSION: Final = _Form(_version, 'a version, as "24.11.3"')

FORMS: Final[Mapping[str, _Form]] = {
    "session_idle_s": _SECONDS,  # after which it ends a session that nobody uses
    "session_age_s": _SECONDS,  # after which it ends any session
    "card_out_s": _SECONDS,  # after which it ends a session without its card
    "users_reviewed_on": _DAY,  # users and their rights
    "shared_accounts": _COUNT,
    "unused_account_days": _COUNT,  # of the account that is unused for longest
    "bsn_unverified": _COUNT,  # patients
    "identity_unchecked": _COUNT,  # patients
    "consenting": _COUNT,  # patients who said yes
    "consenting_registered": _COUNT,  # of those, registered at the index
    "registered_without_consent": _COUNT,  # patients
    "index_compared_on": _DAY,  # registrations with consents
    "answers_look_at_consent": _TRUTH,  # each answer to the switchboard is held against the consent of that moment
    "temporary_without_end": _COUNT,  # patients
    "temporary_overdue": _COUNT,  # patients, registered after their end
    "product_version": _VERSION,  # of the local system itself, that runs now
}
