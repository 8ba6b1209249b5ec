"""Whether the kernel says that something keeps the clock of this machine right.

Knows: how to ask the kernel.
Must not know: whether that is believed.
"""

import ctypes
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from edge_node.model.facts_clock import KernelClock

_STA_UNSYNC: Final = 0x40
_ERROR: Final = -1
_MICROSECONDS: Final = 1_000_000
#: Where systemd-timesyncd says that it set the clock.
TIMESYNC: Final = Path("/run/systemd/timesync/synchronized")


class _Timex(ctypes.Structure):
    """The head of `struct timex` of the C library, and more room than the rest of it takes."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 512),
    )


def is_synchronised() -> bool:
    """Whether NTP or its like set the clock lately; a jump by hand ends that. False too where it may not be asked."""
    adjtimex = getattr(ctypes.CDLL(None), "adjtimex", None)  # another C library may not have it
    if adjtimex is None:
        return False
    asked = _Timex()  # no modes: nothing is changed
    if adjtimex(ctypes.byref(asked)) == _ERROR:
        return False
    return is_kept_right(asked.status)


def ask_kernel(adjtimex: Callable[[Any], int] | None = None) -> KernelClock | None:
    """Return what it says; None where it may not be asked, says what cannot be, or the C library has no way to."""
    ask = adjtimex or getattr(ctypes.CDLL(None), "adjtimex", None)
    asked = _Timex()
    if ask is None or ask(ctypes.byref(asked)) == _ERROR or asked.maxerror < 0:
        return None
    return KernelClock(is_kept=is_kept_right(asked.status), max_error_s=asked.maxerror / _MICROSECONDS)


def touched(path: Path) -> datetime | None:
    """Return when systemd-timesyncd last set the clock: it touches a file each time. None where it does not run."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return None


def is_kept_right(status: int) -> bool:
    """What the status of the kernel's clock says."""
    return not status & _STA_UNSYNC
