"""The verdicts of the checks as JSON documents.

Knows: how a check, its thresholds, what stands of it and what people declared look in JSON.
Must not know: who asked, how a verdict came to be.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict

from edge_node.model.check import Attestation, Result, Threshold, Topic, Verdict, Waiver
from edge_node.model.check_memory import Change
from edge_node.model.notice import Words
from edge_node.status.document import Document, moment

#: Which result is to be looked at first.
ORDER = (Result.VIOLATED, Result.WARNED, Result.UNKNOWN, Result.GOOD, Result.NOT_USED)


def of_verdict(verdict: Verdict) -> Document:
    """One check, with all that stands of it."""
    check, outcome = verdict.check, verdict.outcome
    return {
        "name": check.name,
        "topic": check.topic.value,
        "kind": check.kind.value,
        "side": verdict.side.value,
        "title": asdict(check.title),
        "meaning": asdict(check.meaning),
        "do": asdict(check.do),
        "source": check.source,
        "result": verdict.result.value,
        "value": outcome.value,
        "reason": _words(outcome.reason),
        "thresholds": [_of_threshold(each) for each in verdict.thresholds],
        "evidence": [{"name": name, "text": text} for name, text in outcome.evidence],
        "concerns": sorted(outcome.concerns),
        "since": None if verdict.since is None else moment(verdict.since),
        "looked_at": None if verdict.looked_at is None else moment(verdict.looked_at),
        "actions": [action.value for action in verdict.actions],
        "actions_origin": str(verdict.actions_origin),
        "reference_actions": [action.value for action in check.reference],
        "blocks": sorted(action.value for action in verdict.blocks),
        "waiver": None if verdict.waiver is None else of_waiver(verdict.waiver),
        "attestation": None if verdict.attestation is None else of_attestation(verdict.attestation),
    }


def of_verdicts(verdicts: Iterable[Verdict]) -> list[Document]:
    """All of them, topic by topic, in the order of the catalogue."""
    topics = list(Topic)
    ordered = sorted(verdicts, key=lambda verdict: topics.index(verdict.check.topic))
    return [of_verdict(verdict) for verdict in ordered]


def counts(verdicts: Iterable[Verdict]) -> Document:
    """How many have each result."""
    counted = Counter(verdict.result for verdict in verdicts)
    return {result.value: counted[result] for result in ORDER}


def of_waiver(waiver: Waiver) -> Document:
    """A waiver."""
    return {
        "owner": waiver.owner,
        "reason": waiver.reason,
        "until": moment(waiver.until),
        "given_at": moment(waiver.given_at),
        "given_by": waiver.given_by,
    }


def of_attestation(made: Attestation) -> Document:
    """An attestation."""
    return {
        "owner": made.owner,
        "statement": made.statement,
        "met": made.is_met,
        "made_at": moment(made.made_at),
        "until": moment(made.until),
        "made_by": made.made_by,
    }


def of_change(change: Change) -> Document:
    """One line of the history of a check."""
    return {"at": moment(change.at), "result": change.result.value, "value": change.value}


def _of_threshold(threshold: Threshold) -> Document:
    return {
        "name": threshold.name,
        "value": threshold.value,
        "unit": threshold.unit,
        "origin": str(threshold.origin),
    }


def _words(words: Words | None) -> Document | None:
    return None if words is None else asdict(words)
