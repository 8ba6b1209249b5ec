"""Who may read the files of the store.

Knows: how to ask the file system.
Must not know: what is allowed, what is in a file.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from edge_node.model.facts_machine import FilesFacts, StoredFile


def look(store: Path, beside: Iterable[str]) -> FilesFacts:
    """Look at the store, at whatever bears its name with more behind it, and at these files and folders beside it."""
    files = [store, *_more(store), *(each for name in beside for each in _all(store.with_name(name)))]
    return FilesFacts(owner=os.geteuid(), files=tuple(_seen(path, store.parent) for path in files))


def _more(store: Path) -> list[Path]:
    return [path for path in sorted(store.parent.glob(f"{store.name}?*")) if not path.is_symlink()]


def _all(path: Path) -> Iterator[Path]:
    """It and what lies in it; not every site has each."""
    if path.exists():
        yield path
        yield from sorted(path.rglob("*"))


def _seen(path: Path, folder: Path) -> StoredFile:
    seen = path.lstat()
    mode = stat.S_IMODE(seen.st_mode)
    if path.is_dir():
        mode &= 0o022  # what lies in a folder has a mode of its own; who may write there may put something else
    return StoredFile(name=str(path.relative_to(folder)), mode=mode, owner=seen.st_uid)
