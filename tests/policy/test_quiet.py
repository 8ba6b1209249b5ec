"""Hours in which nobody is told what can wait: Dutch clocks, over midnight, in both nights in which those change."""

from datetime import UTC, datetime

import pytest

from edge_node.model.alert import Quiet
from edge_node.policy.quiet import is_quiet, quiet_left_s

NIGHT = Quiet(from_min=22 * 60, until_min=7 * 60)
WEEKEND = Quiet(from_min=22 * 60, until_min=7 * 60, days=frozenset({5, 6}))
HOUR_S = 3600.0


def utc(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=UTC)


class TestHours:
    @pytest.mark.parametrize(
        ("hour", "quiet", "expected"),
        [
            (22, NIGHT, True),
            (6, NIGHT, True),
            (7, NIGHT, False),
            (12, NIGHT, False),
            (13, Quiet(from_min=12 * 60, until_min=14 * 60), True),
            (14, Quiet(from_min=12 * 60, until_min=14 * 60), False),
            (3, None, False),
        ],
    )
    def test_are_dutch_and_may_pass_midnight(self, hour: int, quiet: Quiet | None, expected: bool) -> None:
        """Summer and winter alike."""
        assert is_quiet(quiet, utc(3, 10, hour - 1, 30)) is expected
        assert is_quiet(quiet, utc(7, 10, hour - 2, 30)) is expected

    @pytest.mark.parametrize(("day", "expected"), [(12, False), (13, True), (14, True), (15, False)])
    def test_may_be_whole_days(self, day: int, expected: bool) -> None:
        """A practice that is closed on Saturday reads it on Monday anyway, among forty others."""
        assert is_quiet(WEEKEND, utc(3, day, 12)) is expected


class TestEnd:
    @pytest.mark.parametrize(
        ("at", "hours"),
        [
            (utc(3, 10, 21), 9.0),  # 22:00
            (utc(3, 10, 23, 30), 6.5),  # half past midnight
            (utc(3, 10, 11), 0.0),
            (utc(3, 27, 21), 8.0),  # the night that has no third hour
            (utc(10, 30, 20), 10.0),  # the night that has it twice
        ],
    )
    def test_is_at_seven_by_dutch_clocks(self, at: datetime, hours: float) -> None:
        """Also in the nights in which clocks are changed."""
        assert quiet_left_s(NIGHT, at) == hours * HOUR_S

    def test_of_a_quiet_weekend_is_on_monday_morning(self) -> None:
        """From Friday at ten in the evening."""
        assert quiet_left_s(WEEKEND, utc(3, 12, 21)) == 57 * HOUR_S

    def test_without_quiet_hours_is_now(self) -> None:
        """Where people work at night."""
        assert quiet_left_s(None, utc(3, 10, 23)) == 0.0
