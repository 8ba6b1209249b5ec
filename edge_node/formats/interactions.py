"""The table of interactions, read from `interactions.toml`.

Knows: the columns of the file, its defaults and its named lists of patient places.
Must not know: what is done with a row, or any single message.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from edge_node.model.identifiers import InteractionId
from edge_node.model.interaction import AttentionRule, Catalogue, Inbound, Interaction, Pattern, TrustLevel

_COLUMNS: Final = {
    "meaning": str,
    "group": str,
    "pattern": Pattern,
    "level": TrustLevel,
    "attention": AttentionRule,
    "inbound": Inbound,
    "trigger_event": str,
    "order": str,
    "lifetime_s": int,
    "priority": int,
    "active": bool,
    "fhir": bool,
    "keep": bool,
    "duplicates": bool,
    "consent": bool,
    "repeatable": bool,
}
_OPTIONAL: Final = ("direct", "accept_ack", "service", "soap_action", "batch_service", "batch_soap_action")


@cache
def load() -> Catalogue:
    """Read the table that comes with the product; it never changes, so once."""
    return parse(files(__package__).joinpath("interactions.toml").read_text("utf-8"))


def parse(text: str) -> Catalogue:
    """Read a table of that form: every row by its id, read-only."""
    tables = tomllib.loads(text)
    default, places = tables["default"], {name: tuple(at) for name, at in tables["patient_at"].items()}
    rows = {id_: _row(id_, {**default, **row}, places) for id_, row in tables["interaction"].items()}
    return MappingProxyType(rows)


def _row(id_: str, row: dict[str, Any], places: Mapping[str, tuple[str, ...]]) -> Interaction:
    columns: dict[str, Any] = {name: kind(row[name]) for name, kind in _COLUMNS.items()}
    columns.update((name, row.get(name)) for name in _OPTIONAL)
    refusal = row.get("refusal")
    return Interaction(
        id=InteractionId(id_),
        answers=tuple(map(InteractionId, row["answers"])),
        refusal=InteractionId(refusal) if refusal else None,
        patient_at=places[row["patient"]],
        **columns,
    )
