"""Whether the wall clock can be trusted to end something by it.

Knows: that nothing expires and no retention acts for a while after the clock jumped, nor while its verdict is bad.
Must not know: how the kernel is asked, what ends by the clock.

The switchboard says in each answer what time it is there. By the clock that never jumps its time can be told at any
later moment: that is what the wall clock is held against.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog
from twisted.internet.interfaces import IReactorTime

log = structlog.get_logger()

_STEP_S: Final = 1.0
_QUIET_S: Final = 900.0
#: The clock that never jumps stands still while the whole machine does. What was heard longer ago counts for less
#: than a kernel that is kept right.
_FRESH_S: Final = 3600.0
OTHER_TIME: Final = "the switchboard has another time"
UNCONFIRMED: Final = "it jumped, and nobody confirmed the new time"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockLimits:
    """What is ours to choose."""

    step_s: float = 60.0  # a longer jump must be confirmed
    tolerance_s: float = 60.0  # from the time of the switchboard


def _nobody_knows() -> bool:
    return False


class ClockWatch:
    """Sees the wall clock jump, by holding it against the monotonic one, and judges whether it is right."""

    def __init__(
        self,
        clock: IReactorTime,
        now: Callable[[], float],
        limits: Callable[[], ClockLimits] = ClockLimits,
        is_synchronised: Callable[[], bool] = _nobody_knows,
    ) -> None:
        self._clock = clock
        self._now = now
        self._limits = limits
        self._is_synchronised = is_synchronised
        self._offset_s = now() - clock.seconds()
        self._believed_s = self._offset_s  # the last offset that was right, as far as anybody knows
        self._heard: tuple[float, float] | None = None  # offset of the other side's clock, when it was heard
        # A machine that has just started may not have set its clock yet.
        self._quiet_until_s = clock.seconds() + _QUIET_S
        self.doubt = ""  # why the verdict is bad; empty while it is good

    def heard(self, at: float) -> None:
        """The other side says what time it is, in seconds since the epoch."""
        seconds = self._clock.seconds()
        self._heard = (at - seconds, seconds)

    def look(self) -> float:
        """Return by how many seconds the wall clock jumped since the last look; 0 when it did not."""
        offset_s = self._now() - self._clock.seconds()
        step_s = offset_s - self._offset_s
        self._offset_s = offset_s
        self._judge()
        if abs(step_s) <= _STEP_S:
            return 0.0
        self._quiet_until_s = self._clock.seconds() + _QUIET_S
        log.warning("clock.step", step_s=round(step_s, 3), quiet_s=_QUIET_S)
        return step_s

    @property
    def is_quiet(self) -> bool:
        """Whether nothing may end by the wall clock now."""
        return bool(self.doubt) or self._clock.seconds() < self._quiet_until_s

    @property
    def apart_s(self) -> float | None:
        """By how many seconds the wall clock is ahead of the other side's; None where that said nothing lately."""
        seconds = self._clock.seconds()
        if self._heard is None or seconds - self._heard[1] > _FRESH_S:
            return None
        return self._now() - seconds - self._heard[0]

    def _judge(self) -> None:
        doubt = self._find_doubt()
        if doubt != self.doubt:
            self.doubt = doubt
            log.warning("clock.verdict", is_good=not doubt, detail=doubt)

    def _find_doubt(self) -> str:
        """Evidence decides; without any the clock is believed until it jumps too far from where it was."""
        limits = self._limits()
        agrees = self._agrees(limits.tolerance_s)
        if agrees is False:
            return OTHER_TIME
        if agrees:
            self._believed_s = self._offset_s
        return UNCONFIRMED if abs(self._offset_s - self._believed_s) > limits.step_s else ""

    def _agrees(self, tolerance_s: float) -> bool | None:
        if self._heard is None:
            return self._is_synchronised() or None
        offset_s, heard_s = self._heard
        if self._clock.seconds() - heard_s > _FRESH_S and self._is_synchronised():
            return True
        return abs(self._offset_s - offset_s) <= tolerance_s
