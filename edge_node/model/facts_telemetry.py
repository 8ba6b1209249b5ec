"""What is seen of the figures that monitoring fetches.

Knows: the fields that the checks on monitoring ask about.
Must not know: a figure.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TelemetryFacts:
    """What in the figures looks like a patient or a token: in which figure, and what it is; never the text itself."""

    lines: int
    found: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatFacts:
    """When monitoring last had the figures."""

    is_expected: bool  # the site says that it fetches them
    running_s: float  # for which this node has been looking
    age_s: float | None  # since the last time; None: not since the start
