"""Which settings were last in force, remembered in the commit that tells of others.

Knows: where the store remembers their hash.
Must not know: the settings.
"""

from collections.abc import Callable
from typing import Final

from edge_node.model.record import LogRecord
from edge_node.store import journal
from edge_node.store.session import Session
from edge_node.store.unlocking import remember, remembered

MARK: Final = "settings-in-force"


def take(session: Session, digest: str, tell: Callable[[str], LogRecord], now: float) -> None:
    """Remember these, with the line that `tell` makes of the hash before; the same ones again are no news."""
    before = remembered(session.connection, MARK) or ""
    if before != digest:
        remember(session.connection, MARK, digest)
        journal.add(session, tell(before), now)
