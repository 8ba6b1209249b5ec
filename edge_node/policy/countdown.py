"""When people are told that a certificate ends.

Knows: that each step is told once, that of several steps passed at once only the nearest is told.
Must not know: what was told before (that is handed in), how it is told, what time it is.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from edge_node.model.certificate import Part

#: The step of the end itself.
ENDED: Final = 0
_SOON_DAYS: Final = 30
_NOW_DAYS: Final = 7


class Urgency(IntEnum):
    """How loudly it is told; rises with every part of the countdown."""

    CALM = 20
    SOON = 30
    NOW = 40
    OVER = 50


def due_step(left: int, steps: Iterable[int], told: frozenset[int]) -> int | None:
    """Return the step to be told now: the nearest one reached, unless it or a nearer one was told."""
    reached = [step for step in (*steps, ENDED) if left <= step]
    if not reached:
        return None
    nearest = min(reached)
    return None if any(step <= nearest for step in told) else nearest


def urgency_of(step: int, part: Part) -> Urgency:
    """Return how loudly a step is told. Anchors and CAs end seldom, and what ends with them is said as loudly."""
    if step <= ENDED:
        return Urgency.OVER if part in {Part.OWN, Part.LOCAL} else Urgency.NOW
    if step <= _NOW_DAYS:
        return Urgency.NOW
    return Urgency.SOON if step <= _SOON_DAYS else Urgency.CALM
