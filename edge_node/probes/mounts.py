"""Which mount holds a folder.

Knows: the list of mounts of Linux.
Must not know: what lies in the folder.
"""

from dataclasses import dataclass
from pathlib import Path

from edge_node.model.check import Unseen
from edge_node.model.notice import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """One mount."""

    place: Path
    device: str  # major:minor
    kind: str  # of file system
    source: str


def mount_of(folder: Path, listed: Path) -> Mount:
    """Return the one a folder lies on. Raises `Unseen` where the list has none, `OSError` where there is no list."""
    wanted, found = folder.resolve(), None
    for line in listed.read_text("utf-8", errors="replace").splitlines():
        mount = _read(line)
        # The last of two mounts on one place is the one that is seen.
        if (
            mount is not None
            and wanted.is_relative_to(mount.place)
            and (found is None or len(mount.place.parts) >= len(found.place.parts))
        ):
            found = mount
    if found is None:
        raise Unseen(
            Words(nl="De lijst van aankoppelpunten is niet te lezen.", en="The list of mounts cannot be read.")
        )
    return found


def _read(line: str) -> Mount | None:
    before, separator, after = line.partition(" - ")
    fields, kinds = before.split(" "), after.split(" ")
    if not separator or len(fields) < 5 or len(kinds) < 2:
        return None
    return Mount(place=Path(_unescaped(fields[4])), device=fields[2], kind=kinds[0], source=_unescaped(kinds[1]))


def _unescaped(text: str) -> str:
    """Blanks in a name stand as octal numbers."""
    for written, meant in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(written, meant)
    return text
