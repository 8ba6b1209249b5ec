"""Who may read the files with keys, and whether one of them lies beside the backups.

Knows: how to ask the file system, how a file is recognised as the same.
Must not know: what is allowed, what is in a key.
"""

import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from edge_node.model.facts_identity import KeyFile, KeyFileFacts

#: A file of keys is small; a backup is not read.
_MAX_BYTES: Final = 65_536


def look(keys: Mapping[str, Path], backups: Path | None) -> KeyFileFacts:
    """Look at each. Raises `OSError` where one cannot be seen."""
    beside = frozenset(_contents(backups)) if backups is not None else frozenset[bytes]()
    return KeyFileFacts(
        files=tuple(_file(name, path, beside) for name, path in keys.items()),
        has_backup_folder=backups is not None,
    )


def _file(name: str, path: Path, beside: frozenset[bytes]) -> KeyFile:
    seen = path.stat()
    return KeyFile(
        name=name,
        mode=stat.S_IMODE(seen.st_mode),
        owner=seen.st_uid,
        is_in_backup=bool(beside) and path.read_bytes().strip() in beside,
    )


def _contents(folder: Path) -> Iterable[bytes]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.stat().st_size <= _MAX_BYTES:
            yield path.read_bytes().strip()
