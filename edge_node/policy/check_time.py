"""The checks of topic A on the queue, on outages, time-outs and answers.

Knows: how long a message may wait, how many outages there may be, what counts as one.
Must not know: how the queue is stored, how an outage is seen.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from edge_node.model.check import Check, Limits, Outcome, Result
from edge_node.model.check_memory import Outage
from edge_node.model.facts_time import MessageFacts, OutageFacts, PaceFacts, QueueFacts, TimeoutFacts
from edge_node.model.lifecycle import OPEN
from edge_node.model.notice import Words
from edge_node.policy.check_engine import Rule
from edge_node.policy.check_planned import unplanned_s

_NO_MESSAGE: Final = Words(nl="Er is in deze tijd geen bericht beoordeeld.", en="No message was judged in this time.")
_NO_ANSWER: Final = Words(nl="Er is in deze tijd niets gevraagd.", en="Nothing was asked in this time.")
_STORE_SILENT: Final = Words(
    nl="De opslag kan nu niets wegschrijven; wat er staat is heel.",
    en="The store can write nothing now; what is there is sound.",
)
_DAMAGE: Final = frozenset({"EN-STORE-DAMAGED", "EN-STORE-GONE"})
_SHOWN: Final = 10
_QUICKEST_S: Final = 1e-6


def queue_age(facts: QueueFacts, limits: Limits) -> Outcome:
    """Nothing that is still to be delivered has waited too long."""
    waiting = [count for count in facts.overview.counts if count.state in OPEN]
    oldest_s = max((count.oldest_s for count in waiting), default=0.0)
    warn_s, violation_s = limits["queue_warn_s"].value, limits["queue_violation_s"].value
    result = Result.VIOLATED if oldest_s > violation_s else Result.WARNED if oldest_s > warn_s else Result.GOOD
    evidence = tuple(
        (f"{count.direction} {count.state}", f"{count.messages}, {count.oldest_s:.0f} s") for count in waiting
    )
    return Outcome(result=result, value=f"{oldest_s:.0f} s", evidence=evidence)


def queue_integrity(facts: QueueFacts, limits: Limits) -> Outcome:
    """All that is kept can be read, and what came of it can be written down."""
    lost = facts.overview.set_aside + facts.unrecorded
    evidence = (("set aside", str(facts.overview.set_aside)), ("unrecorded", str(facts.unrecorded)))
    if lost or facts.failure in _DAMAGE:
        return Outcome(result=Result.VIOLATED, value=facts.failure or f"{lost} messages", evidence=evidence)
    reason = _STORE_SILENT if facts.failure else None
    return Outcome(result=Result.GOOD, value=facts.failure or "sound", evidence=evidence, reason=reason)


def timeouts(facts: TimeoutFacts, limits: Limits) -> Outcome:
    """No time-out is longer than agreed."""
    is_good = (
        facts.query_out_s <= limits["query_timeout_s"].value and facts.query_in_s <= limits["answer_timeout_s"].value
    )
    value = f"out {facts.query_out_s:g} s, in {facts.query_in_s:g} s"
    return Outcome(result=Result.GOOD if is_good else Result.WARNED, value=value)


def pace(facts: PaceFacts, limits: Limits) -> Outcome:
    """So many messages a second can be written down, each by itself; many that wait share the time of one."""
    per_s = 1 / max(facts.sync_s, _QUICKEST_S)
    result = Result.GOOD if per_s >= limits["throughput_per_s"].value else Result.VIOLATED
    evidence = (
        ("time until one is on the disk", f"{facts.sync_s * 1000:.1f} ms"),
        ("file system", facts.file_system),
    )
    return Outcome(result=result, value=f"{per_s:.0f} per s", evidence=evidence)


def minor_outages(facts: OutageFacts, limits: Limits) -> Outcome:
    """Short outages stay within their budget."""
    major_s = limits["outage_major_s"].value
    return _budget(
        [one for one in facts.outages if 0 < _length_s(one, facts) <= major_s],
        facts,
        int(limits["outages_minor"].value),
        timedelta(days=limits["outages_minor_days"].value),
    )


def major_outages(facts: OutageFacts, limits: Limits) -> Outcome:
    """Long outages stay within their budget."""
    major_s = limits["outage_major_s"].value
    return _budget(
        [one for one in facts.outages if _length_s(one, facts) > major_s],
        facts,
        int(limits["outages_major"].value),
        timedelta(days=limits["outages_major_days"].value),
    )


def _budget(outages: Iterable[Outage], facts: OutageFacts, most: int, over: timedelta) -> Outcome:
    counted = [one for one in outages if one.ended_at is None or one.ended_at >= facts.at - over]
    result = Result.VIOLATED if len(counted) > most else Result.WARNED if len(counted) == most else Result.GOOD
    if not counted:
        result = Result.GOOD  # a budget of none is kept by none
    evidence = tuple((one.part, _span(one, facts)) for one in counted[-_SHOWN:])
    if facts.watched_from is not None:
        evidence = (("watched from", f"{facts.watched_from:%Y-%m-%d %H:%M} UTC"), *evidence)
    return Outcome(result=result, value=f"{len(counted)} in {over.days} d", evidence=evidence)


def _length_s(outage: Outage, facts: OutageFacts) -> float:
    return unplanned_s(outage, facts.maintenance, facts.at)


def _span(outage: Outage, facts: OutageFacts) -> str:
    lasts = "" if outage.ended_at else ", lasts"
    return f"{outage.began_at:%Y-%m-%d %H:%M} UTC, {_length_s(outage, facts) / 60:.0f} min{lasts}"


def latency(facts: MessageFacts, limits: Limits) -> Outcome:
    """19 of 20 answers of local systems come soon enough."""
    if facts.p95_s is None:
        return Outcome(result=Result.UNKNOWN, reason=_NO_ANSWER)
    result = Result.WARNED if facts.p95_s > limits["answer_p95_s"].value else Result.GOOD
    return Outcome(result=result, value=f"{facts.p95_s:.2f} s", evidence=(("answers", str(facts.answers)),))


def unanswered(facts: MessageFacts, limits: Limits) -> Outcome:
    """Few questions of others stay without an answer."""
    asked = facts.answers + facts.unanswered
    if not asked:
        return Outcome(result=Result.UNKNOWN, reason=_NO_ANSWER)
    percent = 100 * facts.unanswered / asked
    result = Result.VIOLATED if percent > limits["answer_timeout_percent"].value else Result.GOOD
    return Outcome(result=result, value=f"{percent:.1f} %", evidence=(("asked", str(asked)),))


def of_messages(check: Check) -> Rule[MessageFacts]:
    """Return the rule on what was found on messages by the codes of a check.

    A message that was refused did no harm, and is told of.
    """

    def judge(facts: MessageFacts, limits: Limits) -> Outcome:
        refused = {code: count for code, count in facts.refused.items() if code in check.codes}
        passed = {code: count for code, count in facts.warned.items() if code in check.codes}
        evidence = tuple((code, f"{count} refused") for code, count in sorted(refused.items()))
        evidence += tuple((code, f"{count} passed") for code, count in sorted(passed.items()))
        found = sum(refused.values()) + sum(passed.values())
        if not facts.handled and not found:
            return Outcome(result=Result.UNKNOWN, reason=_NO_MESSAGE)
        # What was turned away before anybody read it was not judged.
        value = f"{found} of {max(facts.handled, found)} in {facts.window_s / 3600:.0f} h"
        return Outcome(result=Result.WARNED if found else Result.GOOD, value=value, evidence=evidence)

    return judge
