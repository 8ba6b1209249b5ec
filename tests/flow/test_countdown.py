"""The countdown of certificates: told once, in time, and never while the clock is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs
from twisted.internet.task import Clock

from edge_node.errors import StoreUnavailable
from edge_node.flow.clock_watch import ClockWatch
from edge_node.flow.countdown import Countdown, CountdownTools
from edge_node.model.certificate import Counted, Part, Telling

START = datetime(2027, 3, 10, 12, tzinfo=UTC)
DAY_S = 86_400.0
PRACTICE = Counted(
    fingerprint="ab", part=Part.OWN, name="De Linde", subject="gp.example", ends_at=START + timedelta(days=40)
)


@dataclass
class Remembered:
    """A book in memory."""

    lines: list[tuple[str, Telling, int]] = field(default_factory=list)
    is_broken: bool = False

    async def told(self) -> Mapping[str, frozenset[int]]:
        if self.is_broken:
            raise StoreUnavailable("down")
        names = {name for name, _, _ in self.lines}
        return {name: frozenset(days for other, _, days in self.lines if other == name) for name in names}

    async def tell(self, certificate: Counted, telling: Telling, days: int) -> bool:
        line = (certificate.fingerprint, telling, days)
        is_new = line not in self.lines
        self.lines += [line] if is_new else []
        return is_new


@dataclass
class Bench:
    """A countdown on a clock of its own; `off_s` is how far the wall clock is wrong."""

    counted: tuple[Counted, ...] = (PRACTICE,)
    book: Remembered = field(default_factory=Remembered)
    clock: Clock = field(default_factory=Clock)
    off_s: float = 0.0

    def __post_init__(self) -> None:
        self.watch = ClockWatch(self.clock, self._now)
        self.restart()

    def restart(self) -> None:
        self.countdown = Countdown(
            CountdownTools(
                book=self.book,
                counted=lambda: self.counted,
                steps=lambda: (90, 60, 30, 14, 7, 3, 1),
                moment=lambda: datetime.fromtimestamp(self._now(), UTC),
                clock=self.clock,
                watch=self.watch,
            )
        )
        self.countdown.begin()

    def _now(self) -> float:
        return START.timestamp() + self.clock.seconds() + self.off_s

    def days(self, days: int) -> None:
        """So many days go by, hour after hour."""
        self.clock.pump([3600.0] * (24 * days))

    @property
    def told(self) -> list[int]:
        return [days for _, _, days in self.book.lines]


class TestCountdown:
    def test_tells_each_step_once_on_its_day(self) -> None:
        """Forty days, every hour looked at: six lines and the end."""
        bench = Bench()
        bench.days(60)
        assert bench.told == [60, 30, 14, 7, 3, 1, 0]

    def test_tells_one_thing_when_it_begins_late(self) -> None:
        """A node installed five days before the end has one message, not five."""
        bench = Bench((replace(PRACTICE, ends_at=START + timedelta(days=5)),))
        bench.days(1)
        assert bench.told == [7]

    def test_goes_on_after_a_restart_where_it_was(self) -> None:
        """Told once, whatever restarts between."""
        bench = Bench()
        bench.days(1)
        bench.countdown.stop()
        bench.restart()
        bench.days(1)
        assert bench.told == [60]

    def test_begins_anew_for_a_new_certificate(self) -> None:
        """After a renewal the old countdown is over, and the new one begins in years."""
        bench = Bench()
        bench.days(20)
        bench.counted = (replace(PRACTICE, fingerprint="cd", ends_at=START + timedelta(days=1000)),)
        bench.days(60)
        assert bench.told == [60, 30]

    def test_tells_nothing_soon_after_a_start(self) -> None:
        """A machine that has just started may not have set its clock yet."""
        bench = Bench()
        bench.clock.pump([60.0] * 10)
        assert bench.told == []

    def test_tells_nothing_while_the_clock_is_wrong(self) -> None:
        """A clock that jumps three years must not call the whole country at night."""
        bench = Bench()
        bench.days(1)
        bench.off_s = 1100 * DAY_S
        bench.watch.look()
        bench.days(3)
        assert (bool(bench.watch.doubt), bench.told) == (True, [60])

    def test_stops(self) -> None:
        """A node that stops leaves no timer behind."""
        bench = Bench()
        bench.countdown.stop()
        assert bench.clock.getDelayedCalls() == []

    def test_waits_for_a_store_that_is_down(self) -> None:
        """What cannot be remembered is not told: it would be told again."""
        bench = Bench()
        bench.book.is_broken = True
        bench.days(1)
        bench.book.is_broken = False
        bench.days(1)
        assert bench.told == [60]


class TestTheLog:
    @pytest.mark.parametrize(("days", "level"), [(60, "info"), (14, "warning"), (3, "error"), (0, "critical")])
    def test_rises_in_level(self, days: int, level: str) -> None:
        """Who filters by level hears it when it is for him."""
        bench = Bench((replace(PRACTICE, ends_at=START + timedelta(days=days)),))
        with capture_logs() as lines:
            bench.clock.pump([60.0] * 20)
        assert [(line["event"], line["log_level"]) for line in lines] == [("certificate.ends", level)]
