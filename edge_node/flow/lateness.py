"""Looks now and then which pushes in wait too long, so that somebody is told.

Knows: how often, that ages are not told while the clock cannot be trusted, one line in the log for each message.
Must not know: where messages are stored, who is told, by which way.
"""

from collections.abc import Callable
from typing import Final

import structlog
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from edge_node.errors import StoreUnavailable
from edge_node.flow.clock_watch import ClockWatch
from edge_node.flow.rounds import Rhythm, Rounds
from edge_node.flow.telling import Notices
from edge_node.model.notice import Ages

log = structlog.get_logger()

_ROUND_S: Final = 15.0
_BATCH: Final = 200


class Lateness:
    """Runs a round every few seconds."""

    def __init__(self, notices: Notices, ages: Callable[[], Ages], clock: IReactorTime, watch: ClockWatch) -> None:
        self._notices = notices
        self._ages = ages
        self._watch = watch
        self._rounds = Rounds(
            self.round,
            Rhythm(clock=clock, pause_s=lambda: _ROUND_S, event="lateness.failed", untold=(StoreUnavailable,)),
        )

    def begin(self) -> None:
        """Start the rounds."""
        self._rounds.begin()

    def stop(self) -> Deferred[None]:
        """No more rounds; fires when the one under way has ended."""
        return self._rounds.stop()

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
