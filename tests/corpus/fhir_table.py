"""The FHIR table of the corpus: what becomes of each published FHIR message, and how it is sent.

Knows: the columns of `fhir_table.toml`.
Must not know: where the messages are, how one is sent.
"""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from edge_node.model.identifiers import InteractionId
from edge_node.model.interaction import AttentionRule, Catalogue, Inbound, Interaction, Pattern, TrustLevel
from edge_node.model.message import Direction
from tests.corpus.published import filled
from tests.corpus.table import PASSES, Role

#: Asked for where a file masks the number of its patient; an invented one.
ANY_PATIENT: Final = "999911120"
_SYSTEM: Final = b'"http://fhir.nl/fhir/NamingSystem/bsn"'


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirRow:
    """One file, sent in one way."""

    file: str
    role: Role
    method: str
    path: str
    directions: tuple[Direction, ...]
    interaction: str
    expect: str
    declares: str | None = None
    fill: dict[str, str] = field(default_factory=dict)
    why: str = ""

    @property
    def is_json(self) -> bool:
        """By its name: the publishers call XML .xml."""
        return self.file.endswith(".json")

    @property
    def content_type(self) -> str:
        """Its media type."""
        return "application/fhir+json" if self.is_json else "application/fhir+xml"

    @property
    def passes(self) -> bool:
        """Whether it is let through."""
        return self.expect == PASSES

    def sent(self, corpus: Path) -> bytes:
        """The bytes as they go over a socket."""
        return filled((corpus / "messages" / self.file).read_bytes(), dict(self.fill))

    def address(self, patient: str | None) -> str:
        """Path and query, for that patient."""
        return self.path.replace("{patient}", patient or ANY_PATIENT)


def load() -> tuple[FhirRow, ...]:
    """Read the table."""
    cases = tomllib.loads(Path(__file__).with_name("fhir_table.toml").read_text("utf-8"))["case"]
    return tuple(_row(case) for case in cases)


def declared(table: Catalogue, row: FhirRow) -> Catalogue:
    """The table of interactions with what the site declares for this row."""
    if row.declares is None:
        return table
    return {**table, row.declares: _interaction(row.declares)}


def patient_of(body: bytes) -> str | None:
    """The number behind the system of the BSN; None where it is masked or absent. Good for the corpus only."""
    _, found, rest = body.partition(_SYSTEM)
    value = rest.partition(b"<value")[2].lstrip() if found else b""
    return value.split(b'"')[1].decode() if value.startswith(b"value=") else None


def _interaction(id_: str) -> Interaction:
    is_query = id_.startswith(("read", "search"))
    return Interaction(
        id=InteractionId(id_),
        meaning="declared by the site",
        group="site",
        pattern=Pattern.QUERY if is_query else Pattern.PUSH,
        level=TrustLevel.MIDDEN,
        direct=None,
        active=True,
        attention=AttentionRule.FREE,
        accept_ack=None,
        answers=(),
        trigger_event="",
        fhir=True,
        keep=False,
        inbound=Inbound.RELAY,
        lifetime_s=86400,
        order="fhir",
        priority=1,
        patient_at=("token", "query", "payload:identifier"),
        duplicates=True,
        consent=False,
        service=None,
        soap_action=None,
    )


def _row(case: dict[str, object]) -> FhirRow:
    rest = {name: value for name, value in case.items() if name not in {"role", "direction"}}
    directions = case["direction"]
    assert isinstance(directions, list)
    return FhirRow(
        role=Role(str(case["role"])),
        directions=tuple(Direction(one) for one in directions),
        **rest,  # type: ignore[arg-type]
    )
