"""The rounds that have people told: what is remembered, what each way still has to tell."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from structlog.testing import capture_logs
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from edge_node.flow.alerting import Alerting, AlertingTools
from edge_node.model.alert import Alert, AlertRules, Episode, Memory, Occasion, Seen, Settled
from edge_node.model.sentence import Saying, Sentence

START = datetime(2027, 3, 10, 12, tzinfo=UTC)
DOWN = Sentence(saying=Saying.LSP_DOWN, said_at=START)
WAYS = frozenset({"mail-alerts"})


@dataclass
class Shelf:
    """A disk in memory, that may be full."""

    memory: Memory = field(default_factory=Memory)
    is_full: bool = False
    writes: int = 0

    def take(self) -> Memory:
        return self.memory

    def put(self, memory: Memory) -> None:
        if self.is_full:
            raise OSError(28, "No space left on device")
        self.memory, self.writes = memory, self.writes + 1


@dataclass
class Bench:
    """A node that is looked at."""

    shelf: Shelf = field(default_factory=Shelf)
    clock: Clock = field(default_factory=Clock)
    seen: Seen = field(default_factory=Seen)
    error: Exception | None = None
    hanging: Deferred[None] | None = None

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.alerting = Alerting(
            AlertingTools(
                look=self._look,
                stuck=lambda at: Sentence(saying=Saying.NODE_DOWN, said_at=at, about="look"),
                settled=self._settled,
                shelf=self.shelf,
                aside=self._aside,
                rules=lambda: AlertRules(settle_s=30, network_after_s=10**6),
                moment=lambda: START + timedelta(seconds=self.clock.seconds()),
                clock=self.clock,
            )
        )
        self.alerting.begin()
        self.alerting.become(WAYS)

    async def _look(self) -> Seen:
        if self.hanging is not None:
            await self.hanging
        if self.error is not None:
            raise self.error
        return self.seen

    async def _settled(self, episode: Episode) -> Settled | None:
        return Settled(delivered=1, failed=0, waiting=0)

    async def _aside(self, work: Callable[[], Any]) -> None:
        work()

    def run(self, seconds: int, *sentences: Sentence) -> None:
        self.seen = Seen(sentences=sentences)
        self.clock.pump([1.0] * seconds)

    def after(self, seq: int = 0) -> tuple[Alert, ...]:
        return result(self.alerting.after(None, seq, 100))


def result(work: Awaitable[Any]) -> Any:
    found: list[Any] = []
    Deferred.fromCoroutine(work).addCallback(found.append)  # type: ignore[arg-type]
    return found[0]


class TestRounds:
    def test_tell_who_listens(self) -> None:
        """A way of telling wakes up for news only."""
        bench, heard = Bench(), []
        bench.alerting.hear(lambda: heard.append(1))
        bench.run(20)
        assert heard == []
        bench.run(60, DOWN)
        assert [one.occasion for one in bench.after()] == [Occasion.BEGAN]
        assert heard == [1]

    def test_say_what_is_over(self) -> None:
        """A mail that rested for its quarter of an hour asks; what is gone for a moment is not over yet."""
        bench = Bench()
        bench.run(60, DOWN)
        bench.run(60)
        gone = bench.alerting.is_over(DOWN.key)
        bench.run(600)
        assert (gone, bench.alerting.is_over(DOWN.key), bench.alerting.is_over("never told")) == (False, True, True)

    def test_one_line_in_the_log_for_each_alert(self) -> None:
        """Also where no way is set."""
        with capture_logs() as lines:
            Bench().run(120, DOWN)
        assert [(line["event"], line["state"]) for line in lines] == [("alert.told", "lsp-down")]

    def test_go_on_after_a_mistake(self) -> None:
        """Who looks after everything else must not stop itself."""
        bench = Bench(error=RuntimeError())
        with capture_logs() as lines:
            bench.run(60, DOWN)
        assert [line["event"] for line in lines] == ["alert.failed"]
        bench.error = None
        bench.run(60, DOWN)
        assert len(bench.after()) == 1

    def test_a_look_that_hangs_is_told_too(self) -> None:
        """A disk that answers nothing, not even with an error, must not make everybody believe that all is well."""
        bench = Bench()
        bench.run(60, DOWN)
        bench.hanging = Deferred()
        bench.run(180)
        assert [one.sentence.saying for one in bench.after()] == [Saying.LSP_DOWN, Saying.NODE_DOWN]
        bench.hanging.callback(None)
        bench.hanging = None
        bench.run(700, DOWN)
        assert [one.occasion for one in bench.after()][2:] == [Occasion.OVER]

    def test_stop(self) -> None:
        """A node that stops looks no more."""
        bench = Bench()
        result(bench.alerting.stop())
        bench.run(120, DOWN)
        assert bench.after() == ()


class TestMemory:
    def test_restart_tells_nothing_again(self) -> None:
        """Who was called knows it."""
        bench = Bench()
        bench.run(60, DOWN)
        bench.restart()
        bench.run(120, DOWN)
        assert [one.occasion for one in bench.after()] == [Occasion.BEGAN]

    def test_restart_keeps_what_was_not_told(self) -> None:
        """The mail server was away when the node was restarted."""
        bench = Bench()
        assert result(bench.alerting.cursor("", "mail-alerts")) == 0
        bench.run(60, DOWN)
        bench.restart()
        assert result(bench.alerting.cursor("", "mail-alerts")) == 0
        assert len(bench.after()) == 1

    def test_since_when_outlives_a_restart(self) -> None:
        """A breakdown does not become younger by it."""
        bench = Bench()
        bench.run(60, DOWN)
        before = dict(bench.alerting.since)
        bench.restart()
        assert dict(bench.alerting.since) == before
        assert list(before) == ["link"]

    def test_full_disk_is_said_once_and_stops_nothing(self) -> None:
        """People are told that the disk is full, by a node that can write nothing."""
        bench = Bench(shelf=Shelf(is_full=True))
        with capture_logs() as lines:
            bench.run(300, DOWN)
        assert len(bench.after()) == 1
        assert [line["event"] for line in lines] == ["alert.not-remembered", "alert.told"]

    def test_disk_with_room_again_remembers(self) -> None:
        """From then on a restart tells nothing twice."""
        bench = Bench(shelf=Shelf(is_full=True))
        bench.run(60, DOWN)
        bench.shelf.is_full = False
        bench.run(10, DOWN)
        assert bench.shelf.memory.last_seq == 1

    def test_first_look_takes_the_room_that_later_ones_need(self) -> None:
        """When the disk is full it is too late."""
        bench = Bench()
        bench.run(10)
        assert bench.shelf.writes == 1

    def test_nothing_is_written_while_nothing_changes(self) -> None:
        """A look every five seconds must not wear out a disk, though the queue grows."""
        bench = Bench()
        bench.run(60, DOWN)
        writes = bench.shelf.writes
        bench.run(600, replace(DOWN, said_at=START + timedelta(hours=1), messages=7))
        assert bench.shelf.writes == writes


class TestNews:
    def test_what_every_way_told_is_forgotten(self) -> None:
        """The memory has a size."""
        bench = Bench()
        result(bench.alerting.cursor("", "mail-alerts"))
        bench.run(60, DOWN)
        result(bench.alerting.advance("", "mail-alerts", 1))
        assert bench.after() == ()

    def test_way_that_is_new_begins_now(self) -> None:
        """Who is added on Tuesday does not get Monday's alerts."""
        bench = Bench(shelf=Shelf(Memory(last_seq=7)))
        assert result(bench.alerting.cursor("", "mail-alerts")) == 7

    def test_way_that_left_the_settings_keeps_nothing(self) -> None:
        """Else its alerts would be held for ever."""
        bench = Bench()
        result(bench.alerting.cursor("", "mail-alerts"))
        bench.alerting.become(frozenset())
        bench.run(60, DOWN)
        assert bench.after() == ()
