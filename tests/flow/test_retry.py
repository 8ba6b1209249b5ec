"""How long to wait before the next try."""

import pytest

from edge_node.flow.retry import RetryPolicy, pause_s

POLICY = RetryPolicy(first_s=2, cap_s=300)


class TestPause:
    def test_doubles_its_ceiling_after_each_failure(self) -> None:
        """The pause grows, so a switchboard that is down is not hammered."""
        assert [pause_s(attempts, 0.5, POLICY) for attempts in (1, 2, 3)] == [1, 2, 4]

    @pytest.mark.parametrize("attempts", [9, 100, 10_000])
    def test_stays_below_its_cap(self, attempts: int) -> None:
        """However long it lasted, the message goes within minutes of the repair."""
        assert pause_s(attempts, 0.999, POLICY) < 300

    def test_may_be_nothing_at_all(self) -> None:
        """Full jitter: 6,000 nodes never knock together."""
        assert pause_s(5, 0.0, POLICY) == 0
