"""The first line of the status, chosen from how the node is at one moment.

Knows: which state of which part makes which sentence, which one of several is said, how long a proof counts.
Must not know: how a fact was found, in which words a sentence is told, who is told.

That everything works is only said where it was shown: the switchboard answered less than ten minutes ago, and every
local system that messages are handed to could be reached.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from edge_node.model.alert import Seen
from edge_node.model.check import Result
from edge_node.model.lifecycle import OPEN, State
from edge_node.model.message import Direction
from edge_node.model.notice import Words
from edge_node.model.sentence import Saying, Sentence
from edge_node.model.sentence_words import CERTIFICATE_ENDED, CERTIFICATE_REVOKED
from edge_node.status import sentence_checks
from edge_node.status.facts import LinkFact, LocalFact
from edge_node.status.matters import matter
from edge_node.status.part import Health, Part
from edge_node.status.snapshot import Snapshot
from edge_node.status.trust_parts import KEY_EXPOSED

#: Older, and it is no proof that messages go back and forth.
PROOF_S: Final = 600.0

_SWITCHBOARD: Final = "switchboard"
_LOG: Final = "access log"
_ZIM: Final = "peer-is-zim"
_KEYS: Final = "key-permissions"
_FHIR: Final = " FHIR"
_ENDED, _REVOKED, _ENDING = "EN-CERTIFICATE-ENDED", "EN-CERTIFICATE-REVOKED", "EN-CERTIFICATE-ENDING"
_OVER: Final = {_ENDED: CERTIFICATE_ENDED, _REVOKED: CERTIFICATE_REVOKED}
_UNDELIVERED: Final = frozenset({State.DEAD, State.EXPIRED, State.HELD})
_STORE: Final = {
    "EN-STORE-FULL": Words(nl="de schijf is vol", en="the disk is full"),
    "EN-STORE-READONLY": Words(nl="op de schijf kan niet worden geschreven", en="the disk cannot be written"),
    "EN-STORE-DAMAGED": Words(nl="de opslag op de schijf is beschadigd", en="the store on the disk is damaged"),
}
_LOG_SHUT: Final = Words(nl="het toegangslog is aangetast", en="the access log was tampered with")
_SILENT: Final = Words(nl="de schijf geeft geen antwoord", en="the disk gives no answer")
_UNRECORDED: Final = Words(nl="er kan niets worden vastgelegd", en="nothing can be recorded")
#: Of these there is a mail of its own, or there are too many of them to be woken for.
_TOLD: Final = frozenset({
    "EN-QUEUE-OLD", "EN-QUEUE-ATTENTION", "EN-SET-ASIDE", "EN-REVOCATION-SOURCE", "EN-CERTIFICATE-REFUSED",
    "EN-DESTINATION-DOWN", "EN-MAIL-FAILED",
})  # fmt: skip
#: Parts of which the sentence is chosen by the facts behind them.
_BY_FACTS: Final = frozenset({"node", "store", "local system", "check"})
_EVERYTHING: Final = frozenset(
    {"link", Saying.LOCAL_DOWN.value, Saying.NOT_DELIVERED.value, Saying.NEEDS_SIGNING.value}
)


def headline(now: Snapshot) -> Sentence:
    """The one sentence that is said first."""
    if not now.facts.is_serving or now.facts.is_draining:
        return _dressed(Sentence(saying=Saying.STARTING, said_at=now.facts.at), now)
    calm, found = (*_unproven(now), *_untried(now), *_over(now), *_well(now)), troubles(now)
    first = min((*found, *(_dressed(one, now) for one in calm)), key=lambda one: one.rank)
    # The end of a breakdown is news ahead of what can wait; it must not say that there is nothing to do.
    is_more_to_do = any(one.saying is not Saying.MINOR for one in found)
    return replace(first, is_beside=True) if first.saying is Saying.OVER and is_more_to_do else first


def troubles(now: Snapshot) -> tuple[Sentence, ...]:
    """All that somebody has to know, the worst first."""
    found: dict[str, Sentence] = {}
    parts = tuple(_troubles(now))
    said = {word for part in parts for word in (part.group, part.about)}
    for one in (*parts, *sentence_checks.sentences(now.facts.spoken.standing, said, now.facts.at)):
        dressed = _dressed(one, now)
        worst = found.setdefault(dressed.key, dressed)
        if dressed.rank < worst.rank:
            found[dressed.key] = dressed
    is_beside = any(one.is_breakdown or one.saying is Saying.UNPROVEN for one in found.values())
    return tuple(sorted((replace(one, is_beside=is_beside) for one in found.values()), key=lambda one: one.rank))


def stuck(at: datetime, help_line: str) -> Sentence:
    """What is said where nobody can look: the disk answers nothing, not even with an error."""
    return Sentence(saying=Saying.NODE_DOWN, said_at=at, about="look", cause=_SILENT, help_line=help_line)


def beside(now: Snapshot) -> tuple[Sentence, ...]:
    """What stands under the first line: all else that somebody has to know."""
    if not now.facts.is_serving or now.facts.is_draining:
        return ()
    first = headline(now)
    return tuple(replace(one, is_beside=True) for one in troubles(now) if one.key != first.key)


def seen(now: Snapshot) -> Seen:
    """The same for those who tell people, with what could not be looked at."""
    return Seen(sentences=troubles(now), unsure=unsure(now), headline=headline(now))


def unsure(now: Snapshot) -> frozenset[str]:
    """The keys and groups of troubles of which nobody can say now whether they are over."""
    facts = now.facts
    if not facts.is_serving or facts.is_draining:
        return _EVERYTHING
    unknown = {Saying.LOCAL_DOWN.value} if any(one.is_reachable is None for one in facts.local_systems) else set()
    # A link that is up for its breaker may just have been started; only an answer shows that it works.
    if not _is_proven(now):
        unknown.add("link")
    if facts.queue is None:
        unknown |= {Saying.NOT_DELIVERED.value, Saying.NEEDS_SIGNING.value, Saying.ATTENTION.value}
    unseen = [one.check.name for one in facts.spoken.standing if one.result is Result.UNKNOWN]
    unknown |= {
        f"{saying.value} {name}" for saying in (Saying.ATTENTION, Saying.BLOCKED, Saying.MINOR) for name in unseen
    }
    return frozenset(unknown)


def _dressed(one: Sentence, now: Snapshot) -> Sentence:
    """The same with whom to call, and with the moment from which it is seen, where nothing tells it better."""
    spoken = now.facts.spoken
    first, since = spoken.since.get(one.key), one.since
    if one.is_trouble and one.saying is not Saying.UNPROVEN and first is not None:
        since = first if since is None else min(first, since)
    return replace(one, since=since, help_line=spoken.help_line)


def _troubles(now: Snapshot) -> Iterator[Sentence]:
    yield from _store(now)
    yield from _certificates(now)
    yield from _links(now)
    yield from _local(now)
    yield from _queue(now)
    if now.facts.spoken.is_asked and now.facts.at - now.facts.started_at > timedelta(seconds=PROOF_S):
        yield from _unproven(now)
    yield from _matters(now)


def _store(now: Snapshot) -> Iterator[Sentence]:
    store, at = now.facts.store, now.facts.at
    part = next(one for one in now.parts if one.kind == "store")
    if part.health is Health.DOWN:
        cause = _STORE.get(store.code or part.code, _UNRECORDED)
        yield Sentence(saying=Saying.NODE_DOWN, said_at=at, cause=cause)
    elif part.code == "EN-STORE-FULL":
        yield Sentence(saying=Saying.DISK_FULL, said_at=at)
    if any(one.kind == _LOG and one.health is Health.DOWN for one in now.parts):
        yield Sentence(saying=Saying.NODE_DOWN, said_at=at, about=_LOG, cause=_LOG_SHUT)


def _certificates(now: Snapshot) -> Iterator[Sentence]:
    facts = now.facts
    ends = {one.identity: one for one in facts.certificates}
    several = len(facts.spoken.organisations) > 1
    for part in now.parts:
        known = ends.get(part.name)
        if part.kind != "certificate" or (known is None and part.code != _REVOKED):
            continue
        name = facts.spoken.organisations.get(part.name, part.name) if several else ""
        said = Sentence(
            saying=Saying.CERTIFICATE_OVER, said_at=facts.at, about=part.name, name=name, is_told_elsewhere=True
        )
        if part.code in _OVER:
            since = known.not_after if known is not None and part.code == _ENDED else None
            yield replace(said, since=since, cause=_OVER[part.code])
        elif part.code == _ENDING and known is not None and known.next_from is None:
            yield replace(said, saying=Saying.CERTIFICATE_ENDING, until=known.not_after)


def _links(now: Snapshot) -> Iterator[Sentence]:
    facts = now.facts
    down = [one for one in facts.links if one.is_open]
    main = next((one for one in down if one.peer == _SWITCHBOARD), None)
    silent = facts.spoken.silent.get(_SWITCHBOARD)
    if (main is None and silent is None) or _is_another(now):
        return
    is_answered = any(one.is_open is False and one.connections for one in facts.links)
    is_cut = not is_answered and all(one.peer in facts.spoken.unreached for one in down)
    yield Sentence(
        saying=Saying.NETWORK_DOWN if is_cut and main is not None else Saying.LSP_DOWN,
        said_at=facts.at,
        since=silent if main is None else _since(now, main),
        messages=_count(now, Direction.OUT, OPEN - {State.NEEDS_TOKEN, State.HELD}),
    )


def _is_another(now: Snapshot) -> bool:
    """Whether somebody answers in the place of the LSP: it is not down then, and another sentence says what is."""
    return any(one.check.name == _ZIM and one.result is Result.VIOLATED for one in now.facts.spoken.standing)


def _local(now: Snapshot) -> Iterator[Sentence]:
    facts = now.facts
    for one in facts.local_systems:
        silent = facts.spoken.silent.get(one.system)
        if one.is_reachable is False or silent is not None:
            yield Sentence(
                saying=Saying.LOCAL_DOWN,
                said_at=facts.at,
                about=one.system.removesuffix(_FHIR),
                since=silent if one.is_reachable else _since(now, one),
                messages=_count(now, Direction.IN, OPEN),
                name=facts.spoken.names.get(one.system, one.system),
            )


def _queue(now: Snapshot) -> Iterator[Sentence]:
    facts = now.facts
    held = facts.safety.held if facts.safety is not None else 0
    lost = max(0, (_count(now, Direction.OUT, _UNDELIVERED) or 0) - held)
    unsigned = _count(now, Direction.OUT, frozenset({State.NEEDS_TOKEN})) or 0
    said = Sentence(saying=Saying.NOT_DELIVERED, said_at=facts.at, is_told_elsewhere=True)
    if lost:
        yield replace(said, messages=lost, cause=facts.spoken.cause)
    if unsigned:
        names = set(facts.spoken.names.values())
        name = names.pop() if len(names) == 1 else ""
        yield replace(said, saying=Saying.NEEDS_SIGNING, messages=unsigned, name=name)


def _matters(now: Snapshot) -> Iterator[Sentence]:
    """What is wrong with a part and stops no work."""
    for part in now.parts:
        if part.health not in {Health.DOWN, Health.DEGRADED} or part.kind in _BY_FACTS or _is_said(part):
            continue
        if part.code == KEY_EXPOSED and sentence_checks.is_told(now.facts.spoken.standing, _KEYS):
            continue  # sooner than the check, which says besides what to do
        yield Sentence(
            saying=Saying.ATTENTION,
            said_at=now.facts.at,
            about=part.code or part.kind,
            since=None if part.since_s is None else now.facts.at - timedelta(seconds=part.since_s),
            cause=matter(part.kind, part.code if part.kind != "link" else ""),
            whose=part.side,
            is_told_elsewhere=part.code in _TOLD,
        )


def _is_said(part: Part) -> bool:
    """Whether another sentence says it, or it is no matter yet."""
    if part.kind == "link":
        return part.name == _SWITCHBOARD or part.health is Health.DEGRADED
    if part.kind == "queue":
        return part.name == Direction.OUT and part.code == "EN-QUEUE-ATTENTION"
    if part.kind == _LOG:
        return part.health is Health.DOWN
    return part.code in {_ENDED, _REVOKED, _ENDING}


def _unproven(now: Snapshot) -> Iterator[Sentence]:
    """Nothing shows that the switchboard answers."""
    if not _is_proven(now):
        yield Sentence(saying=Saying.UNPROVEN, said_at=now.facts.at, since=now.facts.spoken.proven_at)


def _untried(now: Snapshot) -> Iterator[Sentence]:
    """Nothing shows that a local system is there."""
    spoken = now.facts.spoken
    for one in now.facts.local_systems:
        if one.is_reachable is None:
            name = spoken.names.get(one.system, one.system)
            why = Words(nl=f"{name} is nog niet gecontroleerd", en=f"{name} has not been checked yet")
            yield Sentence(saying=Saying.UNPROVEN, said_at=now.facts.at, since=spoken.proven_at, cause=why)


def _over(now: Snapshot) -> Iterator[Sentence]:
    outage = now.facts.spoken.outage
    if outage is not None and _is_proven(now):
        said = Sentence(
            saying=Saying.OVER,
            said_at=now.facts.at,
            since=outage.since,
            until=outage.until,
            messages=outage.delivered,
            left=outage.left,
        )
        yield said


def _well(now: Snapshot) -> Iterator[Sentence]:
    facts = now.facts
    if _is_proven(now):
        yield Sentence(saying=Saying.WELL, said_at=facts.at, since=facts.spoken.proven_at)


def _is_proven(now: Snapshot) -> bool:
    proven_at = now.facts.spoken.proven_at
    if proven_at is None or _SWITCHBOARD in now.facts.spoken.silent:
        return False
    return now.facts.at - proven_at <= timedelta(seconds=PROOF_S)


def _count(now: Snapshot, direction: Direction, states: frozenset[State]) -> int | None:
    queue = now.facts.queue
    if queue is None:
        return None
    return sum(one.messages for one in queue.counts if one.direction is direction and one.state in states)


def _since(now: Snapshot, fact: LinkFact | LocalFact) -> datetime | None:
    return None if fact.since_s is None else now.facts.at - timedelta(seconds=fact.since_s)
