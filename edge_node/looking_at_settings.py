"""What there is to see of the settings on the disk beside those in force.

Knows: that the files are read again only when one of them changed.
Must not know: what a difference means.
"""

from pathlib import Path
from typing import Any, Final

from edge_node.choosing import read_settings
from edge_node.errors import SettingsInvalid
from edge_node.looking_ground import Ground
from edge_node.model.facts_identity import SettingsFacts
from edge_node.policy import check_identity
from edge_node.probes.certificates import Mark, marks_of
from edge_node.probing import Look

_SHOWN: Final = 5


def looks(ground: Ground) -> tuple[Look[Any], ...]:
    """Return them."""
    files = SettingsFiles()

    async def see() -> SettingsFacts:
        layers, in_force = ground.in_force.layers, ground.settings.hash
        on_disk, complaints = await ground.peek(lambda: files.look(layers))
        return SettingsFacts(in_force=in_force, on_disk=on_disk, complaints=complaints)

    return (Look(name="settings files", see=see, rules={"config-drift": check_identity.drift}),)


class SettingsFiles:
    """The settings as they lie on the disk; looked at in one thread at a time."""

    def __init__(self) -> None:
        self._marks: dict[Path, Mark] = {}
        self._last: tuple[str, tuple[str, ...]] = ("", ())

    def look(self, layers: tuple[Path, ...]) -> tuple[str, tuple[str, ...]]:
        """Return the hash of what they say, or the first complaints."""
        marks = dict(marks_of(layers))
        if marks != self._marks:
            self._last = _read(layers)
            self._marks = marks
        return self._last


def _read(layers: tuple[Path, ...]) -> tuple[str, tuple[str, ...]]:
    try:
        return read_settings(layers).settings.hash, ()
    except SettingsInvalid as error:
        return "", error.complaints[:_SHOWN]
