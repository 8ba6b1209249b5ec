"""Whether the emergency power supplies that this machine sees are on mains, and charged.

Knows: how Linux shows power supplies.
Must not know: whether there must be one. One that talks to another machine does not show here.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from edge_node.model.facts_machine import Ups
from edge_node.model.notice import Words
from edge_node.probes.commands import unseen

#: What Linux says of a supply, and whether that is on mains. `Unknown` is no word on it.
_ONLINE: Final = {"0": False, "1": True, "2": True}
_STATUS: Final = {"discharging": False, "charging": True, "not charging": True, "full": True}
_FULL: Final = 100
_SILENT: Final = Words(
    nl="De noodstroomvoorziening {} zegt niet of er netstroom is.",
    en="The emergency power supply {} does not say whether there is mains.",
)


def look(folder: Path) -> tuple[Ups, ...]:
    """Look at each. Raises `Unseen` where one does not tell, `OSError` or `ValueError` where nobody can read it."""
    return tuple(_seen(path) for path in sorted(folder.glob("*")) if _field(path, "type") == "ups")


def _seen(path: Path) -> Ups:
    said = (_word(path, "online", _ONLINE), _word(path, "status", _STATUS))
    told = [each for each in said if each is not None]
    if not told:
        raise unseen(_SILENT, path.name)
    return Ups(name=path.name, is_on_mains=all(told), percent=_percent(path))


def _word(path: Path, name: str, meanings: Mapping[str, bool]) -> bool | None:
    """What it says; None where it has no such file, or does not know."""
    text = _field(path, name)
    if text in {None, "unknown"}:
        return None
    if text not in meanings:
        raise ValueError(f"{name} of the supply is no word of Linux")
    return meanings[text]


def _percent(path: Path) -> int | None:
    text = _field(path, "capacity")
    percent = None if text is None else int(text)
    if percent is not None and not 0 <= percent <= _FULL:
        raise ValueError("capacity of the supply is no percentage")
    return percent


def _field(path: Path, name: str) -> str | None:
    try:
        return (path / name).read_text("ascii").strip().lower()
    except FileNotFoundError:
        return None
