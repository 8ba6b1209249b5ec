"""Values as JSON documents: one spelling for the management page, the control socket and `--json`.

Knows: how a snapshot, a row, a step and an error look in JSON.
Must not know: who asked, or by which way it is sent.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from edge_node.errors import PAGES, EdgeNodeError
from edge_node.model.backup import Safety
from edge_node.model.deviation import Deviation
from edge_node.model.negotiated import TlsFact
from edge_node.model.overview import Cause, Overview, Preview, Row, SetAside, Shown, Step
from edge_node.model.revocation import ListFact, RevocationFact
from edge_node.model.sentence import Sentence
from edge_node.model.sentence_words import words
from edge_node.status.facts import ClosedFact
from edge_node.status.part import Part
from edge_node.status.sentence import beside, headline
from edge_node.status.snapshot import Snapshot

Document = dict[str, Any]

#: So many closed destinations are named, those that have been down for longest.
_MOST_CLOSED: Final = 200


def of_snapshot(now: Snapshot) -> Document:
    """The whole snapshot."""
    facts = now.facts
    return {
        "node": facts.node_id,
        "version": facts.version,
        "environment": facts.environment,
        "settings_hash": facts.settings_hash,
        "at": moment(facts.at),
        "started_at": moment(facts.started_at),
        "ready": now.is_ready,
        "verdict": now.verdict.value,
        "sentence": of_sentence(headline(now)),
        "also": [of_sentence(one) for one in beside(now)],
        "parts": [of_part(part) for part in now.parts],
        "queue": of_overview(facts.queue) if facts.queue is not None else None,
        "closed_destinations": [_of_closed(each) for each in facts.closed_destinations[:_MOST_CLOSED]],
        "backup": None if facts.safety is None else of_safety(facts.safety),
        "interactions": of_deviations(facts.deviations),
        "tls": None if facts.tls is None else _of_tls(facts.tls),
        "revocation": None if facts.revocation is None else _of_revocation(facts.revocation, facts.at),
        "inflight_bytes": facts.inflight_bytes,
        "budget_bytes": facts.budget_bytes,
    }


def _of_closed(closed: ClosedFact) -> Document:
    return {
        "direction": closed.direction.value,
        "destination": closed.destination,
        "code": closed.code,
        "down_s": round(closed.since_s),
        "tries": closed.tries,
    }


def _of_tls(fact: TlsFact) -> Document:
    return {
        "profile": fact.profile,
        "edition": fact.edition,
        "negotiated": [{**asdict(agreed), "handshakes": handshakes} for agreed, handshakes in fact.handshakes],
    }


def _of_revocation(fact: RevocationFact, at: datetime) -> Document:
    return {
        "lists": [_of_list(one, at) for one in fact.lists],
        "certificates": [
            {
                "of": one.of,
                "own": one.is_own,
                "subject": one.subject,
                "issuer": one.issuer,
                "verdict": one.verdict,
                "why": one.why,
                "source": one.source,
                "until": moment(one.until) if one.until else None,
                "borne": one.is_borne,
            }
            for one in fact.standings
        ],
        "sources": [
            {
                "kind": one.kind,
                "address": one.address,
                "up": one.is_up,
                "code": one.code,
                "detail": one.detail,
                "since": moment(one.since) if one.since else None,
                "good_at": moment(one.good_at) if one.good_at else None,
            }
            for one in fact.sources
        ],
    }


def _of_list(one: ListFact, at: datetime) -> Document:
    return {
        "issuer": one.issuer,
        "source": one.source,
        "this_update": moment(one.this_update),
        "next_update": moment(one.next_update),
        "age_s": round((at - one.this_update).total_seconds()),
        "old": one.is_old,
        "ended": one.is_ended,
    }


def of_safety(safety: Safety) -> Document:
    """How well the store is backed up, and what a restore still holds."""
    restored = safety.restored
    return {
        "has_keys": safety.has_keys,
        "is_scheduled": safety.is_scheduled,
        "good_at": moment(safety.good_at) if safety.good_at else None,
        "failed_at": moment(safety.failed_at) if safety.failed_at else None,
        "failure": safety.failure,
        "drilled_at": moment(safety.drilled_at) if safety.drilled_at else None,
        "restored_at": restored.restored_at if restored else None,
        "restored_from": restored.made_at if restored else None,
        "restored_held": safety.held,
    }


def of_readiness(now: Snapshot) -> Document:
    """Only what a probe needs: ready or not, and why; the first line for people who look."""
    return {
        "ready": now.is_ready,
        "verdict": now.verdict.value,
        "sentence": of_sentence(headline(now)),
        "reasons": [of_part(part) for part in now.reasons],
    }


def of_sentence(sentence: Sentence) -> Document:
    """The first line, in both languages, with what a program needs to tell one from another."""
    said = words(sentence)
    return {
        "state": sentence.saying.value,
        "side": sentence.side.value,
        "since": moment(sentence.since) if sentence.since else None,
        "nl": said.nl,
        "en": said.en,
    }


def of_part(part: Part) -> Document:
    """One part; side and advice only where something is wrong."""
    document: Document = {"kind": part.kind, "name": part.name, "health": part.health.value}
    if part.code:
        document |= {"code": part.code, "side": part.side.value, "do": part.do}
    if part.detail:
        document["detail"] = part.detail
    if part.since_s is not None:
        document["since_s"] = round(part.since_s, 1)
    return document


def of_overview(overview: Overview) -> list[Document]:
    """The counts."""
    return [{**asdict(count), "oldest_s": round(count.oldest_s, 1)} for count in overview.counts]


def of_deviations(deviations: tuple[Deviation, ...]) -> list[Document]:
    """The interactions that are otherwise at this site than in the table."""
    return [{"id": str(each.id), "way": each.way.value, "columns": list(each.columns)} for each in deviations]


def of_row(row: Row) -> Document:
    """One message."""
    return {**asdict(row), "kept_at": moment(row.kept_at), "ends_at": moment(row.ends_at) if row.ends_at else None}


def of_step(step: Step) -> Document:
    """One step, without the fields that are empty."""
    filled = {key: value for key, value in asdict(step).items() if value != ""}
    return {**filled, "at": moment(step.at)}


def of_shown(shown: Shown) -> Document:
    """One message with its history."""
    return {**of_row(shown.row), "history": [of_step(step) for step in shown.steps]}


def of_set_aside(each: SetAside) -> Document:
    """One message that could not be read."""
    return {**asdict(each), "at": moment(each.at)}


def of_preview(preview: Preview) -> Document:
    """What a deed would be done to."""
    return {**asdict(preview), "examples": [of_row(row) for row in preview.examples]}


def of_cause(cause: Cause) -> Document:
    """Why some messages are stuck."""
    return {**asdict(cause), "oldest": moment(cause.oldest), "newest": moment(cause.newest)}


def of_error(error: EdgeNodeError) -> Document:
    """An error with the page people read about it."""
    page = PAGES.get(error.code, PAGES["EN-INTERNAL"])
    return {
        "code": error.code,
        "what": page.what,
        "detail": error.detail,
        "side": page.side.value,
        "retry": page.retry,
        "retry_after_s": error.retry_after_s,
        "do": page.do,
    }


def moment(at: datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
