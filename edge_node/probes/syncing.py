"""How long it takes until something is on the disk, and what kind of file system it is on.

Knows: how to write and sync, and the list of mounts.
Must not know: what the clock is, how quick is too quick.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from edge_node.model.check import Unseen
from edge_node.probes.mounts import mount_of

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
        return mount_of(folder, mounts).kind
    except (OSError, Unseen):
        return ""


def _time(handle: int, monotonic: Callable[[], float]) -> float:
    os.write(handle, _BLOCK)
    begun = monotonic()
    os.fdatasync(handle)
    return monotonic() - begun
