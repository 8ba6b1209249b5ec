"""Which destinations are taken to be down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock

from edge_node.flow.destinations import Closed, DestinationPolicy, Destinations
from tests.doubles import FixedChance

PLACE = "soap 400"


class Told:
    """Destinations with a clock, and what they told."""

    def __init__(self, drawn: float = 0.5) -> None:
        self.clock = Clock()
        self.turns: list[bool] = []
        self.told: list[tuple[str, bool]] = []
        chance = FixedChance(drawn)
        self.destinations = Destinations(DestinationPolicy(), self.clock.seconds, chance, self._changed, self._tell)

    def _changed(self, closed: Closed, is_open: bool) -> None:
        self.turns.append(is_open)

    def _tell(self, closed: Closed, is_open: bool) -> None:
        self.told.append((closed.place, is_open))

    def fail(self, times: int = 5) -> "Told":
        for _ in range(times):
            self.destinations.failed(PLACE, "RTEDEST")
        return self

    def asks(self, pause_s: float) -> "Told":
        """The other side asks for a pause, and it goes by."""
        self.destinations.asked_for_pause(PLACE, "EN-SWITCHBOARD-FAULT", pause_s)
        self.clock.advance(pause_s)
        return self

    def flap(self, times: int) -> None:
        """Ask for a second, take one, and so on."""
        for _ in range(times):
            self.asks(1).destinations.succeeded(PLACE)

    def probe_fails(self) -> float:
        """Let the probe that may go fail; return how long until the next one."""
        left_s = self.destinations.left_s(PLACE)
        assert left_s is not None
        self.clock.advance(left_s)
        self.destinations.begin(PLACE)
        self.destinations.failed(PLACE, "RTEDEST")
        return self.destinations.left_s(PLACE) or 0


class TestClosing:
    def test_takes_five_failures_in_a_row(self) -> None:
        """A receiver that restarts must not make everything for it wait."""
        told = Told().fail(4)
        told.destinations.succeeded(PLACE)
        assert told.fail(4).destinations.closed() == {}

    def test_is_told_once(self) -> None:
        """One line in the log, not one a message."""
        assert Told().fail(20).told == [(PLACE, False)]

    def test_is_of_one_destination(self) -> None:
        """The other hospital is up."""
        told = Told().fail()
        assert (told.destinations.closed(), told.destinations.left_s("soap 500")) == ({PLACE: 0}, None)

    def test_ends_with_the_first_that_arrives(self) -> None:
        """And nothing is remembered of it: a site with many receivers does not collect them."""
        told = Told().fail()
        told.destinations.succeeded(PLACE)
        assert (told.told[-1], told.destinations.closed(), told.destinations.shown()) == ((PLACE, True), {}, ())

    def test_is_told_seldom_of_one_that_comes_and_goes(self) -> None:
        """A switchboard that asks for a second's pause each second is no thousand lines in the log."""
        told = Told()
        told.flap(50)
        assert (len(told.turns), told.told) == (100, [(PLACE, False), (PLACE, True)])

    def test_is_told_later_of_one_that_stays_closed(self) -> None:
        """What people read last is true."""
        told = Told().asks(1)
        told.destinations.succeeded(PLACE)
        told.destinations.asked_for_pause(PLACE, "EN-SWITCHBOARD-FAULT", 300)
        told.clock.advance(60)
        told.destinations.to_look_at(1)
        assert told.told == [(PLACE, False), (PLACE, True), (PLACE, False)]


class TestLooking:
    """What rests for a closed place is looked for when one may go there, and not at each claim."""

    def test_is_due_when_one_may_go(self) -> None:
        """Once: then it is known."""
        told = Told().fail()
        before = told.destinations.to_look_at(8)
        told.clock.advance(30)
        now = told.destinations.to_look_at(8)
        told.destinations.looked(PLACE, 1)
        assert (before, now, told.destinations.to_look_at(8)) == ([], [PLACE], [])

    def test_is_done_again_when_what_was_found_did_not_go(self) -> None:
        """It was discarded before it left: what rests behind it does not rest for ever."""
        told = Told().fail()
        told.clock.advance(30)
        told.destinations.looked(PLACE, 1)
        told.clock.advance(30)
        assert told.destinations.to_look_at(8) == [PLACE]

    def test_is_of_a_bounded_number_at_once(self) -> None:
        """Thousands of receivers behind one broken hub do not hold up a claim."""
        told = Told()
        for number in range(50):
            told.destinations.asked_for_pause(f"soap {number}", "x", 0)
        assert len(told.destinations.to_look_at(8)) == 8

    def test_that_finds_nothing_for_some_time_opens_it(self) -> None:
        """A receiver to which nobody writes any more is not shown as down for ever."""
        told = Told().fail()
        told.clock.advance(30)
        told.destinations.looked(PLACE, 0)
        told.clock.advance(300)
        told.destinations.to_look_at(8)
        assert (told.destinations.shown(), told.told[-1]) == ((), (PLACE, True))

    def test_counts_anew_when_one_goes(self) -> None:
        """It is still down: the next one finds that out alone, not the next five."""
        told = Told().fail()
        told.clock.advance(30)
        told.destinations.looked(PLACE, 0)
        told.destinations.begin(PLACE)
        told.destinations.failed(PLACE, "RTEDEST")
        told.clock.advance(300)
        told.destinations.to_look_at(8)
        assert told.destinations.is_closed(PLACE)


class TestProbes:
    def test_come_one_at_a_time(self) -> None:
        """While one is on its way nothing else goes."""
        told = Told().fail()
        told.clock.advance(30)
        before = told.destinations.closed()
        told.destinations.begin(PLACE)
        assert (before, told.destinations.closed()) == ({PLACE: 1}, {PLACE: 0})

    def test_come_further_apart_up_to_five_minutes(self) -> None:
        """A receiver that is away for a weekend is not asked every half minute."""
        told = Told(drawn=0.999).fail()
        assert [round(told.probe_fails()) for _ in range(6)] == [60, 120, 240, 300, 300, 300]

    @given(st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=12))
    def test_are_never_closer_than_the_first(self, draws: list[float]) -> None:
        """Whatever chance draws: the switchboard is not hammered, and the receiver is not forgotten."""
        told = Told(drawn=draws[0]).fail()
        spaces = [told.probe_fails() for _ in draws]
        assert all(30 <= space <= 300 for space in spaces)

    def test_may_go_at_once_when_somebody_repaired_it(self) -> None:
        """An operator who says so is not told to wait."""
        told = Told().fail()
        told.destinations.hope()
        assert told.destinations.closed() == {PLACE: 1}


class TestPause:
    def test_that_was_asked_for_is_kept_to(self) -> None:
        """A switchboard that says "come back in two minutes" is left alone for two minutes."""
        told = Told()
        told.destinations.asked_for_pause(PLACE, "EN-SWITCHBOARD-FAULT", 120)
        told.clock.advance(119)
        assert told.destinations.closed() == {PLACE: 0}
        told.clock.advance(1)
        assert told.destinations.closed() == {PLACE: 1}

    @pytest.mark.parametrize(("again_s", "left_s"), [(10, 60), (300, 300)])
    def test_is_only_made_longer(self, again_s: float, left_s: float) -> None:
        """Eight answers that were on their way together say it eight times."""
        told = Told()
        told.destinations.asked_for_pause(PLACE, "EN-SWITCHBOARD-FAULT", 60)
        told.destinations.asked_for_pause(PLACE, "EN-SWITCHBOARD-FAULT", again_s)
        assert told.destinations.left_s(PLACE) == left_s

    def test_is_not_made_shorter_by_what_had_gone_before(self) -> None:
        """Answers to requests of before it asked come in meanwhile: they say nothing about now."""
        told = Told()
        told.destinations.asked_for_pause(PLACE, "EN-SWITCHBOARD-FAULT", 120)
        told.destinations.succeeded(PLACE)
        assert (told.destinations.closed(), told.turns) == ({PLACE: 0}, [False])

    def test_ends_with_the_first_answer_after_it(self) -> None:
        """The way is open again, whatever that answer says of its message."""
        told = Told().asks(120)
        told.destinations.begin(PLACE)
        told.destinations.succeeded(PLACE)
        assert (told.destinations.closed(), told.turns) == ({}, [False, True])

    @pytest.mark.parametrize(("pauses", "closed"), [(False, {PLACE: 0}), (True, {PLACE: 1})])
    def test_is_made_shorter_by_a_person_alone(self, pauses: bool, closed: dict[str, int]) -> None:
        """New settings or a confirmed message are no reason to go where somebody asked us to wait."""
        told = Told()
        told.destinations.asked_for_pause(PLACE, "EN-SWITCHBOARD-FAULT", 120)
        told.destinations.hope(pauses=pauses)
        assert told.destinations.closed() == closed

    def test_decides_when_the_next_one_goes(self) -> None:
        """The other side knows better than our own spacing when it can be asked again."""
        told = Told().asks(60)
        told.destinations.begin(PLACE)
        told.destinations.asked_for_pause(PLACE, "EN-SWITCHBOARD-FAULT", 1)
        assert told.destinations.left_s(PLACE) == 1
