"""A question that is asked again and again: seldom while all is well, soon while it is not."""

from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs
from twisted.internet.task import Clock

from edge_node.flow.pulse import Pulse


@dataclass
class Half:
    """Chance that is always in the middle."""

    def uniform(self) -> float:
        return 0.5

    def hex(self, nbytes: int) -> str:
        return "0" * 2 * nbytes


@dataclass
class Bench:
    """Who is asked, and when."""

    clock: Clock = field(default_factory=Clock)
    is_well: bool = True
    breaks: bool = False
    asked_at: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pulse = Pulse(self._ask, self.clock, Half(), event="tick.failed")

    async def _ask(self) -> bool:
        self.asked_at.append(self.clock.seconds())
        if self.breaks:
            raise RuntimeError
        return self.is_well

    def run(self, seconds: int) -> list[float]:
        """Let so many seconds pass; return when it was asked in them."""
        before = len(self.asked_at)
        self.clock.pump([0.5] * (2 * seconds))
        return self.asked_at[before:]


class TestPulse:
    def test_is_asked_soon_after_the_start(self) -> None:
        """Before the first answer nobody can say that it works."""
        bench = Bench()
        bench.pulse.begin(300)
        assert bench.run(15) == [7.5]

    def test_is_asked_at_once_where_something_failed_meanwhile(self) -> None:
        """A doctor's question found no line: the practice reads why within half a minute, not in five."""
        bench = Bench()
        bench.pulse.begin(300)
        bench.run(20)
        bench.is_well = False
        bench.pulse.doubt()
        assert (bench.asked_at[-1], bench.run(15)) == (20.0, [25.0, 30.0, 35.0])

    def test_that_fails_already_is_not_asked_more_often_for_a_doubt(self) -> None:
        """Each of a hundred waiting messages that fails would be a question more."""
        bench = Bench(is_well=False)
        bench.pulse.begin(300)
        bench.run(10)
        bench.pulse.doubt()
        assert bench.run(3) == [12.5]

    def test_goes_on_at_its_interval(self) -> None:
        """6,000 nodes must not ask every few seconds."""
        bench = Bench()
        bench.pulse.begin(300)
        assert bench.run(700) == [7.5, 307.5, 607.5]

    def test_asks_sooner_while_it_fails(self) -> None:
        """Five failures make a link down: that is known within half a minute, and the end as soon."""
        bench = Bench(is_well=False)
        bench.pulse.begin(300)
        assert bench.run(100) == [7.5, 12.5, 17.5, 22.5, 27.5, 32.5, 62.5, 92.5]

    def test_is_seldom_again_once_it_works(self) -> None:
        """As before."""
        bench = Bench(is_well=False)
        bench.pulse.begin(300)
        bench.run(10)
        bench.is_well = True
        assert bench.run(290) == [12.5]

    def test_goes_on_after_a_mistake(self) -> None:
        """A broken look is told, and is no end of looking."""
        bench = Bench(breaks=True)
        bench.pulse.begin(300)
        with capture_logs() as lines:
            assert bench.run(15) == [7.5, 12.5]
        assert [line["event"] for line in lines] == ["tick.failed", "tick.failed"]

    @pytest.mark.parametrize("interval_s", [None, 300.0])
    def test_ends(self, interval_s: float | None) -> None:
        """A node that stops, and a site that wants none."""
        bench = Bench()
        bench.pulse.begin(interval_s)
        bench.pulse.end()
        assert bench.run(1000) == []

    def test_begins_anew_with_another_interval(self) -> None:
        """A reload."""
        bench = Bench()
        bench.pulse.begin(300)
        bench.run(10)
        bench.pulse.begin(10)
        assert bench.run(30) == [15.0, 25.0, 35.0]
