"""What is seen of what people record of the upkeep of a node.

Knows: the fields that the checks on incidents, changes and putting out of use ask about.
Must not know: where any of it is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from edge_node.model.upkeep import Approval, Incident, Step, Taken


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFacts:
    """The incidents that nobody closed yet."""

    at: datetime
    open: tuple[Incident, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFacts:
    """The settings and the release in force, and who approved them."""

    at: datetime
    digest: str
    release: str
    since: datetime  # when this node first ran with both
    approval: Approval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavingFacts:
    """How far the node is on its way out of use."""

    taken: tuple[Taken, ...]
    seen: Mapping[Step, str]  # what the node sees for itself: how it is; empty where it is done
