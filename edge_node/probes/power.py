"""Whether the emergency power supplies that this machine sees are on mains, and charged.

Knows: how Linux shows power supplies.
Must not know: whether there must be one. One that talks to another machine does not show here.
"""

from pathlib import Path
from typing import Final

from edge_node.model.facts_machine import Ups

_DISCHARGING: Final = "discharging"


def look(folder: Path) -> tuple[Ups, ...]:
    """Look at each. Raises `OSError` or `ValueError` where one says what nobody can read."""
    return tuple(_seen(path) for path in sorted(folder.glob("*")) if _field(path, "type") == "ups")


def _seen(path: Path) -> Ups:
    percent = _field(path, "capacity")
    is_off = _field(path, "online") == "0" or _field(path, "status") == _DISCHARGING
    return Ups(name=path.name, is_on_mains=not is_off, percent=int(percent) if percent else None)


def _field(path: Path, name: str) -> str:
    try:
        return (path / name).read_text("ascii").strip().lower()
    except FileNotFoundError:
        return ""
