"""The checks of topic A on the clock: how far it is off, whether somebody keeps it right, whether it jumped.

Knows: whose word counts how much, how fast the kernel's own doubt grows.
Must not know: how anybody is asked what time it is.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from edge_node.model.check import Limits, Outcome, Result
from edge_node.model.facts_clock import ClockFacts, ServerTime, Tracking
from edge_node.model.notice import Words
from edge_node.policy.check_engine import unknown

_NOBODY: Final = Words(
    nl="Niemand zegt hoe laat het is: er is geen tijdserver die antwoordt en geen chrony.",
    en="Nobody tells what time it is: no time server answers, and there is no chrony.",
)
_UNKEPT: Final = Words(
    nl="Volgens de machine houdt niemand de klok bij.", en="The machine says that nobody keeps the clock."
)
_MAY_NOT: Final = Words(
    nl="De machine zegt niet of de klok wordt bijgehouden.", en="The machine does not say whether the clock is kept."
)
_NOT_LONG: Final = Words(nl="Er is nog niet lang genoeg gekeken.", en="Nobody has looked for long enough yet.")
#: An answer tells its second, and was on its way for a while.
_PEER_ERROR_S: Final = 2.0
#: Since it was last set, the kernel counts so much doubt a second (500 ppm).
_DOUBT_PER_S: Final = 500e-6
_SHOWN: Final = 10


def offset(facts: ClockFacts, limits: Limits) -> Outcome:
    """It is as far from the time of others as may be."""
    evidence = tuple(_evidence(facts))
    found = dict(_offsets(facts))
    if not found:
        return _as_the_kernel_says(facts, limits, evidence)
    worst_s = max(found.values(), key=abs)
    result, is_grave = _result(abs(worst_s), limits)
    return Outcome(result=result, value=f"{worst_s:+.3f} s", evidence=evidence, is_grave=is_grave)


def sync_age(facts: ClockFacts, limits: Limits) -> Outcome:
    """It was set by a time server lately."""
    most_s = limits["clock_sync_age_s"].value
    evidence = tuple(_evidence(facts))
    synced_at = _synced_at(facts)
    if synced_at is not None:
        age_s = max((facts.at - synced_at).total_seconds(), 0.0)
        return Outcome(result=_good_if(age_s <= most_s), value=f"{age_s:.0f} s", evidence=evidence)
    if facts.kernel is None:
        return unknown(_MAY_NOT)
    if not facts.kernel.is_kept:
        result = Result.VIOLATED if facts.unkept_s > most_s else Result.WARNED
        return Outcome(result=result, value=f"not kept for {facts.unkept_s:.0f} s", evidence=evidence, reason=_UNKEPT)
    age_s = facts.kernel.max_error_s / _DOUBT_PER_S
    return Outcome(result=_good_if(age_s <= most_s), value=f"at most {age_s:.0f} s", evidence=evidence)


def steps(facts: ClockFacts, limits: Limits) -> Outcome:
    """It did not jump lately."""
    most_s = limits["clock_jump_s"].value
    jumps = [step for step in facts.steps if abs(step.by_s) > most_s]
    evidence = tuple((f"{step.at:%Y-%m-%d %H:%M:%S} UTC", f"{step.by_s:+.1f} s") for step in jumps[-_SHOWN:])
    value = f"{len(jumps)} in {facts.watched_s / 3600:.1f} h"
    if not jumps and not facts.watched_s:
        return unknown(_NOT_LONG)
    return Outcome(result=Result.VIOLATED if jumps else Result.GOOD, value=value, evidence=evidence)


def seen_offset_s(chrony: Tracking | None, servers: Sequence[ServerTime]) -> float | None:
    """By how much the clock is off, as those say who are asked for it; None: none of them knows."""
    usable = [one.offset_s for one in servers if not one.failure]
    if usable:
        return median(usable)
    return chrony.offset_s if chrony is not None and chrony.is_kept else None


def _offsets(facts: ClockFacts) -> Iterator[tuple[str, float]]:
    usable = _usable(facts)
    if usable:
        # One server of several that lies moves the middle least.
        yield "time servers", median(one.offset_s for one in usable)
    if facts.chrony is not None and facts.chrony.is_kept:
        yield "chrony", facts.chrony.offset_s
    if facts.peer_s is not None and abs(facts.peer_s) > _PEER_ERROR_S:
        yield "switchboard", facts.peer_s


def _as_the_kernel_says(facts: ClockFacts, limits: Limits, evidence: tuple[tuple[str, str], ...]) -> Outcome:
    """With nobody to ask it is good only where the kernel vouches for it within the limit."""
    kernel = facts.kernel
    if kernel is None or not kernel.is_kept or kernel.max_error_s > limits["clock_warn_s"].value:
        return Outcome(result=Result.UNKNOWN, reason=_NOBODY, evidence=evidence)
    return Outcome(result=Result.GOOD, value=f"within {kernel.max_error_s:.3f} s", evidence=evidence)


def _result(off_s: float, limits: Limits) -> tuple[Result, bool]:
    if off_s > limits["clock_violation_s"].value:
        return Result.VIOLATED, off_s > limits["clock_block_s"].value
    return (Result.WARNED if off_s > limits["clock_warn_s"].value else Result.GOOD), True


def _synced_at(facts: ClockFacts) -> datetime | None:
    said = [facts.touched_at, None if facts.chrony is None else facts.chrony.synced_at]
    # What lies ahead says nothing of the past; a clock that was set back is told of as a jump.
    known = [at for at in said if at is not None and at <= facts.at + timedelta(seconds=1)]
    return max(known, default=None)


def _usable(facts: ClockFacts) -> list[ServerTime]:
    return [one for one in facts.servers if not one.failure]


def _evidence(facts: ClockFacts) -> Iterator[tuple[str, str]]:
    for one in facts.servers:
        told = one.failure or f"{one.offset_s:+.3f} s, give or take {one.error_s:.3f} s, stratum {one.stratum}"
        yield f"time server {one.server}", told
    if facts.chrony is not None:
        chrony = facts.chrony
        kept = f"by {chrony.source}, stratum {chrony.stratum}" if chrony.is_kept else "not synchronised"
        yield "chrony", f"{chrony.offset_s:+.6f} s, give or take {chrony.error_s:.6f} s, {kept}"
    if facts.kernel is not None:
        kept = "kept" if facts.kernel.is_kept else "not kept"
        yield "kernel", f"{kept}, within {facts.kernel.max_error_s:.3f} s"
    if facts.peer_s is not None:
        yield "switchboard", f"{facts.peer_s:+.1f} s, give or take {_PEER_ERROR_S:g} s"


def _good_if(is_good: bool) -> Result:
    return Result.GOOD if is_good else Result.VIOLATED
