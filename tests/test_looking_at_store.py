"""The checks on what the store keeps, broken in a real store: its files, its rows, its clock."""

import os
import sqlite3
from types import SimpleNamespace
from typing import Any

import pytest
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from edge_node import looking_at_kept, looking_at_messages, looking_at_store
from edge_node.errors import StoreUnavailable
from edge_node.model.check import Outcome, Result
from edge_node.model.keeping import Admitted, Room
from edge_node.model.lifecycle import Event
from edge_node.model.message import Direction
from edge_node.recording_outages import RecordingOutages
from edge_node.store.store import Store, open_store
from edge_node.store.surroundings import LogPlan, Shell, Surroundings

from .check_doubles import settings_of
from .folders import a_folder
from .look_ground import Site, TwoClocks, judged, outcome
from .store.shelf import ANSWER, Counting, push

reactor: Any = _reactor
DAY_S = 86_400.0
LOOKS = (looking_at_store.looks, looking_at_kept.looks, looking_at_messages.looks)


class AtAStore(TestCase):
    """A site with a store in use, and what a look asks of a node beside it."""

    more = ""  # of its settings

    def setUp(self) -> None:
        self.settings = settings_of(a_folder(self), self.more)
        self.clocks = TwoClocks()
        around = Surroundings(clock=self.clocks, chance=Counting(), log=LogPlan(node="n1"))
        shell = Shell(call_from_thread=reactor.callFromThread, aside=deferToThread, on_fatal=print)
        self.store: Store = open_store(self.settings.store_path, around, shell)
        self.addCleanup(lambda: Deferred.fromCoroutine(self.store.close()))
        self.watch = SimpleNamespace(is_quiet=False)

    async def judged(self, check: str) -> Outcome:
        """Look, as the node does."""
        ground: Any = SimpleNamespace(
            settings=self.settings,
            store=self.store,
            machine=SimpleNamespace(clock=self.clocks, reactor=SimpleNamespace(seconds=self.clocks.monotonic)),
            carrying=SimpleNamespace(line=SimpleNamespace(deliverers={}), clock_watch=self.watch),
            in_force=SimpleNamespace(started_with=self.settings),
            peek=deferToThread,
        )
        (look,) = (one for looks in LOOKS for one in looks(ground) if check in one.rules)
        return await judged(self.settings, look, check)

    async def keep(self, number: int = 1, **other: Any) -> str:
        admitted = await self.store.keep(push(number, **other), lease=False)
        assert isinstance(admitted, Admitted)
        return admitted.uid

    async def deliver(self) -> None:
        (entry,) = await self.store.lease(Direction.OUT, Room(limit=5, bulk=5))
        await self.store.settle(entry, Event.ACKNOWLEDGED, "CA", ANSWER)

    def bend(self, sql: str) -> None:
        """Somebody with the rights of the service changes the file."""
        connection = sqlite3.connect(self.settings.store_path, timeout=5)
        with connection:
            connection.execute(sql)
        connection.close()


class TestTheQueue(AtAStore):
    @pytest.mark.breaks("queue-age")
    async def test_with_a_message_that_waits_turns_its_check(self) -> None:
        """A quarter of an hour is told of, four hours are too long; delivered, it is good by itself."""
        await self.keep()
        found = []
        for seconds in (0, 901, 4 * 3600):
            self.clocks.pass_s(seconds)
            found.append((await self.judged("queue-age")).result)
        await self.deliver()
        found.append((await self.judged("queue-age")).result)
        assert found == [Result.GOOD, Result.WARNED, Result.VIOLATED, Result.GOOD]

    @pytest.mark.breaks("queue-integrity")
    async def test_with_a_message_that_cannot_be_read_turns_its_check(self) -> None:
        """A bad sector took its body; the others go on."""
        await self.keep()
        first = await self.judged("queue-integrity")
        self.bend("DELETE FROM bodies WHERE seq = 1")
        await self.store.lease(Direction.OUT, Room(limit=5, bulk=5))
        after = await self.judged("queue-integrity")
        assert (first.result, after.result, after.value) == (Result.GOOD, Result.VIOLATED, "1 messages")


class TestOutages(AtAStore):
    more = "checks: {limits: {outages_major: 1}}\n"

    @pytest.mark.breaks("availability-minor", "availability-major")
    async def test_use_up_their_budget_as_the_links_go_down(self) -> None:
        """Ten minutes are a minor one, an hour is a major one; both are written down as they happen."""
        outages = RecordingOutages(self.store.checks, self.clocks.moment)
        found = [await self._both()]
        for down_s in (600, 3600):
            outages.heard("zim", False)
            await self.quiet()
            self.clocks.pass_s(down_s)
            outages.heard("zim", True)
            await self.quiet()
            found.append(await self._both())
        good, warned = Result.GOOD, Result.WARNED
        assert found == [(good, good), (warned, good), (warned, warned)]

    async def _both(self) -> tuple[Result, Result]:
        minor, major = await self.judged("availability-minor"), await self.judged("availability-major")
        return minor.result, major.result

    async def quiet(self) -> None:
        """Until the writer has done what it was told before this."""
        await self.store.checks.alive(self.clocks.moment())


class TestTheAccessLog(AtAStore):
    @pytest.mark.breaks("accesslog-complete")
    async def test_with_a_line_that_lacks_something_turns_its_check(self) -> None:
        """A line that does not say what was done tells a patient nothing."""
        await self.keep()
        first = await self.judged("accesslog-complete")
        self.bend("UPDATE log_records SET record = replace(record, 'event.result', 'event.gone') WHERE seq = 2")
        after = await self.judged("accesslog-complete")
        assert (first.result, after.result) == (Result.GOOD, Result.VIOLATED)

    @pytest.mark.breaks("accesslog-retention")
    async def test_of_which_the_beginning_is_gone_turns_its_check(self) -> None:
        """Somebody removed what he did not like."""
        await self.keep()
        first = await self.judged("accesslog-retention")
        self.bend("UPDATE log_segments SET first = 2")
        after = await self.judged("accesslog-retention")
        assert (first.result, after.result) == (Result.GOOD, Result.VIOLATED)

    @pytest.mark.breaks("accesslog-writable")
    async def test_that_lives_on_its_reserve_turns_its_check(self) -> None:
        """The file cannot grow by a page: what comes in now is recorded in the room that was set apart."""
        await self.store.tend()
        first = await self.judged("accesslog-writable")
        await self.store._writer.do(_grow_no_more)
        with self.assertRaises(StoreUnavailable):
            await self.keep(body=b"x" * 64_000_000)
        after = await self.judged("accesslog-writable")
        assert (first.result, after.result) == (Result.GOOD, Result.WARNED)


def _grow_no_more(session: Any) -> None:
    (pages,) = session.execute("PRAGMA page_count").fetchone()
    session.execute(f"PRAGMA max_page_count = {pages}")


class TestWhatIsKept(AtAStore):
    @pytest.mark.breaks("payload-retention")
    async def test_beyond_its_time_turns_its_check(self) -> None:
        """Clearing up does not come about, and medical data stay for years."""
        await self.keep()
        await self.deliver()
        found = []
        for seconds in (0, self.settings.store.body_retention_s + 2 * 3600):
            self.clocks.pass_s(seconds)
            found.append((await self.judged("payload-retention")).result)
        await self.store.prune(50)
        found.append((await self.judged("payload-retention")).result)
        assert found == [Result.GOOD, Result.VIOLATED, Result.GOOD]

    @pytest.mark.breaks("message-id-retention")
    async def test_and_forgotten_too_soon_turns_its_check(self) -> None:
        """A prescription that comes twice is dispensed twice."""
        await self.keep()
        await self.deliver()
        first = await self.judged("message-id-retention")
        self.bend("DELETE FROM duplicates")
        after = await self.judged("message-id-retention")
        assert (first.result, after.result) == (Result.GOOD, Result.VIOLATED)


class TestTheRoom(AtAStore):
    @pytest.mark.breaks("disk-space")
    async def test_that_is_nearly_gone_turns_its_check(self) -> None:
        """As the file system tells it of a disk that holds nothing else."""
        found = []
        for percent in (50, 10, 4):
            self.free(percent)
            found.append((await self.judged("disk-space")).result)
        assert found == [Result.GOOD, Result.WARNED, Result.VIOLATED]

    def free(self, percent: int) -> None:
        """Have so much of it free."""
        blocks = percent * 1_000_000
        told = SimpleNamespace(f_frsize=4096, f_blocks=100_000_000, f_bfree=blocks, f_bavail=blocks)
        self.patch(os, "statvfs", lambda _: told)


class TestTimeOuts(TestCase):
    def judged(self, more: str = "") -> Outcome:
        settings = settings_of(a_folder(self), more)
        (look,) = (one for one in looking_at_store.looks(Site(settings)) if "timeout-config" in one.rules)  # type: ignore[arg-type]
        return outcome(settings, look, "timeout-config")

    @pytest.mark.breaks("timeout-config")
    def test_beyond_what_was_agreed_turn_their_check(self) -> None:
        """A node that waits longer than the switchboard does keeps a doctor waiting for nothing."""
        usual, longer = self.judged(), self.judged("  waits: {query_in_s: 30.0}\n")
        assert (usual.result, longer.result) == (Result.GOOD, Result.WARNED)
