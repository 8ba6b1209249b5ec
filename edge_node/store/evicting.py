"""A message that cannot be read leaves the line in a commit of its own, however little the disk lets go of it.

Knows: how it is found out what of a message can still be read, and what is tried when a page cannot be changed.
Must not know: the tables of what was set aside, who could not read it.
"""

import sqlite3
from typing import Final

from edge_node.store.aside import SOURCES, Left, columns, set_aside
from edge_node.store.damage import CannotRead
from edge_node.store.faults import is_fatal, is_no_room
from edge_node.store.session import Session

_BODIES: Final = frozenset({"bodies"})
_AROUND: Final = frozenset({"bodies", "history"})
#: From all of it to nothing but the note that it is passed over: a damaged page can be changed as little as read.
_TRIES: Final = (
    Left(),
    Left(tables=_BODIES),
    Left(tables=_AROUND),
    Left(tables=frozenset(SOURCES)),
    Left(tables=frozenset(SOURCES), stuck=True),
)


def evict(session: Session, found: CannotRead) -> None:
    """Set the message aside; called between two commits. Where not even that can be written it is passed over."""
    unread = _unread(session, found.seq)
    for left in _TRIES:
        if _is_set_aside(session, found, Left(unread=unread, tables=left.tables, stuck=left.stuck)):
            return
    session.set_aside_now(found.seq, is_stuck=True)


def _is_set_aside(session: Session, found: CannotRead, left: Left) -> bool:
    try:
        session.begin()
        session.begin_unit()
        set_aside(session, found.seq, found.why, session.moment(), left)
        session.keep_unit()
        session.commit()
    except sqlite3.Error as error:
        session.roll_back()
        if is_fatal(error) or is_no_room(error):
            raise
        return False
    return True


def _unread(session: Session, seq: int) -> frozenset[tuple[str, str]]:
    """The cells that cannot be read. Looked at outside a commit, which one bad page would make unwritable."""
    return frozenset(
        (source, name)
        for source in SOURCES
        for name in columns(session.connection, source)
        if not _is_readable(session, source, name, seq)
    )


def _is_readable(session: Session, source: str, name: str, seq: int) -> bool:
    try:
        # As bytes: text that is no UTF-8 can be moved as it is.
        session.execute(f"SELECT CAST({name} AS BLOB) FROM {source} WHERE seq = ?", (seq,)).fetchall()  # noqa: S608
    except sqlite3.Error:
        return False
    return True
