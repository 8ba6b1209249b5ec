"""The table of error codes others answer with, read from `errors.toml`.

Knows: the columns of the file: code systems, what follows after each code, what it means, what to do about it.
Must not know: how a message is retried or held; the node's own codes.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

from edge_node.model.message import Detail

ErrorClass = Literal["retry", "retry-push", "done-registration", "done-removal", "hold", "permanent"]

_CLASSES: Final = frozenset(get_args(ErrorClass))


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorCode:
    """One code: which system it is of, what the line does after it, what people read and do."""

    code: str
    system: str  # the OID of its code system; of the first one, when it stands in two
    systems: tuple[str, ...]
    klass: ErrorClass
    about_token: bool
    http: int  # the status a FHIR client gets for it
    meaning_nl: str
    meaning_en: str
    do_nl: str
    do_en: str


@cache
def load() -> Mapping[str, ErrorCode]:
    """Read the table that comes with the product; it never changes, so once."""
    return parse(files(__package__).joinpath("errors.toml").read_text("utf-8"))


def parse(text: str) -> Mapping[str, ErrorCode]:
    """Read a table of that form: every code by itself, read-only."""
    tables = tomllib.loads(text)
    return MappingProxyType(
        {code: _code(code, tables["default"] | row, tables) for code, row in tables["code"].items()}
    )


def detail(code: str, type_code: str = "E") -> Detail:
    """The code as an acknowledgement detail names it. It must be one of the table."""
    return Detail(type_code, code, load()[code].system)


def _code(code: str, row: Mapping[str, Any], tables: Mapping[str, Any]) -> ErrorCode:
    if row["class"] not in _CLASSES:
        raise ValueError(f"{code}: no such class")
    systems = tuple(tables["systems"][name] for name in row["systems"])
    do = tables["do"][row["do"]]
    return ErrorCode(
        code=code,
        system=systems[0],
        systems=systems,
        klass=row["class"],
        about_token=row["token"],
        http=row["http"],
        meaning_nl=row["nl"],
        meaning_en=row["en"],
        do_nl=do["nl"],
        do_en=do["en"],
    )
