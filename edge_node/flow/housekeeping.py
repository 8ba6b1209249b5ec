"""Ends what is over and removes what may go, a little at a time, while the clock can be trusted.

Knows: that nothing expires and no retention acts unless the clock can be trusted (design section 3).
Must not know: which table a thing is removed from, how long it was to be kept, how the clock is judged.
"""

from typing import Final

import structlog
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from edge_node.errors import StoreUnavailable
from edge_node.flow.clock_watch import ClockWatch
from edge_node.flow.ports import Keeper
from edge_node.flow.rounds import Rhythm, Rounds

log = structlog.get_logger()

_ROUND_S: Final = 15.0
_BATCH: Final = 200


class Housekeeping:
    """Runs a round every few seconds."""

    def __init__(self, keeper: Keeper, clock: IReactorTime, watch: ClockWatch) -> None:
        self._keeper = keeper
        self._watch = watch
        rhythm = Rhythm(clock=clock, pause_s=lambda: _ROUND_S, event="housekeeping.failed")
        self._rounds = Rounds(self._unless_hindered, rhythm)
        self._is_whole = True
        self._hindrance = ""  # the code of what kept something from being ended or removed

    def begin(self) -> None:
        """Start the rounds."""
        self._rounds.begin()

    def stop(self) -> Deferred[None]:
        """No more rounds; fires when the one under way has ended."""
        return self._rounds.stop()

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

    async def _unless_hindered(self) -> None:
        try:
            await self.round()
        except StoreUnavailable as error:
            self._hindered(error.code)

    def _hindered(self, code: str) -> None:
        """Said when it begins, when it changes and when it is over: a round is made every few seconds."""
        if code != self._hindrance:
            self._hindrance = code
            log.warning("housekeeping.hindered", code=code)
