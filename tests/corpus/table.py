"""The table of the corpus: what becomes of each published message.

Knows: the columns of `table.toml`.
Must not know: where the messages are, how one is sent.
"""

import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from edge_node.model.message import Direction

Fill = dict[str, str | list[str]]


class Role(StrEnum):
    """What part of an exchange a file plays."""

    REQUEST = "request"
    ANSWER = "answer"
    PART = "part"
    HEADER = "header"


class Kind(StrEnum):
    """What a file is, whatever it is called."""

    DUTCH = "dutch"
    NHS = "nhs"
    IHE = "ihe"
    FHIR = "fhir"
    JSON = "json"
    MIME = "mime"
    CDA = "cda"
    TOKEN = "token"


PASSES: Final = "passes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One file."""

    file: str
    kind: Kind
    directions: tuple[Direction, ...]
    role: Role
    expect: str
    question: str | None = None
    fill: Fill = field(default_factory=dict)
    mend: Fill = field(default_factory=dict)
    names: str | None = None
    media_type: str | None = None
    signed: bool = False
    tells: list[str] = field(default_factory=list)
    why: str = ""


def load() -> tuple[Row, ...]:
    """Read the table."""
    tables = tomllib.loads(Path(__file__).with_name("table.toml").read_text("utf-8"))
    return tuple(_row(file, columns) for file, columns in tables.items())


def _row(file: str, columns: dict[str, object]) -> Row:
    rest = {name: value for name, value in columns.items() if name not in {"kind", "direction", "role"}}
    directions = columns["direction"]
    assert isinstance(directions, list)
    return Row(
        file=file,
        kind=Kind(str(columns["kind"])),
        directions=tuple(Direction(one) for one in directions),
        role=Role(str(columns["role"])),
        **rest,  # type: ignore[arg-type]
    )
