"""Places that are open again get what waits for them slowly at first."""

from twisted.internet.task import Clock

from edge_node.flow.returns import Returns

PLACE, OTHER = "soap 400", "soap 500"


def returns_of(*places: tuple[str, float]) -> tuple[Clock, Returns]:
    clock = Clock()
    returns = Returns(clock.seconds)
    for place, after_s in places:
        returns.begin(place, after_s)
    return clock, returns


class TestReturns:
    def test_begin_at_their_moment_with_one(self) -> None:
        """6,000 nodes do not fall on a receiver that has just come back."""
        clock, returns = returns_of((PLACE, 3))
        before = (returns.due(), returns.next_s())
        clock.advance(3)
        assert (before, returns.due(), returns.next_s()) == (([], 3), [(PLACE, 1)], None)

    def test_double_with_each_answer(self) -> None:
        """A long queue still drains soon."""
        _, returns = returns_of((PLACE, 0))
        returns.ended(PLACE, is_answered=True, arrived=True)
        returns.ended(PLACE, is_answered=False, arrived=False)
        returns.ended(PLACE, is_answered=True, arrived=True)
        assert returns.due() == [(PLACE, 4)]

    def test_are_each_by_itself(self) -> None:
        """A local system that comes and goes does not slow down the other one."""
        _, returns = returns_of((PLACE, 0), (OTHER, 0))
        returns.ended(OTHER, is_answered=True, arrived=True)
        assert returns.due() == [(PLACE, 1), (OTHER, 2)]

    def test_leave_what_is_stuck_to_its_pauses(self) -> None:
        """What fails again and again must not be tried as fast as the disk can write."""
        _, returns = returns_of((PLACE, 0))
        before = returns.may_wake(PLACE)
        for _ in range(8):
            returns.ended(PLACE, is_answered=True, arrived=False)
        assert (before, returns.may_wake(PLACE)) == (True, False)

    def test_are_over_when_nothing_is_left(self) -> None:
        """And again later, from the beginning."""
        _, returns = returns_of((PLACE, 0))
        returns.over(PLACE)
        assert returns.due() == []
