"""Which security updates of the machine wait, as apt tells.

Knows: what apt would install, and when it last asked what there is.
Must not know: how long an update may wait. A machine without apt shows nothing here.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Final

from edge_node.model.check import Unseen
from edge_node.model.notice import Words
from edge_node.probes.commands import garbage, said

#: Only tells what it would do; takes no lock, so that it is in nobody's way and needs no rights.
_SIMULATE: Final = ("apt-get", "--simulate", "--quiet", "-o", "Debug::NoLocking=1", "dist-upgrade")
_SECURITY: Final = "security"
#: With this it ends, also where nothing waits.
_SUMMARY: Final = re.compile(r"^[0-9]+ upgraded, [0-9]+ newly installed, ", re.MULTILINE)
_NO_LISTS: Final = Words(
    nl="Deze machine heeft nog nooit naar updates gevraagd (apt).", en="This machine never asked for updates (apt)."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where apt is."""

    lists: Path = Path("/var/lib/apt/lists")
    stamp: Path = Path("/var/lib/apt/periodic/update-success-stamp")
    command: Sequence[str] = _SIMULATE
    limit_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is: package with the version that would be installed."""

    listed_at: datetime
    security: tuple[str, ...]


def look(ground: Ground) -> Seen:
    """Look. Raises `Unseen` where apt is not there, never asked, or does not say how many updates there are."""
    listed_at = _listed_at(ground)
    told = said(ground.command, ground.limit_s)
    if not _SUMMARY.search(told):
        raise garbage(PurePath(ground.command[0]).name)
    return Seen(listed_at, tuple(sorted(set(_security(told)))))


def _listed_at(ground: Ground) -> datetime:
    """When it last asked: the stamp of the daily job, else the folder that is written anew by each asking."""
    seen = [path.stat().st_mtime for path in (ground.stamp, *ground.lists.glob("*Release")) if path.exists()]
    if not seen:
        raise Unseen(_NO_LISTS)
    folder = ground.lists / "partial"  # is changed by each asking, also when there is nothing new
    if folder.exists():
        seen.append(folder.stat().st_mtime)
    return datetime.fromtimestamp(max(seen), UTC)


def _security(text: str) -> Iterator[str]:
    """Read lines such as: Inst zip [3.0-13] (3.0-13+deb12u1 Debian-Security:12/stable-security [amd64])."""
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["Inst"] and "(" in line:
            version, _, origin = line.partition("(")[2].partition(" ")
            if _SECURITY in origin.lower():
                yield f"{words[1]} {version}"
