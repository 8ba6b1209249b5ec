"""An empty place is taken for a new store only where there never was one.

Knows: what lies beside a store as long as it lives, what a restore that was broken off leaves.
Must not know: what is in a store.

The keys are made after the store, so where they are a store was. A disk that was mended, a file that was removed by
hand: whoever begins anew then takes every copy for a new message, and nobody hears of what waited.
"""

from pathlib import Path
from typing import Final

from edge_node.errors import EdgeNodeError
from edge_node.store import keys, master

#: Beside the store, while it comes back from a backup.
RESTORING: Final = ".restoring"
_SIDES: Final = ("-wal", ".reserve")


def is_there(store: Path) -> bool:
    """Whether there is more of the store than its name."""
    return store.exists() and store.stat().st_size > 0


def check(store: Path) -> None:
    """Refuse to make a store where one was, or was coming back. Raises `EN-RESTORE-UNFINISHED`, `EN-STORE-GONE`."""
    if is_there(store):
        return
    work = store.with_name(store.name + RESTORING)
    if work.exists():
        raise EdgeNodeError(str(work), code="EN-RESTORE-UNFINISHED")
    left = [path for path in _witnesses(store) if path.exists()]
    if left:
        names = ", ".join(path.name for path in left)
        said = "is empty" if store.exists() else "is not there"
        raise EdgeNodeError(f"{store} {said}, but beside it: {names}", code="EN-STORE-GONE")


def _witnesses(store: Path) -> list[Path]:
    beside = [store.with_name(name) for name in (keys.FILE, master.FILE)]
    return beside + [store.with_name(store.name + side) for side in _SIDES]
