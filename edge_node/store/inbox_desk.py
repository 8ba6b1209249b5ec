"""The inbox as the local API and people use it: one method, one unit of work.

Knows: that each goes through the writer, and when a lock is looked at.
Must not know: SQL, HTTP, who may ask.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from edge_node.errors import Refused
from edge_node.model.inbox import Ended, Fetcher, Key, Offer, Opened, Waiting, Wish
from edge_node.model.lifecycle import State
from edge_node.model.message import Payload
from edge_node.model.overview import By, Row
from edge_node.store import inbox, parking, views
from edge_node.store.messages import Message
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment, Surroundings, moment

#: Has a unit of work done in the next commit; a `Writer.do`.
Do = Callable[..., Awaitable[Any]]
#: Reads beside the writer.
Look = Callable[[str | None, int], Awaitable[tuple[Waiting, ...]]]

_AT_ONCE: Final = 500
_LOCKS_AT_ONCE: Final = 50


class InboxDesk:
    """Fits `status.ports.Inbox`."""

    def __init__(self, do: Do, around: Surroundings, run: int, look: Look) -> None:
        self._do = do
        self._around = around
        self._run = run
        self._look = look
        self.came: Callable[[], None] = _unheard  # told when a message was kept

    async def waiting(self, receiver: str | None, limit: int) -> tuple[Waiting, ...]:
        """What waits for local systems, oldest first."""
        return await self._look(receiver, limit)

    async def lock(self, fetcher: Fetcher, wish: Wish) -> tuple[Offer, ...]:
        """Lock what waits for these applications, oldest first."""
        at, chance = self._now(), self._around.chance
        offers: list[Offer] = await self._do(lambda session: inbox.lock(session, (fetcher, wish), chance, at))
        return tuple(offers)

    async def open(self, fetcher: Fetcher, key: Key) -> Opened:
        """Return the bytes of a message to who has it locked."""
        at = self._now()
        return self._opened(await self._do(lambda session: inbox.payload(session, fetcher, key, at)), at)

    async def confirm(self, fetcher: Fetcher, key: Key) -> Ended:
        """The local system has it."""
        at = self._now()
        return _ended(await self._do(lambda session: inbox.confirm(session, fetcher, key, at)))

    async def release(self, fetcher: Fetcher, key: Key) -> Ended:
        """The local system did not take it."""
        at = self._now()
        return _ended(await self._do(lambda session: inbox.release(session, fetcher, key, at)))

    async def extend(self, fetcher: Fetcher, key: Key, lock_s: float) -> Ended:
        """Keep the lock for so many seconds from now."""
        how = lock_s, self._now()
        return _ended(await self._do(lambda session: inbox.extend(session, fetcher, key, how)))

    async def end_locks(self) -> int:
        """End the locks that are over; say how many messages are offered again."""
        at, ended = self._now(), 0
        while some := int(await self._do(lambda session: inbox.end_locks(session, _LOCKS_AT_ONCE, at))):
            ended += some  # whoever waits for the store comes in between
        return ended

    async def fetched_by(self, receivers: frozenset[str]) -> None:
        """Push nothing to these applications any more, and again to all others."""

        def take_up(session: Session) -> None:
            session.fetched_by = receivers

        await self._do(take_up)
        at = self._now()
        while await self._do(lambda session: parking.unpark(session, _AT_ONCE, at)) == _AT_ONCE:
            """A little at a time: whoever waits for the store comes in between."""

    async def read(self, uid: str, by: By) -> Opened:
        """Open a message for a named person, once that is in the access log."""
        at = self._now()
        return self._opened(await self._do(lambda session: inbox.read(session, uid, by, at)), at)

    async def take(self, uid: str, by: By) -> Row:
        """A named person took it over by hand."""
        at = self._now()
        return views.row(await self._do(lambda session: inbox.take(session, uid, by, at)), self._run, at)

    def _opened(self, found: tuple[Message, Payload | None], at: Moment) -> Opened:
        message, payload = found
        if payload is None:
            raise Refused("its bytes cannot be read any more", code="EN-SET-ASIDE")
        return Opened(row=views.row(message, self._run, at), payload=payload)

    def _now(self) -> Moment:
        return moment(self._around.clock)


def _ended(message: Message) -> Ended:
    return Ended(uid=message.uid, state=State(message.state))


def _unheard() -> None:
    """Nobody waits for a message."""
