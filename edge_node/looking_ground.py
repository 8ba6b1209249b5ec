"""What a look may see of a running node.

Knows: the parts of the node that know something a check asks about.
Must not know: any look, any check.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from edge_node.building import Wired
from edge_node.carrying import Carrying
from edge_node.in_force import InForce
from edge_node.machine import Machine
from edge_node.model.backup import Safety
from edge_node.model.log_state import LogFact
from edge_node.peeking import Peeking
from edge_node.settings.schema import Settings
from edge_node.store.store import Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The node, for those who look at it. `peek` does something in a thread of its own."""

    in_force: InForce
    store: Store
    carrying: Carrying
    machine: Machine
    safety: Callable[[], Awaitable[Safety]]
    log: Callable[[], LogFact]  # how the access log is
    peek: Peeking

    @property
    def settings(self) -> Settings:
        """Those in force."""
        return self.in_force.settings

    @property
    def wired(self) -> Wired:
        """The wire in force."""
        return self.in_force.wired


def at_hand(see: Callable[[], T]) -> Callable[[], Awaitable[T]]:
    """Return a look for what is in memory: it waits for nothing."""

    async def look() -> T:
        return see()

    return look
