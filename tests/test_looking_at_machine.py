"""What there is to see of the machine: until when a release is supported, what apt tells late."""

from datetime import UTC, datetime, timedelta

import pytest

from edge_node.looking_at_machine import end_of, release_ends
from edge_node.model.check import Result
from edge_node.model.facts_machine import ReleaseFacts
from edge_node.policy import check_machine

from .policy.check_limits import limits

DAY = timedelta(days=1)


class TestARelease:
    @pytest.mark.parametrize(
        ("left", "result"), [(61 * DAY, Result.GOOD), (59 * DAY, Result.WARNED), (timedelta(), Result.VIOLATED)]
    )
    def test_is_told_of_before_nobody_mends_it_any_more(self, left: timedelta, result: Result) -> None:
        """Two months are enough to plan a new one."""
        ends = end_of("2027-12-31")
        facts = ReleaseFacts(at=ends - left, release="1.0", supported_until=ends)
        outcome = check_machine.supported(facts, limits())
        assert (outcome.result, outcome.value) == (result, "until 2027-12-31")

    def test_is_supported_on_its_last_day(self) -> None:
        """The day in the notice of its maker is one of support."""
        assert end_of("2027-12-31") == datetime(2028, 1, 1, tzinfo=UTC)

    def test_comes_with_such_a_day(self) -> None:
        """What nobody wrote down would be supported for ever."""
        assert end_of(release_ends()) > datetime(2026, 11, 22, tzinfo=UTC)
