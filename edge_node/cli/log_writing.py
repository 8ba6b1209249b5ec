"""Records of the access log in the forms that other programs read.

Knows: lines of JSON, and a table in CSV with a column for each field.
Must not know: where records came from.
"""

import csv
import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import IO, Any, Final

from edge_node.model.record import (
    AccessPoint,
    Correlation,
    Counterparty,
    EventPart,
    ObjectPart,
    UserPart,
)

Write = Callable[[Mapping[str, Any]], None]

_GROUPS: Final = {
    "event": EventPart,
    "user": UserPart,
    "access_point": AccessPoint,
    "counterparty": Counterparty,
    "object": ObjectPart,
    "correlation": Correlation,
}
COLUMNS: Final = ("seq", "at", *(f"{group}.{one.name}" for group, part in _GROUPS.items() for one in fields(part)))
_OTHER: Final = "other"
#: A cell that begins so is a formula to a spreadsheet, whatever stands unseen before it; in wide letters too.
_FORMULA: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_UNSEEN: Final = " \t\r\n\v\f\u00a0\u200b\ufeff"
_BREAKS: Final = ("\t", "\r", "\n")


def writer(stream: IO[str], form: str) -> Write:
    """Return what writes one record after the other."""
    if form == "csv":
        return _table(stream)

    def write(record: Mapping[str, Any]) -> None:
        stream.write(json.dumps(record, ensure_ascii=False) + "\n")

    return write


def _table(stream: IO[str]) -> Write:
    out = csv.writer(stream)
    out.writerow((*COLUMNS, _OTHER))

    def write(record: Mapping[str, Any]) -> None:
        rest = {name: value for name, value in record.items() if name not in COLUMNS}
        cells = [cell(record.get(name)) for name in COLUMNS]
        out.writerow([*cells, json.dumps(rest, ensure_ascii=False) if rest else ""])

    return write


def cell(value: object) -> str:
    """Write a value so that a spreadsheet shows it and calculates nothing."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    is_formula = text.startswith(_BREAKS) or text.lstrip(_UNSEEN).startswith(_FORMULA)
    return f"'{text}" if is_formula else text
