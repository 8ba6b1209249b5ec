"""How long to wait before the next try."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_node.flow.retry import RetryPolicy, asked_pause_s, pause_s

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


class TestAskedPause:
    @pytest.mark.parametrize(
        ("status", "headers", "asked_s"),
        [
            (503, {"retry-after": "120"}, 120),
            (429, {"Retry-After": " 7 "}, 7),
            (500, {"Retry-After": "60"}, 60),
            (503, {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT", "date": "Wed, 21 Oct 2015 07:27:00 GMT"}, 60),
            (503, {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT", "date": "Wed, 21 Oct 2015 07:29:00 GMT"}, 0),
            (200, {"retry-after": "120"}, None),
            (503, {}, None),
            (503, {"retry-after": "-1"}, None),
            (503, {"retry-after": "soon"}, None),
            (503, {"retry-after": "\u0663"}, None),
            (503, {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, None),
        ],
    )
    def test_is_what_the_other_side_says(self, status: int, headers: dict[str, str], asked_s: float | None) -> None:
        """By its own clock where it names a moment: ours may differ from it."""
        assert asked_pause_s(status, headers.items()) == asked_s

    @given(st.text(max_size=40), st.text(max_size=40))
    def test_never_fails_on_what_is_no_pause(self, value: str, date: str) -> None:
        """A header is the other side's to write, and must not stop a delivery."""
        asked_s = asked_pause_s(503, [("retry-after", value), ("date", date)])
        assert asked_s is None or asked_s >= 0
