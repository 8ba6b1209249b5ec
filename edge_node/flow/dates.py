"""Doors that note what time it is on the other side.

Knows: where an answer has its date, that one which was long in coming may have been dated before.
Must not know: what is concluded from it.
"""

from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from edge_node.flow.ports import BrokerDoor, Door
from edge_node.model.exchange import Answer, Outgoing

Heard = Callable[[float], None]

#: Some servers date an answer when its question comes: of one that took longer nobody knows when that was.
_QUICK_S: Final = 1.0


class DatedDoor:
    """A door whose answers tell the time."""

    def __init__(self, door: Door, heard: Heard, seconds: Callable[[], float]) -> None:
        self._door = door
        self._heard = heard
        self._seconds = seconds

    async def ask(self, outgoing: Outgoing, *, timeout_s: float, connect_s: float) -> Answer:
        """Send. Raises what the door raises."""
        begun_s = self._seconds()
        answer = await self._door.ask(outgoing, timeout_s=timeout_s, connect_s=connect_s)
        at = date_of(answer)
        if at is not None and self._seconds() - begun_s <= _QUICK_S:
            self._heard(at)
        return answer


class DatedBroker(DatedDoor):
    """The same for the one to the broker."""

    def __init__(self, door: BrokerDoor, heard: Heard, seconds: Callable[[], float]) -> None:
        super().__init__(door, heard, seconds)
        self._broker = door

    async def reach(self, outgoing: Outgoing, *, connect_s: float) -> None:
        """See that it is there. Raises `NotSent`."""
        await self._broker.reach(outgoing, connect_s=connect_s)


def date_of(answer: Answer) -> float | None:
    """When the other side made its answer, in seconds since the epoch; None where it does not say."""
    for name, value in answer.headers:
        if name == "date":
            try:
                at = parsedate_to_datetime(value)
                return at.replace(tzinfo=at.tzinfo or UTC).timestamp()
            except (ValueError, OverflowError):
                return None  # of no form: nothing is known
    return None
