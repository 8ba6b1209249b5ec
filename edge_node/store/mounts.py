"""Whether the file system of the store takes changes.

Knows: that only a try tells: a file system stopped by the kernel does not always say so when asked.
Must not know: what is done about it.
"""

import contextlib
import errno
import os
from pathlib import Path


def is_readonly(folder: Path) -> bool:
    """Try to make a file there."""
    probe = folder / ".edge-node-writable"
    try:
        os.close(os.open(probe, os.O_WRONLY | os.O_CREAT, 0o600))
    except OSError as error:
        return error.errno == errno.EROFS
    with contextlib.suppress(OSError):
        probe.unlink()
    return False
