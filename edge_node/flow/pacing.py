"""How often people are mailed, and under which name a mail goes.

Knows: the rest between two mails, the longer one after many in a day, that a quiet hour is waited for.
Must not know: what a mail is about, how it is sent, which settings there are.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

_DAY_S: Final = 24 * 3600.0
_NAME_DIGITS: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Of one way of mailing."""

    interval_s: float
    most_a_day: int | None = None  # mails after which only what is new comes at once; None: no such number
    storm_s: float = 0.0  # the rest between two mails then
    quiet_left_s: Callable[[], float] | None = None  # what it tells waits for the end of the quiet hours

    def rest_s(self, ago_s: Sequence[float], *, is_new: bool = True, is_awaited: bool = False) -> float:
        """How long it rests now; `ago_s` is how long ago each mail went, the newest last."""
        quiet_s = 0.0 if self.quiet_left_s is None or is_awaited else self.quiet_left_s()
        pause_s = self.interval_s
        lately = sum(ago < _DAY_S for ago in ago_s)
        if self.most_a_day is not None and lately >= self.most_a_day and not is_new:
            pause_s = max(pause_s, self.storm_s)
        return max(quiet_s, pause_s - ago_s[-1] if ago_s else 0.0)


class Dated(Protocol):
    """What a mail is about."""

    @property
    def seq(self) -> int:
        """Its number."""
        ...

    @property
    def at(self) -> datetime:
        """When it happened; where numbers begin anew, it tells two apart."""
        ...


def name_of(way: str, told: Sequence[Dated]) -> str:
    """The name of the mail about these, the same at every try: a second copy can be known as one."""
    words = [way, *(f"{one.seq} {one.at.timestamp():.0f}" for one in told)]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:_NAME_DIGITS]
