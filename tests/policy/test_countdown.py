"""When people are told that a certificate ends: each step once, and never a storm."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_node.model.certificate import Part, days_left
from edge_node.policy.countdown import ENDED, Urgency, due_step, urgency_of

STEPS = (90, 60, 30, 14, 7, 3, 1)
NOW = datetime(2027, 3, 10, 12, tzinfo=UTC)


class TestDaysLeft:
    @pytest.mark.parametrize(
        ("hours", "days"), [(24, 1), (25, 2), (24 * 90, 90), (24 * 90 + 1, 91), (1, 1), (0, 0), (-1, 0), (-25, -1)]
    )
    def test_are_rounded_up(self, hours: int, days: int) -> None:
        """One that ends this afternoon has a day, not none: it still works."""
        assert days_left(NOW + timedelta(hours=hours), NOW) == days


class TestDueStep:
    @pytest.mark.parametrize(
        ("left", "told", "due"),
        [
            (91, set(), None),
            (90, set(), 90),
            (90, {90}, None),
            (61, {90}, None),
            (60, {90}, 60),
            (1, {90, 60, 30, 14, 7, 3}, 1),
            (0, {1}, ENDED),
            (-400, {1}, ENDED),
            (-400, {0}, None),
        ],
    )
    def test_is_told_once(self, left: int, told: set[int], due: int | None) -> None:
        """Who is told each minute stops reading."""
        assert due_step(left, STEPS, frozenset(told)) == due

    @pytest.mark.parametrize(("left", "due"), [(5, 7), (20, 30), (-3, ENDED)])
    def test_is_the_nearest_of_several_passed_at_once(self, left: int, due: int) -> None:
        """A node that was off for a month, or is new, tells one thing: how it is now."""
        assert due_step(left, STEPS, frozenset({90})) == due

    def test_never_goes_back(self) -> None:
        """A clock that was wrong and is put right tells nothing again."""
        assert due_step(20, STEPS, frozenset({1})) is None

    @given(st.lists(st.integers(-30, 1000), max_size=60))
    def test_tells_each_step_at_most_once_whatever_the_days_do(self, days: list[int]) -> None:
        """Clocks jump, nodes rest: no order of days makes a second mail of a step."""
        told: list[int] = []
        for left in days:
            told += [step for step in (due_step(left, STEPS, frozenset(told)),) if step is not None]
        assert told == sorted(set(told), reverse=True)


class TestUrgency:
    def test_rises_towards_the_end(self) -> None:
        """Ninety days is a note for the planner; the last week is somebody's work today."""
        assert [urgency_of(step, Part.OWN) for step in (*STEPS, ENDED)] == [
            Urgency.CALM,
            Urgency.CALM,
            Urgency.SOON,
            Urgency.SOON,
            Urgency.NOW,
            Urgency.NOW,
            Urgency.NOW,
            Urgency.OVER,
        ]

    def test_of_an_anchor_that_ended_is_lower(self) -> None:
        """There may be another one beside it, with which all goes on."""
        assert urgency_of(ENDED, Part.ANCHOR) is Urgency.NOW
