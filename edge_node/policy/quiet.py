"""The hours in which nobody is told what can wait.

Knows: that they are Dutch hours, may pass midnight, and may be whole days; when they end.
Must not know: what can wait, who is told, what time it is.
"""

from datetime import datetime, time, timedelta
from typing import Final

from edge_node.model.alert import Quiet
from edge_node.model.moment import DUTCH_TIME

_MOST_STEPS: Final = 16  # of a week of quiet days there are two ends a day


def is_quiet(quiet: Quiet | None, at: datetime) -> bool:
    """Whether it is an hour in which what can wait does."""
    if quiet is None:
        return False
    local = at.astimezone(DUTCH_TIME)
    minute = local.hour * 60 + local.minute
    if local.weekday() in quiet.days:
        return True
    if quiet.from_min <= quiet.until_min:
        return quiet.from_min <= minute < quiet.until_min
    return minute >= quiet.from_min or minute < quiet.until_min


def quiet_left_s(quiet: Quiet | None, at: datetime) -> float:
    """For how many seconds it stays quiet; 0 where it is not."""
    if quiet is None:
        return 0.0
    end = at
    for _ in range(_MOST_STEPS):
        if not is_quiet(quiet, end):
            break
        end = _next(quiet, end)
    return (end - at).total_seconds()


def day_and_minute(at: datetime) -> tuple[str, int]:
    """The day and the minute of it, as Dutch clocks show them."""
    local = at.astimezone(DUTCH_TIME)
    return f"{local:%Y-%m-%d}", local.hour * 60 + local.minute


def _next(quiet: Quiet, at: datetime) -> datetime:
    """The next moment at which it may end: midnight, or the last of the quiet hours."""
    local = at.astimezone(DUTCH_TIME)
    days = (local.date(), local.date() + timedelta(days=1))
    clocks = (time(), time(*divmod(quiet.until_min, 60)))
    # In UTC: in the night in which the clock is put back an hour comes twice.
    ends = (datetime.combine(day, clock, DUTCH_TIME).astimezone(at.tzinfo) for day in days for clock in clocks)
    return min(end for end in ends if end > at)
