"""The log of callers turned away, which a flood of them cannot fill.

Knows: how often one kind of refusal from one host may have a line, and how many it counts meanwhile.
Must not know: why anybody is turned away.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import structlog
from twisted.internet.interfaces import IDelayedCall, IReactorTime

log = structlog.get_logger()

QUIET_S: Final = 60.0
#: Kinds that are counted apart. Beyond it hosts are counted together: a flood may come from many addresses.
MAX_KINDS: Final = 64

_Kind = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One line, as it would stand in the log by itself; `source` is the host it is about, where that is known."""

    event: str
    code: str
    words: Mapping[str, object]
    source: str = ""
    level: int = logging.INFO

    def write(self, count: int) -> None:
        """Write it, for as many as it stands for."""
        log.log(self.level, self.event, code=self.code, count=count, **self.words)


@dataclass(slots=True)
class _Quiet:
    call: IDelayedCall
    last: Refusal
    count: int = 0


class RefusalLog:
    """Writes the first of a kind at once, then at most one line a minute. The counts of all lines add up."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._quiet: dict[_Kind, _Quiet] = {}
        self._stopped = False

    def tell(self, refusal: Refusal) -> None:
        """Write a refusal, or count it."""
        kind = self._kind(refusal)
        quiet = self._quiet.get(kind)
        if quiet is None:
            refusal.write(1)
            self._begin(kind, refusal)
        else:
            quiet.count += 1
            quiet.last = refusal

    def stop(self) -> None:
        """Write what is counted so far, and let the clock go. What still comes is written at once."""
        self._stopped = True
        for quiet in self._quiet.values():
            quiet.call.cancel()
            if quiet.count:
                quiet.last.write(quiet.count)
        self._quiet.clear()

    def _kind(self, refusal: Refusal) -> _Kind:
        kind = (refusal.event, refusal.code, refusal.source)
        if kind in self._quiet or len(self._quiet) < MAX_KINDS:
            return kind
        return (refusal.event, refusal.code, "others")

    def _begin(self, kind: _Kind, refusal: Refusal) -> None:
        if self._stopped:
            return
        self._quiet[kind] = _Quiet(self._clock.callLater(QUIET_S, self._over, kind), refusal)

    def _over(self, kind: _Kind) -> None:
        quiet = self._quiet.pop(kind)
        if quiet.count:
            quiet.last.write(quiet.count)
            self._begin(kind, quiet.last)
