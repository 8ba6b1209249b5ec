"""Looks now and then which pushes in wait too long, so that somebody is told.

Knows: how often, that ages are not told while the clock cannot be trusted, one line in the log for each message.
Must not know: where messages are stored, who is told, by which way.
"""

from collections.abc import Callable
from typing import Final

import structlog
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.python.failure import Failure

from edge_node.errors import StoreUnavailable
from edge_node.flow.clock_watch import ClockWatch
from edge_node.flow.telling import Notices
from edge_node.flow.waiting import start
from edge_node.model.notice import Ages

log = structlog.get_logger()

_ROUND_S: Final = 15.0
_BATCH: Final = 200


class Lateness:
    """Runs a round every few seconds."""

    def __init__(self, notices: Notices, ages: Callable[[], Ages], clock: IReactorTime, watch: ClockWatch) -> None:
        self._notices = notices
        self._ages = ages
        self._clock = clock
        self._watch = watch
        self._timer: IDelayedCall | None = None
        self._stopped = True

    def begin(self) -> None:
        """Start the rounds."""
        self._stopped = False
        self._next()

    def stop(self) -> None:
        """No more rounds."""
        self._stopped = True
        if self._timer is not None and self._timer.active():
            self._timer.cancel()

    async def round(self) -> None:
        """Tell of those that became late."""
        self._watch.look()
        if self._watch.is_quiet:
            return
        for row in await self._notices.late(self._ages(), _BATCH):
            log.warning(
                "message.late",
                uid=row.uid,
                interaction=row.interaction,
                receiver=row.receiver,
                state=row.state.value,
                correlation=row.correlation,
            )

    def _next(self) -> None:
        if not self._stopped:
            self._timer = self._clock.callLater(_ROUND_S, self._run)

    def _run(self) -> None:
        start(self.round(), self._failed).addCallback(lambda _: self._next())

    def _failed(self, failure: Failure) -> None:
        if not isinstance(failure.value, StoreUnavailable):
            log.error("lateness.failed", error=type(failure.value).__name__)
