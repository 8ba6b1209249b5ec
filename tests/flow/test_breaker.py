"""The breaker of one link."""

from twisted.internet.task import Clock

from edge_node.flow.breaker import Breaker, BreakerPolicy, Pass


def a_breaker(failures: int = 0) -> tuple[Breaker, Clock]:
    clock = Clock()
    breaker = Breaker(BreakerPolicy(failures=5, probe_s=30, probe_connect_s=2), clock.seconds)
    for _ in range(failures):
        breaker.failed(Pass.FREELY)
    return breaker, clock


class TestBreaker:
    def test_lets_everything_through_while_the_link_works(self) -> None:
        """Four failures may be chance."""
        breaker, _ = a_breaker(failures=4)
        assert breaker.ask(person=False) is Pass.FREELY

    def test_opens_after_five_failures(self) -> None:
        """From then on a caller is told at once instead of waiting for a time-out."""
        breaker, _ = a_breaker(failures=5)
        assert breaker.ask(person=False) is Pass.NOT

    def test_still_lets_one_persons_query_through(self) -> None:
        """A doctor who asks now may be the first to find the link repaired."""
        breaker, _ = a_breaker(failures=5)
        assert [breaker.ask(person=True), breaker.ask(person=True)] == [Pass.FOR_A_PERSON, Pass.NOT]

    def test_lets_the_next_query_through_when_the_first_one_ended(self) -> None:
        """One at a time, not one for ever."""
        breaker, _ = a_breaker(failures=5)
        breaker.failed(breaker.ask(person=True))
        assert breaker.ask(person=True) is Pass.FOR_A_PERSON

    def test_lets_no_second_query_through_when_an_older_request_ends(self) -> None:
        """What was sent before the link went down is not the one that is tried now."""
        breaker, _ = a_breaker(failures=5)
        breaker.ask(person=True)
        breaker.failed(Pass.FREELY)
        breaker.gave_up(Pass.AS_PROBE)
        assert breaker.ask(person=True) is Pass.NOT

    def test_probes_every_half_minute(self) -> None:
        """The queue finds the repair by itself, at night too."""
        breaker, clock = a_breaker(failures=5)
        clock.advance(30)
        assert [breaker.ask(person=False), breaker.ask(person=False)] == [Pass.AS_PROBE, Pass.NOT]

    def test_gives_a_probe_little_time_to_connect(self) -> None:
        """A person who asks while the link is down waits two seconds, not five."""
        breaker, _ = a_breaker(failures=5)
        assert breaker.connect_s(breaker.ask(person=True), usual_s=5) == 2

    def test_closes_at_the_first_success(self) -> None:
        """And says that it was open: what waits may go."""
        breaker, _ = a_breaker(failures=5)
        assert breaker.succeeded()
        assert breaker.ask(person=False) is Pass.FREELY

    def test_forgets_failures_after_a_success(self) -> None:
        """Only failures in a row count."""
        breaker, _ = a_breaker(failures=4)
        assert not breaker.succeeded()
        breaker.failed(Pass.FREELY)
        assert not breaker.is_open

    def test_says_when_to_come_back(self) -> None:
        """Retry-After is the time to the next probe."""
        breaker, clock = a_breaker(failures=5)
        clock.advance(10)
        assert breaker.retry_after_s() == 20

    def test_is_tried_at_once_when_somebody_may_have_repaired_it(self) -> None:
        """Whoever put an address right must not wait for the next probe to see that it helped."""
        breaker, _ = a_breaker(failures=5)
        breaker.hope()
        assert [breaker.ask(person=False), breaker.ask(person=False)] == [Pass.AS_PROBE, Pass.NOT]

    def test_counts_from_the_first_failure(self) -> None:
        """People were without it from then on."""
        clock = Clock()
        breaker = Breaker(BreakerPolicy(failures=2), clock.seconds)
        clock.advance(5)
        breaker.failed(Pass.FREELY)
        clock.advance(20)
        breaker.failed(Pass.FREELY)
        assert breaker.open_since_s == 5

    def test_remembers_when_it_was_shown_to_work(self) -> None:
        """That all works is only said with a proof."""
        clock = Clock()
        breaker = Breaker(BreakerPolicy(), clock.seconds)
        assert breaker.good_at_s is None
        clock.advance(7)
        breaker.succeeded()
        assert breaker.good_at_s == 7
