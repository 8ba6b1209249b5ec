"""Backups and what came of a restore, as the daemon uses them: one method, one unit of work.

Knows: that changes go through the writer, and copies are made beside it.
Must not know: when a backup is made, who asks.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from edge_node.model.backup import Band, Made, Remembered, Safety, Span
from edge_node.model.message import Direction
from edge_node.model.overview import By
from edge_node.store import backup, backup_folder, remembered, replacing, restored, restoring
from edge_node.store.backup import Plan, Tools
from edge_node.store.database import open_readonly
from edge_node.store.surroundings import Clock, moment

T = TypeVar("T")


class Safekeeping:
    """Fits `status.ports.RestoreHolds`."""

    def __init__(
        self,
        path: Path,
        do: Callable[..., Awaitable[Any]],
        aside: Callable[[Callable[[], Any]], Awaitable[Any]],
        clock: Clock,
    ) -> None:
        self._path = path
        self._do = do
        self._aside = aside
        self._clock = clock

    def clear_leftovers(self, folder: Path | None, site: str) -> tuple[str, ...]:
        """Remove what a backup, a restore or a repair that was killed left."""
        restoring.clear_leftovers(self._path)
        replacing.clear_leftovers(self._path)
        return backup_folder.clear_leftovers(self._path, folder, site)

    async def back_up(self, plan: Plan, tools: Tools) -> Made:
        """Make one backup, beside the writer."""
        made: Made = await self._aside(lambda: backup.make(plan, tools))
        return made

    async def remember(self, line: Remembered) -> None:
        """Have the store know of a backup, a drill or a restore."""
        await self._do(lambda session: remembered.add(session, line))

    async def safety(self) -> Safety:
        """Return how well the store is backed up, as far as it knows."""
        found: Safety = await self._look(remembered.safety)
        return found

    async def bands(self, span: Span) -> tuple[Band, ...]:
        """Count what a restore holds back in a span."""
        found: tuple[Band, ...] = await self._look(lambda connection: restored.band(connection, span))
        return found

    async def act(self, ending: str, span: Span, limit: int, by: By) -> list[Direction]:
        """Release or discard up to so many, the oldest first; return which way each of them goes."""
        how = (limit, by, moment(self._clock))
        done = await self._do(lambda session: restored.act(session, ending, span, how))
        return [Direction(message.direction) for message in done]

    async def _look(self, view: Callable[[Any], T]) -> T:
        def look() -> T:
            with open_readonly(self._path) as connection:
                connection.execute("BEGIN")
                return view(connection)

        found: T = await self._aside(look)
        return found
