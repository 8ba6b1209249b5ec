"""The checks of topic F on the access log, the disk and the backups.

Knows: when there is too little room, when a backup is old.
Must not know: how room is measured, how a backup is made.
"""

from typing import Final

from edge_node.model.check import Limits, Outcome, Result
from edge_node.model.facts_operations import BackupFacts, StoreFacts
from edge_node.model.log_state import LogFact
from edge_node.model.notice import Words

_DAY_S: Final = 86_400.0
_NO_ROOM_KNOWN: Final = Words(
    nl="De machine zegt niet hoeveel ruimte er is.", en="The machine does not say how much room there is."
)
_UNSCHEDULED: Final = Words(
    nl="Er worden vanzelf geen back-ups gemaakt; stel store.backup.folder in.",
    en="No backups are made by themselves; set store.backup.folder.",
)
_UNPROVEN: Final = Words(
    nl="De keten is sinds de start nog niet nagelopen.", en="The chain was not gone through since the start."
)
_NEVER: Final = Words(nl="Nog nooit.", en="Never yet.")
_AHEAD: Final = Words(
    nl="Volgens de klok van toen is dat nog niet gebeurd; die klok liep toen of loopt nu niet goed.",
    en="By the clock of that time it has not happened yet; that clock was wrong then, or is now.",
)
_MB: Final = 1_000_000
#: A clock may have been set back a little.
_SLACK_S: Final = 3600.0
#: The store itself is out of order, not only out of room.
_BROKEN: Final = frozenset({"EN-STORE-UNAVAILABLE", "EN-STORE-READONLY", "EN-STORE-DAMAGED", "EN-STORE-GONE"})


def log_writable(facts: StoreFacts, limits: Limits) -> Outcome:
    """What happens can be recorded, if need be in the reserve."""
    evidence = (("store", facts.failure or "records"), ("reserve", "open" if facts.is_reserve_open else "whole"))
    if facts.is_reserve_used_up or facts.failure in _BROKEN:
        return Outcome(result=Result.VIOLATED, value=facts.failure or "reserve used up", evidence=evidence)
    if facts.is_reserve_open:
        return Outcome(result=Result.WARNED, value="in the reserve", evidence=evidence)
    return Outcome(result=Result.GOOD, value="records", evidence=evidence)


def log_chain(facts: LogFact, limits: Limits) -> Outcome:
    """Nothing of the access log was changed, removed or put between, as far as its chain shows."""
    proven = f"{facts.proven_at:%Y-%m-%d %H:%M} UTC" if facts.proven_at else "never"
    evidence = (("head", facts.head_name or "none"), ("key", facts.key or "none"), ("proven", proven))
    if facts.found:
        found = tuple((one.bend.value, one.shown) for one in facts.found)
        return Outcome(result=Result.VIOLATED, value=facts.found[0].shown, evidence=(*evidence, *found))
    if facts.is_sound is None:
        return Outcome(result=Result.UNKNOWN, evidence=evidence, reason=_UNPROVEN)
    if not facts.is_sound:  # a person has seen what was found, and a new chain goes on
        return Outcome(result=Result.WARNED, value="seen by a person", evidence=evidence)
    return Outcome(result=Result.GOOD, value=f"{facts.records} records", evidence=evidence)


def disk_space(facts: StoreFacts, limits: Limits) -> Outcome:
    """There is room on the disk of the store."""
    if facts.free_bytes is None or not facts.total_bytes:
        return Outcome(result=Result.UNKNOWN, reason=_NO_ROOM_KNOWN)
    percent = 100 * facts.free_bytes / facts.total_bytes
    is_low = percent < limits["disk_violation_percent"].value or facts.free_bytes < facts.reserve_bytes
    days = facts.days_until_full
    is_soon = days is not None and days <= limits["disk_forecast_days"].value
    is_near = is_soon or percent < limits["disk_warn_percent"].value
    result = Result.VIOLATED if is_low else Result.WARNED if is_near else Result.GOOD
    evidence = (("free", f"{facts.free_bytes // _MB} MB"), ("of", f"{facts.total_bytes // _MB} MB"))
    value = f"{percent:.1f} %" if days is None else f"{percent:.1f} %, full in {days:.0f} d"
    return Outcome(result=result, value=value, evidence=evidence)


def backup_age(facts: BackupFacts, limits: Limits) -> Outcome:
    """The last good backup is young enough."""
    safety = facts.safety
    if not safety.is_scheduled and safety.good_at is None:
        return Outcome(result=Result.WARNED, value="none", reason=_UNSCHEDULED)
    if safety.good_at is None:
        return Outcome(result=Result.WARNED, value="none", reason=_NEVER)
    age_s = (facts.at - safety.good_at).total_seconds()
    if age_s < -_SLACK_S:
        return Outcome(result=Result.UNKNOWN, value=f"{safety.good_at:%Y-%m-%d %H:%M} UTC", reason=_AHEAD)
    # One that takes its time must not be called old at the very minute at which the next one is made.
    slack_s = min(safety.every_s, limits["backup_age_s"].value) * 0.05
    is_old = age_s > limits["backup_age_s"].value + slack_s
    evidence = (("last good one", f"{safety.good_at:%Y-%m-%d %H:%M} UTC"), ("failure", safety.failure or "none"))
    result = Result.VIOLATED if is_old else Result.WARNED if safety.failed_at else Result.GOOD
    return Outcome(result=result, value=f"{age_s / 3600:.1f} h", evidence=evidence)


def restore_test(facts: BackupFacts, limits: Limits) -> Outcome:
    """It was proven not too long ago that a backup can be restored."""
    proven = facts.safety.drilled_at
    if proven is None:
        return Outcome(result=Result.WARNED, value="never", reason=_NEVER)
    days = (facts.at - proven).total_seconds() / _DAY_S
    if days < -_SLACK_S / _DAY_S:
        return Outcome(result=Result.UNKNOWN, value=f"{proven:%Y-%m-%d}", reason=_AHEAD)
    result = Result.VIOLATED if days > limits["restore_test_days"].value else Result.GOOD
    return Outcome(result=result, value=f"{days:.0f} d", evidence=(("proven", f"{proven:%Y-%m-%d}"),))
