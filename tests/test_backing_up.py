"""Backups are made on time, whatever the clock does, and what came of each is told."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from edge_node import backing_up
from edge_node.backing_up import BackingUp, Parts, Timetable
from edge_node.errors import EdgeNodeError
from edge_node.model.backup import Made, Manifest, Remembered, Safety
from edge_node.settings.backup import BackupSettings
from edge_node.store.backup import Plan, Tools

DAY_S = 86_400.0
NOW = 1_790_000_000.0


class TestDue:
    @pytest.mark.parametrize(
        ("monotonic_s", "good_ago_s", "is_due"),
        [
            (100.0, 3600.0, False),  # made an hour ago
            (100.0, DAY_S, True),
            (100.0, None, True),  # never made
            (100.0, -DAY_S, False),  # the clock went back a day: not at once
            (DAY_S + 50, -DAY_S, True),  # and not never
            (9.0, None, False),  # it waits for its jitter
        ],
    )
    def test_on_either_clock(self, monotonic_s: float, good_ago_s: float | None, is_due: bool) -> None:
        """A machine that slept, and one whose clock was set, both keep their backups."""
        good_at = None if good_ago_s is None else NOW - good_ago_s
        timetable = Timetable(every_s=DAY_S, not_before_s=10.0, next_s=DAY_S + 50, good_at=good_at)
        assert timetable.is_due(monotonic_s, NOW) is is_due


class Chosen:
    """The settings as far as backups go."""

    class store:  # noqa: N801  as in the settings
        recovery_keys: tuple[Path, ...] = ()
        backup = BackupSettings(folder=Path("/backups"), jitter_s=600.0)
        disk_reserve_bytes = 1

    class node:  # noqa: N801
        id = "post"

    store_path = Path("/store.db")
    hash = "h"


class Keeping:
    """A store that makes backups, or does not."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.made: list[Plan] = []
        self.lines: list[Remembered] = []
        self.failure: EdgeNodeError | None = None
        self.waits: Deferred[None] | None = None

    def clear_leftovers(self, folder: Path | None, site: str) -> tuple[str, ...]:
        return ()

    async def back_up(self, plan: Plan, tools: Tools) -> Made:
        if self.waits is not None:
            await self.waits
        if self.failure is not None:
            raise self.failure
        self.made.append(plan)
        manifest = Manifest(
            id="", site="", made_at="", release="", schema=1, usable_from=1, settings_hash="", run=1, journal_seq=1,
            last_line_at="", patient_key="", keys=(), counts=(),
        )  # fmt: skip
        return Made(path="/backups/one", nbytes=1, took_s=0.0, manifest=manifest)

    async def remember(self, line: Remembered) -> None:
        self.lines.append(line)

    async def safety(self) -> Safety:
        good = [line.at for line in self.lines if not line.code]
        failure = self.lines[-1].code if self.lines else ""
        return Safety(good_at=datetime.fromtimestamp(good[-1], UTC) if good else None, failure=failure)


class Both:
    """Both clocks, as one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.step_s = 0.0

    def monotonic(self) -> float:
        return self._clock.seconds()

    def now(self) -> float:
        return NOW + self._clock.seconds() + self.step_s

    def uniform(self) -> float:
        return 0.5

    def hex(self, nbytes: int) -> str:
        return "0" * (2 * nbytes)


def missing(path: Path) -> Any:
    """As where the file is not there."""
    raise EdgeNodeError(f"{path} cannot be read", code="EN-RECOVERY-KEY")


class BackingUpTest(SynchronousTestCase):
    def setUp(self) -> None:
        self.reactor: Any = Clock()
        self.clocks = Both(self.reactor)
        self.store: Any = Keeping(self.clocks.now)
        chosen: Any = Chosen
        self.patch(Chosen.store, "recovery_keys", (Path("public.pem"),))
        self.patch(backing_up, "load_public", lambda path: path)  # the keys are in files elsewhere
        self.is_aside = False
        self.backing_up = BackingUp(
            Parts(
                store=self.store,
                settings=lambda: chosen,
                reactor=self.reactor,
                clock=self.clocks,
                chance=self.clocks,
                ids=self.clocks,
                pause=lambda _: None,
                aside=self.aside,
            )
        )

    async def aside(self, work: Callable[[], Any]) -> Any:
        """As in a thread."""
        self.is_aside = True
        try:
            return work()
        finally:
            self.is_aside = False

    def pass_minutes(self, minutes: int) -> None:
        for _ in range(minutes):
            self.reactor.advance(60)


class TestSchedule(BackingUpTest):
    def test_begins_within_its_jitter(self) -> None:
        """A thousand nodes that come back after a power cut do not all write to one disk at once."""
        self.backing_up.begin()
        self.pass_minutes(4)
        assert self.store.made == []
        self.pass_minutes(1)
        assert len(self.store.made) == 1

    def test_goes_on_each_day(self) -> None:
        """One a day, and no more."""
        self.backing_up.begin()
        self.pass_minutes(3 * 1440 + 10)
        assert len(self.store.made) == 4

    def test_keeps_to_it_when_the_clock_goes_back(self) -> None:
        """A clock that was a year ahead and is put right must not stop backups for a year."""
        self.clocks.step_s = 365 * DAY_S
        self.backing_up.begin()
        self.pass_minutes(10)
        self.clocks.step_s = 0.0
        self.pass_minutes(1440)
        assert len(self.store.made) == 2

    def test_tries_again_an_hour_after_a_failure(self) -> None:
        """Not at each look: what failed once a minute would fill log and disk."""
        self.store.failure = EdgeNodeError("full", code="EN-BACKUP-NO-ROOM")
        self.backing_up.begin()
        self.pass_minutes(130)
        assert [line.code for line in self.store.lines] == ["EN-BACKUP-NO-ROOM"] * 3

    def test_makes_none_without_a_key(self) -> None:
        """What only this machine can open is no backup."""
        Chosen.store.recovery_keys = ()
        self.backing_up.begin()
        self.pass_minutes(1500)
        assert self.store.lines == []

    def test_tells_of_a_key_that_went_away_before_the_next_one_is_due(self) -> None:
        """A disk that fails tonight finds no backup: it is known within the minute, and over when the key is back."""
        self.backing_up.begin()
        self.pass_minutes(1)
        self.patch(backing_up, "load_public", missing)
        self.pass_minutes(1)
        lacking = self.successResultOf(Deferred.fromCoroutine(self.backing_up.safety()))
        self.patch(backing_up, "load_public", lambda path: path)
        self.pass_minutes(1)
        again = self.successResultOf(Deferred.fromCoroutine(self.backing_up.safety()))
        assert (lacking.failure, again.failure) == ("EN-BACKUP-NO-KEY", "")

    def test_looks_for_the_key_in_a_thread(self) -> None:
        """It may lie on a disk of the network: one that hangs must hold up no message."""
        where: list[bool] = []
        self.patch(backing_up, "load_public", lambda _: where.append(self.is_aside))
        self.backing_up.begin()
        assert where == [True]

    def test_ends_with_the_daemon(self) -> None:
        """A node that stops begins nothing."""
        self.backing_up.begin()
        self.backing_up.stop()
        self.pass_minutes(60)
        assert self.store.made == []


class TestMake(BackingUpTest):
    def test_makes_one_at_a_time(self) -> None:
        """Two copies of a store need the room of two."""
        self.store.waits = Deferred()
        first = ensureDeferred(self.backing_up.make(Path("/usb"), lambda *_: None))
        second = ensureDeferred(self.backing_up.make(Path("/usb"), lambda *_: None))
        assert self.failureResultOf(second, EdgeNodeError).value.code == "EN-BACKUP-RUNNING"
        self.store.waits.callback(None)
        assert self.successResultOf(first).path == "/backups/one"

    def test_removes_none_in_another_folder(self) -> None:
        """What lies on a stick is its owner's; only the folder of the settings is kept tidy."""
        self.successResultOf(ensureDeferred(self.backing_up.make(Path("/usb"), lambda *_: None)))
        self.successResultOf(ensureDeferred(self.backing_up.make(None, lambda *_: None)))
        assert [(plan.folder, plan.keep) for plan in self.store.made] == [
            (Path("/usb"), None),
            (Path("/backups"), 14),
        ]

    def test_a_wrong_folder_named_by_hand_is_no_failure_of_the_node(self) -> None:
        """Monitoring must not ring for a slip of the hand; who made it is told at once."""
        self.store.failure = EdgeNodeError("full", code="EN-BACKUP-NO-ROOM")
        self.failureResultOf(ensureDeferred(self.backing_up.make(Path("/proc"), lambda *_: None)), EdgeNodeError)
        assert self.store.lines == []

    def test_one_made_elsewhere_is_remembered_as_such(self) -> None:
        """It is a good one, and says nothing of the folder of the settings."""
        self.successResultOf(ensureDeferred(self.backing_up.make(Path("/usb"), lambda *_: None)))
        self.successResultOf(ensureDeferred(self.backing_up.make(Path("/backups"), lambda *_: None)))
        assert [line.kind for line in self.store.lines] == ["backup elsewhere", "backup"]

    def test_what_failed_by_hand_is_tried_again_soon(self) -> None:
        """Else the status would call for a person until the next day."""
        self.backing_up.begin()
        self.pass_minutes(11)
        self.store.failure = EdgeNodeError("full", code="EN-BACKUP-NO-ROOM")
        self.failureResultOf(ensureDeferred(self.backing_up.make(None, lambda *_: None)), EdgeNodeError)
        self.store.failure = None
        self.pass_minutes(15)
        assert [line.code for line in self.store.lines] == ["", "EN-BACKUP-NO-ROOM", ""]

    def test_remembers_a_drill(self) -> None:
        """The status tells how long ago a restore was proven."""
        self.successResultOf(ensureDeferred(self.backing_up.drilled({"backup": "b"})))
        assert [(line.kind, line.at) for line in self.store.lines] == [("drill", NOW)]
