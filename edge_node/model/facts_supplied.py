"""What is known of what only local systems know.

Knows: that it comes message by message, and as figures that are told now and then.
Must not know: what any of it means.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from edge_node.model.facts_time import MessageFacts
from edge_node.model.told import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppliedFacts:
    """All that was told and shown."""

    at: datetime
    messages: MessageFacts
    told: tuple[Told, ...] = ()
    qualified: Mapping[str, frozenset[str]] = field(default_factory=dict)  # versions, by local system
    has_roles: bool = False  # whether the settings name roles
    has_test_patients: bool = False  # whether it is known how their numbers begin, and this is no test environment
