"""The checks of topic F on monitoring: it hears of this node, and nothing of a patient.

Knows: when it was too long ago, what may not be in figures.
Must not know: how figures are fetched or searched.
"""

from typing import Final

from edge_node.model.check import Limits, Outcome, Result
from edge_node.model.facts_telemetry import HeartbeatFacts, TelemetryFacts
from edge_node.model.notice import Words
from edge_node.policy.check_engine import unknown

_NOT_EXPECTED: Final = Words(
    nl="Niet ingesteld is dat bewaking de cijfers ophaalt (checks.upkeep.is_monitored).",
    en="It is not set that monitoring fetches the figures (checks.upkeep.is_monitored).",
)
_NOT_YET: Final = Words(
    nl="Sinds de start heeft nog niemand de cijfers opgehaald.", en="Nobody fetched the figures since the start yet."
)
_MANY: Final = 10


def heartbeat(facts: HeartbeatFacts, limits: Limits) -> Outcome:
    """Monitoring fetched the figures a moment ago."""
    most = limits["heartbeat_s"].value
    if not facts.is_expected:
        return Outcome(result=Result.NOT_USED, reason=_NOT_EXPECTED)
    if facts.age_s is None and facts.running_s <= most:
        return unknown(_NOT_YET)
    age_s = facts.running_s if facts.age_s is None else facts.age_s
    return Outcome(result=Result.VIOLATED if age_s > most else Result.GOOD, value=f"{age_s:.0f} s")


def no_patient(facts: TelemetryFacts, limits: Limits) -> Outcome:
    """Nothing in the figures is of a patient, and nothing is a token."""
    if not facts.found:
        return Outcome(result=Result.GOOD, value=f"{facts.lines} lines")
    names = ", ".join(name for name, _ in facts.found[:_MANY])
    return Outcome(result=Result.VIOLATED, value=names, evidence=facts.found[:_MANY])
