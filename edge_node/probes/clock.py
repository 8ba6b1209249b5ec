"""Whether the kernel says that something keeps the clock of this machine right.

Knows: how to ask the kernel.
Must not know: whether that is believed.
"""

import ctypes
from typing import Final

_STA_UNSYNC: Final = 0x40
_ERROR: Final = -1


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


def is_kept_right(status: int) -> bool:
    """What the status of the kernel's clock says."""
    return not status & _STA_UNSYNC
