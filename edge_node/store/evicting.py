"""A message that cannot be read leaves the line in a commit of its own, however little the disk lets go of it.

Knows: how it is found out what of a message can still be read, and what is tried when a page cannot be changed.
Must not know: the tables of what was set aside, who could not read it.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from edge_node.store import traces
from edge_node.store.aside import SOURCES, Left, columns, set_aside
from edge_node.store.damage import CannotRead
from edge_node.store.faults import is_fatal, is_no_room
from edge_node.store.session import Session
from edge_node.store.traces import Members

_ALL: Final = frozenset(SOURCES)
#: The search takes seconds in a large store, and nothing is written meanwhile.
_SEARCH_EVERY_MS: Final = 600_000
#: What stays behind, from nothing to all of it: a damaged page can be changed as little as read.
_BEHIND: Final = (frozenset[str](), frozenset({"bodies"}), frozenset({"bodies", "history"}), _ALL)


def evict(session: Session, found: CannotRead) -> None:
    """Set the message aside; called between two commits. With it go those of its lane that have the same page.

    Where not even that can be written it is passed over.
    """
    waiting = [found]
    while waiting:
        found = waiting.pop()
        known = _known(session, found.seq)
        members = Members() if known.lane is None else traces.members(session.connection, known.lane, but=found.seq)
        if not any(_is_set_aside(session, found, left) for left in _tries(known, members)):
            session.set_aside_now(found.seq, is_stuck=True)
        if found.seq in session.stuck:
            others = set(members.unreadable) - session.stuck - {each.seq for each in waiting}
            waiting += [CannotRead(seq, found.why, is_of_the_disk=True) for seq in sorted(others, reverse=True)]


def evict_all(session: Session) -> bool:
    """A page could not be read, and nobody knows whose: set aside what is on it. Say whether something was."""
    now_ms = session.moment().monotonic_ms
    if session.searched_ms is not None and now_ms - session.searched_ms < _SEARCH_EVERY_MS:
        return False
    session.searched_ms = now_ms
    found = [seq for seq in traces.unreadable(session.connection) if seq not in session.stuck]
    for seq in found:
        if seq not in session.stuck:
            evict(session, CannotRead(seq, "row: SQLITE_CORRUPT", is_of_the_disk=True))
    return bool(found)


def _known(session: Session, seq: int) -> Left:
    """What can be said of the message without changing anything."""
    unread = _unread(session, seq)
    is_lost = any(source == "messages" for source, _ in unread)
    facts = traces.facts(session.connection, seq) if is_lost else {}
    return Left(unread=unread, facts=facts, lane=traces.lane(session.connection, seq))


def _tries(known: Left, members: Members) -> Iterator[Left]:
    for tables in _BEHIND:
        yield replace(known, tables=tables)
    yield replace(known, tables=frozenset({"messages"}), stuck=True, members=members.readable)
    yield replace(known, tables=_ALL, stuck=True, members=members.readable)
    yield replace(known, tables=_ALL, stuck=True, lane=None)


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
