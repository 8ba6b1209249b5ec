"""What is remembered of checks, as the rest of the node uses it: one method, one unit of work.

Knows: that changes go through the writer and reads go beside it.
Must not know: SQL, how a check is judged.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from edge_node.model.check import Attestation, Waiver
from edge_node.model.check_memory import Change, Memory, Outage
from edge_node.model.facts_users import Removals
from edge_node.model.told import Told
from edge_node.store import check_tables, outage_tables, told_tables, withdrawals
from edge_node.store.reader import Reader
from edge_node.store.session import Session

Do = Callable[[Callable[[Session], Any]], Awaitable[Any]]
Aside = Callable[[Callable[[], Any]], Awaitable[Any]]


class CheckBook:
    """Used in the reactor's thread. All raise `StoreUnavailable` when nothing could be recorded."""

    def __init__(self, do: Do, reader: Reader, aside: Aside) -> None:
        self._do = do
        self._reader = reader
        self._aside = aside

    async def memory(self) -> Memory:
        """Return what counts now."""
        found: Memory = await self._look(check_tables.memory)
        return found

    async def history(self, name: str, limit: int) -> tuple[Change, ...]:
        """Return the changes of one check, newest first."""
        found: tuple[Change, ...] = await self._look(lambda connection: check_tables.history(connection, name, limit))
        return found

    async def changed(self, changes: Sequence[Change]) -> None:
        """Write down that checks got other results."""

        def work(session: Session) -> None:
            for change in changes:
                check_tables.add_change(session, change)

        await self._do(work)

    async def waive(self, waiver: Waiver) -> None:
        """Write down a waiver."""
        await self._do(lambda session: check_tables.add_waiver(session, waiver))

    async def end_waiver(self, name: str, at: datetime) -> bool:
        """Take a waiver back; say whether there was one."""
        ended: bool = await self._do(lambda session: check_tables.end_waiver(session, name, at))
        return ended

    async def attest(self, made: Attestation) -> None:
        """Write down an attestation."""
        await self._do(lambda session: check_tables.add_attestation(session, made))

    async def begun(self, at: datetime, gap_s: float) -> Outage | None:
        """The node runs again: what lasted ends where it was last seen, and a longer gap is an outage of its own."""
        outage: Outage | None = await self._do(lambda session: _begun(session, at, gap_s))
        return outage

    async def alive(self, at: datetime) -> None:
        """The node runs at that moment."""
        await self._do(lambda session: outage_tables.alive(session, at))

    async def went_down(self, part: str, at: datetime) -> None:
        """A part cannot be reached from now on."""
        await self._do(lambda session: outage_tables.begin(session, part, at))

    async def came_up(self, part: str, at: datetime) -> None:
        """It can be reached again."""
        await self._do(lambda session: outage_tables.end(session, part, at))

    async def outages(self, since: datetime) -> tuple[Outage, ...]:
        """Return those that lasted, or ended, after a moment."""
        found: tuple[Outage, ...] = await self._look(lambda connection: outage_tables.since(connection, since))
        return found

    async def watched_from(self) -> datetime | None:
        """Return since when outages are kept."""
        found: datetime | None = await self._look(outage_tables.watched_from)
        return found

    async def tell(self, made: Told) -> None:
        """Write down what a local system told of itself."""
        await self._do(lambda session: told_tables.tell(session, made))

    async def told(self) -> tuple[Told, ...]:
        """Return what local systems told of themselves."""
        found: tuple[Told, ...] = await self._look(told_tables.told)
        return found

    async def removals(self, window_s: float) -> Removals:
        """Return how long removals from the index take, with what ended within a window."""
        found: Removals = await self._aside(
            lambda: self._reader.look(lambda connection, at: withdrawals.since(connection, window_s, at))
        )
        return found

    async def prune(self, before: datetime) -> None:
        """Forget what is from before a moment."""

        def work(session: Session) -> None:
            check_tables.prune(session, before)
            outage_tables.prune(session, before)

        await self._do(work)

    async def _look(self, view: Callable[[Any], Any]) -> Any:
        return await self._aside(lambda: self._reader.look(lambda connection, _: view(connection)))


def _begun(session: Session, at: datetime, gap_s: float) -> Outage | None:
    last = outage_tables.last_alive(session.connection)
    outage_tables.alive(session, at)
    if last is None:
        return None
    outage_tables.end_all(session, last)
    if (at - last).total_seconds() <= gap_s:
        return None
    outage = Outage(part="node", began_at=last, ended_at=at)
    outage_tables.add(session, outage)
    return outage
