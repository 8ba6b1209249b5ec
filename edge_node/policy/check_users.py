"""The checks of topics D and E that the node itself can see: removals, emergency accesses, tokens on the disk.

Knows: how long a removal may take, by when an emergency access is reviewed.
Must not know: how any of it is found.
"""

from typing import Final

from edge_node.model.check import Limits, Outcome, Result
from edge_node.model.facts_users import EmergencyFacts, Removals, TokenScan
from edge_node.model.notice import Words

_DAY_S: Final = 86_400.0
_MB: Final = 1_000_000
_NOT_WHOLE: Final = Words(
    nl="Nog niet alles is doorzocht sinds de start.", en="Not everything was searched since the start yet."
)
_NO_REMOVAL: Final = Words(
    nl="Er was in deze tijd geen afmelding om te bewaren.", en="There was no removal to be kept in this time."
)


def withdrawal_latency(facts: Removals, limits: Limits) -> Outcome:
    """A removal from the index is acknowledged soon."""
    if not (facts.waiting or facts.done or facts.failed):
        return Outcome(result=Result.NOT_USED, reason=_NO_REMOVAL)
    longest_s = max(facts.oldest_s, facts.slowest_s)
    evidence = (
        ("waiting", f"{facts.waiting}, {facts.oldest_s:.0f} s"),
        ("acknowledged", f"{facts.done}, {facts.slowest_s:.0f} s"),
        ("failed", str(facts.failed)),
    )
    if facts.failed or facts.oldest_s > limits["withdrawal_violation_s"].value:
        result = Result.VIOLATED
    else:
        result = Result.WARNED if longest_s > limits["withdrawal_warn_s"].value else Result.GOOD
    value = f"{facts.failed} failed" if facts.failed else f"{longest_s:.0f} s"
    return Outcome(result=result, value=value, evidence=evidence)


def emergencies(facts: EmergencyFacts, limits: Limits) -> Outcome:
    """Each emergency access is looked at by somebody, in time."""
    state = facts.state
    evidence = (("to review", str(state.open)), ("without a reason", str(state.unexplained)))
    if not state.open or state.oldest_at is None:
        return Outcome(result=Result.GOOD, value="0", evidence=evidence)
    days = (facts.at - state.oldest_at).total_seconds() / _DAY_S
    is_late = days > limits["emergency_review_days"].value
    value = f"{state.open}, the oldest {days:.0f} d"
    return Outcome(result=Result.VIOLATED if is_late else Result.WARNED, value=value, evidence=evidence)


def token_at_rest(facts: TokenScan, limits: Limits) -> Outcome:
    """No token stands on the disk outside what is sealed."""
    evidence: tuple[tuple[str, str], ...] = (
        ("files", str(facts.files)),
        ("read", f"{facts.read_bytes / _MB:.1f} MB"),
    )
    if facts.whole_at is not None:
        # A large store is searched a part at a time: how old the verdict is, belongs to it.
        whole = f"{facts.whole_at:%Y-%m-%dT%H:%M:%SZ}, {facts.whole_bytes / _MB:.1f} MB in {facts.whole_looks} looks"
        evidence = (*evidence, ("last whole search", whole))
    if facts.found:
        found = tuple(("found in", name) for name in facts.found)
        return Outcome(result=Result.VIOLATED, value=f"{len(facts.found)} files", evidence=(*evidence, *found))
    if not facts.whole_passes:
        return Outcome(result=Result.UNKNOWN, evidence=evidence, reason=_NOT_WHOLE)
    return Outcome(result=Result.GOOD, value="none", evidence=evidence)
