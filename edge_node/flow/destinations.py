"""Destinations behind a way: which are taken to be down, by what came back for pushes to them.

Knows: how many failures close a place, how its probes are spaced, that the other side may ask for a pause.
Must not know: what a code means, what waits for a place.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from math import inf
from typing import Final

from edge_node.flow.ports import Chance

#: So long after people were told of a place they are not told that it closed once more, unless it still is.
_TOLD_AGAIN_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationPolicy:
    """Numbers of design section 3. Defaults of this product."""

    failures: int = 5
    probe_s: float = 30
    longest_probe_s: float = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A place that is closed, as people see it."""

    place: str
    code: str
    since_s: float
    probes: int


@dataclass(slots=True)
class _Place:
    failures: int = 0
    code: str = ""
    since_s: float | None = None  # closed since; None: open
    probe_s: float = 0.0  # when one may go all the same
    not_before_s: float = 0.0  # the other side asked for that: nothing goes before
    probes: int = 0
    look_s: float = 0.0  # not before: look again what rests for it
    forget_s: float | None = None  # nothing rests for it: from then on it is open
    told_s: float | None = None  # when people were told last
    is_told_closed: bool = False

    @property
    def is_closed(self) -> bool:
        return self.since_s is not None

    @property
    def next_s(self) -> float:
        return max(self.probe_s, self.not_before_s)

    @property
    def is_over(self) -> bool:
        return not self.is_closed and not self.failures

    @property
    def tell_s(self) -> float:
        return 0.0 if self.told_s is None else self.told_s + _TOLD_AGAIN_S


@dataclass(slots=True)
class Destinations:
    """The places of one direction that have failed since their last success.

    `changed` hears of each turn; `tell` too, but seldom of a place that opens and closes all the time.
    """

    policy: DestinationPolicy
    monotonic: Callable[[], float]
    chance: Chance
    changed: Callable[[Closed, bool], None]
    tell: Callable[[Closed, bool], None]
    _places: dict[str, _Place] = field(default_factory=dict)
    _next_s: float | None = None  # when there is something to do here; None: to be found out

    def closed(self) -> dict[str, int]:
        """Every closed place, with how many may go there now: none, or one."""
        now_s = self.monotonic()
        return {name: int(it.next_s <= now_s) for name, it in self._places.items() if it.is_closed}

    def is_closed(self, name: str) -> bool:
        """Whether that place is."""
        place = self._places.get(name)
        return place is not None and place.is_closed

    def shown(self) -> tuple[Closed, ...]:
        """The closed ones for people."""
        return tuple(self._shown(name, it) for name, it in self._places.items() if it.is_closed)

    def left_s(self, name: str) -> float | None:
        """Seconds until the next probe of a place that is closed; None while it is open."""
        place = self._places.get(name)
        return None if place is None or not place.is_closed else max(0.0, place.next_s - self.monotonic())

    def next_look_s(self) -> float | None:
        """Seconds until there is something to do here; None where there is nothing."""
        if self._next_s is None:
            moments = (moment_s for place in self._places.values() for moment_s in _moments(place))
            self._next_s = min(moments, default=inf)
        return None if self._next_s == inf else max(0.0, self._next_s - self.monotonic())

    def to_look_at(self, most: int) -> list[str]:
        """Closed places where one may go: what rests for them is to be looked for. Forget those that are over."""
        if self.next_look_s() != 0:
            return []
        self._tend()
        now_s = self.monotonic()
        places = self._places.items()
        found = (name for name, it in places if it.is_closed and max(it.next_s, it.look_s) <= now_s)
        return list(islice(found, most))

    def looked(self, name: str, resting: int) -> None:
        """So many rest for it and may go now. Where none does, and none comes for some time, it is forgotten."""
        place = self._places.get(name)
        if place is None:
            return
        now_s = self.monotonic()
        self._next_s = None
        place.look_s = now_s + self.policy.probe_s
        if resting:
            place.forget_s = None
        elif place.forget_s is None:
            place.forget_s = now_s + self.policy.longest_probe_s

    def begin(self, name: str) -> None:
        """Something goes there: where it is closed, nothing else does until that probe has shown something."""
        place = self._places.get(name)
        if place is not None and place.is_closed:
            place.probes += 1
            place.probe_s = self.monotonic() + self._space_s(place.probes)
            place.look_s, place.forget_s = 0.0, None
            self._next_s = None

    def failed(self, name: str, code: str) -> None:
        """The other side said that the place cannot be reached."""
        place = self._places.setdefault(name, _Place())
        place.failures += 1
        place.code = code
        if place.failures >= self.policy.failures and not place.is_closed:
            self._close(name, place, self._space_s(0))

    def asked_for_pause(self, name: str, code: str, pause_s: float) -> None:
        """The other side wants to be left alone for a while; each answer that says so counts from its own moment."""
        place = self._places.setdefault(name, _Place())
        place.code, place.probes = code, 0
        place.not_before_s = max(place.not_before_s, self.monotonic() + pause_s)
        place.probe_s = self.monotonic()  # it said itself when to come
        place.look_s, place.forget_s = 0.0, None
        self._next_s = None
        if not place.is_closed:
            self._close(name, place, 0.0)

    def succeeded(self, name: str) -> None:
        """Something arrived there. In a pause that was asked for this shows nothing: it had gone before."""
        place = self._places.get(name)
        if place is None:
            return
        place.failures = 0
        if place.not_before_s <= self.monotonic():
            self._open(name, place)

    def hope(self, name: str | None = None, *, pauses: bool = False) -> None:
        """Somebody may have repaired it, or a probe showed nothing: the next one may go now.

        Not before a pause is over that was asked for, but with `pauses`: then a person says so.
        """
        now_s = self.monotonic()
        self._next_s = None
        for each, place in self._places.items():
            if name in {None, each}:
                place.probe_s = min(place.probe_s, now_s)
                place.look_s = 0.0
                place.not_before_s = 0.0 if pauses else place.not_before_s

    def _close(self, name: str, place: _Place, pause_s: float) -> None:
        place.since_s = self.monotonic()
        place.probe_s = place.since_s + pause_s
        self._next_s = None
        self.changed(self._shown(name, place), False)
        self._tell_closed(name, place)

    def _open(self, name: str, place: _Place) -> None:
        shown = self._shown(name, place)
        was_closed, place.since_s, place.forget_s, place.probes = place.is_closed, None, None, 0
        self._next_s = None
        if was_closed:
            self.changed(shown, True)
        if place.is_told_closed:
            place.is_told_closed, place.told_s = False, self.monotonic()
            self.tell(shown, True)
        self._let_go(name, place)

    def _tell_closed(self, name: str, place: _Place) -> None:
        if place.is_closed and not place.is_told_closed and place.tell_s <= self.monotonic():
            place.is_told_closed, place.told_s = True, self.monotonic()
            self.tell(self._shown(name, place), False)

    def _let_go(self, name: str, place: _Place) -> None:
        if place.is_over and place.tell_s <= self.monotonic():
            del self._places[name]

    def _tend(self) -> None:
        """Forget places nothing rests for: whether they are down, the next message shows. Tell what is owed."""
        now_s = self.monotonic()
        self._next_s = None
        for name, place in tuple(self._places.items()):
            if place.forget_s is not None and place.forget_s <= now_s:
                place.failures = 0
                self._open(name, place)
            else:
                self._tell_closed(name, place)
                self._let_go(name, place)

    def _space_s(self, probes: int) -> float:
        """Longer each time, and never the same for two nodes."""
        policy = self.policy
        ceiling_s = min(policy.longest_probe_s, policy.probe_s * 2.0 ** min(probes, 16))
        return max(policy.probe_s, ceiling_s * (0.5 + self.chance.uniform() / 2))

    def _shown(self, name: str, place: _Place) -> Closed:
        since_s = self.monotonic() if place.since_s is None else place.since_s
        return Closed(place=name, code=place.code, since_s=self.monotonic() - since_s, probes=place.probes)


def _moments(place: _Place) -> Iterator[float]:
    if place.is_closed:
        yield max(place.next_s, place.look_s)
    if place.forget_s is not None:
        yield place.forget_s
    if place.is_over or (place.is_closed and not place.is_told_closed):
        yield place.tell_s
