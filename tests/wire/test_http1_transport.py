"""Deadlines and the brake: a hanging peer must let go, a slow one must not cost memory."""

from twisted.internet.task import Clock

from edge_node.wire.http1_transport import Deadline


class TestDeadline:
    def test_is_late_at_its_moment(self) -> None:
        """A caller that hangs is let go in time."""
        clock, late = Clock(), []
        Deadline(clock, lambda: late.append(clock.seconds())).set(10)
        clock.pump([9.5, 0.4, 0.2])
        assert late == [clock.seconds()]

    def test_moved_later_uses_the_same_timer(self) -> None:
        """Thousands of messages an hour must not leave thousands of timers."""
        clock, late = Clock(), []
        deadline = Deadline(clock, lambda: late.append(clock.seconds()))
        deadline.set(10)
        clock.advance(5)
        deadline.set(10)
        clock.advance(6)
        assert (late, len(clock.calls)) == ([], 1)
        clock.advance(4)
        assert late == [15]

    def test_moved_sooner_is_late_sooner(self) -> None:
        """The first byte of a request starts a shorter time than idleness has."""
        clock, late = Clock(), []
        deadline = Deadline(clock, lambda: late.append(clock.seconds()))
        deadline.set(75)
        deadline.set(10)
        clock.advance(10)
        assert (late, clock.calls) == ([10], [])

    def test_cleared_is_never_late(self) -> None:
        """While the flow works on a message, the wire does not hurry it."""
        clock, late = Clock(), []
        deadline = Deadline(clock, lambda: late.append(clock.seconds()))
        deadline.set(10)
        deadline.clear()
        clock.advance(100)
        assert late == []

    def test_stopped_leaves_nothing_behind(self) -> None:
        """A connection that ended holds no memory."""
        clock = Clock()
        deadline = Deadline(clock, lambda: None)
        deadline.set(10)
        deadline.stop()
        assert clock.calls == []
