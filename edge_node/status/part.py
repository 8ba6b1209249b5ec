"""One part of a node, and how it is.

Knows: the words for it, whose side a fault is on, what people can do.
Must not know: from which facts that follows.
"""

from dataclasses import dataclass
from enum import StrEnum

from edge_node.errors import PAGES, Side


class Health(StrEnum):
    """How one part is."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part and how it is. `code` is empty, or one of `errors.PAGES`."""

    kind: str  # node, link, local system, store, certificate, FHIR addresses, clock, queue, telling, tls
    name: str
    health: Health
    code: str = ""
    detail: str = ""
    since_s: float | None = None

    @property
    def side(self) -> Side:
        """Whose fault it is."""
        return PAGES[self.code].side if self.code in PAGES else Side.NODE

    @property
    def do(self) -> str:
        """What people can do about it."""
        return PAGES[self.code].do if self.code in PAGES else ""
