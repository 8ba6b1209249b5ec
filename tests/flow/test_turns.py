"""Sharing the reactor's time among long work."""

from collections.abc import Callable, Iterator
from typing import Any

from twisted.internet.defer import CancelledError, Deferred

from edge_node.flow.turns import AT_ONCE_BYTES, STEP_BYTES, Turns


class Reactor:
    """A clock whose calls of one turn are made before those they ask for."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.calls: list[Callable[[], None]] = []

    def seconds(self) -> float:
        return self.now_s

    def callLater(self, _delay: float, call: Callable[[], None]) -> None:
        self.calls.append(call)

    def turn(self) -> None:
        calls, self.calls = self.calls, []
        for call in calls:
            call()


class Labour:
    """Work of some steps; each takes two milliseconds on the clock it is given."""

    def __init__(self, clock: Reactor, name: str, steps: int, done: list[str]) -> None:
        self._clock = clock
        self._name = name
        self._steps = steps
        self._done = done

    def steps(self) -> Iterator[None]:
        for _ in range(self._steps):
            self._clock.now_s += 0.002
            self._done.append(self._name)
            yield


class Shop:
    """Turns of three milliseconds, and who worked in which order."""

    def __init__(self) -> None:
        self.clock: Any = Reactor()
        self.turns = Turns(self.clock, turn_s=0.003)
        self.done: list[str] = []

    def begin(self, name: str, steps: int) -> Deferred[None]:
        return Deferred.fromCoroutine(self.turns.work(Labour(self.clock, name, steps, self.done).steps()))

    def turn(self) -> str:
        """One turn of the reactor; what was done in it."""
        self.done.clear()
        self.clock.turn()
        return "".join(self.done)


class TestWork:
    def test_that_is_short_is_done_at_once(self) -> None:
        """A query must not wait for a turn it does not need."""
        shop = Shop()
        assert shop.begin("a", 1).called
        assert shop.clock.calls == []

    def test_that_is_long_leaves_the_reactor_its_turns(self) -> None:
        """One large message must not stop the practice for a second."""
        shop = Shop()
        work = shop.begin("a", 5)
        assert [shop.done.count("a"), shop.turn(), shop.turn(), work.called] == [2, "aa", "a", True]

    def test_goes_on_one_a_turn_in_order(self) -> None:
        """Many large messages at once must not be many stops in one turn."""
        shop = Shop()
        for name in "abc":
            shop.begin(name, 3)
        assert [shop.turn() for _ in range(5)] == ["a", "bb", "cc", "b", "c"]

    def test_whose_asker_went_away_gives_its_turn_to_the_next(self) -> None:
        """Nobody waits for what nobody reads."""
        shop = Shop()
        first, _ = shop.begin("a", 9), shop.begin("b", 1)
        first.addErrback(lambda failure: failure.trap(CancelledError))
        first.cancel()
        assert shop.turn() == "b"

    def test_that_is_alone_and_given_up_leaves_nothing(self) -> None:
        """A turn that nobody takes is no error."""
        shop = Shop()
        only = shop.begin("a", 9)
        only.addErrback(lambda failure: failure.trap(CancelledError))
        only.cancel()
        assert shop.turn() == ""


class TestFeeding:
    def test_of_few_bytes_is_done_at_once(self) -> None:
        """The usual message is small: it must not wait behind a large one."""
        shop, read = Shop(), list[bytes]()
        shop.begin("a", 9)
        Deferred.fromCoroutine(shop.turns.feed(read.append, b"x" * AT_ONCE_BYTES))
        assert read == [b"x" * AT_ONCE_BYTES]

    def test_of_many_bytes_is_done_in_steps(self) -> None:
        """A reader that were given all at once could not be stopped."""
        shop, read = Shop(), list[bytes]()
        body = bytes(range(256)) * (AT_ONCE_BYTES // 128)
        Deferred.fromCoroutine(shop.turns.feed(read.append, body))
        assert (b"".join(read), max(map(len, read))) == (body, STEP_BYTES)
