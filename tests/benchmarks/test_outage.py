"""Eight hours without the switchboard, in simulated time."""

from collections.abc import Iterator

import pytest
import structlog

from benchmarks.outage import OUTAGE_S, Outage, simulate

MESSAGES = 300


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outage]:
    """The real line over a real store, and a far end that comes back. The benchmark takes 5,000 messages."""
    with structlog.testing.capture_logs():
        yield simulate(tmp_path_factory.mktemp("outage"), MESSAGES)


class TestOutage:
    def test_the_switchboard_is_tried_once_in_half_a_minute(self, seen: Outage) -> None:
        """With 6,000 nodes around it, that is what it can come back under."""
        assert seen.closest_s >= 29.99
        assert len(seen.tries_s) <= OUTAGE_S / 30 + 13

    def test_what_waited_is_away_within_ten_minutes(self, seen: Outage) -> None:
        """A doctor who comes back from a call need not wonder which letters went."""
        assert seen.within_s(0.95) <= 600

    def test_everything_arrives_once(self, seen: Outage) -> None:
        """Nothing is lost in the night, and nothing comes twice."""
        assert len(seen.away_s) == MESSAGES
