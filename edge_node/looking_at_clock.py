"""What there is to see of the clock: what the kernel, chrony, time servers and the switchboard say, and its jumps.

Knows: whom to ask, that a clock which jumped shows against the one that never does.
Must not know: how far off is too far.
"""

from collections import deque
from datetime import timedelta
from typing import Any, Final

from edge_node.looking_ground import Ground
from edge_node.model.check import Unseen
from edge_node.model.facts_clock import ClockFacts, KernelClock, ServerTime, Step, Tracking
from edge_node.policy import check_clock
from edge_node.probes import chrony, clock, time_servers
from edge_node.probing import Look
from edge_node.settings.network import server

_NTP: Final = 123
#: Of the time a look may take: for chrony, and for all time servers together.
_FOR_CHRONY: Final = 0.2
_FOR_SERVERS: Final = 0.6
#: What is less is the kernel slewing the clock, or a thread that had to wait.
_LEAST_STEP_S: Final = 0.1


def looks(ground: Ground) -> tuple[Look[Any], ...]:
    """Return them."""
    return (
        Look(
            name="clock",
            see=Watching(ground).see,
            rules={
                "clock-offset": check_clock.offset,
                "clock-sync-age": check_clock.sync_age,
                "clock-step": check_clock.steps,
            },
        ),
    )


class Watching:
    """What was seen of the clock from look to look."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._last_s: float | None = None  # the wall clock less the one that never jumps
        self._began_s: float | None = None
        self._unkept_from_s: float | None = None
        self._steps: deque[Step] = deque()

    async def see(self) -> ClockFacts:
        """Ask all who know the time; they may hang, so in a thread."""
        settings = self._ground.settings
        servers = [server(one, _NTP) for one in settings.network.time_servers]
        limit_s = settings.checks.look_limit_s
        self._watch()
        kernel, tracking, times = await self._ground.peek(lambda: _asked(servers, limit_s))
        now = self._ground.machine.clock
        self._ground.store.clock_is_off(check_clock.seen_offset_s(tracking, times))
        return ClockFacts(
            at=now.moment(),
            kernel=kernel,
            chrony=tracking,
            touched_at=clock.touched(clock.TIMESYNC),
            servers=times,
            peer_s=self._ground.carrying.clock_watch.apart_s,
            unkept_s=self._unkept_s(kernel),
            steps=tuple(self._steps),
            watched_s=now.monotonic() - (self._began_s or 0.0),
        )

    def _watch(self) -> None:
        now = self._ground.machine.clock
        seconds = now.monotonic()
        apart_s = now.now() - seconds
        self._began_s = seconds if self._began_s is None else self._began_s
        by_s = 0.0 if self._last_s is None else apart_s - self._last_s
        self._last_s = apart_s
        if abs(by_s) > _LEAST_STEP_S:
            self._steps.append(Step(at=now.moment(), by_s=by_s))
        window = timedelta(seconds=self._ground.settings.checks.window_s)
        while self._steps and self._steps[0].at < now.moment() - window:
            self._steps.popleft()

    def _unkept_s(self, kernel: KernelClock | None) -> float:
        seconds = self._ground.machine.clock.monotonic()
        if kernel is None or kernel.is_kept:
            self._unkept_from_s = None
        elif self._unkept_from_s is None:
            self._unkept_from_s = seconds
        return 0.0 if self._unkept_from_s is None else seconds - self._unkept_from_s


def _asked(
    servers: list[tuple[str, int]], limit_s: float
) -> tuple[KernelClock | None, Tracking | None, tuple[ServerTime, ...]]:
    try:
        tracking = chrony.ask(limit_s * _FOR_CHRONY)
    except Unseen:
        tracking = None  # another program may keep the clock, or none: the kernel tells
    return clock.ask_kernel(), tracking, time_servers.ask(servers, limit_s * _FOR_SERVERS)
