"""How long a caller may take over each part of a request, and over the whole of it.

Knows: the limits in seconds, which part is being waited for, when the request began.
Must not know: what is done about one that is late.
"""

from collections.abc import Callable

from twisted.internet.interfaces import IReactorTime

from edge_node.wire.http1 import Limits
from edge_node.wire.http1_transport import Deadline


class Pace:
    """The deadlines of one connection. One is running at a time; each begins once for each part."""

    __slots__ = ("_began_s", "_body_began_s", "_clock", "_limits", "_room_since_s", "deadline", "part")

    def __init__(self, limits: Limits, clock: IReactorTime, late: Callable[[], None]) -> None:
        self.deadline = Deadline(clock, late)
        self.part = ""  # what is being waited for, in words for the sender
        self._limits = limits
        self._clock = clock
        self._began_s: float | None = None  # the first byte of the request in hand
        self._body_began_s = 0.0
        self._room_since_s = 0.0

    def await_head(self, *, begun: bool) -> None:
        """Wait for a head; on a new connection that has not begun, and its handshake counts."""
        if begun and self._began_s is None:
            self._began_s = self._clock.seconds()
        self._enter("head", self._limits.header_time_s)

    def begin_body(self) -> None:
        """A body may come now."""
        self._body_began_s = self._clock.seconds()

    def await_body(self, nbytes: int) -> None:
        """Wait for more of a body of which so much is there; it must keep its rate."""
        limits = self._limits
        rate_s = limits.body_grace_s + nbytes / limits.body_bytes_per_s
        passed_s = self._clock.seconds() - self._body_began_s
        self.part = "body"
        self._set(min(limits.body_time_s, rate_s) - passed_s)

    def await_room(self) -> None:
        """Wait until there is memory."""
        self._room_since_s = self._clock.seconds()
        self._enter("room", self._limits.budget_wait_s)

    def room_made(self) -> None:
        """Go on; the wait was ours, and is not counted against the sender's body."""
        self._body_began_s += self._clock.seconds() - self._room_since_s

    def await_next(self) -> None:
        """Nothing is in hand."""
        self._enter("next request", self._limits.idle_s)

    def answer(self) -> None:
        """The request is there, or it is refused: its sender is waited for no longer."""
        self.part = ""
        self._began_s = None
        self.deadline.clear()

    def _enter(self, part: str, after_s: float) -> None:
        if part != self.part:
            self.part = part
            self._set(after_s)

    def _set(self, after_s: float) -> None:
        if self._began_s is not None:
            after_s = min(after_s, self._began_s + self._limits.request_time_s - self._clock.seconds())
        self.deadline.set(max(0.0, after_s))
