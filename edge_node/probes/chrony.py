"""What chrony says of the clock that it keeps.

Knows: the line that `chronyc -c tracking` writes.
Must not know: whether that is good enough.
"""

import math
from datetime import UTC, datetime
from typing import Final

from edge_node.model.facts_clock import Tracking
from edge_node.probes.commands import garbage, said

_COMMAND: Final = ("chronyc", "-c", "-n", "tracking")
#: Id, name, stratum, time of the last measurement, offset of the clock, last offset, its mean, frequency, what is
#: left of it, its error, delay, dispersion, pause, leap second.
_FIELDS: Final = 14
_UNKEPT: Final = "Not synchronised"
_KEPT: Final = frozenset({"Normal", "Insert second", "Delete second"})
_HIGHEST_STRATUM: Final = 15


def ask(limit_s: float) -> Tracking:
    """Return it. Raises `Unseen` where chrony is not there, does not run, or says what cannot be."""
    fields = said(_COMMAND, limit_s).strip().split(",")
    try:
        return _tracking(fields)
    except (ValueError, IndexError, OverflowError, OSError) as error:
        raise garbage(_COMMAND[0]) from error


def _tracking(fields: list[str]) -> Tracking:
    if len(fields) != _FIELDS:
        raise ValueError("not as many fields as chronyc writes")
    seconds, offset_s, delay_s, dispersion_s = (float(fields[at]) for at in (3, 4, 10, 11))
    if not all(map(math.isfinite, (seconds, offset_s, delay_s, dispersion_s))):
        raise ValueError("no number")
    stratum, leap = int(fields[2]), fields[13]
    if leap not in {*_KEPT, _UNKEPT}:
        raise ValueError("no word of chrony on the leap second")
    return Tracking(
        source=fields[1] or fields[0],
        stratum=stratum,
        offset_s=offset_s,
        error_s=abs(delay_s) / 2 + abs(dispersion_s),
        synced_at=datetime.fromtimestamp(seconds, UTC) if seconds else None,
        is_kept=leap in _KEPT and 0 < stratum <= _HIGHEST_STRATUM,
    )
