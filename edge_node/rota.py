"""The services of a node: what begins with it, hears of a reload, and ends with it.

Knows: in which order they begin, that each hears every turn in the life of the node.
Must not know: what any of them does.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


def _nothing() -> None:
    """It needs none of that."""


async def _nothing_more() -> None:
    """It needs none of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One of them, by what it does at each turn."""

    begin: Callable[[], None]
    become: Callable[[], None] = _nothing  # a reload put new settings in force
    let_go: Callable[[], object] = _nothing  # the node stops: begin nothing new, while what is in hand is finished
    stop: Callable[[], Awaitable[None]] = _nothing_more  # everything in hand is done; the store is still open


class Rota:
    """All of them."""

    def __init__(self, *services: Service) -> None:
        self._services = services

    def join(self, service: Service) -> None:
        """Have one more, the last; before they begin."""
        self._services = (*self._services, service)

    def begin(self) -> None:
        """Begin them, the first one first."""
        for service in self._services:
            service.begin()

    def become(self) -> None:
        """Have them go on with new settings."""
        for service in self._services:
            service.become()

    def let_go(self) -> None:
        """Have them begin nothing new."""
        for service in self._services:
            service.let_go()

    async def stop(self) -> None:
        """End them."""
        for service in self._services:
            await service.stop()
