"""The exchanges of the programme, read from `interactions.toml`.

Knows: the columns of its `[exchanges]` and `[rest]`.
Must not know: what is made of them.
"""

import tomllib
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from edge_node.model.identifiers import InteractionId
from edge_node.model.message import Direction
from edge_node.model.programme import Programme, ProgrammeExchange, Rest

_TEXTS: Final = ("what", "dutch", "domain", "asks", "demo", "story")
_IDS: Final = ("hl7v3", "fhir", "declared")


@cache
def load() -> Programme:
    """Read what comes with the product; it never changes, so once."""
    return parse(files(__package__).joinpath("interactions.toml").read_text("utf-8"))


def parse(text: str) -> Programme:
    """Read tables of that form."""
    tables = tomllib.loads(text)
    rest = (
        Rest(name=name, interactions=_ids(row["ids"]), reason=row["reason"]) for name, row in tables["rest"].items()
    )
    exchanges = {name: _exchange(name, row) for name, row in tables["exchanges"].items()}
    return Programme(exchanges=MappingProxyType(exchanges), rest=tuple(rest))


def _exchange(name: str, row: dict[str, Any]) -> ProgrammeExchange:
    if unknown := row.keys() - {*_TEXTS, *_IDS, "ways", "because"}:
        raise ValueError(f"{name} has the unknown columns {sorted(unknown)}")
    columns: dict[str, Any] = {key: str(row[key]) for key in _TEXTS}
    columns.update((key, _ids(row.get(key, ()))) for key in _IDS)
    ways = tuple(Direction(way) for way in row["ways"])
    return ProgrammeExchange(name=name, ways=ways, because=row.get("because", ""), **columns)


def _ids(texts: list[str]) -> tuple[InteractionId, ...]:
    return tuple(InteractionId(text) for text in texts)
