"""Rounds are made in time, one at a time, whatever becomes of one."""

from structlog.testing import capture_logs
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from edge_node.errors import StoreUnavailable
from edge_node.flow.rounds import Rhythm, Rounds


class Half:
    """Chance that is always in the middle."""

    def uniform(self) -> float:
        return 0.5


class Work:
    """What a round does: it is counted, and takes as long as the test says."""

    def __init__(self) -> None:
        self.made = 0
        self.trouble: Exception | None = None
        self.lasts: Deferred[None] | None = None

    async def round(self) -> None:
        self.made += 1
        if self.lasts is not None:
            await self.lasts
        if self.trouble is not None:
            raise self.trouble


class RoundsTest(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock, self.work, self.pause_s = Clock(), Work(), 60.0
        self.rounds = Rounds(self.work.round, self.rhythm())

    def rhythm(self) -> Rhythm:
        return Rhythm(
            clock=self.clock,
            pause_s=lambda: self.pause_s,
            event="certificate.watch-failed",
            untold=(StoreUnavailable,),
        )


class TestTime(RoundsTest):
    def test_brings_the_first_after_a_pause(self) -> None:
        """A start is busy enough."""
        self.rounds.begin()
        self.clock.advance(59)
        assert self.work.made == 0
        self.clock.advance(1)
        assert self.work.made == 1

    def test_brings_one_after_the_other(self) -> None:
        """What is watched is watched for years."""
        self.rounds.begin()
        self.clock.pump([60.0] * 5)
        assert self.work.made == 5

    def test_is_asked_of_the_settings_each_time(self) -> None:
        """A reload that changes the pause needs no restart."""
        self.rounds.begin()
        self.pause_s = 5.0
        self.clock.pump([60.0, 5.0, 5.0])
        assert self.work.made == 3

    def test_begins_again_without_a_second_timer(self) -> None:
        """A service that is begun twice does not work twice."""
        self.rounds.begin()
        self.rounds.begin()
        assert len(self.clock.getDelayedCalls()) == 1


class TestChance(RoundsTest):
    def rhythm(self) -> Rhythm:
        return Rhythm(clock=self.clock, pause_s=lambda: 60.0, event="certificate.watch-failed", chance=Half())

    def test_spreads_the_first_alone(self) -> None:
        """A thousand nodes that come back after a power cut do not all call the switchboard at once."""
        self.rounds.begin()
        self.clock.advance(30)
        assert self.work.made == 1
        self.clock.advance(59)
        assert self.work.made == 1


class TestOneThatLasts(RoundsTest):
    def test_has_no_other_beside_it(self) -> None:
        """A disk that hangs must not gather a hundred readers."""
        self.work.lasts = Deferred()
        self.rounds.begin()
        self.clock.pump([60.0] * 10)
        self.rounds.soon()
        assert self.work.made == 1

    def test_is_followed_after_a_whole_pause(self) -> None:
        """What takes longer than its pause still leaves the machine to others."""
        self.work.lasts = Deferred()
        self.rounds.begin()
        self.clock.pump([60.0] * 3)
        self.work.lasts.callback(None)
        self.clock.advance(59)
        assert self.work.made == 1
        self.clock.advance(1)
        assert self.work.made == 2


class TestSoon(RoundsTest):
    def test_makes_one_now(self) -> None:
        """New settings are looked at while the one who wrote them is still there."""
        self.rounds.begin()
        self.rounds.soon()
        self.clock.advance(59)
        assert self.work.made == 1

    def test_makes_one_more_after_the_one_under_way(self) -> None:
        """The one under way may have looked before the change."""
        self.rounds.begin()
        self.work.lasts = Deferred()
        self.rounds.soon()
        self.rounds.soon()
        self.work.lasts.callback(None)
        self.clock.advance(0)
        assert self.work.made == 2

    def test_makes_none_before_the_beginning(self) -> None:
        """A part that is not there yet is not asked to work."""
        self.rounds.soon()
        assert (self.work.made, self.clock.getDelayedCalls()) == (0, [])


class TestTrouble(RoundsTest):
    def test_is_told_and_the_next_goes_on(self) -> None:
        """One bad answer must not end the watch over certificates for the life of the process."""
        self.rounds.begin()
        self.work.trouble = ValueError("999911120")
        with capture_logs() as lines:
            self.clock.advance(60)
        self.work.trouble = None
        self.clock.advance(60)
        assert self.work.made == 2
        assert lines == [{"event": "certificate.watch-failed", "error": "ValueError", "log_level": "error"}]

    def test_that_is_told_elsewhere_is_not_told_here(self) -> None:
        """A store that is down has its own alarm; each round repeating it would hide the rest."""
        self.rounds.begin()
        self.work.trouble = StoreUnavailable(code="EN-STORE-FULL")
        with capture_logs() as lines:
            self.clock.pump([60.0, 60.0])
        assert (self.work.made, lines) == (2, [])


class TestStop(RoundsTest):
    def test_leaves_no_timer(self) -> None:
        """A node that stops leaves nothing behind that runs."""
        self.rounds.begin()
        self.successResultOf(self.rounds.stop())
        assert self.clock.getDelayedCalls() == []

    def test_waits_for_the_one_under_way(self) -> None:
        """The store is closed after it, not under it."""
        self.rounds.begin()
        self.work.lasts = Deferred()
        self.clock.advance(60)
        first, second = self.rounds.stop(), self.rounds.stop()
        self.assertNoResult(first)
        self.work.lasts.callback(None)
        assert (self.successResultOf(first), self.successResultOf(second)) == (None, None)
        assert self.clock.getDelayedCalls() == []

    def test_makes_none_any_more(self) -> None:
        """Whoever asks for one has not heard yet that the node stops."""
        self.rounds.begin()
        self.rounds.stop()
        self.rounds.soon()
        assert self.work.made == 0
