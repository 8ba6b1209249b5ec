"""How much of the window places may have that take long."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock

from edge_node.flow.shares import LONG_S, Shares

SLOW, QUICK, OTHER = "soap 400", "soap 500", "soap 600"


class Line:
    """Shares with a clock, and handovers by number."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.shares = Shares(self.clock.seconds)
        self.last = 0

    def begin(self, place: str, times: int = 1) -> "Line":
        for _ in range(times):
            self.last += 1
            self.shares.begin(str(self.last), place)
        return self

    def pass_(self, seconds: float) -> "Line":
        self.clock.advance(seconds)
        self.shares.look()
        return self

    def quick_ones(self, place: str, times: int) -> list[bool]:
        """Handovers that end at once; whether with each the place is trusted again."""
        return [self.begin(place).shares.end(str(self.last)) for _ in range(times)]


class TestShares:
    def test_are_not_needed_where_all_are_quick(self) -> None:
        """A practice with one local system delivers to it with all it has."""
        assert Line().begin(QUICK, 8).pass_(1).shares.left(8) == {}

    def test_make_way_for_others_while_one_hangs(self) -> None:
        """A system that accepts and never answers had all four: the pharmacy next to it has two of them now."""
        shares = Line().begin(SLOW, 4).pass_(LONG_S).shares
        assert (shares.counted(4), shares.left(4)) == (2, {SLOW: 0})

    def test_say_when_the_next_may_take_long(self) -> None:
        """Nothing ends for half a minute, and a message for another must not wait for that."""
        line = Line().begin(SLOW)
        line.clock.advance(2)
        assert line.shares.next_look_s() == LONG_S - 2

    def test_are_half_of_the_window_at_most(self) -> None:
        """The rest is for the others."""
        line = Line().begin(SLOW).pass_(LONG_S)
        line.shares.end("1")
        assert line.shares.left(8) == {SLOW: 4}

    def test_are_half_of_it_for_all_that_take_long_together(self) -> None:
        """Two that hang must not do what one may not."""
        line = Line().begin(SLOW, 2).begin(OTHER, 2).pass_(LONG_S)
        assert (line.shares.counted(4), line.shares.left(4)) == (2, {SLOW: 0, OTHER: 0})

    def test_go_round(self) -> None:
        """The one that has had none for longest is first."""
        line = Line().begin(SLOW).begin(OTHER).pass_(LONG_S)
        line.shares.end("1")
        line.shares.end("2")
        line.begin(SLOW)
        assert list(line.shares.left(8)) == [OTHER, SLOW]

    def test_end_after_some_quick_ones(self) -> None:
        """It was repaired: it has the whole window again."""
        line = Line().begin(SLOW).pass_(LONG_S)
        line.shares.end("1")
        assert (line.quick_ones(SLOW, 8), line.shares.left(8)) == ([False] * 7 + [True], {})

    def test_end_with_time(self) -> None:
        """A receiver to which nobody writes any more is not remembered."""
        line = Line().begin(SLOW).pass_(LONG_S)
        line.shares.end("1")
        line.clock.advance(600)
        assert (line.shares.look(), line.shares.left(8)) == ([SLOW], {})

    @given(st.integers(1, 16), st.integers(0, 40), st.integers(1, 5))
    def test_never_take_the_whole_window(self, window: int, hanging: int, places: int) -> None:
        """However many hang, and wherever: a window of two has room for one that answers."""
        line = Line()
        for number in range(hanging):
            line.begin(f"soap {number % places}")
        assert line.pass_(LONG_S).shares.counted(window) <= window // 2
