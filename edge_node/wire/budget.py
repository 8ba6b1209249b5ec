"""One shared budget for the bodies all listeners hold in memory.

Knows: how many bytes and connections are in use, who waits for room, in which order.
Must not know: sockets, HTTP, time.
"""

from collections import deque
from collections.abc import Callable


class Budget:
    """Bounds what all listeners of the process hold together."""

    def __init__(self, *, max_bytes: int = 64 * 1024 * 1024, max_connections: int = 4_000) -> None:
        self.max_bytes = max_bytes
        self.max_connections = max_connections
        self.used_bytes = 0
        self.connections = 0
        self._waiting: deque[tuple[Hold, int, Callable[[], None]]] = deque()
        self._granting = False

    @property
    def waiting(self) -> int:
        """How many bodies wait for room."""
        return len(self._waiting)

    def connect(self) -> bool:
        """Count a connection; False when there are as many as there may be."""
        if self.connections >= self.max_connections:
            return False
        self.connections += 1
        return True

    def disconnect(self) -> None:
        """Count a connection that ended."""
        self.connections -= 1

    def hold(self) -> "Hold":
        """Begin to hold a body."""
        return Hold(self)

    def _take(self, nbytes: int) -> bool:
        if self.used_bytes + nbytes > self.max_bytes:
            return False
        self.used_bytes += nbytes
        return True

    def _grant(self) -> None:
        """First come, first served: a large body is not overtaken for ever by small ones."""
        if self._granting:
            return
        self._granting = True
        try:
            while self._waiting and self._take(self._waiting[0][1]):
                hold, nbytes, ready = self._waiting.popleft()
                hold.nbytes += nbytes
                ready()
        finally:
            self._granting = False


class Hold:
    """The share of one body in the budget."""

    __slots__ = ("_budget", "nbytes")

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.nbytes = 0

    def grow(self, nbytes: int, ready: Callable[[], None]) -> bool:
        """Take room. False: not now, `ready` is called when it was taken after all."""
        budget = self._budget
        if not budget._waiting and budget._take(nbytes):
            self.nbytes += nbytes
            return True
        budget._waiting.append((self, nbytes, ready))
        return False

    def release(self) -> None:
        """Give everything back, and stop waiting."""
        budget = self._budget
        if any(hold is self for hold, _, _ in budget._waiting):
            budget._waiting = deque(entry for entry in budget._waiting if entry[0] is not self)
        budget.used_bytes -= self.nbytes
        self.nbytes = 0
        budget._grant()
