"""The files of the access log beside the backups: each is copied once, and brought back when a store is restored.

Knows: where the copies lie, that a file never changes once it has its name, which are missing.
Must not know: what is in them, when a backup is made. What names a person in them is sealed.
"""

import os
import sqlite3
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Final

from edge_node.store import log_index, log_segments, log_sources
from edge_node.store.keys import sync_directory
from edge_node.store.sealed_files import make_folder

#: Of a log that was restored: files that were made after the backup.
LATER: Final = "after-the-backup"
_PART: Final = ".part"
_READ_BYTES: Final = 1024 * 1024


def folder_of(backups: Path, site: str) -> Path:
    """Return where the copies of this node's log lie."""
    return backups / f"{site}-{log_sources.FOLDER}"


def missing_bytes(source: Path, target: Path) -> int:
    """Return how much would be copied."""
    return sum(path.stat().st_size for path in _missing(source, target))


def copy(source: Path, target: Path, rest: Callable[[], None] = lambda: None) -> int:
    """Copy what is not there; return how many files. Raises `OSError`."""
    found = _missing(source, target)
    if not found:
        return 0
    make_folder(target)
    for path in found:
        _copy(path, target / path.name, rest)
    sync_directory(target)
    return len(found)


def put_aside(connection: sqlite3.Connection, folder: Path) -> None:
    """Keep the files that a restored store does not know out of its way: what is logged now has the same numbers."""
    named = {each.file for each in log_segments.listed(connection) if each.file is not None}
    later = [each.path for each in log_sources.files_in(folder) if each.path.name not in named]
    if not later:
        return
    make_folder(folder / LATER)
    for path in later:
        log_index.remove(path)
        path.rename(_free(folder / LATER / path.name))
    sync_directory(folder)


def lost(connection: sqlite3.Connection, folder: Path) -> tuple[str, ...]:
    """Return the files that the store names and that are not there."""
    named = (each.file for each in log_segments.listed(connection) if each.file is not None)
    return tuple(name for name in named if not (folder / name).exists())


def _missing(source: Path, target: Path) -> list[Path]:
    there = [each.path for each in log_sources.files_in(source)]
    return [path for path in there if not _is_whole(path, target / path.name)]


def _is_whole(path: Path, copied: Path) -> bool:
    return copied.exists() and copied.stat().st_size == path.stat().st_size


def _copy(path: Path, target: Path, rest: Callable[[], None]) -> None:
    part = target.with_name(target.name + _PART)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        if os.geteuid() == 0:
            owner = target.parent.stat()
            os.fchown(handle, owner.st_uid, owner.st_gid)
        with os.fdopen(handle, "wb") as out, path.open("rb") as read:
            while piece := read.read(_READ_BYTES):
                out.write(piece)
                out.flush()
                os.fdatasync(out.fileno())  # a little at a time, so that no commit waits behind a large write
                rest()
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    if target.exists() and target.stat().st_size > path.stat().st_size:
        target.rename(_free(target))  # of a time that a restore took back
    part.rename(target)


def _free(path: Path) -> Path:
    """Return a name that nothing has yet."""
    names = (path.with_name(path.name + (f".{number}" if number else "")) for number in count())
    return next(name for name in names if not name.exists())
