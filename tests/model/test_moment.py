"""Moments as tokens write them are read as every other reader has them, or not at all."""

from datetime import UTC, datetime

import pytest

from edge_node.model.moment import moment_of, moments_of

NINE = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class TestAMoment:
    @pytest.mark.parametrize(
        "written",
        [
            "2026-11-22T09:00:00Z",
            "2026-11-22T10:00:00+01:00",
            "2026-11-22T09:00:00",
            " 2026-11-22T09:00:00.0000000Z\n",
            "20261122100000",
        ],
    )
    def test_is_read_as_each_product_writes_it(self, written: str) -> None:
        """.NET writes seven digits of a second; the older token is in Dutch time."""
        assert moment_of(written) == NINE

    @pytest.mark.parametrize(
        "written",
        [
            None,
            "",
            "2026-11-22",
            "2026-W47-7",
            "20261122T090000Z",
            "2026-11-22 09:00:00Z",
            "2026-11-22x09:00:00Z",
            "2026-11-22T09:00Z",
            "2026-11-22T09:00:00,5Z",
            "2026-11-22T09:00:00.Z",
            "2026-11-22T09:00:00+01:00:30",
            "2026-11-22T09:00:60Z",
            "0001-01-01T00:00:00+14:00",
            "2026112210000",
        ],
    )
    def test_that_another_reader_takes_for_none_is_none(self, written: str | None) -> None:
        """A token that counts for the node and for nobody else comes back when its signer has gone."""
        assert moment_of(written) is None


class TestTheHourThatComesTwice:
    def test_leaves_two_moments(self) -> None:
        """The older token is in local time, without a zone: in one night of the year that is no moment yet."""
        assert [f"{one:%H:%M}" for one in moments_of("20261025023000")] == ["00:30", "01:30"]

    @pytest.mark.parametrize("written", ["20261025015959", "20261025030000", "2026-10-25T02:30:00+01:00"])
    def test_is_that_hour_alone(self, written: str) -> None:
        """Every other moment is one."""
        assert len(moments_of(written)) == 1
