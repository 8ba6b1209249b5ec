"""How much of the window the places may have that take long.

Knows: how many handovers go on to each place, which of them lasted long, how soon a place is trusted again.
Must not know: what came of a handover, what waits.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

#: A handover that goes on for so long keeps its place in the window from many others.
LONG_S: Final = 5.0
#: So many short ones in a row, or so long without one that lasted, and a place is as good as any other.
_SHORT: Final = 8
_MEMORY_S: Final = 600.0


@dataclass(slots=True)
class _Slow:
    until_s: float
    short: int = 0


@dataclass(slots=True)
class Shares:
    """The window of one direction, divided. All slow places together get half of it: one never starves the others."""

    monotonic: Callable[[], float]
    _running: dict[str, tuple[str, float]] = field(default_factory=dict)  # oldest first: its place, since when
    _at: Counter[str] = field(default_factory=Counter)
    _slow: dict[str, _Slow] = field(default_factory=dict)

    def is_slow(self, place: str) -> bool:
        """Whether handovers to that place last long."""
        return place in self._slow

    def passed_by(self, place: str) -> None:
        """Nothing waited for it: another one is next."""
        if place in self._slow:
            self._slow[place] = self._slow.pop(place)

    def begin(self, uid: str, place: str) -> None:
        """A handover begins."""
        self._running[uid] = place, self.monotonic()
        self._at[place] += 1
        self.passed_by(place)

    def end(self, uid: str) -> bool:
        """It ended. Say whether its place was slow and is trusted again."""
        place, since_s = self._running.pop(uid)
        self._at[place] -= 1
        if not self._at[place]:
            del self._at[place]
        if self.monotonic() - since_s >= LONG_S:
            self._mark(place)
        elif place in self._slow:
            self._slow[place].short += 1
            if self._slow[place].short >= _SHORT:
                del self._slow[place]
                return True
        return False

    def look(self) -> list[str]:
        """See which places are slow by now; return those that have not been for long."""
        now_s = self.monotonic()
        for place, since_s in self._running.values():
            if now_s - since_s < LONG_S:
                break
            self._mark(place)
        over = [place for place, slow in self._slow.items() if slow.until_s <= now_s]
        for place in over:
            del self._slow[place]
        return over

    def next_look_s(self) -> float | None:
        """Seconds until a handover that goes on may have lasted long."""
        now_s = self.monotonic()
        since_s = next((since for place, since in self._running.values() if place not in self._slow), None)
        return None if since_s is None else max(0.0, since_s + LONG_S - now_s)

    def counted(self, window: int) -> int:
        """How much of the window is taken: what goes on to slow places counts for no more than their part of it."""
        slow = self._to_slow()
        return len(self._running) - slow + min(slow, window // 2)

    def left(self, window: int) -> dict[str, int]:
        """Every slow place, with how many more may go there, the one that has had none for longest first."""
        all_left = max(0, _part(window) - self._to_slow())
        each = max(1, _part(window) // min(2, len(self._slow) or 1))
        return {place: max(0, min(all_left, each - self._at[place])) for place in self._slow}

    def _to_slow(self) -> int:
        return sum(self._at[place] for place in self._slow)

    def _mark(self, place: str) -> None:
        self._slow.setdefault(place, _Slow(0.0)).short = 0
        self._slow[place].until_s = self.monotonic() + _MEMORY_S


def _part(window: int) -> int:
    return max(1, window // 2)
