"""Destinations behind a way: which are taken to be down, by what came back for pushes to them.

Knows: how many failures close a place, how its probes are spaced, that the other side may ask for a pause.
Must not know: what a code means, what waits for a place.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from edge_node.flow.ports import Chance


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
    probes: int = 0


@dataclass(slots=True)
class Destinations:
    """The places of one direction that have failed since their last success. `changed` is told of each turn."""

    policy: DestinationPolicy
    monotonic: Callable[[], float]
    chance: Chance
    changed: Callable[[Closed, bool], None]
    _places: dict[str, _Place] = field(default_factory=dict)

    def closed(self) -> dict[str, int]:
        """Every closed place, with how many may go there now: none, or one."""
        now_s = self.monotonic()
        closed = {name: it for name, it in self._places.items() if it.since_s is not None}
        return {name: int(it.probe_s <= now_s) for name, it in closed.items()}

    def shown(self) -> tuple[Closed, ...]:
        """The same for people."""
        return tuple(self._shown(name, it) for name, it in self._places.items() if it.since_s is not None)

    def left_s(self, name: str) -> float | None:
        """Seconds until the next probe of a place that is closed; None while it is open."""
        place = self._places.get(name)
        return None if place is None or place.since_s is None else max(0.0, place.probe_s - self.monotonic())

    def begin(self, name: str) -> None:
        """Something goes there: where it is closed, nothing else does until that probe has shown something."""
        place = self._places.get(name)
        if place is not None and place.since_s is not None:
            place.probes += 1
            place.probe_s = self.monotonic() + self._space_s(place.probes)

    def failed(self, name: str, code: str) -> None:
        """The other side said that the place cannot be reached."""
        place = self._places.setdefault(name, _Place())
        place.failures += 1
        place.code = code
        if place.failures >= self.policy.failures and place.since_s is None:
            self._close(name, place, self._space_s(0))

    def asked_for_pause(self, name: str, code: str, pause_s: float) -> None:
        """The other side wants to be left alone for a while; each answer that says so counts from its own moment."""
        place = self._places.setdefault(name, _Place())
        place.code = code
        if place.since_s is None:
            self._close(name, place, pause_s)
        else:
            place.probe_s = max(place.probe_s, self.monotonic() + pause_s)

    def succeeded(self, name: str) -> None:
        """Something arrived there."""
        place = self._places.pop(name, None)
        if place is not None and place.since_s is not None:
            self.changed(self._shown(name, place), True)

    def hope(self, name: str | None = None) -> None:
        """Somebody may have repaired it, or a probe showed nothing: the next one may go now."""
        for each, place in self._places.items():
            if name in {None, each}:
                place.probe_s = min(place.probe_s, self.monotonic())

    def _close(self, name: str, place: _Place, pause_s: float) -> None:
        place.since_s = self.monotonic()
        place.probe_s = place.since_s + pause_s
        self.changed(self._shown(name, place), False)

    def _space_s(self, probes: int) -> float:
        """Longer each time, and never the same for two nodes."""
        policy = self.policy
        ceiling_s = min(policy.longest_probe_s, policy.probe_s * 2.0 ** min(probes, 16))
        return max(policy.probe_s, ceiling_s * (0.5 + self.chance.uniform() / 2))

    def _shown(self, name: str, place: _Place) -> Closed:
        since_s = self.monotonic() if place.since_s is None else place.since_s
        return Closed(place=name, code=place.code, since_s=self.monotonic() - since_s, probes=place.probes)
