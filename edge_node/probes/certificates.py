"""Whether files on disk are still the ones that were read.

Knows: by which marks a change shows without reading a file.
Must not know: what is in them.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

#: Size, moment of change, place on the disk; None where nothing is there.
Mark = tuple[int, int, int, int] | None


def marks_of(paths: Iterable[Path]) -> Mapping[Path, Mark]:
    """Look at each."""
    return {path: _mark(path) for path in paths}


def _mark(path: Path) -> Mark:
    try:
        seen = path.stat()
    except OSError:
        return None
    # The moment of the inode's change as well: a copy may keep the other moment, and a mode is changed without it.
    return seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino
