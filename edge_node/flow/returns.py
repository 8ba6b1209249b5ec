"""Places that are open again: what waits for each goes at a moment of this node's own, at first slowly.

Knows: from when it goes, how many at once, when it is given up.
Must not know: why a place was closed, what waits.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

_MOST: Final = 1024
#: After so many handovers that brought nothing, the rest waits out its pauses: only what is stuck may be left.
_MISSES: Final = 8


@dataclass(slots=True)
class _Return:
    from_s: float
    window: int = 1
    misses: int = 0


@dataclass(slots=True)
class Returns:
    """The places of one direction for which something may still rest, or wait out its pause."""

    monotonic: Callable[[], float]
    _places: dict[str, _Return] = field(default_factory=dict)

    def begin(self, place: str, after_s: float) -> None:
        """It is open again."""
        self._places[place] = _Return(self.monotonic() + after_s)

    def due(self) -> list[tuple[str, int]]:
        """Those whose moment has come, with how many may go at once."""
        now_s = self.monotonic()
        return [(place, it.window) for place, it in self._places.items() if it.from_s <= now_s]

    def next_s(self) -> float | None:
        """Seconds until the next moment that is to come; None where there is none."""
        now_s = self.monotonic()
        return min((it.from_s - now_s for it in self._places.values() if it.from_s > now_s), default=None)

    def ended(self, place: str, *, is_answered: bool, arrived: bool) -> None:
        """A handover there ended: if it was answered, twice as many may go."""
        it = self._places.get(place)
        if it is not None:
            it.window = min(it.window * 2, _MOST) if is_answered else it.window
            it.misses += int(not arrived)

    def may_wake(self, place: str) -> bool:
        """Whether what waits out its pause is tried as well."""
        return self._places[place].misses < _MISSES

    def over(self, place: str) -> None:
        """Nothing is left, or it is closed again."""
        self._places.pop(place, None)
