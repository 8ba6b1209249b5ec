"""Counts what becomes of messages over a window, for the checks that are judged by messages.

Knows: which codes were answered and told, how long local systems took, over the last hours.
Must not know: any message, what a code means for a check.
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from edge_node.flow.ports import Watch
from edge_node.model.facts_time import MessageFacts
from edge_node.model.message import Direction

#: The window is kept in so many slots, each forgotten as a whole.
_SLOTS: Final = 24
#: Of the times of answers so many are kept a slot: enough for a percentile, however busy the site is.
_MOST_TIMES: Final = 1000
_UNANSWERED: Final = frozenset({"EN-LOCAL-TIMEOUT", "EN-LOCAL-UNREACHABLE", "EN-LINK-OPEN"})


@dataclass(slots=True)
class _Slot:
    ends_s: float
    handled: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    warned: Counter[str] = field(default_factory=Counter)
    shown: Counter[str] = field(default_factory=Counter)
    answers: int = 0
    unanswered: int = 0
    times_s: list[float] = field(default_factory=list)


class Tally:
    """Fits `flow.ports.Watch`, and passes on to another one."""

    def __init__(self, watch: Watch, monotonic: Callable[[], float], window_s: Callable[[], float]) -> None:
        self._watch = watch
        self._monotonic = monotonic
        self._window_s = window_s
        self._slots: deque[_Slot] = deque()
        self._hearers: list[Callable[[str, bool], None]] = []

    @property
    def facts(self) -> MessageFacts:
        """All that is in the window now."""
        self._now()
        refused: Counter[str] = Counter()
        warned: Counter[str] = Counter()
        shown: Counter[str] = Counter()
        for slot in self._slots:
            refused.update(slot.refused)
            warned.update(slot.warned)
            shown.update(slot.shown)
        return MessageFacts(
            window_s=self._window_s(),
            handled=sum(slot.handled for slot in self._slots),
            refused=dict(refused),
            warned=dict(warned),
            shown=dict(shown),
            answers=sum(slot.answers for slot in self._slots),
            unanswered=sum(slot.unanswered for slot in self._slots),
            p95_s=_p95([time_s for slot in self._slots for time_s in slot.times_s]),
        )

    def on_link(self, hearer: Callable[[str, bool], None]) -> None:
        """Tell it of each link that goes down or comes up."""
        self._hearers.append(hearer)

    def handled(self, direction: Direction, kind: str, outcome: str, took_s: float) -> None:
        """A request was answered."""
        slot = self._now()
        slot.handled += 1
        if outcome.startswith("EN-"):
            slot.refused[outcome] += 1
        if direction is Direction.IN and kind == "query":
            self._answered(slot, outcome, took_s)
        self._watch.handled(direction, kind, outcome, took_s)

    def turned_away(self, code: str) -> None:
        """A request was refused before anybody could read a message in it: none was judged."""
        self._now().refused[code] += 1

    def attempted(self, direction: Direction, outcome: str, took_s: float) -> None:
        """A kept message was handed over, or not."""
        self._watch.attempted(direction, outcome, took_s)

    def warned(self, direction: Direction, code: str) -> None:
        """A message passed, and was not as the rule of that code has it."""
        self._now().warned[code] += 1
        self._watch.warned(direction, code)

    def shown(self, facts: frozenset[str]) -> None:
        """A message of ours showed these facts of its user or patient."""
        self._now().shown.update(facts)

    def destinations_closed(self, direction: Direction, count: int) -> None:
        """So many destinations take nothing now."""
        self._watch.destinations_closed(direction, count)

    def link_changed(self, name: str, is_up: bool) -> None:
        """A link went down or came up again."""
        for hearer in tuple(self._hearers):
            hearer(name, is_up)
        self._watch.link_changed(name, is_up)

    @staticmethod
    def _answered(slot: _Slot, outcome: str, took_s: float) -> None:
        if outcome in _UNANSWERED:
            slot.unanswered += 1
        elif outcome == "answered":
            slot.answers += 1
            if len(slot.times_s) < _MOST_TIMES:
                slot.times_s.append(took_s)

    def _now(self) -> _Slot:
        at_s, window_s = self._monotonic(), self._window_s()
        while self._slots and self._slots[0].ends_s + window_s <= at_s:
            self._slots.popleft()
        if not self._slots or self._slots[-1].ends_s <= at_s:
            self._slots.append(_Slot(ends_s=at_s + window_s / _SLOTS))
        return self._slots[-1]


def _p95(times_s: list[float]) -> float | None:
    return sorted(times_s)[int(0.95 * (len(times_s) - 1))] if times_s else None
