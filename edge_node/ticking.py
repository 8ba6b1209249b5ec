"""The tick: now and then the node asks the switchboard for a sign of life.

Knows: how often, that a tick that failed is followed sooner, and that what fails on the link brings one at once.
Must not know: what a tick looks like, what it means that none is answered.
"""

from typing import Final

import structlog
from twisted.internet.interfaces import IReactorTime

from edge_node.errors import Unavailable
from edge_node.flow.link import Waits
from edge_node.flow.ports import Chance
from edge_node.flow.pulse import Pulse
from edge_node.flow.rounds import Rhythm, Rounds
from edge_node.line import Line

_log = structlog.get_logger()

_SWITCHBOARD: Final = "switchboard"
#: Looks at what is in memory: nothing is asked.
_GLANCE_S: Final = 5.0


class Ticks:
    """Ticks at an interval, until told to end."""

    def __init__(self, line: Line, clock: IReactorTime, chance: Chance) -> None:
        self._line = line
        self._code = ""
        self._pulse = Pulse(self._tick, clock, chance, event="tick.failed")
        rhythm = Rhythm(clock=clock, pause_s=lambda: _GLANCE_S, event="tick.failed")
        self._glances = Rounds(self._glance, rhythm)
        self._failures = 0  # of the link, as it was last seen

    def begin(self, interval_s: float | None) -> None:
        """Tick from now on; None: never."""
        self._pulse.begin(interval_s)
        if interval_s is None:
            self._glances.stop()
        else:
            self._glances.begin()

    def end(self) -> None:
        """No more ticks."""
        self._pulse.end()
        self._glances.stop()

    def doubt(self) -> None:
        """Something beside a message showed that the way may be broken."""
        self._pulse.doubt()

    async def _glance(self) -> None:
        """See whether something that others sent found no line: people wait to read why."""
        links = [link for link in self._line.ways_out if link.name == _SWITCHBOARD]
        before, self._failures = self._failures, sum(link.breaker.failures for link in links)
        if self._failures > before:
            self._pulse.doubt()

    async def _tick(self) -> bool:
        now = self._line.site
        sender = next(iter(now.applications))
        waits = Waits(timeout_s=now.timing.push_wait_s, connect_s=now.timing.connect_s)
        try:
            await self._line.ticker.tick(sender, waits)
        except Unavailable as error:
            if error.code != self._code:  # one line for each kind of failure, not one every few seconds
                _log.info("tick.failed", code=error.code)
            self._code = error.code
            return False
        self._code = ""
        return True
