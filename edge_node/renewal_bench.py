"""What the steps of a renewal share: what they are handed, the ground they stand on, trials against peers.

Knows: that nothing goes on after the end.
Must not know: which steps there are, in which order.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge_node.certificates import Certificates, Fresh
from edge_node.errors import Refused, Unavailable
from edge_node.model.renewal import Outcome, Tried
from edge_node.named_files import installed_files
from edge_node.renewal_ground import Ground, folder_for, survey
from edge_node.renewal_trials import Trials
from edge_node.settings.schema import Settings
from edge_node.wire.trust import OwnIdentity, Surroundings
from edge_node.wire.trust_folder import IdentityFolder
from edge_node.wire.trust_identity import load_identity
from edge_node.wire.trust_installed import Installed, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What renewing is handed."""

    settings: Callable[[], Settings]
    seal: Callable[[Path, bytes], Awaitable[None]]
    aside: Callable[[Callable[[], Any]], Awaitable[Any]]  # in a thread
    surroundings: Surroundings
    reactor: Any
    held: Callable[[], Certificates]  # what is in use, with what is not
    swap: Callable[[Fresh], None]  # chooses anew with it; raises `SettingsInvalid` and changes nothing
    taken: Callable[[str], None] = lambda _fingerprint: None  # it is not refused, or to be shown all the same


class Bench:
    """Where they work."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.trials = Trials(parts.surroundings, parts.reactor)
        self.has_ended = False

    def end(self) -> None:
        """No more; a trial under way is broken off."""
        self.has_ended = True
        self.trials.end()

    def demand_life(self) -> None:
        """Raise `Unavailable` once all has ended."""
        if self.has_ended:
            raise Unavailable("the node stops; nothing was changed", code="EN-DRAINING")

    async def survey(self, identity: str) -> Ground:
        """One organisation as it is now."""
        parts, settings = self.parts, self.parts.settings()
        held = parts.held()
        found: Ground = await parts.aside(lambda: survey(settings, identity, held, parts.surroundings))
        return found

    def folder(self, identity: str) -> IdentityFolder:
        """Where the files of one organisation are."""
        return folder_for(self.parts.settings(), identity)

    def load(self, ground: Ground, pair: Installed) -> OwnIdentity:
        """Read a pair as a start would. Raises `SettingsInvalid`."""
        files = installed_files(pair, ground.identity, ground.settings)
        return load_identity(files, ground.keys)

    async def tried(self, ground: Ground, own: OwnIdentity, peer: str | None = None) -> tuple[Tried, ...]:
        """Shake hands with it: with every peer that is called, or with one of them."""
        tried = await self.trials.of(ground, own, peer)
        self.demand_life()
        return tried

    def now(self) -> datetime:
        """This moment."""
        return self.parts.surroundings.now().astimezone(UTC)


def is_taken(tried: tuple[Tried, ...]) -> bool:
    """Whether the switchboard took it."""
    return any(one.role == "zim" and one.outcome is Outcome.TAKEN for one in tried)


def waiting(folder: IdentityFolder) -> Installed | None:
    """Return the one that waits for its day, or to be taken."""
    try:
        return folder.standing(Standing.WAITING)
    except Refused:
        return None  # the index cannot be read: the status says so
