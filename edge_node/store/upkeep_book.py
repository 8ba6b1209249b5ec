"""What people record of the upkeep of a node, as the rest of the node uses it: one method, one unit of work.

Knows: that changes go through the writer and reads go beside it.
Must not know: SQL, what of it is late.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from edge_node.model.overview import By
from edge_node.model.upkeep import Approval, Incident, NewIncident, Taken
from edge_node.store import upkeep_tables
from edge_node.store.reader import Reader
from edge_node.store.session import Session

Do = Callable[[Callable[[Session], Any]], Awaitable[Any]]
Aside = Callable[[Callable[[], Any]], Awaitable[Any]]


class UpkeepBook:
    """Used in the reactor's thread. All raise `StoreUnavailable` when nothing could be recorded."""

    def __init__(self, do: Do, reader: Reader, aside: Aside) -> None:
        self._do = do
        self._reader = reader
        self._aside = aside

    async def sighted(self, kind: str, names: Sequence[str], at: datetime) -> Mapping[str, datetime]:
        """Return since when each of these is known; only what is new, or gone, is written."""
        known: Mapping[str, datetime] = await self._look(lambda it: upkeep_tables.known_since(it, kind))
        if known.keys() == set(names):
            return known
        found: Mapping[str, datetime] = await self._do(lambda it: upkeep_tables.sighted(it, kind, names, at))
        return found

    async def open_incident(self, new: NewIncident, by: By, at: datetime) -> Incident:
        """Write one down."""
        found: Incident = await self._do(lambda it: upkeep_tables.open_incident(it, new, by, at))
        return found

    async def report_incident(self, number: int, to: str, at: datetime) -> Incident:
        """It was reported. Raises `Refused`."""
        found: Incident = await self._do(lambda it: upkeep_tables.report_incident(it, number, to, at))
        return found

    async def close_incident(self, number: int, by: By, at: datetime) -> Incident:
        """It is over. Raises `Refused`."""
        found: Incident = await self._do(lambda it: upkeep_tables.close_incident(it, number, by, at))
        return found

    async def incidents(self, limit: int, *, closed: bool = False) -> tuple[Incident, ...]:
        """Return the open ones, or all; the newest first."""
        found: tuple[Incident, ...] = await self._look(lambda it: upkeep_tables.incidents(it, limit, closed=closed))
        return found

    async def approve(self, made: Approval) -> None:
        """Write down who approved what is in force."""
        await self._do(lambda it: upkeep_tables.approve(it, made))

    async def approval(self, digest: str, release: str) -> Approval | None:
        """Return the last one of these settings with that release."""
        found: Approval | None = await self._look(lambda it: upkeep_tables.approval(it, digest, release))
        return found

    async def approvals(self, limit: int) -> tuple[Approval, ...]:
        """Return the last ones, newest first."""
        found: tuple[Approval, ...] = await self._look(lambda it: upkeep_tables.approvals(it, limit))
        return found

    async def take(self, taken: Taken) -> None:
        """A step towards the end of the node was taken."""
        await self._do(lambda it: upkeep_tables.take(it, taken))

    async def stay(self) -> None:
        """The node is not put out of use after all."""
        await self._do(upkeep_tables.stay)

    async def taken(self) -> tuple[Taken, ...]:
        """Return the steps that were taken."""
        found: tuple[Taken, ...] = await self._look(upkeep_tables.taken)
        return found

    async def _look(self, view: Callable[[Any], Any]) -> Any:
        return await self._aside(lambda: self._reader.look(lambda connection, _: view(connection)))
