"""What is counted of messages over a window."""

from edge_node.model.message import Direction
from edge_node.tallying import Tally

from .doubles import Counted

HOUR_S = 3600.0


class Bench:
    """A tally of a day, with a clock moved by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.watch = Counted()
        self.tally = Tally(self.watch, lambda: self.now_s, lambda: 24 * HOUR_S)

    def answered(self, *times_s: float, outcome: str = "answered") -> None:
        for took_s in times_s:
            self.tally.handled(Direction.IN, "query", outcome, took_s)


class TestTally:
    def test_passes_everything_on(self) -> None:
        """The figures for monitoring stay what they were."""
        bench = Bench()
        bench.answered(1.0)
        assert bench.watch.handled_as == [("query", "answered")]

    def test_counts_refusals_by_code(self) -> None:
        """A check on messages is judged by them."""
        bench = Bench()
        bench.answered(0.1, outcome="EN-RECEIVER-WRONG")
        bench.tally.warned(Direction.OUT, "EN-AUTHOR")
        facts = bench.tally.facts
        assert (facts.handled, facts.refused, facts.warned) == (1, {"EN-RECEIVER-WRONG": 1}, {"EN-AUTHOR": 1})

    def test_counts_what_was_turned_away_unread_as_no_message_judged(self) -> None:
        """A stranger who knocks shows nothing of the messages of a site, and a body that is too large does."""
        bench = Bench()
        bench.tally.turned_away("EN-BODY-TOO-BIG")
        assert (bench.tally.facts.handled, bench.tally.facts.refused) == (0, {"EN-BODY-TOO-BIG": 1})

    def test_forgets_what_is_over(self) -> None:
        """A mistake that was mended yesterday is no finding today."""
        bench = Bench()
        bench.answered(0.1, outcome="EN-RECEIVER-WRONG")
        bench.now_s = 26 * HOUR_S
        assert bench.tally.facts.handled == 0

    def test_tells_nineteen_answers_from_the_slowest(self) -> None:
        """One slow answer is no slow system."""
        bench = Bench()
        bench.answered(*[1.0] * 19, 60.0)
        assert bench.tally.facts.p95_s == 1.0

    def test_counts_what_stayed_unanswered(self) -> None:
        """A question that ran into its deadline is one somebody asked for nothing."""
        bench = Bench()
        bench.answered(10.0, outcome="EN-LOCAL-TIMEOUT")
        assert (bench.tally.facts.answers, bench.tally.facts.unanswered) == (0, 1)

    def test_tells_of_links(self) -> None:
        """Outages are written down by whoever asked for that."""
        bench, heard = Bench(), []
        bench.tally.on_link(lambda name, is_up: heard.append((name, is_up)))
        bench.tally.link_changed("switchboard", False)
        assert heard == [("switchboard", False)]
