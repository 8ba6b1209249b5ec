"""Which blow the node gets when: each follows from the seed and its own number.

Knows: kills and power cuts, moments and fail points, how chance chooses among them.
Must not know: how a node is killed, or a power cut played.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

#: Shares: at a fail point, while it starts, at any moment while it serves.
_AT_POINT: Final = 0.45
_STARTING: Final = 0.12
_LATEST_S: Final = 1.6
_LATEST_STARTING_S: Final = 1.2


class Weather(StrEnum):
    """What else is wrong meanwhile, so that messages are kept and wait."""

    FAIR = "fair"
    LINE_CUT = "the line is cut"
    LOCAL_CUT = "the local systems are away"


_WEATHERS: Final = (Weather.FAIR, Weather.FAIR, Weather.LINE_CUT, Weather.LOCAL_CUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blow:
    """One end of the node: by signal 9, or by signal 9 and the loss of what was not synced."""

    number: int
    is_cut: bool
    point: str = ""  # the fail point at which the node ends itself; else it is killed from outside
    nth: int = 0
    after_s: float = 0.0  # since it served, or since it was started
    is_early: bool = False  # not waiting until it serves
    weather: Weather = Weather.FAIR  # from the start of the node until the blow

    @property
    def where(self) -> str:
        """As the node takes it; empty where it is killed from outside."""
        return f"{self.point}:{self.nth}" if self.point else ""

    @property
    def words(self) -> str:
        """As people read it."""
        what = "power cut" if self.is_cut else "kill"
        while_ = "" if self.weather is Weather.FAIR else f", while {self.weather}"
        if self.point:
            return f"{what} {self.number} at {self.where}{while_}"
        since = "its start" if self.is_early else "it served"
        return f"{what} {self.number} {self.after_s:.2f} s after {since}{while_}"


def plan(*, kills: int, cuts: int, seed: int, points: Mapping[str, int]) -> tuple[Blow, ...]:
    """Return the blows, in order; a point is met at most so many times before it strikes."""
    chance = random.Random(seed)
    are_cuts = [False] * kills + [True] * cuts
    chance.shuffle(are_cuts)
    return tuple(_blow(number, is_cut, seed, points) for number, is_cut in enumerate(are_cuts, 1))


def chance_of(seed: int, number: int) -> random.Random:
    """Return the chance of one blow, the same whatever the others did."""
    return random.Random(f"{seed}/{number}")


def _blow(number: int, is_cut: bool, seed: int, points: Mapping[str, int]) -> Blow:
    chance = chance_of(seed, number)
    weather = chance.choice(_WEATHERS)
    kind = chance.random()
    if kind < _AT_POINT and points:
        # Most of them soon after the start, where little was done before; some after much was.
        point = chance.choice(list(points))
        nth = 1 + int(chance.random() ** 2 * points[point])
        return Blow(number=number, is_cut=is_cut, weather=weather, point=point, nth=nth)
    if kind < _AT_POINT + _STARTING:
        return Blow(
            number=number, is_cut=is_cut, weather=weather, after_s=chance.random() * _LATEST_STARTING_S, is_early=True
        )
    return Blow(number=number, is_cut=is_cut, weather=weather, after_s=chance.random() * _LATEST_S)
