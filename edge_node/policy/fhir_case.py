"""One FHIR request with all that its judges may ask about.

Knows: the values a FHIR rule reads.
Must not know: any rule.
"""

from collections.abc import Callable
from dataclasses import dataclass

from edge_node.model.fhir import FhirReading, TokenMode
from edge_node.model.finding import Finding
from edge_node.model.interaction import Interaction
from edge_node.model.message import Direction
from edge_node.model.peer import LocalCaller, SwitchboardCaller
from edge_node.model.site import Application, Site
from edge_node.model.supplied import NOTHING, Supplied


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirCase:
    """A request that was read. `row` is None where no table knows the interaction."""

    direction: Direction
    reading: FhirReading
    row: Interaction | None
    interaction: str  # the id of the row, else what is asked by name
    caller: LocalCaller | SwitchboardCaller
    site: Site
    application: Application | None  # ours that speaks (out) or is spoken to (in); None where none fits
    supplied: Supplied = NOTHING

    @property
    def role(self) -> str:
        """Role code of who asks; empty where none is said."""
        return "" if self.reading.claims is None else self.reading.claims.role

    @property
    def token_mode(self) -> TokenMode:
        """Whose access token goes along. What comes in has its own."""
        if self.direction is Direction.IN or self.application is None:
            return TokenMode.OWN
        return self.application.fhir_tokens


FhirRule = Callable[[FhirCase], Finding | None]
