"""What was told of certificates, as the rest of the node uses it: one method, one unit of work.

Knows: that changes go through the writer and reads go beside it, who wants to hear of news.
Must not know: SQL, when a step is due, how it is told.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from edge_node.model.certificate import CertificateNotice, Counted, Telling
from edge_node.model.hearers import Hearers
from edge_node.store import certificate_notices
from edge_node.store.reader import Reader
from edge_node.store.session import Session
from edge_node.store.surroundings import Clock, moment

Do = Callable[[Callable[[Session], Any]], Awaitable[Any]]
Aside = Callable[[Callable[[], Any]], Awaitable[Any]]


class CertificateBook:
    """Fits `flow.countdown.Book` and `flow.telling.News`. Used in the reactor's thread."""

    def __init__(self, do: Do, reader: Reader, aside: Aside, clock: Clock) -> None:
        self._do = do
        self._reader = reader
        self._aside = aside
        self._clock = clock
        self._hearers = Hearers()

    async def told(self) -> Mapping[str, frozenset[int]]:
        """Return the steps of the countdown that were told, by certificate."""
        found: Mapping[str, frozenset[int]] = await self._look(certificate_notices.told)
        return found

    async def tell(self, certificate: Counted, telling: Telling, days: int) -> bool:
        """Write down that this is told; say whether it is the first time."""
        at = moment(self._clock)
        is_new: bool = await self._do(
            lambda session: certificate_notices.add(session, certificate, telling, days, at)
        )
        if is_new:
            self._hearers.announce()
        return is_new

    def hear(self, hearer: Callable[[], None]) -> Callable[[], None]:
        """Call this after every commit with news; return what ends that."""
        return self._hearers.hear(hearer)

    async def after(self, applications: frozenset[str] | None, seq: int, limit: int) -> tuple[CertificateNotice, ...]:
        """Return the next ones after that number: all are of the whole site, whatever applications are asked for."""
        found: tuple[CertificateNotice, ...] = await self._look(
            lambda connection: certificate_notices.after(connection, seq, limit)
        )
        return found

    async def cursor(self, application: str, way: str) -> int:
        """Return how far this way of telling came; one that is new begins now."""
        upto: int = await self._do(lambda session: certificate_notices.cursor(session, way))
        return upto

    async def advance(self, application: str, way: str, upto: int) -> None:
        """This way of telling came further."""
        await self._do(lambda session: certificate_notices.advance(session, way, upto))

    async def _look(self, view: Callable[[Any], Any]) -> Any:
        return await self._aside(lambda: self._reader.look(lambda connection, _: view(connection)))
