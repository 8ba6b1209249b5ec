"""What the national programme exchanges: each exchange with the interactions that start it.

Knows: the columns of `[exchanges]` and `[rest]` in `formats/interactions.toml`.
Must not know: how they are read, or how an interaction is treated.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from edge_node.model.identifiers import InteractionId
from edge_node.model.message import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeExchange:
    """One exchange of the programme, whatever the standard and version that carry it."""

    name: str
    what: str
    dutch: str
    domain: str
    asks: str  # who asks or sends to whom
    ways: tuple[Direction, ...]
    hl7v3: tuple[InteractionId, ...]
    fhir: tuple[InteractionId, ...]
    declared: tuple[InteractionId, ...]  # a site adds or revives these in its settings
    because: str  # why there is nothing in `hl7v3`, where that is so
    demo: str  # step of the demo
    story: str  # file of the story test

    @property
    def interactions(self) -> tuple[InteractionId, ...]:
        """All that start it."""
        return (*self.hl7v3, *self.declared, *self.fhir)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Interactions that belong to no exchange of the programme, and why."""

    name: str
    interactions: tuple[InteractionId, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """All exchanges by name, and what is left."""

    exchanges: Mapping[str, ProgrammeExchange]
    rest: tuple[Rest, ...]

    def of(self, domain: str) -> tuple[ProgrammeExchange, ...]:
        """The exchanges of a domain."""
        return tuple(each for each in self.exchanges.values() if each.domain == domain)
