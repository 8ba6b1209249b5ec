"""The folder where backups lie: their names, which are left over, which are old.

Knows: how a backup is called, what an unfinished one leaves, how many stay.
Must not know: what is in them.
"""

import contextlib
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

SUFFIX: Final = ".edge-backup"
#: What a backup in the making is called: a process that was killed leaves these.
PARTIAL: Final = ".partial"
COPY: Final = ".copy"
_STAMP: Final = r"\d{8}T\d{6}Z-[0-9a-f]{16}"


def name(site: str, at: float, backup: str) -> str:
    """Return the name of a backup: of which node, and when, in an order that a listing keeps."""
    return f"{site}-{datetime.fromtimestamp(at, UTC):%Y%m%dT%H%M%SZ}-{backup}{SUFFIX}"


def of_site(folder: Path, site: str) -> list[Path]:
    """Return the backups of a node, oldest first."""
    form = re.compile(rf"{re.escape(site)}-{_STAMP}{re.escape(SUFFIX)}")
    return sorted(path for path in folder.iterdir() if form.fullmatch(path.name))


def prune(folder: Path, site: str, keep: int, newest: Path) -> tuple[str, ...]:
    """Remove the oldest, so that `keep` stay; the one just made stays whatever the clock says."""
    others = [path for path in of_site(folder, site) if path != newest]
    old = others[: max(0, len(others) + 1 - keep)]
    for path in old:
        path.unlink(missing_ok=True)
    return tuple(path.name for path in old)


def clear_leftovers(store: Path, folder: Path | None, site: str) -> tuple[str, ...]:
    """Remove what a killed backup of this node left: its copy beside the store, its part in the folder."""
    copy = re.compile(rf"{re.escape(store.name)}\.[0-9a-f]{{16}}{re.escape(COPY)}")
    part = re.compile(rf"{re.escape(site)}-{_STAMP}{re.escape(SUFFIX + PARTIAL)}")
    found = _matching(store.parent, copy) + (
        [] if folder is None else _matching(folder, part) + _matching(folder, copy)
    )
    for path in found:
        path.unlink(missing_ok=True)
    return tuple(path.name for path in found)


def _matching(folder: Path, form: re.Pattern[str]) -> list[Path]:
    with contextlib.suppress(OSError):
        return [path for path in folder.iterdir() if form.fullmatch(path.name)]
    return []
