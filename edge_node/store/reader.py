"""Reading the queue without changing it, beside the daemon or without one.

Knows: that each look opens the file for reading only, and closes it.
Must not know: threads.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from edge_node.model.identifiers import MessageId
from edge_node.model.inbox import Waiting
from edge_node.model.notice import Notice
from edge_node.model.overview import Choice, Overview, Row, SetAside, Shown
from edge_node.store import aside_views, events, inbox_views, views
from edge_node.store.database import open_readonly
from edge_node.store.surroundings import Clock, Moment, moment

T = TypeVar("T")


class Reader:
    """The queue as people see it. Blocks: a daemon calls it in a thread."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock

    def overview(self) -> Overview:
        """Count by direction and state."""
        return self.look(views.overview)

    def list(self, choice: Choice) -> tuple[Row, ...]:
        """Return the messages chosen, oldest first."""
        return self.look(lambda connection, at: views.choose(connection, choice, at))

    def show(self, uid: str) -> Shown | None:
        """Return one message with its history."""
        return self.look(lambda connection, at: views.show(connection, uid, at))

    def find(self, message_id: MessageId) -> Shown | None:
        """Return the newest message with this id."""
        return self.look(lambda connection, at: views.find(connection, message_id, at))

    def inbox(self, receiver: str | None, limit: int) -> tuple[Waiting, ...]:
        """Return what waits for local systems, oldest first."""
        return self.look(lambda connection, at: inbox_views.waiting(connection, (receiver, limit), at))

    def notices(self, applications: frozenset[str] | None, seq: int, limit: int) -> tuple[Notice, ...]:
        """Return the next notices after that number."""
        return self.look(lambda connection, _: events.after(connection, applications, seq, limit))

    def known_notice(self, seq: int) -> int:
        """Return from where to go on for who read up to that number."""
        return self.look(lambda connection, _: events.known(connection, seq))

    def set_aside(self, limit: int) -> tuple[SetAside, ...]:
        """Return the messages that could not be read, newest first."""
        return self.look(lambda connection, at: aside_views.listed(connection, limit))

    def look(self, view: Callable[[sqlite3.Connection, Moment], T]) -> T:
        """Return what a view sees, all of it at one moment."""
        with open_readonly(self._path) as connection:
            connection.execute("BEGIN")  # one moment for all that is read
            return view(connection, moment(self._clock))
