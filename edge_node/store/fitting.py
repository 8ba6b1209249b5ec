"""Whether the keys that lie there are those of the store, without opening anything with them.

Knows: what the store remembers of its keys, that the next one may lie there too.
Must not know: what the keys seal or hash, who asks.
"""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from edge_node.store import keys, master, unlocking
from edge_node.store.soundness import Looked

SEALING: Final = "the sealing key is the one of this store"
PATIENT: Final = "the patient key is the one of this store"
Is = Callable[[Path, str], bool]


def check(connection: sqlite3.Connection, sealing: Path, patient: Path) -> Iterator[Looked]:
    """Look at both; `broken` is None where there is nothing to look at, or none that this user may read."""
    known = _remembered(connection, unlocking.SEALING, unlocking.COMING)
    yield Looked(SEALING, *_look(sealing, known, master.is_of))
    yield Looked(PATIENT, *_look(patient, _remembered(connection, unlocking.PATIENT), keys.is_of))


def _remembered(connection: sqlite3.Connection, *names: str) -> list[str]:
    found = (unlocking.remembered(connection, name) for name in names)
    return [key for key in found if key is not None]


def _look(path: Path, known: list[str], is_of: Is) -> tuple[int | None, tuple[str, ...]]:
    there = [each for each in (path, keys.next_of(path)) if _can_read(each)]
    if not there or not known:
        return None, (f"{path} cannot be read",)
    if any(is_of(each, key) for each in there for key in known):
        return 0, ()
    return 1, (f"{path} is another one; this store needs key {known[0]}",)


def _can_read(path: Path) -> bool:
    try:
        path.read_bytes()
    except OSError:
        return False
    return True
