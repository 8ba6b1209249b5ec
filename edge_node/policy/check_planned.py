"""The checks on what a site announced, signed and chose: maintenance, signatures of settings, countries.

Knows: how long ahead maintenance is announced, what counts as opening hours, which countries are in the EEA.
Must not know: how any of it is written or verified.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from edge_node.model.check import Limits, Outcome, Result
from edge_node.model.check_memory import Outage
from edge_node.model.facts_planned import Destination, MaintenanceFacts, SignatureFacts, Window
from edge_node.model.moment import DUTCH_TIME
from edge_node.model.notice import Words

_SATURDAY: Final = 5
_LATELY: Final = timedelta(days=30)
_LONGEST: Final = timedelta(days=31)
_NO_WINDOW: Final = Words(nl="Er is geen onderhoud gepland.", en="No maintenance is planned.")
_UNSIGNED: Final = Words(
    nl="Er is niet ingesteld wie instellingen mag tekenen (checks.signers).",
    en="The settings do not say who may sign them (checks.signers).",
)
_NO_DESTINATION: Final = Words(
    nl="Buiten het zorgnetwerk wordt niets verstuurd.", en="Nothing is sent but over the care network."
)
_NO_COUNTRY: Final = Words(
    nl="Van niet elke bestemming is ingesteld in welk land zij is (network.countries).",
    en="The settings do not say of each destination in which country it is (network.countries).",
)
#: The European Economic Area.
_EEA: Final = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT",
    "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip


def maintenance(facts: MaintenanceFacts, limits: Limits) -> Outcome:
    """It was announced in time, and is outside opening hours."""
    shown = sorted(
        (window for window in facts.windows if window.ends > facts.at - _LATELY), key=lambda window: window.begins
    )
    if not shown:
        return Outcome(result=Result.NOT_USED, reason=_NO_WINDOW)
    days = int(limits["maintenance_notice_days"].value)
    hours = int(limits["office_begins_h"].value), int(limits["office_ends_h"].value)
    late = [window for window in shown if _working_days(window.announced, window.begins) < days]
    busy = [window for window in shown if _is_in_hours(window, hours)]
    evidence = tuple((window.what, _span(window)) for window in shown)
    result = Result.VIOLATED if late else Result.WARNED if busy else Result.GOOD
    value = f"{len(late)} announced late, {len(busy)} in opening hours, of {len(shown)}"
    return Outcome(result=result, value=value, evidence=evidence)


def signatures(facts: SignatureFacts, limits: Limits) -> Outcome:
    """Somebody who may signed each settings file as it lies there."""
    if not facts.is_used:
        return Outcome(result=Result.NOT_USED, reason=_UNSIGNED)
    evidence = tuple((one.file, one.failure or f"signed by {one.signer}") for one in facts.signatures)
    wrong = [one for one in facts.signatures if one.failure]
    value = f"{wrong[0].file}: {wrong[0].failure}" if wrong else f"{len(facts.signatures)} files"
    return Outcome(result=Result.VIOLATED if wrong else Result.GOOD, value=value, evidence=evidence)


def residency(facts: tuple[Destination, ...], limits: Limits) -> Outcome:
    """What leaves the care network stays in the EEA."""
    away = [one for one in facts if not one.is_here]
    if not away:
        return Outcome(result=Result.NOT_USED, reason=_NO_DESTINATION)
    evidence = tuple((f"{one.purpose}: {one.host}", one.country or "no country") for one in away)
    outside = [one for one in away if one.country and one.country not in _EEA]
    if outside:
        value = ", ".join(f"{one.host} in {one.country}" for one in outside)
        return Outcome(result=Result.VIOLATED, value=value, evidence=evidence)
    if not all(one.country for one in away):
        return Outcome(result=Result.UNKNOWN, evidence=evidence, reason=_NO_COUNTRY)
    return Outcome(result=Result.GOOD, value=", ".join(sorted({one.country for one in away})), evidence=evidence)


def unplanned_s(outage: Outage, windows: Iterable[Window], at: datetime) -> float:
    """Return for how long something was out of order outside maintenance."""
    left = [(outage.began_at, outage.ended_at or at)]
    for window in windows:
        left = [part for begins, ends in left for part in _outside(begins, ends, window)]
    return sum((ends - begins).total_seconds() for begins, ends in left)


def _outside(begins: datetime, ends: datetime, window: Window) -> Iterator[tuple[datetime, datetime]]:
    if begins < min(ends, window.begins):
        yield begins, min(ends, window.begins)
    if max(begins, window.ends) < ends:
        yield max(begins, window.ends), ends


def _working_days(announced: datetime, begins: datetime) -> int:
    """From the day it was announced to the day before it begins."""
    day, last = announced.astimezone(DUTCH_TIME).date(), begins.astimezone(DUTCH_TIME).date()
    count = max((last - day).days, 0)
    return sum((day + timedelta(days=each)).weekday() < _SATURDAY for each in range(min(count, 366)))


def _is_in_hours(window: Window, hours: tuple[int, int]) -> bool:
    begins, ends = window.begins.astimezone(DUTCH_TIME), window.ends.astimezone(DUTCH_TIME)
    if ends - begins > _LONGEST:
        return True
    midnight = begins.replace(hour=0, minute=0, second=0, microsecond=0)
    days = [midnight + timedelta(days=each) for each in range((ends.date() - begins.date()).days + 1)]
    return any(
        day.weekday() < _SATURDAY
        and begins < day + timedelta(hours=hours[1])
        and ends > day + timedelta(hours=hours[0])
        for day in days
    )


def _span(window: Window) -> str:
    return f"{window.begins:%Y-%m-%d %H:%M} - {window.ends:%Y-%m-%d %H:%M} UTC, announced {window.announced:%Y-%m-%d}"
