"""The emergency accesses as people review them: one method, one unit of work.

Knows: that changes go through the writer and reads go beside it.
Must not know: SQL, what makes an access one of an emergency.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from edge_node.errors import StoreUnavailable
from edge_node.model.emergency import Emergency, EmergencyState, Verdict
from edge_node.model.overview import By
from edge_node.store import emergencies
from edge_node.store.reader import Reader
from edge_node.store.session import Session
from edge_node.store.surroundings import Clock, moment

Do = Callable[[Callable[[Session], Any]], Awaitable[Any]]
Aside = Callable[[Callable[[], Any]], Awaitable[Any]]


class EmergencyDesk:
    """Fits `status.emergency_verbs.Emergencies`."""

    def __init__(self, do: Do, reader: Reader, aside: Aside, clock: Clock) -> None:
        self._do = do
        self._reader = reader
        self._aside = aside
        self._clock = clock

    async def list(self, limit: int, *, reviewed: bool) -> tuple[Emergency, ...]:
        """Return those that wait for review; or all of them, the newest first."""
        found: tuple[Emergency, ...] = await self._look(
            lambda connection: emergencies.listed(connection, limit, reviewed=reviewed)
        )
        return found

    async def state(self) -> EmergencyState:
        """Count those that wait."""
        found: EmergencyState = await self._look(emergencies.state)
        return found

    async def has(self, correlation: str) -> bool:
        """Whether a message is of one; where the store cannot tell, it is none."""
        try:
            found: bool = await self._look(lambda connection: emergencies.has(connection, correlation))
        except StoreUnavailable:
            return False
        return found

    async def explain(self, number: int, by: By) -> Emergency:
        """Write down why it was needed. Raises `Refused`."""
        at = moment(self._clock)
        found: Emergency = await self._do(lambda session: emergencies.explain(session, number, by, at))
        return found

    async def sign_off(self, number: int, verdict: Verdict, by: By) -> Emergency:
        """Write down what came of the review. Raises `Refused`."""
        how = (by, moment(self._clock))
        found: Emergency = await self._do(lambda session: emergencies.sign_off(session, number, verdict, how))
        return found

    async def _look(self, look: Callable[[Any], Any]) -> Any:
        return await self._aside(lambda: self._reader.look(lambda connection, _: look(connection)))
