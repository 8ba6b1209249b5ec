"""Where messages of one direction can go now: the ways, and the destinations behind them.

Knows: that a place is closed while its link is down or while it is known to be down itself.
Must not know: leases, what waits.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from edge_node.flow.destinations import Destinations
from edge_node.flow.link import Link


@dataclass(slots=True, kw_only=True)
class Places:
    """Both breakers as a deliverer sees them. `links` are by place; `ways` those of them that all messages take."""

    links: Callable[[], Mapping[str, Link]]
    destinations: Destinations
    ways: Callable[[], frozenset[str]] = field(default=frozenset)

    def rest_s(self) -> float | None:
        """Seconds until the next probe, while there is no way at all; None while there is one."""
        rests = [self._left_s(way) for way in self.ways()]
        known = [rest_s for rest_s in rests if rest_s is not None]
        return min(known) if known and len(known) == len(rests) else None

    def closed(self) -> dict[str, int]:
        """Every closed place, with how many may go there now: none, or one."""
        closed = self.destinations.closed()
        for place, link in self.links().items():
            if (rest_s := link.rest_s) is not None:
                closed[place] = min(closed.get(place, 1), int(rest_s <= 0))
        return closed

    def to_look_at(self, most: int) -> list[str]:
        """Closed places where one may go: what rests for them is to be looked for."""
        found = [place for place, link in self.links().items() if link.rest_s == 0]
        return [*found, *self.destinations.to_look_at(most)][:most]

    def next_look_s(self) -> float | None:
        """Seconds until one may go to a closed place; None where there is no such place."""
        rests = [rest_s for link in self.links().values() if (rest_s := link.rest_s)]
        look_s = self.destinations.next_look_s()
        return min([*rests, look_s] if look_s is not None else rests, default=None)

    def is_open(self, *places: str) -> bool:
        """Whether messages to these places may go freely."""
        return not any(self._is_closed(place) for place in places)

    def is_only_way(self, place: str) -> bool:
        """Whether nothing goes but over this way."""
        ways = self.ways()
        return place in ways and all(self._is_closed(way) for way in ways - {place})

    def _is_closed(self, place: str) -> bool:
        link = self.links().get(place)
        return self.destinations.is_closed(place) or (link is not None and link.rest_s is not None)

    def _left_s(self, place: str) -> float | None:
        link = self.links().get(place)
        left = [self.destinations.left_s(place), None if link is None else link.rest_s]
        return max((left_s for left_s in left if left_s is not None), default=None)
