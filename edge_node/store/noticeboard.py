"""The notices as the rest of the node reads them: one method, one unit of work.

Knows: that changes go through the writer and reads go beside it, who wants to hear of news.
Must not know: SQL, how a notice is told.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from edge_node.model.hearers import Hearers
from edge_node.model.notice import Ages, Notice
from edge_node.model.overview import Row
from edge_node.store import events, late, views
from edge_node.store.reader import Reader
from edge_node.store.session import Session
from edge_node.store.surroundings import Clock, Moment, moment

T = TypeVar("T")
Do = Callable[[Callable[[Session], Any]], Awaitable[Any]]
Aside = Callable[[Callable[[], Any]], Awaitable[Any]]


class Noticeboard:
    """Fits `flow.ports.Notices` and `status.ports.Notices`. Used in the reactor's thread."""

    def __init__(self, do: Do, reader: Reader, aside: Aside, clock: Clock) -> None:
        self._do = do
        self._reader = reader
        self._aside = aside
        self._clock = clock
        self._hearers = Hearers()

    def hear(self, hearer: Callable[[], None]) -> Callable[[], None]:
        """Call this after every commit with news; return what ends that."""
        return self._hearers.hear(hearer)

    def announce(self) -> None:
        """There is news."""
        self._hearers.announce()

    async def after(self, applications: frozenset[str] | None, seq: int, limit: int) -> tuple[Notice, ...]:
        """Return the next notices after that number, of these applications; None: of all."""
        found: tuple[Notice, ...] = await self._aside(lambda: self._reader.notices(applications, seq, limit))
        return found

    async def known(self, seq: int) -> int:
        """Return from where to go on for who read up to that number: before it where this store did not give it."""
        found: int = await self._aside(lambda: self._reader.known_notice(seq))
        return found

    async def cursor(self, application: str, way: str) -> int:
        """Return how far this way of telling came; one that is new begins now."""
        upto: int = await self._do(lambda session: events.cursor(session, application, way))
        return upto

    async def advance(self, application: str, way: str, upto: int) -> None:
        """This way of telling came further."""
        await self._do(lambda session: events.advance(session, application, way, upto))

    async def late(self, ages: Ages, limit: int) -> tuple[Row, ...]:
        """Tell of pushes in that became late; return them."""
        at = moment(self._clock)
        rows: tuple[Row, ...] = await self._do(lambda session: _late(session, ages, limit, at))
        return rows


def _late(session: Session, ages: Ages, limit: int, at: Moment) -> tuple[Row, ...]:
    return tuple(views.row(message, session.run, at) for message in late.tell(session, ages, limit, at))
