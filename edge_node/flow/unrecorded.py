"""Ends of handovers that the store cannot take down: they take nobody's place, and are tried again now and then.

Knows: that such a message stays leased, so that it is not handed over again while this process runs.
Must not know: what is wrong with the store, which message goes next.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.python.failure import Failure

from edge_node.errors import EdgeNodeError, StoreUnavailable
from edge_node.flow.waiting import start
from edge_node.model.keeping import Entry

log = structlog.get_logger()

#: A damaged page is not mended by asking; each time costs the store a look at what it holds.
EVERY_S: Final = 600.0
Work = Callable[[], Awaitable[None]]


class Unrecorded:
    """Those of one direction."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._works: dict[str, Work] = {}
        self._timer: IDelayedCall | None = None
        self._stopped = False

    def __len__(self) -> int:
        return len(self._works)

    def take(self, entry: Entry, work: Work) -> None:
        """This one was handed over, and what came of it cannot be recorded. Said once, for a person to act on."""
        self._works[entry.uid] = work
        log.critical(
            "delivery.unrecorded",
            direction=str(entry.direction),
            uid=entry.uid,
            message_id=entry.message_id.shown,
            correlation=entry.correlation,
        )
        self._sleep()

    def stop(self) -> None:
        """Try no more: the next start takes back what is leased."""
        self._stopped = True
        if self._timer is not None and self._timer.active():
            self._timer.cancel()

    def _sleep(self) -> None:
        if self._works and not self._stopped and (self._timer is None or not self._timer.active()):
            self._timer = self._clock.callLater(EVERY_S, lambda: start(self._round(), self._failed))

    async def _round(self) -> None:
        for uid, work in list(self._works.items()):
            try:
                await work()
            except StoreUnavailable:
                continue
            except EdgeNodeError as error:  # it is not this lease any more: a person acted, or it was set aside
                log.warning("delivery.unrecorded-over", uid=uid, code=error.code)
            else:
                log.warning("delivery.unrecorded-over", uid=uid, code="")
            del self._works[uid]
        self._sleep()

    def _failed(self, failure: Failure) -> None:
        log.error("delivery.failed", error=type(failure.value).__name__)
        self._sleep()
