"""What ends by itself, and when nothing may."""

from structlog.testing import capture_logs
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from edge_node.flow.clock_watch import ClockWatch
from edge_node.flow.housekeeping import Housekeeping
from tests.doubles import MemoryKeeper, an_entry
from tests.flow.bench import result
from tests.flow.test_deliver import a_push


class Walls:
    """A wall clock that can be set."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.offset_s = 1_000_000.0

    def now(self) -> float:
        return self._clock.seconds() + self.offset_s


def a_house() -> tuple[Housekeeping, MemoryKeeper, Clock, Walls]:
    clock, keeper = Clock(), MemoryKeeper()
    walls = Walls(clock)
    keeper.expiring = [an_entry(a_push())]
    house = Housekeeping(keeper, clock, ClockWatch(clock, walls.now))
    clock.advance(901)  # a node that has run for a while
    return house, keeper, clock, walls


class TestRounds:
    def test_end_what_is_over(self) -> None:
        """An expired message is ended by the node, not by chance."""
        house, keeper, clock, _ = a_house()
        house.begin()
        clock.advance(15)
        assert (keeper.expiring, keeper.pruned) == ([], 1)

    def test_go_on_after_trouble_with_the_store(self) -> None:
        """A full disk must not end the cleaning that would free it."""
        house, keeper, clock, _ = a_house()
        keeper.is_full = True
        house.begin()
        clock.advance(15)
        keeper.is_full = False
        clock.advance(15)
        assert keeper.pruned == 1

    def test_say_once_that_the_store_is_in_their_way(self) -> None:
        """Letters that are not removed in time are somebody's to know of, not to find in every line of the log."""
        house, keeper, clock, _ = a_house()
        keeper.is_full = True
        house.begin()
        with capture_logs() as logs:
            clock.pump([15] * 3)
            keeper.is_full = False
            clock.pump([15] * 3)
        assert [line["code"] for line in logs if line["event"] == "housekeeping.hindered"] == ["EN-STORE-FULL", ""]

    def test_stop(self) -> None:
        """Nothing is left in the reactor."""
        house, _, clock, _ = a_house()
        house.begin()
        house.stop()
        assert clock.getDelayedCalls() == []


class TestStart:
    def test_lets_nothing_end_for_a_quarter_of_an_hour(self) -> None:
        """A machine that has just started may think it is 1970, or next year."""
        clock, keeper = Clock(), MemoryKeeper()
        keeper.expiring = [an_entry(a_push())]
        house = Housekeeping(keeper, clock, ClockWatch(clock, Walls(clock).now))
        result(Deferred.fromCoroutine(house.round()))
        assert (len(keeper.expiring), keeper.pruned) == (1, 0)


class TestClockStep:
    def test_lets_nothing_end_for_a_quarter_of_an_hour(self) -> None:
        """A clock set a day ahead must not expire a day of prescriptions."""
        house, keeper, _, walls = a_house()
        walls.offset_s += 86_400
        result(Deferred.fromCoroutine(house.round()))
        assert (len(keeper.expiring), keeper.pruned) == (1, 0)

    def test_passes(self) -> None:
        """After the quiet time a clock that was put back in its place counts."""
        house, keeper, clock, walls = a_house()
        walls.offset_s += 30
        result(Deferred.fromCoroutine(house.round()))
        clock.advance(901)
        result(Deferred.fromCoroutine(house.round()))
        assert keeper.expiring == []

    def test_of_a_day_does_not_pass_by_itself(self) -> None:
        """While nobody confirms the new time, a day of prescriptions lives on."""
        house, keeper, clock, walls = a_house()
        walls.offset_s += 86_400
        result(Deferred.fromCoroutine(house.round()))
        clock.advance(86_400)
        result(Deferred.fromCoroutine(house.round()))
        assert (len(keeper.expiring), keeper.pruned) == (1, 0)

    def test_is_not_seen_in_ordinary_drift(self) -> None:
        """Half a second of correction by NTP is no step."""
        house, keeper, _, walls = a_house()
        walls.offset_s += 0.5
        result(Deferred.fromCoroutine(house.round()))
        assert keeper.expiring == []
