"""The checks of topic F on what is kept: the access log whole and long enough, messages not too long, room enough.

Knows: what is long enough, what is too long, how a disk that fills is foretold.
Must not know: where any of it is kept.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from edge_node.model.check import Limits, Outcome, Result
from edge_node.model.facts_kept import BodiesKept, LogContent, LogSpan, MemoryKept, RoomSeen
from edge_node.model.notice import Words
from edge_node.policy.check_engine import unknown

_DAY_S: Final = 86_400.0
_LEAST_LOG_YEARS: Final = 5
_YEAR: Final = timedelta(days=365)
_MANY: Final = 10
#: So long it is looked on before anything is foretold: a backup comes and goes within that.
_LONG_ENOUGH_S: Final = 6 * 3600.0
_NO_LINES: Final = Words(nl="Er zijn nog geen regels.", en="There are no lines yet.")
_NO_LOG: Final = Words(nl="Er is geen toegangslog.", en="There is no access log.")
_NO_TIME: Final = Words(
    nl="Er wordt niets opgeruimd zolang de klok niet te vertrouwen is.",
    en="Nothing is removed while the clock cannot be trusted.",
)


def log_content(facts: LogContent, limits: Limits) -> Outcome:
    """Each line has what the standard wants of it."""
    if not facts.records:
        return unknown(_NO_LINES)
    evidence = tuple((f"line {seq}", ", ".join(names)) for seq, names in facts.lacking[:_MANY])
    value = f"{len(facts.lacking)} of {facts.records} lines lack something"
    return Outcome(result=Result.VIOLATED if facts.lacking else Result.GOOD, value=value, evidence=evidence)


def log_retention(facts: LogSpan, limits: Limits) -> Outcome:
    """The access log is kept for five years at least, and nothing of it went before that."""
    if facts.began_at is None:
        return unknown(_NO_LOG)
    went_at = facts.began_at if facts.first > 1 else None  # what was before that line is gone
    is_early = went_at is not None and facts.at - went_at < _LEAST_LOG_YEARS * _YEAR
    evidence = (
        ("oldest line", f"{facts.first}, {facts.began_at:%Y-%m-%d}"),
        *(("not there", name) for name in facts.missing[:_MANY]),
    )
    is_bad = is_early or bool(facts.missing) or facts.years < _LEAST_LOG_YEARS
    gone = f"; {len(facts.missing)} files are not there" if facts.missing else ""
    value = f"{facts.years} years, from {facts.began_at:%Y-%m-%d} on{gone}"
    return Outcome(result=Result.VIOLATED if is_bad else Result.GOOD, value=value, evidence=evidence)


def bodies(facts: BodiesKept, limits: Limits) -> Outcome:
    """What a message said is gone once its time is over."""
    if not facts.overdue or facts.oldest is None:
        return Outcome(result=Result.GOOD, value="none is overdue")
    hours = (facts.at - facts.oldest) / timedelta(hours=1)
    value = f"{facts.overdue} overdue, {hours:.0f} h"
    if facts.is_waiting:
        return Outcome(result=Result.WARNED, value=value, reason=_NO_TIME)
    return Outcome(result=Result.VIOLATED, value=value)


def message_memory(facts: MemoryKept, limits: Limits) -> Outcome:
    """Message ids are remembered long enough to recognise a copy, and really are."""
    days = facts.memory_s / _DAY_S
    is_short = days < limits["message_memory_days"].value
    result = Result.VIOLATED if facts.forgotten else Result.WARNED if is_short else Result.GOOD
    value = f"{days:.0f} d; {facts.forgotten} of {facts.ended} forgotten"
    return Outcome(result=result, value=value)


def days_until_full(seen: Sequence[RoomSeen], least_bytes: float) -> float | None:
    """Foretell, from the first and the last seen, when no more than that is free; None: nobody can say, or never."""
    if len(seen) < 2 or seen[-1].seconds - seen[0].seconds < _LONG_ENOUGH_S:
        return None
    first, last = seen[0], seen[-1]
    lost_per_s = (first.free_bytes - last.free_bytes) / (last.seconds - first.seconds)
    if lost_per_s <= 0:
        return None
    return max(0.0, (last.free_bytes - least_bytes) / lost_per_s / _DAY_S)
