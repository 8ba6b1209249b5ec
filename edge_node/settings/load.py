"""From settings files to `Settings`, or every complaint at once.

Knows: the order of layers, and how a fault is led back to the line it stands in.
Must not know: what the settings are for, or what is in the files they name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from edge_node.errors import SettingsInvalid
from edge_node.settings import hints, yaml_source
from edge_node.settings.rules import broken
from edge_node.settings.schema import Settings
from edge_node.settings.tree import (
    Complaint,
    Mapping,
    Node,
    Place,
    Steps,
    find,
    key_name,
    laid_over,
    plain,
    value_place,
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings that remember where each was written, for complaints about what they name."""

    settings: Settings
    tree: Node
    paths: tuple[Path, ...] = ()  # of the layers it was read from

    def at(self, steps: Steps, reason: str) -> str:
        """Write a complaint as `file:line:col: key: reason`."""
        return str(_at(self.tree, steps, reason))

    def told(self, wrong: Sequence[tuple[Steps, str]]) -> tuple[str, ...]:
        """Write complaints, each once."""
        return tuple(self.at(steps, reason) for steps, reason in dict.fromkeys(wrong))


def load(paths: Sequence[Path]) -> Settings:
    """Return the settings of these layers; raise `SettingsInvalid` with every complaint."""
    return load_with_places(paths).settings


def load_with_places(paths: Sequence[Path]) -> Loaded:
    """Read the layers, the network's base first and the site last, and return what they say together.

    Mappings merge key by key; a list or a single value of a later layer replaces. Raises `SettingsInvalid`.
    """
    if not paths:
        raise SettingsInvalid(("settings:1:1: settings: no file was given; use --config FILE",))
    nodes: list[Node] = []
    complaints: list[Complaint] = []
    for layer, path in enumerate(paths):
        node, found = _layer(path, layer)
        complaints.extend(found)
        nodes.extend([node] if node is not None else [])
    # A file that could not be read at all would only add complaints about what is in it.
    if len(nodes) < len(paths):
        raise _invalid(complaints)
    tree = reduce(laid_over, nodes)
    settings, found = _fit(tree)
    told = {complaint.place for complaint in complaints}
    complaints.extend(complaint for complaint in found if complaint.place not in told)
    if complaints or settings is None:
        raise _invalid(complaints)
    return Loaded(settings, tree, tuple(paths))


def _invalid(complaints: Sequence[Complaint]) -> SettingsInvalid:
    return SettingsInvalid(tuple(dict.fromkeys(str(complaint) for complaint in sorted(complaints))))


def _layer(path: Path, layer: int) -> tuple[Node | None, list[Complaint]]:
    start = Place(layer, 1, 1, str(path))
    try:
        # One byte more than is allowed shows that there is more; a device file cannot fill the memory.
        with path.open("rb") as file:
            content = file.read(yaml_source.MAX_FILE_BYTES + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        return None, [Complaint(start, "file", f"cannot be read: {error.strerror}")]
    except UnicodeDecodeError:
        return None, [Complaint(start, "file", "is not UTF-8")]
    if len(content) > yaml_source.MAX_FILE_BYTES:
        return None, [Complaint(start, "file", "is larger than 1 MiB")]
    node, complaints = yaml_source.read(text, file=str(path), layer=layer)
    if node is not None and not isinstance(node, Mapping):
        return None, [*complaints, Complaint(start, "settings", "must be a mapping of keys to values")]
    return node, complaints


def _fit(tree: Node) -> tuple[Settings | None, list[Complaint]]:
    """Fit the tree to the schema; then hold the rules across sections against what is left of it."""
    try:
        settings = Settings.model_validate(plain(tree))
    except ValidationError as error:
        # pydantic also calls a list too short when it is an item that is wrong.
        errors = [it for it in error.errors(include_url=False) if not (it["type"] == "too_short" and it["input"])]
        complaints = [_complaint(tree, item) for item in errors]
        rest = _without(plain(tree), errors)
        return None, complaints + [_at(tree, *item) for item in _rules_on(rest)]
    return settings, [_at(tree, *item) for item in broken(settings)]


def _rules_on(data: Any) -> Iterator[tuple[Steps, str]]:
    """Hold the rules against data from which the faults are left out, so that one run tells all."""
    try:
        yield from broken(Settings.model_validate(data))
    except ValidationError:
        return


def _without(data: Any, errors: Sequence[ErrorDetails]) -> Any:
    """Return the data without the keys at fault; lists keep their length, so that steps stay right."""
    for error in errors:
        below = data
        *way, last = error["loc"] or ("",)
        for step in way:
            below = _step(below, step)
        if isinstance(below, dict):
            below.pop(last, None)
    return data


def _step(data: Any, step: str | int) -> Any:
    if isinstance(data, dict):
        return data.get(str(step), data)
    if isinstance(data, tuple) and isinstance(step, int) and step < len(data):
        return data[step]
    return data


def _complaint(tree: Node, error: ErrorDetails) -> Complaint:
    entry = find(tree, error["loc"])
    place = entry.key_place if error["type"] == "extra_forbidden" else value_place(entry)
    return Complaint(place, key_name(error["loc"]), hints.reason(error))


def _at(tree: Node, steps: Steps, reason: str) -> Complaint:
    return Complaint(value_place(find(tree, steps)), key_name(steps), reason)
