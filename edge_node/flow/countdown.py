"""Counts the days of every certificate that keeps this site going, and has each step told once.

Knows: how often, that nothing is told while the clock cannot be trusted, one line in the log for each step.
Must not know: where it is remembered what was told, who is told by which way, how a certificate is read.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import structlog
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from edge_node.errors import StoreUnavailable
from edge_node.flow.clock_watch import ClockWatch
from edge_node.flow.rounds import Rhythm, Rounds
from edge_node.model.certificate import Counted, Telling, days_left
from edge_node.policy.countdown import due_step, urgency_of

log = structlog.get_logger()

_ROUND_S: Final = 60.0


class Book(Protocol):
    """What was told."""

    async def told(self) -> Mapping[str, frozenset[int]]:
        """Return the steps that were told, by fingerprint."""
        ...

    async def tell(self, certificate: Counted, telling: Telling, days: int) -> bool:
        """Write down that this is told; say whether it is the first time."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CountdownTools:
    """What the countdown works with."""

    book: Book
    counted: Callable[[], Iterable[Counted]]
    steps: Callable[[], tuple[int, ...]]
    moment: Callable[[], datetime]
    clock: IReactorTime
    watch: ClockWatch


class Countdown:
    """Runs a round every minute."""

    def __init__(self, tools: CountdownTools) -> None:
        self._tools = tools
        self._rounds = Rounds(
            self.round,
            Rhythm(clock=tools.clock, pause_s=lambda: _ROUND_S, event="countdown.failed", untold=(StoreUnavailable,)),
        )

    def begin(self) -> None:
        """Start the rounds."""
        self._rounds.begin()

    def stop(self) -> Deferred[None]:
        """No more rounds; fires when the one under way has ended."""
        return self._rounds.stop()

    async def round(self) -> None:
        """Tell of every certificate that reached a step."""
        tools = self._tools
        if tools.watch.is_quiet:
            return
        told, at, steps = await tools.book.told(), tools.moment(), tools.steps()
        for certificate in tools.counted():
            step = due_step(days_left(certificate.ends_at, at), steps, told.get(certificate.fingerprint, frozenset()))
            if step is not None and await tools.book.tell(certificate, Telling.ENDS, step):
                _say(certificate, step, at)


def _say(certificate: Counted, step: int, at: datetime) -> None:
    log.log(
        int(urgency_of(step, certificate.part)),
        event="certificate.ends",
        part=certificate.part.value,
        name=certificate.name,
        subject=certificate.subject,
        ends=f"{certificate.ends_at:%Y-%m-%dT%H:%M:%SZ}",
        days_left=max(0, days_left(certificate.ends_at, at)),
        step=step,
    )
