"""Waiting for something to come."""

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from edge_node.status.bell import Bell


class TestBell:
    def test_wakes_everybody(self) -> None:
        """Who is too late finds nothing, and waits again."""
        bell = Bell(Clock())
        waiting = [Deferred.fromCoroutine(bell.heard(30)) for _ in range(3)]
        bell.ring()
        assert [each.called for each in waiting] == [True, True, True]

    def test_a_ring_that_nobody_heard_is_over(self) -> None:
        """Whoever asks has just looked."""
        bell = Bell(Clock())
        bell.ring()
        assert not Deferred.fromCoroutine(bell.heard(30)).called

    def test_has_everybody_look_each_second(self) -> None:
        """A lock that ends rings no bell."""
        clock = Clock()
        waiting = Deferred.fromCoroutine(Bell(clock).heard(30))
        clock.advance(1)
        assert waiting.called

    def test_leaves_nothing_behind(self) -> None:
        """A node that is asked for years must not grow."""
        clock = Clock()
        bell = Bell(clock)
        Deferred.fromCoroutine(bell.heard(30))
        bell.ring()
        assert (bell.waiting, clock.getDelayedCalls()) == (0, [])

    def test_nobody_waits_at_one_that_is_closed(self) -> None:
        """The node stops."""
        bell = Bell(Clock())
        bell.close()
        assert Deferred.fromCoroutine(bell.heard(30)).called
