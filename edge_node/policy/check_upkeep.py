"""The checks of topic F on what people record: incidents in time, changes approved, a node out of use.

Knows: when each is late, which steps put a node out of use.
Must not know: where any of it is written down.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from edge_node.model.check import Limits, Outcome, Result
from edge_node.model.facts_upkeep import ChangeFacts, IncidentFacts, LeavingFacts
from edge_node.model.notice import Words
from edge_node.model.upkeep import DECLARED, SEEN, Incident, Step

_NO_LEAVING: Final = Words(
    nl="Deze aansluiting wordt niet buiten gebruik gesteld.", en="This connection is not being put out of use."
)
_NOT_APPROVED: Final = Words(
    nl="Niemand heeft vastgelegd wie deze instellingen met deze versie goedkeurde.",
    en="Nobody recorded who approved these settings with this release.",
)
_HOUR: Final = timedelta(hours=1)
_SHOWN: Final = 12


def incidents(facts: IncidentFacts, limits: Limits) -> Outcome:
    """Every incident was reported before its term was over."""
    waiting = [one for one in facts.open if not one.is_reported]
    value = f"{len(facts.open)} open, {len(waiting)} not reported"
    evidence = tuple((f"incident {one.id}", _told(one, facts, limits)) for one in facts.open)
    if any(_hours(one, facts) >= limits["incident_last_h"].value for one in waiting):
        return Outcome(result=Result.VIOLATED, value=value, evidence=evidence)
    if any(_hours(one, facts) >= limits["incident_first_h"].value for one in waiting):
        return Outcome(result=Result.WARNED, value=value, evidence=evidence)
    return Outcome(result=Result.GOOD, value=value, evidence=evidence)


def _told(one: Incident, facts: IncidentFacts, limits: Limits) -> str:
    """How old it is, and which term comes next."""
    hours = _hours(one, facts)
    kind = "breach of personal data, " if one.is_breach else ""
    if one.is_reported and one.reported_at is not None:
        return f"{kind}reported after {(one.reported_at - one.detected_at) / _HOUR:.0f} h"
    terms = [limits[f"incident_{name}_h"].value for name in ("first", "second", "last")]
    following = next((term for term in terms if hours < term), None)
    rest = (
        "the last term is over" if following is None else f"{following - hours:.0f} h to the term of {following:g} h"
    )
    reported = "not reported" if one.reported_at is None else "not reported to the authority (AP)"
    return f"{kind}{hours:.0f} h, {reported}, {rest}"


def _hours(one: Incident, facts: IncidentFacts) -> float:
    return (facts.at - one.detected_at) / _HOUR


def change(facts: ChangeFacts, limits: Limits) -> Outcome:
    """Somebody approved what is in force."""
    evidence = (
        ("settings", facts.digest[:_SHOWN]),
        ("release", facts.release),
        ("in force since", f"{facts.since:%Y-%m-%d %H:%M} UTC"),
    )
    made = facts.approval
    if made is not None:
        approved = ("approved", f"{made.change}, {made.approver}, {made.at:%Y-%m-%d}")
        return Outcome(result=Result.GOOD, value=made.change, evidence=(*evidence, approved))
    hours = (facts.at - facts.since) / _HOUR
    result = Result.VIOLATED if hours > limits["change_record_h"].value else Result.WARNED
    return Outcome(result=result, value=f"not approved, {hours:.0f} h", evidence=evidence, reason=_NOT_APPROVED)


def leaving(facts: LeavingFacts, limits: Limits) -> Outcome:
    """Nothing is left behind where a connection ended."""
    taken = {one.step: one for one in facts.taken}
    if Step.BEGUN not in taken:
        return Outcome(result=Result.NOT_USED, reason=_NO_LEAVING)
    left = tuple(missing(facts))
    evidence = (
        *((one.step.value, f"{one.at:%Y-%m-%d}, {one.owner}: {one.note}") for one in facts.taken),
        *((step.value, facts.seen[step] or "done") for step in sorted(SEEN)),
    )
    if left and Step.CLOSED in taken:
        return Outcome(result=Result.VIOLATED, value=f"closed, and yet: {', '.join(left)}", evidence=evidence)
    if left:
        return Outcome(result=Result.WARNED, value=f"to do: {', '.join(left)}", evidence=evidence)
    return Outcome(result=Result.GOOD, value="complete", evidence=evidence)


def missing(facts: LeavingFacts) -> Iterator[Step]:
    """Return the steps that are still to be taken, in their order."""
    taken = {one.step for one in facts.taken}
    for step in Step:
        if (step in DECLARED and step not in taken) or (step in SEEN and facts.seen[step]):
            yield step
