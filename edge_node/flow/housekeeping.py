"""Ends what is over and removes what may go, a little at a time, while the clock can be trusted.

Knows: that nothing expires and no retention acts unless the clock can be trusted (design section 3).
Must not know: which table a thing is removed from, how long it was to be kept, how the clock is judged.
"""

from typing import Final

import structlog
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.python.failure import Failure

from edge_node.errors import StoreUnavailable
from edge_node.flow.clock_watch import ClockWatch
from edge_node.flow.ports import Keeper
from edge_node.flow.waiting import start

log = structlog.get_logger()

_ROUND_S: Final = 15.0
_BATCH: Final = 200


class Housekeeping:
    """Runs a round every few seconds."""

    def __init__(self, keeper: Keeper, clock: IReactorTime, watch: ClockWatch) -> None:
        self._keeper = keeper
        self._clock = clock
        self._watch = watch
        self._timer: IDelayedCall | None = None
        self._stopped = True
        self._is_whole = True
        self._hindrance = ""  # the code of what kept something from being ended or removed

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
        """Look at the clock, end what is over, remove what may go."""
        await self._tend()
        self._watch.look()
        if self._watch.is_quiet:
            return
        try:
            await self._expire()
        finally:  # what stands in the way of the one need not stand in that of the other
            await self._keeper.prune(_BATCH)
        self._hindered("")

    async def _expire(self) -> None:
        for entry in await self._keeper.expire(_BATCH):
            log.warning(
                "message.expired",
                uid=entry.uid,
                message_id=entry.message_id.shown,
                interaction=str(entry.interaction),
                outcome_unknown=entry.unknown,
                correlation=entry.correlation,
            )

    async def _tend(self) -> None:
        try:
            await self._keeper.tend()
        except StoreUnavailable:
            is_whole = False
        else:
            is_whole = True
        if is_whole is not self._is_whole:
            self._is_whole = is_whole
            log.warning("store.reserve", is_whole=is_whole)

    def _next(self) -> None:
        if not self._stopped:
            self._timer = self._clock.callLater(_ROUND_S, self._run)

    def _run(self) -> None:
        start(self.round(), self._failed).addCallback(lambda _: self._next())

    def _failed(self, failure: Failure) -> None:
        if isinstance(failure.value, StoreUnavailable):
            self._hindered(failure.value.code)
        else:
            log.error("housekeeping.failed", error=type(failure.value).__name__)

    def _hindered(self, code: str) -> None:
        """Said when it begins, when it changes and when it is over: a round is made every few seconds."""
        if code != self._hindrance:
            self._hindrance = code
            log.warning("housekeeping.hindered", code=code)
