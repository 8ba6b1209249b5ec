"""What counts as a good run."""

from dataclasses import replace

from edge_node.sandbox.crash import POINTS, Report
from edge_node.sandbox.crash_ledgers import Account

ALL_REACHED = dict.fromkeys(POINTS, 1)
GOOD = Report(seed=1, kills=300, cuts=100, account=Account(sent=9, delivered=9), points=POINTS, reached=ALL_REACHED)


class TestReport:
    def test_is_good_when_every_promise_was_kept_at_every_point(self) -> None:
        """Else nobody would look at the one that is not."""
        assert GOOD.is_good

    def test_of_a_full_run_is_not_good_with_a_point_never_reached(self) -> None:
        """Of that point nothing was proved, and nobody would see it."""
        missed = replace(GOOD, reached={**ALL_REACHED, "placed": 0})
        assert (missed.is_good, missed.never) == (False, ("placed",))

    def test_of_a_short_run_names_what_it_did_not_come_to(self) -> None:
        """Fifteen kills cannot be everywhere."""
        short = replace(GOOD, kills=15, reached={"inserted": 1})
        assert short.is_good
        assert set(short.figures()["never_reached"]) == set(POINTS) - {"inserted"}

    def test_without_a_delivery_is_not_good(self) -> None:
        """Where nothing was promised nothing was broken."""
        assert not replace(GOOD, account=Account()).is_good
