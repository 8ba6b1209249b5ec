"""A repaired store takes the place of the damaged one, by renaming.

Knows: the order of the steps, and that a kill between any two leaves the old store, no store, or the whole new one.
Must not know: how the new one was made, what is in it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from edge_node.errors import EdgeNodeError, StoreUnavailable
from edge_node.store.keys import sync_directory

_SIDES: Final = ("", "-wal", "-shm")
#: The new store, beside the old one.
_BESIDE: Final = ".repaired"
#: There from the moment on at which the place of the store is touched; in it stands what the damaged file is called.
_PLACING: Final = ".repaired-placing"


def beside(store: Path) -> Path:
    """Return where the new store is made."""
    return store.with_name(store.name + _BESIDE)


def replace(store: Path, kept: Path, fail_point: Callable[[str], None]) -> None:
    """Put the new store, which is whole on the disk, in the place of the damaged one; that is kept with its log."""
    if kept.exists():
        raise StoreUnavailable(f"{kept} is there already")
    fail_point("repair-ready")
    placing = _placing(store)
    placing.write_text(kept.name, "utf-8")
    sync_directory(store.parent)
    fail_point("repair-placing")
    _place(store, kept, fail_point)


def is_unfinished(store: Path) -> bool:
    """Say whether a repair was broken off while there was no store in the place of the store."""
    return _placing(store).exists() and not store.exists()


def finish(store: Path, fail_point: Callable[[str], None]) -> Path:
    """Go on where a repair was broken off; return how the damaged file is called."""
    kept = store.with_name(_placing(store).read_text("utf-8"))
    _place(store, kept, fail_point)
    return kept


def check_finished(store: Path) -> None:
    """Refuse to begin with an empty store where a repair was broken off halfway."""
    if is_unfinished(store):
        raise EdgeNodeError(str(_placing(store)), code="EN-REPAIR-UNFINISHED")


def clear_leftovers(store: Path) -> None:
    """Remove what a repair that was broken off left; only with the lock of a store that is there."""
    _placing(store).unlink(missing_ok=True)
    for suffix in (*_SIDES, ".lock"):
        beside(store).with_name(beside(store).name + suffix).unlink(missing_ok=True)


def _place(store: Path, kept: Path, fail_point: Callable[[str], None]) -> None:
    folder = store.parent
    for side in _SIDES:  # the store first: without its log it would pass for a whole one
        old = store.with_name(store.name + side)
        if old.exists():
            old.rename(kept.with_name(kept.name + side))
            sync_directory(folder)
            fail_point("repair-aside")
    beside(store).rename(store)
    sync_directory(folder)
    fail_point("repair-placed")
    clear_leftovers(store)
    sync_directory(folder)


def _placing(store: Path) -> Path:
    return store.with_name(store.name + _PLACING)
