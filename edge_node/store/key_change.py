"""The keys of the store are changed while it serves: one method, a few short units of work.

Knows: that each step goes through the writer, and what is told of it.
Must not know: SQL, who asked.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_node.store import keys, rotation, sealed_files
from edge_node.store.recovery import RecoveryPublic
from edge_node.store.surroundings import Surroundings

Do = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Changed:
    """The store has another key, or will have it once a person put its file in place."""

    key: str  # its id
    file: Path | None  # where the new key waits for a person; None: it is in place


class KeyChange:
    """Fits `status.ports.KeyChange`."""

    def __init__(self, path: Path, do: Do, around: Surroundings) -> None:
        self._do = do
        self._plan = rotation.plan(path, around)

    async def rotate(self) -> Changed:
        """Have another key open the keys of the days; what is sealed with those stays as it is."""
        plan = self._plan
        coming = await self._do(lambda session: rotation.begin(session, plan))
        await self._do(lambda session: rotation.finish(session, plan))
        return Changed(key=coming.id, file=None if plan.is_ours else keys.next_of(plan.path))

    async def seal(self, path: Path, secret: bytes) -> None:
        """Keep a secret in a file that opens with what opens the store."""
        chance = self._plan.chance
        await self._do(lambda session: sealed_files.seal(path, secret, session.sealer.ring, chance))

    async def recover_for(self, publics: tuple[RecoveryPublic, ...]) -> None:
        """Have these recovery keys, and no others, open the keys of the days."""
        await self._do(lambda session: rotation.recover_for(session, publics, self._plan))
