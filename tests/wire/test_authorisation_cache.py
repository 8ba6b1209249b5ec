"""A value that is fetched anew: freshness, one fetch for all, and what is left when it fails."""

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import TestCase

from edge_node.errors import NotSent
from edge_node.wire.authorisation_cache import Cached, CacheTimes, Fresh
from edge_node.wire.authorisation_fetch import unreachable


class TestCached(TestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.fell_back: list[NotSent | None] = []
        self.fetches: list[Deferred[Fresh[str]]] = []
        times = CacheTimes(keep_for_s=100, retry_s=10)
        self.cached: Cached[str] = Cached(self.clock, times, fell_back=self.fell_back.append)

    def get(self, timeout_s: float = 5) -> Deferred[str]:
        return Deferred.fromCoroutine(self.cached.get(self._fetch, timeout_s=timeout_s))

    async def _fetch(self) -> Fresh[str]:
        fetched: Deferred[Fresh[str]] = Deferred()
        self.fetches.append(fetched)
        return await fetched

    def comes(self, value: str, max_age_s: float = 20) -> None:
        self.fetches[-1].callback(Fresh(value=value, max_age_s=max_age_s))

    def test_one_who_gives_up_leaves_the_others_waiting(self) -> None:
        """A doctor in a hurry must not cost the next one a fetch."""
        hurried, patient = self.get(timeout_s=1), self.get(timeout_s=5)
        self.clock.advance(2)
        assert self.failureResultOf(hurried, NotSent).value.code == "EN-AUTHORISATION-UNREACHABLE"
        self.comes("a")
        assert (self.successResultOf(patient), len(self.fetches)) == ("a", 1)

    def test_what_comes_after_all_gave_up_is_kept(self) -> None:
        """It was fetched; the next one should have it."""
        hurried = self.get(timeout_s=1)
        self.clock.advance(2)
        self.failureResultOf(hurried, NotSent)
        self.comes("a")
        assert self.successResultOf(self.get()) == "a"

    def test_an_old_value_does_for_one_who_cannot_wait(self) -> None:
        """Late is told as such, and care goes on."""
        self.cached.hold(Fresh(value="old", max_age_s=20, age_s=30))
        asked = self.get(timeout_s=1)
        self.clock.advance(1.1)
        assert self.successResultOf(asked) == "old"
        assert [error and error.code for error in self.fell_back] == ["EN-AUTHORISATION-UNREACHABLE"]

    def test_one_that_may_not_be_kept_is_fetched_each_time(self) -> None:
        """max-age=0 and no-store mean it."""
        first = self.get()
        self.comes("a", max_age_s=0)
        second = self.get()
        self.comes("b", max_age_s=0)
        assert [self.successResultOf(one) for one in (first, second)] == ["a", "b"]

    def test_a_failure_reaches_all_who_wait(self) -> None:
        """Nobody is left waiting for a fetch that ended."""
        waiting = [self.get() for _ in range(3)]
        self.fetches[-1].errback(unreachable("down"))
        assert {self.failureResultOf(one, NotSent).value.detail for one in waiting} == {"down"}

    def test_a_mistake_of_ours_is_not_hidden_as_an_outage(self) -> None:
        """It must be logged as what it is."""
        asked = self.get()
        self.fetches[-1].errback(ZeroDivisionError())
        self.failureResultOf(asked, ZeroDivisionError)
