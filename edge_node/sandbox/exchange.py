"""A request to a sandbox party, and its reply.

Knows: their fields.
Must not know: HTTP, who the party is.
"""

from dataclasses import dataclass, field

from edge_node.model.identifiers import InvalidIdentifier
from edge_node.sandbox.faults import Fault
from edge_node.sandbox.reading import Unreadable, read


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, whole."""

    path: str
    soap_action: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the asker gets, and in what manner."""

    status: int
    body: bytes = field(repr=False)
    manner: Fault | None = None

    @property
    def outcome(self) -> str:
        """The acknowledgement or error code in it."""
        return outcome_of(self.body)


def outcome_of(answer: bytes) -> str:
    """Return the code of an answer for a ledger: the first error when it says no, else the acknowledgement."""
    try:
        seen = read(answer)
    except (Unreadable, InvalidIdentifier):
        return "unreadable"
    return (seen.type_code or "") if seen.is_positive else next(iter(seen.codes), seen.type_code or "")
