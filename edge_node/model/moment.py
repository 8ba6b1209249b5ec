"""Moments as tokens write them.

Knows: the form of SAML (RFC 3339) and that of HL7, which the older AORTA token has.
Must not know: what a moment is of.
"""

import re
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

#: Of people and of HL7, which writes local time without a zone.
DUTCH_TIME: Final = ZoneInfo("Europe/Amsterdam")
_HL7: Final = "%Y%m%d%H%M%S"
_HL7_DIGITS: Final = 14
#: As XML Schema writes one (dateTime): Python reads much else, which another reader takes for another moment or none.
_SAML: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})?"
)


def moment_of(written: str | None) -> datetime | None:
    """The moment; None where it cannot be read. Written without a zone it is UTC, as SAML has it."""
    return next(iter(moments_of(written)), None)


def moments_of(written: str | None) -> tuple[datetime, ...]:
    """The moments that it may be: two, the earlier first, in the hour that comes twice in autumn; often one."""
    text = (written or "").strip()
    try:
        return tuple(dict.fromkeys(_read(text, fold) for fold in (0, 1)))
    except (ValueError, OverflowError):  # the first and the last day of all have no UTC everywhere
        return ()


def _read(text: str, fold: int) -> datetime:
    if len(text) == _HL7_DIGITS and text.isascii() and text.isdigit():
        return datetime.strptime(text, _HL7).replace(tzinfo=DUTCH_TIME, fold=fold).astimezone(UTC)
    if not _SAML.fullmatch(text):
        raise ValueError("no moment of XML Schema")
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
