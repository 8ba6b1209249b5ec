"""The result of a demo: when it is good, and what is shown of each kind."""

import pytest

from edge_node.sandbox.ledgers import Comparison, FailedLeg
from edge_node.sandbox.result import Outcome, Result


def outcome(who: str, kind: str, code: str, role: str = "push") -> Outcome:
    return Outcome(who=who, kind=kind, role=role, outcome=code)


def result(*outcomes: Outcome, lost: tuple[str, ...] = ()) -> Result:
    return Result(comparison=Comparison(sent=2, delivered=2 - len(lost), lost=lost), outcomes=outcomes)


LEG = FailedLeg(id="1", interaction="QUMT_IN020010NL02", outcome="EN-WRONG-PATIENT")


class TestResult:
    def test_is_good_when_all_arrived_and_all_answers_were_a_yes(self) -> None:
        """Nobody believes an alarm that rings without a cause."""
        assert result(outcome("his", "ping", "AA", "query")).is_good

    @pytest.mark.parametrize(
        "bad",
        [
            result(lost=("1",)),
            result(outcome("his", "ping", "RTEDEST", "query")),
            Result(comparison=Comparison(sent=0, delivered=0)),
            Result(comparison=Comparison(sent=2, delivered=2), legs=(LEG,)),
        ],
    )
    def test_is_bad_when_one_was_lost_or_refused_or_none_was_sent(self, bad: Result) -> None:
        """A demo that cannot fail proves nothing."""
        assert not bad.is_good

    def test_a_leg_that_got_a_no_is_counted_and_told(self) -> None:
        """The batch around it says yes to its asker, who would never know that a source was not heard."""
        found = Result(comparison=Comparison(sent=2, delivered=2), legs=(LEG,))
        assert (found.figures()["refused"], found.troubles()) == (1, ["leg QUMT_IN020010NL02: EN-WRONG-PATIENT"])

    def test_one_row_a_kind_counts_both_directions(self) -> None:
        """A developer sees at a glance which of his messages were tried, and which way."""
        (row,) = result(*(outcome(who, "referral", "CA") for who in ("his", "ais", "switchboard"))).rounds()
        assert (row.kind, row.out, row.inward, row.came_back, row.is_good) == ("referral", 2, 1, "receipt", True)

    def test_a_refusal_is_shown_by_its_code(self) -> None:
        """The code is what one looks up."""
        (row,) = result(outcome("his", "referral", "CA"), outcome("ais", "referral", "RTUDEST")).rounds()
        assert (row.came_back, row.is_good) == ("receipt, RTUDEST", False)
