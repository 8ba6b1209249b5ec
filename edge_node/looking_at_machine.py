"""What there is to see of the machine: disk, files, updates, the shield of the process, power, malware.

Knows: where on a Linux machine each shows, which settings tell of it.
Must not know: when any of it is good, how it is looked at.
"""

import tomllib
from datetime import UTC, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from edge_node import __version__
from edge_node.looking_ground import Ground, at_hand
from edge_node.model.check import Unseen
from edge_node.model.facts_machine import (
    DiskFacts,
    FilesFacts,
    MalwareFacts,
    PatchFacts,
    ReleaseFacts,
    ShieldFacts,
    Ups,
)
from edge_node.model.notice import Words
from edge_node.policy import check_machine
from edge_node.probes import encryption, file_modes, malware, power, shield, updates
from edge_node.probing import Look
from edge_node.store import log_sources, master, sealed_files, unlocking

_PROC: Final = Path("/proc")
_SUPPLIES: Final = Path("/sys/class/power_supply")
#: What lies beside the store and is nobody else's.
_BESIDE: Final = (master.FILE, unlocking.PATIENT_FILE, log_sources.FOLDER, sealed_files.FOLDER)
_UPDATES: Final = "update"
#: After a start the messages that wait go first: apt takes seconds of a core.
_FIRST_S: Final = 60.0
_FRESH_S: Final = 3000.0
_STARTED: Final = Words(
    nl="Het programma is net gestart; dit wordt zo bekeken.",
    en="The program has just started; this is looked at soon.",
)
#: Of the time a look may take, so much is for a command.
_SHARE: Final = 0.8


def looks(ground: Ground) -> tuple[Look[Any], ...]:
    """Return them."""

    async def disk() -> DiskFacts:
        folder = ground.in_force.started_with.store_path.parent
        return await ground.peek(lambda: encryption.look(folder, encryption.Ground()))

    async def modes() -> FilesFacts:
        store = ground.in_force.started_with.store_path
        return await ground.peek(lambda: file_modes.look(store, _BESIDE))

    async def shielded() -> ShieldFacts:
        is_debugging = ground.settings.node.log_level == "debug"
        return await ground.peek(lambda: shield.look(_PROC, is_debugging=is_debugging))

    async def powered() -> tuple[Ups, ...]:
        return await ground.peek(lambda: power.look(_SUPPLIES))

    async def scanned() -> MalwareFacts:
        upkeep, at, limit_s = ground.settings.checks.upkeep, ground.machine.clock.moment(), _limit_s(ground)
        command, file = upkeep.antimalware_command, upkeep.antimalware_file
        return await ground.peek(lambda: malware.look(command, file, at, limit_s))

    def supported() -> ReleaseFacts:
        told = ground.settings.checks.upkeep.supported_until or release_ends()
        return ReleaseFacts(at=ground.machine.clock.moment(), release=__version__, supported_until=end_of(told))

    return (
        Look(name="encryption", see=disk, rules={"disk-encryption": check_machine.disk}, is_seldom=True),
        Look(name="file modes", see=modes, rules={"db-permissions": check_machine.files}),
        Look(name="shield", see=shielded, rules={"hardening-baseline": check_machine.shield}),
        Look(name="power", see=powered, rules={"ups-state": check_machine.power}),
        Look(name="malware", see=scanned, rules={"antimalware-state": check_machine.malware}),
        Look(
            name="updates",
            see=Updates(ground, updates.Ground()).see,
            rules={"patch-age": check_machine.patches},
            is_seldom=True,
        ),
        Look(name="release", see=at_hand(supported), rules={"node-version-supported": check_machine.supported}),
    )


class Updates:
    """What waits, and since when this node knows of it: apt does not tell.

    A small machine takes longer than a look may: the answer is then there for the next one.
    """

    def __init__(self, ground: Ground, of: updates.Ground) -> None:
        self._ground = ground
        self._of = of
        self._last: tuple[float, updates.Seen] | None = None
        self._begun_s: float | None = None

    async def see(self) -> PatchFacts:
        """See it, by the answer of late where there is one."""
        at, ground = self._ground.machine.clock.moment(), self._ground
        seen = await self._asked()
        since = await ground.store.upkeep.sighted(_UPDATES, seen.security, at)
        return PatchFacts(at=at, listed_at=seen.listed_at, waiting=tuple(sorted(since.items())))

    async def _asked(self) -> updates.Seen:
        seconds = self._ground.machine.reactor.seconds
        if self._begun_s is None:
            self._begun_s = seconds()
        if seconds() - self._begun_s < _FIRST_S:
            raise Unseen(_STARTED)
        if self._last is None or seconds() - self._last[0] >= _FRESH_S:
            self._last = None
            seen = await self._ground.peek(lambda: updates.look(self._of))
            self._last = (seconds(), seen)
        return self._last[1]


def release_ends() -> str:
    """Return the last day of support that comes with this release."""
    text = files(__package__).joinpath("release.toml").read_text("utf-8")
    return str(tomllib.loads(text)["supported_until"])


def end_of(day: str) -> datetime:
    """The moment at which a day is over."""
    return datetime.combine(datetime.fromisoformat(day).date() + timedelta(days=1), time(), UTC)


def _limit_s(ground: Ground) -> float:
    return ground.settings.checks.look_limit_s * _SHARE
