"""The table of error codes others answer with, read from `errors.toml`.

Knows: the columns of the file: code systems, what follows after each code, what it means.
Must not know: how a message is retried or held; the node's own codes.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Final, Literal, get_args

ErrorClass = Literal["retry", "retry-push", "done-registration", "done-removal", "hold", "permanent"]

_CLASSES: Final = frozenset(get_args(ErrorClass))


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorCode:
    """One code: which system it is of, what the line does after it, what people read."""

    code: str
    system: str  # the OID of its code system; of the first one, when it stands in two
    systems: tuple[str, ...]
    klass: ErrorClass
    about_token: bool
    meaning_nl: str
    meaning_en: str


def load() -> Mapping[str, ErrorCode]:
    """Read the table that comes with the product."""
    return parse(files(__package__).joinpath("errors.toml").read_text("utf-8"))


def parse(text: str) -> Mapping[str, ErrorCode]:
    """Read a table of that form: every code by itself, read-only."""
    tables = tomllib.loads(text)
    oids, default = tables["systems"], tables["default"]
    return MappingProxyType({code: _code(code, {**default, **row}, oids) for code, row in tables["code"].items()})


def _code(code: str, row: Mapping[str, object], oids: Mapping[str, str]) -> ErrorCode:
    klass = row["class"]
    if klass not in _CLASSES:
        raise ValueError(f"{code}: no such class")
    systems = tuple(oids[name] for name in row["systems"])  # type: ignore[attr-defined]
    return ErrorCode(
        code=code,
        system=systems[0],
        systems=systems,
        klass=klass,  # type: ignore[arg-type]
        about_token=bool(row["token"]),
        meaning_nl=str(row["nl"]),
        meaning_en=str(row["en"]),
    )
