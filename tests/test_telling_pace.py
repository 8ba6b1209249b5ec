"""When mails go, as the settings have it."""

from datetime import UTC, datetime

import pytest

from edge_node.settings.alerts import AlertSettings, QuietHoursSettings
from edge_node.telling import quiet, quiet_left


def at(day: int, hour: int) -> float:
    return datetime(2027, 3, day, hour, tzinfo=UTC).timestamp()


class TestQuiet:
    def test_weekend_is_named_by_its_days(self) -> None:
        """Monday is 0, as dates count; a slip by one would make Friday silent."""
        hours = quiet(AlertSettings(quiet_hours=QuietHoursSettings(days=("saturday", "sunday"))))
        assert hours is not None
        assert (hours.from_min, hours.until_min, hours.days) == (22 * 60, 7 * 60, {5, 6})

    def test_there_may_be_none(self) -> None:
        """Where people work at night."""
        assert quiet_left(AlertSettings(quiet_hours=None), lambda: at(10, 23))() == 0

    @pytest.mark.parametrize(("hour", "left_h"), [(12, 0), (23, 7)])
    def test_what_is_left_is_of_the_moment_it_is_asked(self, hour: int, left_h: int) -> None:
        """A mail that rests asks again."""
        assert quiet_left(AlertSettings(), lambda: at(10, hour))() == left_h * 3600
