"""The tick: now and then the node asks the switchboard for a sign of life.

Knows: how often, and that a tick that failed is followed sooner.
Must not know: what a tick looks like, what it means that none is answered.
"""

import structlog
from twisted.internet.interfaces import IReactorTime

from edge_node.errors import Unavailable
from edge_node.flow.link import Waits
from edge_node.flow.ports import Chance
from edge_node.flow.pulse import Pulse
from edge_node.line import Line

_log = structlog.get_logger()


class Ticks:
    """Ticks at an interval, until told to end."""

    def __init__(self, line: Line, clock: IReactorTime, chance: Chance) -> None:
        self._line = line
        self._code = ""
        self._pulse = Pulse(self._tick, clock, chance, event="tick.failed")

    def begin(self, interval_s: float | None) -> None:
        """Tick from now on; None: never."""
        self._pulse.begin(interval_s)

    def end(self) -> None:
        """No more ticks."""
        self._pulse.end()

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
