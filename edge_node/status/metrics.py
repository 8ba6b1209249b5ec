"""The node in figures, for Prometheus.

Knows: the name, the labels and the meaning of each metric.
Must not know: who counts, or how the figures are fetched.

No metric holds patient data, and no label takes a value from outside: each is a word of a table or of the settings.
"""

from collections import Counter as Tally
from collections.abc import Iterable, Set
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from edge_node.errors import PAGES
from edge_node.model.backup import Safety
from edge_node.model.certificate import days_left
from edge_node.model.check import Result, Verdict
from edge_node.model.interaction import Pattern
from edge_node.model.lifecycle import OPEN, State
from edge_node.model.log_state import LogFact
from edge_node.model.message import Direction
from edge_node.model.negotiated import Agreed
from edge_node.model.overview import Count
from edge_node.model.revocation import RevocationFact
from edge_node.model.sentence import Saying
from edge_node.status.facts import Facts
from edge_node.status.part import Health
from edge_node.status.sentence import headline
from edge_node.status.snapshot import Snapshot

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_VIOLATED: Final = {Result.VIOLATED: 1.0, Result.WARNED: 0.5}
_ACKNOWLEDGEMENTS: Final = frozenset({"AA", "AE", "AR", "CA", "CE", "CR"})
_KINDS: Final = (frozenset(Pattern) - {Pattern.UNSET}) | {"unread", "unknown"}
_OUTCOMES: Final = frozenset(PAGES) | _ACKNOWLEDGEMENTS | {"kept", "answered", "duplicate"}
_OTHER: Final = "other"
#: From a good answer within the practice (10 ms) to the longest time-out there is (60 s) and a little over.
_SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120)
#: States a queue gauge is shown for: those of open messages, and DEAD because a person must look at it.
_SHOWN: Final = (*sorted(OPEN), State.DEAD)


class Metrics:
    """Counts what happens, as the line tells it, and shows the last snapshot as gauges."""

    def __init__(self, registry: CollectorRegistry, codes: Set[str] = frozenset()) -> None:
        """`codes` are those of the table of error codes: outcomes of their own, beside the node's."""
        self._registry = registry
        #: When monitoring last had the figures, by the clock of the reactor; None: not since the start.
        self.fetched_at_s: float | None = None
        self._outcomes = _OUTCOMES | codes
        self._messages = Counter(
            "edge_node_messages", "Requests answered.", ("direction", "kind", "outcome"), registry=registry
        )
        self._seconds = Histogram(
            "edge_node_exchange_seconds",
            "From a request to its answer.",
            ("direction", "kind"),
            buckets=_SECONDS,
            registry=registry,
        )
        self._attempts = Counter(
            "edge_node_attempts", "Handovers of kept messages.", ("direction", "outcome"), registry=registry
        )
        self._handover_seconds = Histogram(
            "edge_node_handover_seconds", "One handover.", ("direction",), buckets=_SECONDS, registry=registry
        )
        self._warnings = Counter(
            "edge_node_warnings", "What was odd about messages that passed.", ("direction", "code"), registry=registry
        )
        self._destinations = Gauge(
            "edge_node_destinations_closed",
            "Destinations that take nothing now: of what waits for them only a probe goes.",
            ("direction",),
            registry=registry,
        )
        self._link_changes = Counter(
            "edge_node_link_changes", "How often a link went down or came up.", ("link", "to"), registry=registry
        )
        self._connections = Gauge(
            "edge_node_connections", "Open connections from callers.", ("listener",), registry=registry
        )
        self._negotiated = Counter(
            "edge_node_tls_negotiated",
            "What was agreed on in TLS handshakes, by the labels of the guideline.",
            ("side", "role", "item", "value", "label"),
            registry=registry,
        )
        self._gauges = _Gauges(registry)

    def handled(self, direction: Direction, kind: str, outcome: str, took_s: float) -> None:
        """A request was answered: `kind` is query, push or tick, `outcome` a code."""
        kind = _kind(kind)
        self._messages.labels(direction.value, kind, self._bounded(outcome)).inc()
        self._seconds.labels(direction.value, kind).observe(took_s)

    def attempted(self, direction: Direction, outcome: str, took_s: float) -> None:
        """A kept message was handed over, or not."""
        self._attempts.labels(direction.value, self._bounded(outcome)).inc()
        self._handover_seconds.labels(direction.value).observe(took_s)

    def warned(self, direction: Direction, code: str) -> None:
        """A message or its answer passed, and was not as the rule of that code has it."""
        self._warnings.labels(direction.value, self._bounded(code)).inc()

    def destinations_closed(self, direction: Direction, count: int) -> None:
        """How many destinations take nothing now; which ones is in the status, no label takes a name from outside."""
        self._destinations.labels(direction.value).set(count)

    def link_changed(self, name: str, is_up: bool) -> None:
        """A link went down or came up again; its name is from the settings."""
        self._link_changes.labels(name, "up" if is_up else "down").inc()

    def connections(self, listener: str, open_now: int) -> None:
        """How many callers are connected; `listener` is a name of the node's own."""
        self._connections.labels(listener).set(open_now)

    def negotiated(self, agreed: Agreed) -> None:
        """A handshake agreed on this; each word is of a table or of the settings."""
        self._negotiated.labels(agreed.side, agreed.role, agreed.item, agreed.value, agreed.label).inc()

    def _bounded(self, outcome: str) -> str:
        """Return the outcome when it is of a table, else "other": a peer cannot make new time series."""
        return outcome if outcome in self._outcomes else _OTHER

    def show(self, now: Snapshot) -> None:
        """Set every gauge from this snapshot."""
        self._gauges.show(now)

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self._registry)


def _kind(kind: str) -> str:
    if kind == Pattern.UNSET:
        return Pattern.PUSH.value  # what the table gives no part in an exchange is handled as a push
    return kind if kind in _KINDS else _OTHER


class _Gauges:
    """The figures that are read off a snapshot, not counted."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, meaning: str, *labels: str) -> Gauge:
            return Gauge(f"edge_node_{name}", meaning, labels, registry=registry)

        self._info = gauge("info", "Always 1; release, environment and settings in use.", "version", "environment")
        self._started = gauge("process_start_time_seconds", "When the process started, since the epoch.")
        self._ready = gauge("ready", "1 when the node does its part.")
        self._parts = gauge("part_up", "1 when up, 0.5 degraded, 0 down, -1 not known.", "kind", "name")
        self._depth = gauge("queue_messages", "Kept messages.", "direction", "state")
        self._age = gauge("queue_oldest_seconds", "Age of the oldest kept message.", "direction", "state")
        self._breaker = gauge("link_breaker_open", "1 while requests to the peer fail fast.", "peer")
        self._pooled = gauge("link_connections", "Open connections to the peer.", "peer")
        self._inflight = gauge("inflight_bytes", "Bytes of all bodies in memory.")
        self._budget = gauge("budget_bytes", "Bytes all bodies in memory may take.")
        self._ends = gauge("certificate_end_time_seconds", "End of an own certificate, since the epoch.", "identity")
        self._left = gauge("certificate_days_left", "Days until the end of an own certificate.", "identity")
        self._fallen = gauge("certificate_fell_back", "1 while an older one is shown for the newest.", "identity")
        self._files = gauge("certificate_files", "Files broken on disk, or changed and not in use.", "state")
        self._reserve = gauge("store_reserve", "1 when set apart for a full disk, 0.5 in use, 0 used up.")
        self._set_aside = gauge("queue_set_aside", "Messages that could not be read, to be looked at.")
        self._backup = gauge("backup_last_good_time_seconds", "When the last good backup was made, since the epoch.")
        self._drill = gauge("backup_last_drill_time_seconds", "When a restore was proven last, since the epoch.")
        self._restored = gauge("restored_held_messages", "Messages that a restore still holds back.")
        self._free = gauge("store_free_bytes", "Free space where the store is.")
        self._head = gauge("log_head_records", "Always the number of the newest signed record of the log.", "head")
        self._proven = gauge("log_proven_time_seconds", "When all of the access log was looked at last.")
        self._bent = gauge("log_bent", "Places where the access log was found bent that no person has seen.")
        self._checks = gauge("checks", "Checks on a well-managed system, by result.", "result")
        self._check = gauge("check_violated", "1 while a check is violated, 0.5 while it warns.", "check")
        self._said = gauge("state", "1 for what the first line of the status says, 0 for the others.", "state")
        self._good = gauge("link_proven_time_seconds", "When the switchboard answered last, since the epoch.")
        self._list_made = gauge("crl_update_time_seconds", "When a revocation list was made.", "issuer")
        self._list_ends = gauge("crl_end_time_seconds", "When a revocation list ends, since the epoch.", "issuer")
        self._sources = gauge("revocation_sources", "Places that lists or answers come from.", "kind", "state")
        self._standings = gauge(
            "revocation_certificates", "Certificates, by what is known of them.", "own", "verdict"
        )

    def show(self, now: Snapshot) -> None:
        facts = now.facts
        self._info.labels(facts.version, facts.environment).set(1)
        self._started.set(facts.started_at.timestamp())
        self._ready.set(float(now.is_ready))
        self._inflight.set(facts.inflight_bytes)
        self._budget.set(facts.budget_bytes)
        self._reserve.set(0.0 if facts.store.is_reserve_used_up else 0.5 if facts.store.is_reserve_open else 1.0)
        if facts.store.free_bytes is not None:
            self._free.set(facts.store.free_bytes)
        if facts.safety is not None:
            self._show_safety(facts.safety)
        if facts.log is not None:
            self._show_log(facts.log)
        if facts.revocation is not None:
            self._show_revocation(facts.revocation)
        self._show_parts(now)
        self._show_checks(now.facts.spoken.standing)
        self._show_first_line(now)
        self._show_links(facts)
        if facts.queue is not None:
            self._show_queue(facts.queue.counts)
            self._set_aside.set(facts.queue.set_aside)

    def _show_checks(self, standing: tuple[Verdict, ...]) -> None:
        counted = Tally(verdict.result for verdict in standing)
        for result in Result:
            self._checks.labels(result.value).set(counted[result])
        for verdict in standing:
            self._check.labels(verdict.check.name).set(_VIOLATED.get(verdict.result, 0))

    def _show_first_line(self, now: Snapshot) -> None:
        first = headline(now).saying
        for saying in Saying:
            self._said.labels(saying.value).set(float(saying is first))
        proven_at = now.facts.spoken.proven_at
        self._good.set(proven_at.timestamp() if proven_at else 0)  # never is 0: an alert on its age then goes off

    def _show_safety(self, safety: Safety) -> None:
        # Never is 0: an alert on its age then goes off.
        self._backup.set(safety.good_at.timestamp() if safety.good_at else 0)
        self._drill.set(safety.drilled_at.timestamp() if safety.drilled_at else 0)
        self._restored.set(safety.held)

    def _show_log(self, fact: LogFact) -> None:
        self._head.clear()
        if fact.head is not None:
            # Whoever scrapes it has the head, and can show a cut later.
            self._head.labels(fact.head.name).set(fact.head.seq)
        self._proven.set(fact.proven_at.timestamp() if fact.proven_at else 0)
        self._bent.set(len(fact.found))

    def _show_revocation(self, fact: RevocationFact) -> None:
        for gauge in (self._list_made, self._list_ends):
            gauge.clear()
        for one in fact.lists:
            # A CA under an anchor of the settings, so its name is no word of whoever calls.
            self._list_made.labels(one.issuer).set(one.this_update.timestamp())
            self._list_ends.labels(one.issuer).set(one.next_update.timestamp())
        for kind in ("file", "list", "ocsp"):
            ups = [source.is_up for source in fact.sources if source.kind == kind]
            self._sources.labels(kind, "up").set(ups.count(True))
            self._sources.labels(kind, "down").set(ups.count(False))
        for is_own in (True, False):
            verdicts = [one.verdict for one in fact.standings if one.is_own is is_own]
            for verdict in ("good", "revoked", "unknown"):
                self._standings.labels(str(is_own).lower(), verdict).set(verdicts.count(verdict))

    def _show_parts(self, now: Snapshot) -> None:
        worth = {Health.UP: 1.0, Health.DEGRADED: 0.5, Health.DOWN: 0.0, Health.UNKNOWN: -1.0}
        self._parts.clear()  # a local system that left the settings leaves the page too
        for part in now.parts:
            self._parts.labels(part.kind, part.name).set(worth[part.health])

    def _show_links(self, facts: Facts) -> None:
        for gauge in (self._breaker, self._pooled, self._ends, self._left, self._fallen):
            gauge.clear()
        for link in facts.links:
            self._breaker.labels(link.peer).set(float(bool(link.is_open)))
            self._pooled.labels(link.peer).set(link.connections)
        for certificate in facts.certificates:
            self._ends.labels(certificate.identity).set(certificate.not_after.timestamp())
            self._left.labels(certificate.identity).set(days_left(certificate.not_after, facts.at))
            self._fallen.labels(certificate.identity).set(float(certificate.refused_until is not None))
        self._files.labels("broken").set(len(facts.certificate_files.broken))
        self._files.labels("changed").set(len(facts.certificate_files.changed))

    def _show_queue(self, counts: Iterable[Count]) -> None:
        found = {(count.direction, count.state): count for count in counts}
        for direction in Direction:
            for state in _SHOWN:
                # A state without messages is shown as 0, so that an alert on it can end.
                count = found.get((direction, state))
                self._depth.labels(direction.value, state.value).set(count.messages if count else 0)
                self._age.labels(direction.value, state.value).set(count.oldest_s if count else 0)
