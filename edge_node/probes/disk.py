"""How much room there is where the store is.

Knows: how to ask the file system.
Must not know: how much is enough.
"""

import os
from pathlib import Path


def free_bytes(path: Path) -> int | None:
    """Return the bytes a service may still write at that folder; None when it cannot be said."""
    try:
        seen = os.statvfs(path)
    except OSError:
        return None
    return seen.f_bavail * seen.f_frsize


def room(path: Path) -> tuple[int, int] | None:
    """Return the bytes a service may still write at that folder, and those it could on an empty disk."""
    try:
        seen = os.statvfs(path)
    except OSError:
        return None
    taken = seen.f_blocks - seen.f_bfree
    return seen.f_bavail * seen.f_frsize, (taken + seen.f_bavail) * seen.f_frsize
