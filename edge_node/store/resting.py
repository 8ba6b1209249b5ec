"""Heads of lanes to a place that is down: they rest, out of the way of every claim, until it is tried again.

Knows: which places are closed now, how many may still go to each, how a message rests and is roused.
Must not know: why a place is closed, when it opens.
"""

import sqlite3
from collections.abc import Mapping
from typing import Final

from edge_node.model.keeping import place_of, way_of
from edge_node.model.message import Direction, Format
from edge_node.store.messages import Message
from edge_node.store.session import RUN_SHIFT, Session
from edge_node.store.surroundings import Moment

PRIORITIES: Final = (0, 1, 2)
_WAY: Final = "SELECT format FROM other_ways WHERE seq = ?"
_TAKES: Final = "INSERT INTO other_ways (seq, format) VALUES (?, ?)"
_REST: Final = "INSERT OR REPLACE INTO resting (seq, direction, place, priority) VALUES (?, ?, ?, ?)"
_SET_DUE: Final = "UPDATE messages SET due = ? WHERE seq = ?"
_FIRST: Final = """
    SELECT id, seq FROM resting INDEXED BY resting_place
    WHERE direction = ? AND place = ? AND priority = ? ORDER BY id LIMIT ?"""
#: Whether it may go now. One that is not the head of its lane may when it is; what an older run put there is due.
_ROUSE: Final = """
    UPDATE messages SET due = CASE WHEN due >= ?3 THEN ?1 ELSE due END
    WHERE seq = ?2 AND due IS NOT NULL RETURNING head = 1 AND due <= ?1"""
#: So many lines that are no longer true are looked through at once; the others who write have their turn then.
_MAX_STALE: Final = 256


def never(session: Session) -> int:
    """The last moment of this run. A restart rouses everything: what an older run set sorts before what is due."""
    return end_of(session.run)


def end_of(run: int) -> int:
    """The last moment of a run, when nothing is ever due: what has it rests."""
    return ((run + 1) << RUN_SHIFT) - 1


def place(connection: sqlite3.Connection, seq: int) -> str:
    """Return the place for which a message rests that has that moment."""
    found = connection.execute("SELECT place FROM resting WHERE seq = ?", (seq,)).fetchone()
    return "" if found is None else str(found[0])


def rest(session: Session, message: Message, place: str) -> None:
    """Put a head out of the way of every claim, until its place is roused."""
    session.execute(_REST, (message.seq, message.direction, place, message.priority))
    session.execute(_SET_DUE, (never(session), message.seq))


def take_way(session: Session, seq: int, format_: Format) -> None:
    """Note which way a new message takes, where it is not that of most: its bytes are sealed and tell nothing."""
    if format_ is not Format.SOAP:
        session.execute(_TAKES, (seq, format_.value))


class Gates:
    """The places that are closed during one claim, and how many may still go to each."""

    def __init__(self, session: Session, closed: Mapping[str, int]) -> None:
        self._session = session
        self._left = dict(closed)
        self.turned_away = 0

    def turn_away(self, message: Message) -> bool:
        """Whether the message goes to a place that is closed: then it rests from now on."""
        if not self._left:
            return False
        places = self._places(message)
        closed = next((place for place in places if not self._left[place]), None)
        if closed is None:
            for place in places:
                self._left[place] -= 1
            return False
        self.turned_away += 1
        rest(self._session, message, closed)
        return True

    def _places(self, message: Message) -> list[str]:
        found = self._session.execute(_WAY, (message.seq,)).fetchone()
        format_ = Format.SOAP if found is None else Format(found[0])
        places = place_of(message.receiver, format_), way_of(format_)
        return [place for place in places if place in self._left]


def rouse(session: Session, where: tuple[Direction, str], limit: int, at: Moment) -> int:
    """Make that many due that rest for a place, most urgent first, then longest; say how many there were."""
    direction, place = where
    roused = looked = 0
    for priority in PRIORITIES:
        found = True
        while found and roused < limit and looked < limit + _MAX_STALE:
            rows = session.execute(_FIRST, (direction.value, place, priority, limit - roused)).fetchall()
            roused += sum(_wake(session, number, seq, at) for number, seq in rows)
            looked += len(rows)
            found = bool(rows)
    return roused


def left(session: Session, seq: int, due: int | None) -> None:
    """A step of a message that was to be due then: where it rested, it does so no more."""
    if due is not None and due == end_of(due >> RUN_SHIFT):  # in this run or an older one
        session.execute("DELETE FROM resting WHERE seq = ?", (seq,))


def _wake(session: Session, number: int, seq: int, at: Moment) -> bool:
    session.execute("DELETE FROM resting WHERE id = ?", (number,))
    rows = session.execute(_ROUSE, (session.due(at), seq, never(session))).fetchall()
    return bool(rows and rows[0][0])
