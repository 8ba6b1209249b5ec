"""How a check is judged: its rule on what was seen, what stands of it, and what then is done.

Knows: what a rule is, that what was not seen is unknown, that attestations and waivers end at their date.
Must not know: any single rule, how facts are found, how a verdict is kept.

A rule is one pure function of the facts of its look and of the thresholds that its row names: no others are there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from edge_node.model.check import (
    Action,
    Attestation,
    Check,
    Kind,
    Limits,
    Maker,
    Origin,
    Outcome,
    Result,
    Threshold,
    Verdict,
    Waiver,
)
from edge_node.model.check_memory import Change
from edge_node.model.notice import Words

F = TypeVar("F", contravariant=True)
#: What was seen, and the thresholds of the check, make an outcome.
Rule = Callable[[F, Limits], Outcome]

#: Why a check is unknown before anything was seen, by where its facts come from.
NOT_YET: Final = Words(nl="Er is nog niet gekeken.", en="Nobody looked yet.")
_UNSEEN: Final = {
    Kind.MEASURED: Words(
        nl="Deze versie meet dit niet; ga het zelf na.", en="This release does not measure it; see for yourself."
    ),
    Kind.OF_MESSAGE: Words(
        nl="Deze versie beoordeelt dit niet aan berichten.", en="This release does not judge it by messages."
    ),
    Kind.SUPPLIED: Words(
        nl="Uw systeem geeft hierover niets door, en niemand heeft het verklaard.",
        en="Your system tells nothing about it, and nobody attested it.",
    ),
    Kind.ATTESTED: Words(nl="Niemand heeft dit verklaard.", en="Nobody attested it."),
}
_ENDED: Final = Words(nl="De verklaring is verlopen.", en="The attestation has ended.")
_NOT_MET: Final = Words(nl="Verklaard is dat dit niet zo is.", en="It was attested that it is not so.")
#: Whose facts a person may declare.
ATTESTABLE: Final = frozenset({Kind.ATTESTED, Kind.SUPPLIED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What people and the settings say of a check."""

    waiver: Waiver | None = None
    attestation: Attestation | None = None
    actions: tuple[Action, ...] | None = None  # of the settings


def judge(rule: Rule[Any], check: Check, facts: Any, limits: Limits) -> Outcome:
    """Return what a rule makes of facts; it gets the thresholds that its row names, and no others."""
    return rule(facts, {name: limits[name] for name in check.thresholds})


def unknown(reason: Words) -> Outcome:
    """Return the outcome of what could not be seen."""
    return Outcome(result=Result.UNKNOWN, reason=reason)


def unseen(check: Check) -> Outcome:
    """Return the outcome of what nobody looks at."""
    return unknown(_UNSEEN[check.kind])


def attested(check: Check, made: Attestation | None, limits: Limits, at: datetime) -> Outcome:
    """Return what an attestation is worth at a moment."""
    if made is None:
        return unseen(check)
    evidence = (("owner", made.owner), ("statement", made.statement), ("made", _day(made.made_at)))
    outcome = Outcome(result=Result.GOOD, value=f"until {_day(made.until)}", evidence=evidence)
    if at >= made.until:
        return replace(outcome, result=Result.UNKNOWN, reason=_ENDED)
    if not made.is_met:
        return replace(outcome, result=Result.VIOLATED, reason=_NOT_MET)
    left = timedelta(days=limits["attestation_warn_days"].value)
    return replace(outcome, result=Result.WARNED) if at >= made.until - left else outcome


def actions_of(check: Check, chosen: tuple[Action, ...] | None) -> tuple[tuple[Action, ...], Origin]:
    """Return what a violated check does, and who says so.

    What is not soft keeps what it blocks, and so does what the line refuses message by message; a site may be
    stricter.
    """
    if chosen is None:
        return check.actions, Origin(maker=Maker.PRODUCT)
    kept = () if check.gives_way else tuple(action for action in check.actions if action.blocks)
    return tuple(dict.fromkeys((*kept, *chosen))), Origin(maker=Maker.SITE)


def verdict(check: Check, outcome: Outcome, declared: Declared, at: datetime) -> Verdict:
    """Return what stands of a check after a look."""
    actions, origin = actions_of(check, declared.actions)
    return Verdict(
        check=check,
        outcome=outcome,
        since=None,
        looked_at=at,
        actions=actions,
        actions_origin=origin,
        waiver=in_force(declared.waiver, at) if check.gives_way else None,
        attestation=declared.attestation,
    )


def in_force(waiver: Waiver | None, at: datetime) -> Waiver | None:
    """Return a waiver that did not end."""
    return waiver if waiver is not None and at < waiver.until else None


def since(outcome: Outcome, last: Change | None, at: datetime) -> datetime:
    """Return from when on a check has this result: from the last change, where that is still the result."""
    return last.at if last is not None and last.result is outcome.result else at


def thresholds(check: Check, limits: Limits) -> tuple[Threshold, ...]:
    """Return the numbers that a check is held against."""
    return tuple(limits[name] for name in check.thresholds)


def worst(outcomes: Mapping[str, Outcome]) -> Outcome:
    """Return one outcome for several subjects: the worst, which concerns those that have it, with all evidence."""
    order = (Result.VIOLATED, Result.WARNED, Result.UNKNOWN, Result.GOOD, Result.NOT_USED)
    result = min((one.result for one in outcomes.values()), key=order.index)
    having = {name: one for name, one in outcomes.items() if one.result is result}
    first = next(iter(having.values()))
    everyone = len(having) == len(outcomes)
    return replace(
        first,
        evidence=tuple((name, one.value) for name, one in outcomes.items()),
        concerns=frozenset() if everyone else frozenset(having),
    )


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"
