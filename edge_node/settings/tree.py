"""A settings file as a tree in which everything knows its place.

Knows: places, the three kinds of node, how a later layer covers an earlier one.
Must not know: YAML, or which keys there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_node.settings.values import LocatedText

Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Line and column in a file, counted from 1; `layer` is the number of the file on the command line."""

    layer: int
    line: int
    column: int
    file: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value; `value` is text, a number, a truth value or None."""

    value: str | int | float | bool | None
    place: Place


@dataclass(frozen=True, slots=True)
class Listing:
    """Values in order."""

    items: tuple["Node", ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping with its value."""

    key_place: Place
    value: "Node"


@dataclass(frozen=True, slots=True)
class Mapping:
    """Values by key."""

    entries: dict[str, Entry]
    place: Place


Node = Scalar | Listing | Mapping


@dataclass(frozen=True, slots=True, order=True)
class Complaint:
    """One thing that is wrong, where, and why. Never holds a value: it may be a secret."""

    place: Place
    key: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.key}: {self.reason}"


def laid_over(lower: Node, upper: Node) -> Node:
    """Return both layers as one: mappings merge key by key; anything else of the upper layer replaces."""
    if not (isinstance(lower, Mapping) and isinstance(upper, Mapping)):
        return upper
    entries = dict(lower.entries)
    for key, entry in upper.entries.items():
        below = lower.entries.get(key)
        entries[key] = entry if below is None else Entry(entry.key_place, laid_over(below.value, entry.value))
    return Mapping(entries, upper.place)


def plain(node: Node) -> Any:
    """Return the tree as dicts, tuples and scalars; texts remember the folder of their file."""
    if isinstance(node, Mapping):
        return {key: plain(entry.value) for key, entry in node.entries.items()}
    if isinstance(node, Listing):
        return tuple(plain(item) for item in node.items)
    if isinstance(node.value, str):
        return LocatedText.at(node.value, Path(node.place.file).absolute().parent)
    return node.value


def find(root: Node, steps: Sequence[str | int]) -> Entry:
    """Return where these steps lead, or the nearest node above what is not there."""
    found = Entry(root.place, root)
    for step in steps:
        node = found.value
        if isinstance(node, Mapping) and step in node.entries:
            found = node.entries[str(step)]
        elif isinstance(node, Listing) and isinstance(step, int) and step < len(node.items):
            found = Entry(node.items[step].place, node.items[step])
    return found


def value_place(entry: Entry) -> Place:
    """Return where the value stands when it is a single one; else its key, which is what people look for."""
    return entry.value.place if isinstance(entry.value, Scalar) else entry.key_place


def key_name(steps: Sequence[str | int]) -> str:
    """Write steps as people do: `identities[0].ura`. A key nobody knows is cut, and shown only if printable."""
    parts: list[str] = []
    for step in steps:
        if isinstance(step, int):
            parts.append(f"[{step}]")
            continue
        shown = step[:64] if step.isprintable() else "(unprintable)"
        parts.append(f".{shown}" if parts else shown)
    return "".join(parts) or "settings"
