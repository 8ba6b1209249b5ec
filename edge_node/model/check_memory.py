"""What is remembered of checks between two runs of the node.

Knows: the last change of each check, what people declared, what was out of order and when.
Must not know: how it is stored, how a check is judged.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from edge_node.model.check import Attestation, Result, Waiver


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A check got another result."""

    check: str
    at: datetime
    result: Result
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A part that could not be reached, or did not run. `ended_at` None: it lasts."""

    part: str
    began_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """All that is remembered, as far as it counts now; each by the name of its check."""

    last: Mapping[str, Change] = field(default_factory=dict)
    waivers: Mapping[str, Waiver] = field(default_factory=dict)  # also those that ended
    attestations: Mapping[str, Attestation] = field(default_factory=dict)
