"""Waiting a bounded time."""

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from edge_node.flow.waiting import Meanwhile, Promise
from tests.flow.bench import result


class TestPromise:
    def test_gives_its_value_to_all_who_wait(self) -> None:
        """A copy that arrives meanwhile gets the same answer."""
        clock, promise = Clock(), Promise[str]()
        waiting = [Deferred.fromCoroutine(promise.within(clock, 5)) for _ in range(2)]
        promise.keep("CA")
        assert [result(each) for each in waiting] == ["CA", "CA"]

    def test_gives_nothing_when_it_takes_too_long(self) -> None:
        """The sender is told "kept"; the work itself goes on."""
        clock, promise = Clock(), Promise[str]()
        waiting = Deferred.fromCoroutine(promise.within(clock, 5))
        clock.advance(5)
        assert result(waiting) is None
        promise.keep("late")

    def test_leaves_no_timer_behind(self) -> None:
        """A day of messages must not fill the reactor."""
        clock, promise = Clock(), Promise[str]()
        Deferred.fromCoroutine(promise.within(clock, 5))
        promise.keep("CA")
        assert clock.getDelayedCalls() == []


class TestMeanwhile:
    def test_raises_at_the_end_what_happened_meanwhile(self) -> None:
        """An answer whose record failed must not leave."""

        async def record() -> None:
            raise OSError("no room")

        ended = Deferred.fromCoroutine(Meanwhile(record()).done())
        assert isinstance(result(ended).value, OSError)
