"""Backups made by the daemon: on its schedule, and when somebody asks.

Knows: when the next one is due, that one is made at a time, what is told and remembered of it.
Must not know: how a backup is made, who asked.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import structlog

from edge_node import __version__
from edge_node.errors import EdgeNodeError, StoreUnavailable
from edge_node.flow.ports import Chance
from edge_node.flow.rounds import Rhythm, Rounds
from edge_node.model.backup import Made, Remembered, Safety
from edge_node.probes.disk import free_bytes
from edge_node.settings.schema import Settings
from edge_node.store import remembered
from edge_node.store.backup import Plan, Tools
from edge_node.store.recovery import RecoveryPublic, load_public
from edge_node.store.safekeeping import Safekeeping
from edge_node.store.surroundings import Chance as StoreChance
from edge_node.store.surroundings import Clock

_log = structlog.get_logger()

#: How often is looked whether one is due, and whether it could be made.
_LOOK_S: Final = 20.0
_NO_KEY: Final = "EN-BACKUP-NO-KEY"
#: How often is told how far one is.
_TOLD_S: Final = 0.5
Told = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What it is handed."""

    store: Safekeeping
    settings: Callable[[], Settings]
    reactor: Any  # a clock, and the way back from a thread
    clock: Clock
    chance: Chance
    ids: StoreChance
    pause: Callable[[float], None]  # of a thread, never of the reactor's
    aside: Callable[[Callable[[], Any]], Awaitable[Any]]  # in a thread


@dataclass(slots=True, kw_only=True)
class Timetable:
    """When the next backup is due, on both clocks.

    The monotonic clock alone would forget the days a machine was asleep, the wall clock alone would make one backup
    after the other, or none for a year, while it is set wrong.
    """

    every_s: float
    not_before_s: float  # monotonic: jitter after a start, a pause after a failure
    next_s: float  # monotonic
    good_at: float | None  # wall

    def is_due(self, monotonic_s: float, now: float) -> bool:
        """Whether to make one now."""
        if monotonic_s < self.not_before_s:
            return False
        overdue = self.good_at is None or now - self.good_at >= self.every_s
        return overdue or monotonic_s >= self.next_s


class BackingUp:
    """Makes backups."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        rhythm = Rhythm(clock=parts.reactor, pause_s=lambda: _LOOK_S, event="backup.failed")
        self._rounds = Rounds(self._look, rhythm)
        self._timetable: Timetable | None = None
        self._is_making = False
        self._keyless_from: datetime | None = None  # since when a recovery key cannot be read

    def begin(self) -> None:
        """Clear what an earlier process left, and make backups from now on."""
        settings = self._parts.settings()
        left = self._parts.store.clear_leftovers(settings.store.backup.folder, settings.node.id)
        if left:
            _log.warning("backup.leftovers", removed=len(left))
        self._rounds.begin()
        self._rounds.soon()

    def stop(self) -> None:
        """Begin no further one. One under way is not waited for: it may take minutes, and what it made is removed."""
        self._rounds.stop()

    def become(self) -> None:
        """The settings changed: reckon anew when the next one is due."""
        self._timetable = self._keyless_from = None

    async def make(self, folder: Path | None, told: Told) -> Made:
        """Make one now, in this folder or else in that of the settings. Raises what keeps it from being made.

        `told` is called in the reactor's thread, now and then.
        """
        if self._is_making:
            raise EdgeNodeError(code="EN-BACKUP-RUNNING")
        self._is_making = True
        try:
            return await self._make(folder, _Now(told, self._parts.reactor).then)
        finally:
            self._is_making = False
            self._timetable = None  # what failed by hand in the node's own folder is tried again like any other

    async def drilled(self, detail: dict[str, object]) -> None:
        """Somebody proved that a backup can be restored."""
        at = self._parts.clock.now()
        await self._parts.store.remember(Remembered(kind=remembered.DRILL, at=at, detail=detail))
        _log.info("backup.drilled", backup=detail.get("backup"))

    async def safety(self) -> Safety:
        """Return how well the store is backed up."""
        chosen = self._parts.settings().store
        known = await self._parts.store.safety()
        if self._keyless_from is not None:
            known = replace(known, failure=_NO_KEY, failed_at=self._keyless_from)
        return replace(
            known,
            has_keys=bool(chosen.recovery_keys),
            is_scheduled=bool(chosen.recovery_keys) and chosen.backup.folder is not None,
            every_s=chosen.backup.every_s,
        )

    async def _look(self) -> None:
        chosen = self._parts.settings().store
        if chosen.backup.folder is None or not chosen.recovery_keys or self._is_making:
            return
        await self._see_keys()
        clock = self._parts.clock
        if self._timetable is None:
            self._timetable = await self._reckoned()
        if self._timetable.is_due(clock.monotonic(), clock.now()):
            with suppress(EdgeNodeError):  # it was logged and remembered where it happened
                await self.make(None, lambda _step, _done, _of: None)
            self._timetable = await self._reckoned(after_one=True)

    async def _see_keys(self) -> None:
        """A key that is not there is known today, not when the next backup is due. Its disk may be slow, or hang."""
        settings = self._parts.settings()
        try:
            await self._parts.aside(lambda: recovery_keys(settings))
            self._keyless_from = None
        except EdgeNodeError as error:
            if self._keyless_from is None:
                _log.error("backup.no-key", code=error.code, detail=error.detail)
                self._keyless_from = datetime.fromtimestamp(self._parts.clock.now(), UTC)

    async def _reckoned(self, *, after_one: bool = False) -> Timetable:
        chosen = self._parts.settings().store.backup
        known = await self._parts.store.safety()
        now_s, good_at = self._parts.clock.monotonic(), known.good_at
        if after_one:
            pause_s = min(chosen.retry_s, chosen.every_s) if known.failure else chosen.every_s
        else:
            pause_s = chosen.jitter_s * self._parts.chance.uniform()  # nodes started together do not write together
        return Timetable(
            every_s=chosen.every_s,
            not_before_s=now_s + (0 if after_one and not known.failure else pause_s),
            next_s=now_s + (pause_s if known.failure else chosen.every_s),
            good_at=None if good_at is None else good_at.timestamp(),
        )

    async def _make(self, folder: Path | None, told: Told) -> Made:
        parts, at = self._parts, self._parts.clock.now()
        elsewhere = is_elsewhere(parts.settings(), folder)
        try:
            plan = self._plan(folder)
            tools = Tools(clock=parts.clock, chance=parts.ids, free_bytes=free_bytes, told=told, pause=parts.pause)
            made = await parts.store.back_up(plan, tools)
        except EdgeNodeError as error:
            _log.error("backup.failed", code=error.code, detail=error.detail)
            if not elsewhere:  # else it concerns who named that folder, and nobody beside
                await self._remember(Remembered(kind=remembered.BACKUP, at=at, code=error.code))
            raise
        await self._remember(remembered.of_made(made, at, elsewhere=elsewhere))
        _log.info(
            "backup.made",
            file=made.path,
            nbytes=made.nbytes,
            took_s=round(made.took_s, 1),
            keys=list(made.manifest.keys),
            pruned=list(made.pruned),
        )
        return made

    async def _remember(self, line: Remembered) -> None:
        try:
            await self._parts.store.remember(line)
        except StoreUnavailable as error:  # a full disk: the backup is what it is all the same
            _log.warning("backup.not-remembered", code=error.code)

    def _plan(self, folder: Path | None) -> Plan:
        settings = self._parts.settings()
        chosen = settings.store.backup
        where = folder or chosen.folder
        if where is None:
            raise EdgeNodeError("store.backup.folder is not set, and no folder was named", code="EN-BACKUP-NONE")
        return plan_of(settings, where, None if is_elsewhere(settings, folder) else chosen.keep)


class _Now:
    """How far a backup is, told from its thread and not at each step."""

    def __init__(self, told: Told, reactor: Any) -> None:
        self._told = told
        self._reactor = reactor
        self._next_s = 0.0

    def then(self, step: str, done: int, of: int) -> None:
        now_s = self._reactor.seconds()
        if now_s >= self._next_s:
            self._next_s = now_s + _TOLD_S
            self._reactor.callFromThread(self._told, step, done, of)


def plan_of(settings: Settings, folder: Path, keep: int | None) -> Plan:
    """Return what is backed up for these settings, and for whom. Raises `EN-RECOVERY-KEY`."""
    return Plan(
        store=settings.store_path,
        folder=folder,
        keys=recovery_keys(settings),
        site=settings.node.id,
        release=__version__,
        settings_hash=settings.hash,
        reserve_bytes=settings.store.disk_reserve_bytes,
        keep=keep,
    )


def is_elsewhere(settings: Settings, folder: Path | None) -> bool:
    """Whether somebody named a folder that is not the node's own."""
    own = settings.store.backup.folder
    return folder is not None and (own is None or folder.resolve() != own.resolve())


def recovery_keys(settings: Settings) -> tuple[RecoveryPublic, ...]:
    """Read the public halves that the settings name."""
    return tuple(load_public(path) for path in settings.store.recovery_keys)
