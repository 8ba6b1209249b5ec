"""Bulk messages are throttled."""

from twisted.internet.task import Clock

from edge_node.flow.bulk import Throttle


class TestThrottle:
    def test_lets_a_seconds_worth_go_at_once(self) -> None:
        """A handful of registrations by day does not wait."""
        assert Throttle(5, Clock().seconds).available() == 5

    def test_lets_five_a_second_go_after_that(self) -> None:
        """Ten thousand patients in one night must not stand in the way of the others."""
        clock = Clock()
        throttle = Throttle(5, clock.seconds)
        throttle.take(5)
        clock.advance(1.0)
        assert throttle.available() == 5

    def test_says_when_the_next_one_may_go(self) -> None:
        """No polling meanwhile."""
        throttle = Throttle(5, Clock().seconds)
        throttle.take(5)
        assert throttle.wait_s() == 0.2

    def test_never_saves_up_more_than_a_second(self) -> None:
        """A quiet day is no reason for a burst."""
        clock = Clock()
        throttle = Throttle(5, clock.seconds)
        clock.advance(86_400)
        assert throttle.available() == 5
