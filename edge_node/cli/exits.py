"""The exit codes of the commands, from sysexits.h.

Knows: which code a script gets for which error, and what people read.
Must not know: what the commands do.
"""

from typing import Final

from edge_node.errors import PAGES, EdgeNodeError

GOOD: Final = 0
FINDING: Final = 1  # something is wrong, or was refused
USAGE: Final = 64
UNREACHABLE: Final = 69
INTERNAL: Final = 70
TRY_LATER: Final = 75
NOT_PERMITTED: Final = 77
SETTINGS: Final = 78

#: What each code means, for the page of commands.
MEANINGS: Final[dict[int, str]] = {
    GOOD: "good",
    FINDING: "something is wrong, or was refused",
    USAGE: "the command was not written as it must be",
    UNREACHABLE: "the daemon, or what was asked for, cannot be reached",
    INTERNAL: "a mistake of the program",
    TRY_LATER: "not possible now; the same may work later",
    NOT_PERMITTED: "this user may not do it",
    SETTINGS: "the settings are wrong",
}

_OF: Final[dict[str, int]] = {
    "EN-INTERNAL": INTERNAL,
    "EN-SEALING-KEY": SETTINGS,
    "EN-TLS-FLOOR": SETTINGS,  # no restart will cure it
    "EN-CONTROL": UNREACHABLE,
    "EN-FORBIDDEN": NOT_PERMITTED,
    "EN-SETTINGS": SETTINGS,
    "EN-NOT-FOUND": FINDING,
    "EN-ILLEGAL-STEP": FINDING,
    "EN-CONTROL-REQUEST": USAGE,
    "EN-STORE-IN-USE": TRY_LATER,
    "EN-STORE-UNAVAILABLE": TRY_LATER,
    "EN-STORE-FULL": TRY_LATER,
    "EN-STORE-READONLY": TRY_LATER,
    "EN-STORE-DAMAGED": FINDING,
    "EN-STORE-GONE": FINDING,
    "EN-BACKUP-NO-KEY": SETTINGS,
    "EN-BACKUP-NONE": SETTINGS,
    "EN-BACKUP-FAILED": FINDING,
    "EN-BACKUP-NO-ROOM": TRY_LATER,
    "EN-BACKUP-RUNNING": TRY_LATER,
    "EN-BACKUP-UNREADABLE": FINDING,
    "EN-BACKUP-TRUNCATED": FINDING,
    "EN-BACKUP-TAMPERED": FINDING,
    "EN-RESTORE-PRESENT": FINDING,
    "EN-RESTORE-UNFINISHED": FINDING,
    "EN-REPAIR-UNFINISHED": FINDING,
    "EN-DRAINING": TRY_LATER,
    "EN-STARTING": TRY_LATER,
    "EN-BUSY": TRY_LATER,
    "EN-LISTEN": TRY_LATER,
}


def exit_code(error: EdgeNodeError) -> int:
    """The exit code for an error of the node: that of the table, else as its page says whether to try again."""
    if error.code in _OF:
        return _OF[error.code]
    if error.code not in PAGES:
        return INTERNAL  # of a daemon of another release
    return TRY_LATER if PAGES[error.code].retry else FINDING


def explained(error: EdgeNodeError) -> tuple[str, ...]:
    """What people read about an error: what happened, the detail, what to do."""
    page = PAGES.get(error.code, PAGES["EN-INTERNAL"])
    # Its notes are the same in the language that was asked for.
    what, do = getattr(error, "__notes__", None) or (page.what, f"What to do: {page.do}")
    return f"{error.code}: {what}", *filter(None, (error.detail,)), do
