"""What the line asks the standing verdicts of the checks about one exchange.

Knows: which properties of an exchange decide whether a violated check may stop it.
Must not know: any check.
"""

from dataclasses import dataclass

from edge_node.model.message import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """One exchange at the gate. `by_person`: somebody waits for the answer."""

    direction: Direction
    identity: str  # name of our organisation
    is_query: bool
    by_person: bool = False
    is_removal: bool = False  # withdraws or deregisters: never stopped by a rule on users or consent
    is_emergency: bool = False  # goes through, and is looked at afterwards
