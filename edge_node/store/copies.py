"""The copies of a store that were made before its schema changed.

Knows: how they are called, when one is not needed any more.
Must not know: how they are made.

A copy of a release before sealing has all its bytes readable, and any copy has keys of days that are destroyed in the
store itself. So each goes when the node has worked for some days with what the change made.
"""

from pathlib import Path

from edge_node.store import resealing
from edge_node.store.keys import sync_directory
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment


def remove_old(session: Session, _limit: int, at: Moment) -> int:
    """Remove a copy whose time is over, once all that the store itself has is sealed; say how many went."""
    store = _file(session)
    if store is None or not resealing.is_all_sealed(session):
        return 0
    for copy in store.parent.glob(f"{store.name}.before-[0-9]*"):
        if copy.stat().st_mtime <= at.now - session.retention.copy_s:
            copy.unlink()
            sync_directory(store.parent)
            return 1
    return 0


def _file(session: Session) -> Path | None:
    """Return the file of the store; None for one in memory."""
    rows = session.execute("PRAGMA database_list").fetchall()
    names = [row[2] for row in rows if row[1] == "main" and row[2]]
    return Path(names[0]) if names else None
