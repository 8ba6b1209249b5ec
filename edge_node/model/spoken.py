"""What the first line needs to know beside how the parts of a node are.

Knows: names as staff know them, when it was last proven that messages go, what was seen of troubles before.
Must not know: where any of it is found, how a sentence is chosen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from edge_node.model.check import Verdict
from edge_node.model.notice import Words
from edge_node.model.sentence import Outage


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenFact:
    """All of it, at one moment."""

    help_line: str = ""  # whom to call
    names: Mapping[str, str] = field(default_factory=dict)  # what staff call each local system, by its link
    organisations: Mapping[str, str] = field(default_factory=dict)  # by identity
    proven_at: datetime | None = None  # the switchboard answered last; None: not since the start
    is_asked: bool = True  # whether the node asks it by itself
    unreached: frozenset[str] = frozenset()  # links of which nobody at the other end gave any sign of life
    silent: Mapping[str, datetime] = field(
        default_factory=dict
    )  # links that take requests and answer none, since when
    since: Mapping[str, datetime] = field(default_factory=dict)  # from when on each trouble is seen, by its key
    outage: Outage | None = None  # the last breakdown, while it is fresh
    cause: Words | None = None  # why a message was not delivered
    standing: tuple[Verdict, ...] = ()  # of the checks on a well-managed system
