"""How long to wait before the next try.

Knows: exponential pauses with full jitter, between a first pause and a cap (design section 3).
Must not know: what is retried, what time it is.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Bounds of a pause, in seconds. Defaults of this product."""

    first_s: float = 2
    cap_s: float = 300


def pause_s(attempts: int, chance: float, policy: RetryPolicy) -> float:
    """Return the pause after that many failed handovers; `chance` is from 0 up to 1.

    Full jitter: any moment between now and a ceiling that doubles, so that 6,000 nodes never knock together.
    """
    doublings = min(max(attempts - 1, 0), 32)
    ceiling = min(policy.cap_s, policy.first_s * 2.0**doublings)
    return chance * ceiling
