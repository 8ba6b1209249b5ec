"""How long to wait before the next try.

Knows: exponential pauses with full jitter, between a first pause and a cap (design section 3), `Retry-After`.
Must not know: what is retried, what time it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

#: "Too many requests" and "unavailable" are answers with which a pause may be asked for (RFC 9110 10.2.3, RFC 6585).
#: A SOAP 1.1 fault has the status 500, whatever it says (SOAP 1.1, 6.2).
_BUSY: Final = frozenset({429, 500, 503})
_MAX_DIGITS: Final = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Bounds of a pause, in seconds. Defaults of this product."""

    first_s: float = 2
    cap_s: float = 300
    spread_s: float = 5  # over which nodes come back after a repair


def pause_s(attempts: int, chance: float, policy: RetryPolicy) -> float:
    """Return the pause after that many failed handovers; `chance` is from 0 up to 1.

    Full jitter: any moment between now and a ceiling that doubles, so that 6,000 nodes never knock together.
    """
    doublings = min(max(attempts - 1, 0), 32)
    ceiling = min(policy.cap_s, policy.first_s * 2.0**doublings)
    return chance * ceiling


def asked_pause_s(status: int, headers: Iterable[tuple[str, str]]) -> float | None:
    """Return the pause the other side asks for, in seconds or by its own clock; None where it asks for none."""
    if status not in _BUSY:
        return None
    said = {name.lower(): value.strip() for name, value in headers}
    value = said.get("retry-after", "")
    if value.isascii() and value.isdigit():
        return float(value[:_MAX_DIGITS])
    return _between(said.get("date", ""), value)


def _between(now: str, then: str) -> float | None:
    try:
        return max(0.0, (parsedate_to_datetime(then) - parsedate_to_datetime(now)).total_seconds())
    except (ValueError, TypeError):  # not a date, or one of them without a zone
        return None
