"""What the parts of a running node say of themselves, for people and monitoring.

Knows: where each fact of a snapshot is found.
Must not know: how facts are judged or shown.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from edge_node import __version__
from edge_node.building import Wired
from edge_node.errors import StoreUnavailable
from edge_node.flow.link import Link
from edge_node.flow.telling import TellingFact as WayFact
from edge_node.formats import interactions
from edge_node.line import Line
from edge_node.listening import Listeners
from edge_node.model.anchors import AnchorChange
from edge_node.model.backup import Safety
from edge_node.model.log_state import LogFact
from edge_node.model.negotiated import TlsFact
from edge_node.model.overview import Overview
from edge_node.model.revocation import RevocationFact
from edge_node.model.spoken import SpokenFact
from edge_node.probes.disk import free_bytes
from edge_node.settings.site import deviations
from edge_node.status.facts import (
    CertificateFact,
    CertificateFilesFact,
    ClosedFact,
    Facts,
    LinkFact,
    LocalFact,
    StoreFact,
    TellingFact,
)
from edge_node.status.metrics import Metrics
from edge_node.status.snapshot import Snapshot, snapshot
from edge_node.store.store import Store
from edge_node.wire.authorisation import Authorisation
from edge_node.wire.budget import Budget


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts that are looked at."""

    wired: Callable[[], Wired]
    line: Line
    listeners: Listeners
    store: Store
    budget: Budget
    telling: Callable[[], tuple[WayFact, ...]]
    certificates: Callable[[], tuple[tuple[CertificateFact, ...], CertificateFilesFact]]
    anchors: Callable[[], tuple[AnchorChange, ...]]
    authorisation: Authorisation
    metrics: Metrics
    safety: Callable[[], Awaitable[Safety]]
    moment: Callable[[], datetime]
    monotonic: Callable[[], float]
    clock_doubt: Callable[[], str]
    unproven_tokens: Callable[[], int]
    tls: Callable[[], TlsFact]
    revocation: Callable[[], RevocationFact]
    log: Callable[[], LogFact]
    spoken: Callable[[Overview | None], Awaitable[SpokenFact]]


class Observing:
    """Makes snapshots."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._started_at = parts.moment()
        self.is_serving = False
        self.is_draining = False

    async def look(self) -> Snapshot:
        """How the node is now."""
        parts = self._parts
        for listener, open_now in parts.listeners.connections().items():
            parts.metrics.connections(listener, open_now)
        settings = parts.wired().settings
        own, files = parts.certificates()
        try:
            overview, code = await parts.store.overview(), ""
            safety: Safety | None = await parts.safety()
        except StoreUnavailable as error:
            overview, code, safety = None, error.code, None
        facts = Facts(
            node_id=settings.node.id,
            version=__version__,
            environment=settings.node.environment,
            settings_hash=settings.hash,
            at=parts.moment(),
            started_at=self._started_at,
            is_serving=self.is_serving,
            is_draining=self.is_draining,
            store=self._store(code),
            queue=overview,
            links=tuple(self._link(link) for link in parts.line.ways_out),
            local_systems=tuple(self._local(link) for link in parts.line.local_links),
            certificates=own,
            certificate_files=files,
            anchors=parts.anchors(),
            deviations=deviations(settings, interactions.load()),
            old_copies=parts.authorisation.old_copies,
            telling=tuple(self._way(fact) for fact in parts.telling()),
            safety=safety,
            clock_doubt=parts.clock_doubt(),
            judges_tokens=settings.tokens.anchors is not None,
            lets_unproven=settings.node.environment == "production" and settings.tokens.unknown == "warn",
            unproven_tokens=parts.unproven_tokens(),
            tls=parts.tls(),
            revocation=parts.revocation(),
            log=parts.log(),
            unrecorded=sum(len(it.unrecorded) for it in parts.line.deliverers.values()),
            closed_destinations=_closed(parts.line),
            inflight_bytes=parts.budget.used_bytes,
            budget_bytes=parts.budget.max_bytes,
            spoken=await parts.spoken(overview),
        )
        return snapshot(facts)

    def _store(self, unread: str) -> StoreFact:
        settings = self._parts.wired().settings
        free, reserve = free_bytes(settings.store_path.parent), settings.store.disk_reserve_bytes
        code = unread or self._parts.store.failure
        if code == "EN-STORE-FULL" and free is not None and free >= reserve:
            code = ""  # there is room again; the next message shows it
        state = self._parts.store.reserve
        return StoreFact(
            is_recording=not code,
            code=code,
            free_bytes=free,
            reserve_bytes=reserve,
            is_reserve_open=state.is_open,
            is_reserve_used_up=state.is_used_up,
        )

    def _way(self, fact: WayFact) -> TellingFact:
        since_s = None if fact.since_s is None else self._parts.monotonic() - fact.since_s
        return TellingFact(way=fact.name, application=fact.application, code=fact.code, since_s=since_s)

    def _link(self, link: Link) -> LinkFact:
        clients = self._parts.wired().clients_to("broker" if link.name == "broker" else "zim")
        return LinkFact(
            peer=link.name,
            is_open=link.breaker.is_open if link.is_tried else None,
            since_s=self._since_s(link),
            code=link.code,
            connections=sum(client.connections for client in clients),
        )

    def _local(self, link: Link) -> LocalFact:
        reachable = not link.breaker.is_open if link.is_tried else None
        return LocalFact(system=link.name, is_reachable=reachable, since_s=self._since_s(link), code=link.code)

    def _since_s(self, link: Link) -> float | None:
        since_s = link.breaker.open_since_s
        return None if since_s is None else self._parts.monotonic() - since_s


def _closed(line: Line) -> tuple[ClosedFact, ...]:
    """Who takes nothing now, down for longest first."""
    facts = (
        ClosedFact(direction=direction, destination=it.place, code=it.code, since_s=it.since_s, tries=it.probes)
        for direction, destinations in line.destinations.items()
        for it in destinations.shown()
    )
    return tuple(sorted(facts, key=lambda fact: -fact.since_s))
