"""The kept messages in numbers, as the verbs of people use them: one method, one unit of work.

Knows: that changes go through the writer and reads go beside it.
Must not know: SQL, who asked.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from edge_node.model.alert import Settled as Outcomes
from edge_node.model.message import Direction, Payload
from edge_node.model.overview import By, Cause, Choice, Crowd, Errand, Moved, Page, Preview, Tally
from edge_node.store import crowds, deeds, interventions, outcomes, tallies
from edge_node.store.reader import Reader
from edge_node.store.session import Session
from edge_node.store.surroundings import Clock, Moment, moment

T = TypeVar("T")
Do = Callable[[Callable[[Session], Any]], Awaitable[Any]]
Settled = Callable[[], Awaitable[None]]
Aside = Callable[[Callable[[], Any]], Awaitable[Any]]


async def nothing_under_way() -> None:
    """Nobody else writes: what is there is all there is."""


async def at_once(look: Callable[[], Any]) -> Any:
    """Read in the caller's thread: there is no reactor that it could hold up."""
    return look()


class Stock:
    """Fits `status.ports.Stock`."""

    def __init__(
        self, do: Do, reader: Reader, aside: Aside, clock: Clock, *, settled: Settled = nothing_under_way
    ) -> None:
        self._do = do
        self._settled = settled
        self._reader = reader
        self._aside = aside
        self._clock = clock

    async def preview(self, crowd: Crowd) -> Preview:
        """Count them, and show a few."""
        at = moment(self._clock)
        await self._settled()  # what began before that moment is in the file: it is seen now, or is later than it
        return await self._read(lambda on, _: crowds.preview(on, crowd, at))

    async def seqs(self, crowd: Crowd, after: int, limit: int) -> Page:
        """Return the next ones, by their place in the order of arrival."""
        return await self._read(lambda on, at: crowds.seqs(on, crowd, (after, limit), at))

    async def rows(self, crowd: Crowd, after: int, limit: int) -> Page:
        """Return the next ones as lists show them."""
        return await self._read(lambda on, at: crowds.rows(on, crowd, (after, limit), at))

    async def causes(self, crowd: Crowd) -> tuple[Cause, ...]:
        """Return why messages are stuck."""
        return await self._read(lambda on, _: tallies.causes(on, crowd))

    async def outcomes(self, direction: Direction, since: float, until: float) -> Outcomes:
        """Return what became of the messages that were open in that span; in seconds since the epoch."""
        return await self._read(lambda on, _: outcomes.settled(on, direction, (since, until)))

    async def shape(self, choice: Choice) -> tuple[Tally, ...]:
        """Return how many wait for which receiver, by age."""
        return await self._read(lambda on, at: tallies.shape(on, choice, at))

    async def do(self, errand: Errand, seqs: Sequence[int]) -> Moved:
        """Do it to each of these, in one commit."""
        at = moment(self._clock)
        moved: Moved = await self._do(lambda session: deeds.do(session, errand, seqs, at))
        return moved

    async def open(self, uid: str, by: By) -> Payload:
        """Return the bytes of a message for a named person, once that is in the access log."""
        at = moment(self._clock)
        payload: Payload = await self._do(lambda session: interventions.open_one(session, uid, by, at))
        return payload

    async def _read(self, view: Callable[[sqlite3.Connection, Moment], T]) -> T:
        found: T = await self._aside(lambda: self._reader.look(view))
        return found
