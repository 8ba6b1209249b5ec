"""What the claims of an access token say of the access itself: who asks, in what situation, in which context.

Knows: the parts of a scope (domain reference GBZ 5.5); how a number says itself of which register it is.
Must not know: whether the token is genuine.

The names of the claims are not public. So a number counts when its value says by its OID what it is, or when the name
of its claim says so and it is of that form; and where two are named that differ, none counts: the line of the access
log then says that nobody was supplied.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from edge_node.formats.control_act import UZI_ROOT
from edge_node.model.identifiers import URA_ROOT

_EMERGENCY: Final = "nood"
_NUMBER: Final = re.compile(
    r"(?:urn:IIroot:(?P<a>[0-9.]+):IIext:|urn:oid:(?P<b>[0-9.]+)\.|(?:urn:oid:)?(?P<c>[0-9.]+)[|:])(?P<n>[0-9]{8,9})"
)
_PERSON: Final = re.compile(r"(?P<uzi>[0-9]{9}):(?P<role>[0-9]{2}\.[0-9]{3})")
_CONTEXT: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}")
#: What the name of a claim says, and the form its value then has.
_NAMED: Final = {
    "uzi": (re.compile(r"uzi|uzi[_-]?(number|nummer|nr|id)", re.IGNORECASE), re.compile(r"[0-9]{9}")),
    "role": (re.compile(r"(uzi[_-]?)?role?([_-]?code)?", re.IGNORECASE), re.compile(r"[0-9]{2}\.[0-9]{3}")),
    "ura": (re.compile(r"ura|ura[_-]?(number|nummer|nr|id)", re.IGNORECASE), re.compile(r"[0-9]{8}")),
}
_DEPTH: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was read; empty where nothing of it stands there."""

    is_emergency: bool = False
    contexts: tuple[str, ...] = ()
    uzi: str = field(default="", repr=False)
    role: str = ""
    ura: str = ""


def read_said(claims: Mapping[str, Any]) -> Said:
    """Read it; never refuses."""
    parts = [part.split("~") for part in _scopes(claims.get("scope"))]
    found: dict[str, set[str]] = {"uzi": set(), "role": set(), "ura": set()}
    for name, text in _texts(claims, "", _DEPTH):
        _take(name, text.strip(), found)
    return Said(
        is_emergency=any(part[-1].lower() == _EMERGENCY for part in parts if len(part) > 1),
        contexts=tuple(dict.fromkeys(part[1] for part in parts if len(part) > 2 and _CONTEXT.fullmatch(part[1]))),
        **{name: numbers.pop() if len(numbers) == 1 else "" for name, numbers in found.items()},
    )


def _scopes(scope: object) -> Iterator[str]:
    if isinstance(scope, str):
        yield from scope.split()
    elif isinstance(scope, list):
        yield from (part for one in scope if isinstance(one, str) for part in one.split())


def _take(name: str, text: str, found: dict[str, set[str]]) -> None:
    for part, (named, form) in _NAMED.items():
        if named.fullmatch(name) and form.fullmatch(text):
            found[part].add(text)
            return
    person = _PERSON.fullmatch(text)
    if person is not None:
        found["uzi"].add(person["uzi"])
        found["role"].add(person["role"])
        return
    number = _NUMBER.fullmatch(text)
    root = None if number is None else number["a"] or number["b"] or number["c"]
    if number is not None and root in _REGISTERS:
        found[_REGISTERS[root]].add(number["n"])


_REGISTERS: Final = {UZI_ROOT: "uzi", URA_ROOT: "ura"}


def _texts(value: object, name: str, depth: int) -> Iterator[tuple[str, str]]:
    """Each text with the name of its claim; those of a list have that of the list."""
    if isinstance(value, str):
        yield name, value
    elif depth and isinstance(value, Mapping):
        for key, below in value.items():
            yield from _texts(below, str(key), depth - 1)
    elif depth and isinstance(value, list):
        for below in value:
            yield from _texts(below, name, depth - 1)
