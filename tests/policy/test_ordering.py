"""Which messages may not overtake each other."""

from edge_node.policy.ordering import ordering
from tests.nouns import a_push_row, a_reading


class TestOrdering:
    def test_is_the_rows_own_group(self) -> None:
        """Reports wait for reports, not for prescriptions."""
        assert ordering(a_push_row(order="report"), a_reading()) == "report"

    def test_keeps_kinds_of_data_in_the_index_apart(self) -> None:
        """A withdrawal of one kind must not throw away the registration of another."""
        row = a_push_row(order="index")
        kinds = [ordering(row, a_reading(data_kinds=frozenset({kind}))) for kind in ("272353", "460320")]
        assert kinds == ["index:272353", "index:460320"]

    def test_takes_the_whole_index_when_no_kind_is_named(self) -> None:
        """Then order is all there is to hold on to."""
        assert ordering(a_push_row(order="index"), a_reading()) == "index"
