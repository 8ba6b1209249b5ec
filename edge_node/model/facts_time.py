"""What is seen of the links, the queue, outages and answers.

Knows: the fields that the checks of topic A ask about, but for the clock.
Must not know: how a link is tried, how the queue is stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from edge_node.model.check_memory import Outage
from edge_node.model.facts_planned import Window
from edge_node.model.overview import Overview
from edge_node.model.renewal import Tried


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSeen:
    """One way to the switchboard side, as its last use showed."""

    name: str
    failures: int  # in a row
    code: str = ""  # of the last failure
    is_tried: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchboardFacts:
    """The ways to the switchboard side, with the last trial of each, stage by stage."""

    links: tuple[LinkSeen, ...]
    trials: tuple[Tried, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageFacts:
    """What could not be reached, or did not run, over the longest time that counts."""

    at: datetime
    outages: tuple[Outage, ...]
    watched_from: datetime | None  # since when this is kept; None: nobody knows
    maintenance: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFacts:
    """What waits, and whether all of it can be read."""

    overview: Overview
    unrecorded: int = 0  # handed over, and what came of it cannot be written down
    failure: str = ""  # with which code the last commit failed


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeoutFacts:
    """The time-outs in force, in seconds."""

    query_out_s: float
    query_in_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceFacts:
    """How quickly something is safe on the disk of the store."""

    sync_s: float  # the middle one of some
    file_system: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFacts:
    """What was found on messages over a window, without any message."""

    window_s: float
    handled: int  # requests both ways
    refused: Mapping[str, int] = field(default_factory=dict)  # by the code that was answered
    warned: Mapping[str, int] = field(default_factory=dict)  # by the code that was told; the message passed
    shown: Mapping[str, int] = field(default_factory=dict)  # by the fact that a local system said beside it
    answers: int = 0  # of questions of others, put to local systems
    unanswered: int = 0  # of those, in time
    p95_s: float | None = None
