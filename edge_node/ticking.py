"""The tick: now and then the node asks the switchboard for a sign of life.

Knows: how often, and that nodes started together do not tick together.
Must not know: what a tick looks like, what it means that none is answered.
"""

import structlog
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure

from edge_node.errors import Unavailable
from edge_node.flow.link import Waits
from edge_node.flow.ports import Chance
from edge_node.flow.waiting import start
from edge_node.line import Line

_log = structlog.get_logger()


class Ticks:
    """Ticks at an interval, until told to end."""

    def __init__(self, line: Line, clock: IReactorTime, chance: Chance) -> None:
        self._line = line
        self._clock = clock
        self._chance = chance
        self._ticks: LoopingCall | None = None
        self._first: IDelayedCall | None = None

    def begin(self, interval_s: float | None) -> None:
        """Tick from now on; None: never."""
        self.end()
        if interval_s is None:
            return
        self._ticks = LoopingCall(lambda: start(self._tick(), _failed))
        self._ticks.clock = self._clock
        # Spread over the interval, so that nodes started together do not tick together.
        self._first = self._clock.callLater(interval_s * self._chance.uniform(), self._ticks.start, interval_s)

    def end(self) -> None:
        """No more ticks."""
        if self._first is not None and self._first.active():
            self._first.cancel()
        if self._ticks is not None and self._ticks.running:
            self._ticks.stop()

    async def _tick(self) -> None:
        now = self._line.site
        sender = next(iter(now.applications))
        waits = Waits(timeout_s=now.timing.push_wait_s, connect_s=now.timing.connect_s)
        await self._line.ticker.tick(sender, waits)


def _failed(failure: Failure) -> None:
    if isinstance(failure.value, Unavailable):
        _log.info("tick.failed", code=failure.value.code)
    else:
        _log.error("tick.failed", error=type(failure.value).__name__)
