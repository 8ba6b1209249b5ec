"""The comparison of ledgers: what counts as lost, doubled, out of order and changed."""

import pytest

from edge_node.sandbox.ledger import Line
from edge_node.sandbox.ledgers import Comparison, compare
from tests.sandbox.doubles import line


def sent(*ids: str, lane: str = "lane") -> list[Line]:
    return [line("sent", id_, lane=lane) for id_ in ids]


def received(*ids: str, lane: str = "lane") -> list[Line]:
    return [line("received", id_, lane=lane, time=float(number)) for number, id_ in enumerate(ids)]


class TestComparison:
    def test_the_same_in_both_is_clean(self) -> None:
        """A run in which everything arrived must not raise an alarm, or nobody would believe one."""
        found = compare(sent("a", "b"), received("a", "b"))
        assert found == Comparison(sent=2, delivered=2)
        assert found.is_clean

    def test_a_push_nobody_received_is_lost(self) -> None:
        """A prescription that never arrives is the worst the node can do."""
        assert compare(sent("a", "b"), received("a")).lost == ("b",)

    def test_a_push_answered_with_an_error_was_not_delivered(self) -> None:
        """Only a positive acknowledgement means that the other side took it."""
        assert compare(sent("a"), [line("received", "a", outcome="RTEDEST")]).lost == ("a",)

    def test_a_push_refused_to_the_sender_is_not_lost(self) -> None:
        """The sender was told no, so a person knows; it is counted apart."""
        found = compare([*sent("a"), line("refused", "a", outcome="NS200")], [])
        assert (found.lost, found.refused) == ((), ("a",))

    def test_a_second_handover_is_a_duplicate(self) -> None:
        """A dispense entered twice in the record is a patient-safety fault."""
        assert compare(sent("a"), received("a", "a")).duplicated == ("a",)

    def test_a_second_handover_after_a_lost_answer_is_right(self) -> None:
        """Nobody can know whether the first one arrived, so it must come again."""
        lost = line("received", "a", answer_lost=True)
        assert compare(sent("a"), [lost, line("received", "a", time=2.0)]).duplicated == ()

    @pytest.mark.parametrize(("moment", "duplicated"), [(1.0, ()), (5.0, ("a",))])
    def test_only_a_break_between_two_handovers_excuses_the_second(
        self, moment: float, duplicated: tuple[str, ...]
    ) -> None:
        """A kill of the node explains one repeat at that moment, not every repeat of the day."""
        handovers = [line("received", "a", time=0.5), line("received", "a", time=2.0)]
        assert compare(sent("a"), handovers, [moment]).duplicated == duplicated

    @pytest.mark.parametrize(("moment", "duplicated"), [(9.7, ()), (9.0, ("a",))])
    def test_a_request_may_be_read_a_moment_after_its_sender_was_killed(
        self, moment: float, duplicated: tuple[str, ...]
    ) -> None:
        """On a busy machine it lies in the socket: what the receiver then answers, nobody hears."""
        handovers = [line("received", "a", time=at) for at in (10.0, 12.0)]
        assert compare(sent("a"), handovers, [moment]).duplicated == duplicated

    def test_one_that_was_overtaken_in_its_lane_is_out_of_order(self) -> None:
        """A stop that arrives before the start leaves a patient on the wrong medication."""
        assert compare(sent("a", "b", "c"), received("b", "a", "c")).out_of_order == ("a",)

    def test_other_lanes_may_overtake(self) -> None:
        """Another patient's message need not wait."""
        given = sent("a", lane="one") + sent("b", lane="two")
        taken = received("b", lane="two") + received("a", lane="one")
        assert compare(given, taken).out_of_order == ()

    def test_an_id_with_another_content_is_told(self) -> None:
        """An id names one message for ever."""
        assert compare(sent("a"), [line("received", "a", content="other")]).two_contents == ("a",)

    def test_queries_are_left_out(self) -> None:
        """A query that failed is asked again by a person; it is not a loss."""
        query = Line(time=0.0, event="sent", role="query", id="q")
        assert compare([query], []) == Comparison(sent=0, delivered=0)

    def test_two_comparisons_add_up(self) -> None:
        """Both legs of the way are one result."""
        total = compare(sent("a"), received("a")) + compare(sent("b"), [])
        assert (total.sent, total.delivered, total.lost) == (2, 1, ("b",))
