"""Days and moments as people in the Netherlands write them.

Knows: that a day ends at midnight there, that an hour without an offset is one there, what its clocks do in spring.
Must not know: what a day or a moment is for.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import rich_click as click

from edge_node.model.moment import DUTCH_TIME

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def end_of_day(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """The end of the day that an option names, as a moment."""
    if value is None:
        return None
    try:
        if not _DAY.fullmatch(value):
            raise ValueError(value)
        day = date.fromisoformat(value)
        return datetime.combine(day + timedelta(days=1), time(), DUTCH_TIME).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        raise click.BadParameter("is a date such as 2027-01-31") from None


def moment(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """The moment that an option names. Of the hour that comes twice in autumn it is the first."""
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
        read = (at if at.tzinfo else at.replace(tzinfo=DUTCH_TIME)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise click.BadParameter("is a moment such as 2027-01-31T13:00") from None
    if at.tzinfo is None and read.astimezone(DUTCH_TIME).replace(tzinfo=None) != at:
        raise click.BadParameter("was skipped: the clock was put forward then")
    return read.isoformat()
