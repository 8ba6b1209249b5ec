"""How the node is, side by side, made from what its parts say of themselves.

Knows: which facts make a part unwell, which parts make the node unready.
Must not know: how a fact was found, or who looks.

"The centre is down" is not "I am down": with the switchboard away the node still keeps pushes and answers the local
systems, so it stays ready and says what is wrong. Only a fault of the node itself makes it unready.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from edge_node.model.backup import Safety
from edge_node.model.finding import Finding
from edge_node.model.lifecycle import OPEN, State
from edge_node.model.message import Direction
from edge_node.model.overview import Overview
from edge_node.status import check_part, log_part, trust_parts
from edge_node.status.facts import Facts, LinkFact, LocalFact, StoreFact, TellingFact
from edge_node.status.part import Health, Part

#: A backup is old when it missed its time so often.
BACKUP_OLD_TIMES: Final = 2
_FOR_A_PERSON: Final = frozenset({State.NEEDS_TOKEN, State.HELD, State.DEAD, State.EXPIRED})
#: Codes that only say that nothing was sent, not why.
_SAY_LITTLE: Final = frozenset({"", "EN-NOT-SENT", "EN-LINK-OPEN"})
_HOUR_S: Final = 3600.0
_MB: Final = 1_000_000


class Verdict(StrEnum):
    """The whole, in one word: the worst that is true, nearest first."""

    NODE_DOWN = "node down"
    CENTRE_DOWN = "centre down"
    LOCAL_DOWN = "local system down"
    DEGRADED = "degraded"
    WELL = "well"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """How the node is at one moment."""

    facts: Facts
    verdict: Verdict
    is_ready: bool
    parts: tuple[Part, ...] = field(default=())

    @property
    def reasons(self) -> tuple[Part, ...]:
        """The parts that are not well."""
        return tuple(part for part in self.parts if part.health in {Health.DOWN, Health.DEGRADED})


def snapshot(facts: Facts) -> Snapshot:
    """Judge every part, then the whole."""
    parts = (
        _node(facts),
        _store(facts.store),
        *log_part.log(facts.log),
        *(_link(link) for link in facts.links),
        *(_local(system) for system in facts.local_systems),
        *(trust_parts.certificate(certificate, facts) for certificate in facts.certificates),
        *trust_parts.certificate_files(facts.certificate_files),
        *(trust_parts.anchors(change) for change in facts.anchors),
        *(_old_copy(what, why) for what, why in facts.old_copies.items()),
        *_safety(facts),
        *_clock(facts.clock_doubt),
        *_queue(facts.queue),
        *_destinations(len(facts.closed_destinations)),
        *_unrecorded(facts.unrecorded),
        *(_telling(fact) for fact in facts.telling),
        *trust_parts.tls(facts.tls),
        *trust_parts.revocation(facts.revocation, frozenset(one.identity for one in facts.certificates)),
        trust_parts.tokens(facts),
        *check_part.checks(facts.spoken.standing),
    )
    verdict = _verdict(parts)
    return Snapshot(facts=facts, verdict=verdict, is_ready=verdict is not Verdict.NODE_DOWN, parts=parts)


def _node(facts: Facts) -> Part:
    if facts.is_draining:
        return Part(kind="node", name=facts.node_id, health=Health.DOWN, code="EN-DRAINING")
    if not facts.is_serving:
        return Part(kind="node", name=facts.node_id, health=Health.DOWN, code="EN-STARTING")
    return Part(kind="node", name=facts.node_id, health=Health.UP)


def _store(store: StoreFact) -> Part:
    if not store.is_recording:
        return Part(kind="store", name="store", health=Health.DOWN, code=store.code or "EN-STORE-UNAVAILABLE")
    if store.is_reserve_used_up:
        detail = "the disk is full, and so is the reserve: only deliveries go on"
        return Part(kind="store", name="store", health=Health.DOWN, code="EN-STORE-FULL", detail=detail)
    if store.is_reserve_open:
        detail = "the disk is full: no pushes, queries are logged in the reserve"
        return Part(kind="store", name="store", health=Health.DEGRADED, code="EN-STORE-FULL", detail=detail)
    if store.free_bytes is not None and store.free_bytes < store.reserve_bytes:
        detail = f"{store.free_bytes // _MB} MB free, below the reserve of {store.reserve_bytes // _MB} MB: no pushes"
        return Part(kind="store", name="store", health=Health.DEGRADED, code="EN-STORE-FULL", detail=detail)
    return Part(kind="store", name="store", health=Health.UP)


def _link(link: LinkFact) -> Part:
    seen = _Way(kind="link", name=link.peer, code=link.code, otherwise="EN-SWITCHBOARD-UNREACHABLE")
    return _way(seen, link.is_open, link.since_s)


def _local(system: LocalFact) -> Part:
    seen = _Way(kind="local system", name=system.system, code=system.code, otherwise="EN-LOCAL-UNREACHABLE")
    return _way(seen, None if system.is_reachable is None else not system.is_reachable, system.since_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """A way to another party: the code of its last failure, and the one that says more to people."""

    kind: str
    name: str
    code: str
    otherwise: str


def _way(seen: _Way, is_down: bool | None, since_s: float | None) -> Part:
    if is_down is None:
        return Part(kind=seen.kind, name=seen.name, health=Health.UNKNOWN, detail="not tried yet")
    code = seen.otherwise if seen.code in _SAY_LITTLE else seen.code
    if is_down:
        return Part(kind=seen.kind, name=seen.name, health=Health.DOWN, code=code, since_s=since_s)
    if seen.code:
        # One failure does not make it down; calling it up would be a guess.
        return Part(kind=seen.kind, name=seen.name, health=Health.DEGRADED, code=code, detail="the last try failed")
    return Part(kind=seen.kind, name=seen.name, health=Health.UP, since_s=since_s)


def _old_copy(what: str, why: Finding) -> Part:
    return Part(kind="FHIR addresses", name=what, health=Health.DEGRADED, code=why.code, detail=why.detail)


def _safety(facts: Facts) -> Iterator[Part]:
    safety = facts.safety
    if safety is None:
        return
    if safety.held and safety.restored is not None:
        detail = f"{safety.held} held since the restore of {safety.restored.restored_at}"
        detail += f", from the backup of {safety.restored.made_at}"
        yield Part(kind="restored", name="queue", health=Health.DEGRADED, code="EN-RESTORED", detail=detail)
    yield _backup(safety, facts)


def _backup(safety: Safety, facts: Facts) -> Part:
    good = f"last good one {safety.good_at:%Y-%m-%d %H:%M} UTC" if safety.good_at else "none yet"
    proof = f"restore proven {safety.drilled_at:%Y-%m-%d}" if safety.drilled_at else "restore never proven"
    health, code = Health.UP, ""
    if not safety.is_scheduled:
        # Said, and not called wrong: a node on trial without backups would never be well.
        health, code = Health.UNKNOWN, "EN-BACKUP-NONE"
    elif safety.failed_at is not None:
        health, code = Health.DEGRADED, safety.failure
    elif (facts.at - (safety.good_at or facts.started_at)).total_seconds() > BACKUP_OLD_TIMES * safety.every_s:
        health, code = Health.DEGRADED, "EN-BACKUP-OLD"
    elif safety.good_at is None:
        health = Health.UNKNOWN
    return Part(kind="backup", name="store", health=health, code=code, detail=f"{good}; {proof}")


def _clock(doubt: str) -> Iterator[Part]:
    if doubt:
        yield Part(kind="clock", name="clock", health=Health.DEGRADED, code="EN-CLOCK-DOUBT", detail=doubt)


def _queue(queue: Overview | None) -> Iterator[Part]:
    if queue is None:
        yield Part(kind="queue", name="queue", health=Health.UNKNOWN, detail="the store did not say")
        return
    for direction in Direction:
        yield _lane_ends(direction, queue)
    if queue.set_aside:
        detail = f"{queue.set_aside} could not be read"
        yield Part(kind="queue", name="set aside", health=Health.DEGRADED, code="EN-SET-ASIDE", detail=detail)


def _unrecorded(messages: int) -> Iterator[Part]:
    if messages:
        detail = f"{messages} handed over, and what came of it cannot be recorded: a restart would hand over again"
        yield Part(kind="queue", name="unrecorded", health=Health.DEGRADED, code="EN-STORE-DAMAGED", detail=detail)


def _destinations(closed: int) -> Iterator[Part]:
    if closed:
        detail = f"{closed} take nothing now; which ones is in `status --json` (closed_destinations)"
        yield Part(
            kind="queue", name="destinations", health=Health.DEGRADED, code="EN-DESTINATION-DOWN", detail=detail
        )


def _lane_ends(direction: Direction, queue: Overview) -> Part:
    """One direction of the queue: what waits for a person, and what waits too long."""
    counts = [count for count in queue.counts if count.direction is direction]
    waiting = sum(count.messages for count in counts if count.state in _FOR_A_PERSON)
    if waiting:
        detail = f"{waiting} to be looked at"
        return Part(kind="queue", name=direction, health=Health.DEGRADED, code="EN-QUEUE-ATTENTION", detail=detail)
    if direction is Direction.IN and queue.late:
        oldest_s = max((count.oldest_s for count in counts if count.state in OPEN), default=0.0)
        detail = f"{queue.late} wait too long, the oldest {_age(oldest_s)}"
        return Part(kind="queue", name=direction, health=Health.DEGRADED, code="EN-QUEUE-OLD", detail=detail)
    return Part(kind="queue", name=direction, health=Health.UP)


def _age(seconds: float) -> str:
    return f"{seconds / 3600:.0f} h" if seconds >= _HOUR_S else f"{seconds / 60:.0f} min"


def _telling(fact: TellingFact) -> Part:
    name = f"{fact.way} {fact.application}".rstrip()
    if not fact.code:
        return Part(kind="telling", name=name, health=Health.UP)
    # Messages go on, and nothing that is to be told is lost.
    return Part(kind="telling", name=name, health=Health.DEGRADED, code=fact.code, since_s=fact.since_s)


def _verdict(parts: tuple[Part, ...]) -> Verdict:
    down = {part.kind for part in parts if part.health is Health.DOWN}
    certificates = [part for part in parts if part.kind == "certificate"]
    # With two organisations one ended certificate stops one of them, not the node.
    all_ended = bool(certificates) and all(part.health is Health.DOWN for part in certificates)
    if down & {"node", "store"} or all_ended:
        return Verdict.NODE_DOWN
    if "link" in down:
        return Verdict.CENTRE_DOWN
    if "local system" in down:
        return Verdict.LOCAL_DOWN
    if down or any(part.health is Health.DEGRADED for part in parts):
        return Verdict.DEGRADED
    return Verdict.WELL
