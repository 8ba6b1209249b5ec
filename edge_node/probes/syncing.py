"""How long it takes until something is on the disk, and what kind of file system it is on.

Knows: how to write and sync, and the list of mounts.
Must not know: what the clock is, how quick is too quick.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

_BLOCK: Final = b"\0" * 4096
_MOUNTS: Final = Path("/proc/self/mountinfo")


def sync_times_s(folder: Path, times: int, monotonic: Callable[[], float]) -> list[float]:
    """Write a block and wait until it is on the disk, so many times; return how long each took."""
    path = folder / ".sync-times"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        return [_time(handle, monotonic) for _ in range(times)]
    finally:
        os.close(handle)
        path.unlink()


def file_system(folder: Path, mounts: Path = _MOUNTS) -> str:
    """Return the type of the file system that holds the folder; empty where the machine does not say."""
    try:
        lines = mounts.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    best, found = -1, ""
    for line in lines:
        place, _, kind = line.partition(" - ")
        where = _unescaped(place.split(" ")[4])
        # The last of two mounts on one place is the one that is seen.
        if _is_under(folder.resolve(), where) and len(where) >= best:
            best, found = len(where), kind.split(" ")[0]
    return found


def _time(handle: int, monotonic: Callable[[], float]) -> float:
    os.write(handle, _BLOCK)
    begun = monotonic()
    os.fdatasync(handle)
    return monotonic() - begun


def _is_under(folder: Path, place: str) -> bool:
    return folder.is_relative_to(place)


def _unescaped(text: str) -> str:
    """Blanks in a name stand as octal numbers."""
    for written, meant in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(written, meant)
    return text
