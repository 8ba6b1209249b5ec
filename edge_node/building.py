"""The sockets' side of one version of the settings: certificates, ways out, credentials, limits.

Knows: which setting goes into which part of the wire.
Must not know: messages, or when a new version takes the place of the old one.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from cryptography import x509
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.interfaces import IStreamClientEndpoint

from edge_node.certificates import Certificates, read_certificates
from edge_node.errors import SettingsInvalid
from edge_node.model.identifiers import ApplicationId
from edge_node.settings.credentials import gather
from edge_node.settings.load import Loaded
from edge_node.settings.schema import Settings
from edge_node.settings.values import existing_path
from edge_node.wire.doors import Route
from edge_node.wire.http1 import Limits
from edge_node.wire.http1_client import Destination, HttpClient
from edge_node.wire.local_auth import Authenticator
from edge_node.wire.trust import (
    LocalServerTls,
    OwnIdentity,
    ServerTls,
    Surroundings,
    TrustedPeer,
    client_tls,
    local_client_tls,
    local_server_tls,
    server_tls,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What building needs of the process."""

    reactor: Any  # IReactorTime and IReactorCore, as the endpoints want it
    surroundings: Surroundings
    credentials: Path | None  # $CREDENTIALS_DIRECTORY
    random: Callable[[int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wired:
    """One version of the settings, ready to serve."""

    settings: Settings
    authenticator: Authenticator
    server_tls: ServerTls
    local_tls: dict[tuple[str, int], LocalServerTls]  # by the host and port of the listener
    switchboard: dict[ApplicationId, Route]
    local: dict[ApplicationId, Route]
    certificates: tuple[OwnIdentity, ...]
    fingerprints: frozenset[str]  # of every certificate of ours
    out_of_date: dict[str, str]  # complaint by fingerprint: that organisation is not served till it has a new one

    def clients(self) -> tuple[HttpClient, ...]:
        """Every pool, once."""
        routes = (*self.switchboard.values(), *self.local.values())
        return tuple({id(route.client): route.client for route in routes}.values())


def wire(loaded: Loaded, workshop: Workshop) -> Wired:
    """Build everything from its files. Raises `SettingsInvalid` with every complaint; then nothing was changed."""
    settings = loaded.settings
    credentials, unknown = gather(settings, workshop.credentials, workshop.random)
    held = read_certificates(settings, lambda it: existing_path(it, workshop.credentials), _now(workshop))
    if wrong := [*unknown, *held.wrong]:
        raise SettingsInvalid(loaded.told(wrong))
    identities = {identity.name: held.own["identities", i] for i, identity in enumerate(settings.identities)}
    peers = _peers(settings, held)
    return Wired(
        settings=settings,
        authenticator=Authenticator(credentials, chance=workshop.random(32), monotonic=workshop.reactor.seconds),
        server_tls=server_tls(tuple(identities.values()), peers, workshop.surroundings),
        local_tls=_local_tls(settings, held, workshop),
        switchboard=_switchboard_routes(settings, identities, peers, workshop),
        local=_local_routes(settings, held, workshop),
        certificates=tuple(identities.values()),
        fingerprints=frozenset(own.certificate.fingerprint for own in held.own.values()),
        out_of_date={mark: loaded.at(*wrong) for mark, wrong in held.out_of_date.items()},
    )


def _peers(settings: Settings, held: Certificates) -> tuple[TrustedPeer, ...]:
    return tuple(
        TrustedPeer(
            name=peer.name,
            role=peer.role,
            host=peer.host,
            server_names=peer.server_names,
            client_names=peer.client_names,
            issuers=peer.issuers,
            organisation=peer.organisation,
            anchors=held.anchors["switchboard", "peers", i, "anchors"],
        )
        for i, peer in enumerate(settings.switchboard.peers)
    )


def _local_tls(settings: Settings, held: Certificates, workshop: Workshop) -> dict[tuple[str, int], LocalServerTls]:
    made: dict[tuple[str, int], LocalServerTls] = {}
    for i, listener in enumerate(settings.local.listeners):
        if listener.tls is not None:
            steps = ("local", "listeners", i, "tls")
            known = held.anchors.get((*steps, "client_anchors"), ())
            tls = local_server_tls(held.own[steps], known, workshop.surroundings)
            made[str(listener.host), listener.port or 0] = tls
    return made


def _switchboard_routes(
    settings: Settings,
    identities: dict[str, OwnIdentity],
    peers: tuple[TrustedPeer, ...],
    workshop: Workshop,
) -> dict[ApplicationId, Route]:
    """One pool for each identity, so that each organisation speaks with its own certificate."""
    written = next(peer for peer in settings.switchboard.peers if peer.role == "zim")
    zim = next(peer for peer in peers if peer.role == "zim")
    routes: dict[ApplicationId, Route] = {}
    for identity in settings.identities:
        tls = client_tls(identities[identity.name], zim, workshop.surroundings)
        endpoint = wrapClientTLS(tls, HostnameEndpoint(workshop.reactor, written.host, written.port))
        client = HttpClient(
            Destination(
                endpoint=endpoint,
                authority=_authority(written.host, written.port, 443),
                limits=_way_out_limits(settings, settings.switchboard.pool_idle_s),
                max_connections=settings.switchboard.pool_connections,
                connect_s=settings.switchboard.waits.connect_s,
                judge=tls.judge,
            ),
            workshop.reactor,
        )
        route = Route(client, written.base_path.rstrip("/"))  # a path that is not written is a bare slash
        routes |= {ApplicationId(application.id): route for application in identity.applications}
    return routes


def _local_routes(settings: Settings, held: Certificates, workshop: Workshop) -> dict[ApplicationId, Route]:
    """One pool for each address, however many applications are behind it."""
    clients: dict[str, HttpClient] = {}
    routes: dict[ApplicationId, Route] = {}
    for i, identity in enumerate(settings.identities):
        for j, application in enumerate(identity.applications):
            if application.soap_base is None:
                continue
            parts = urlsplit(application.soap_base)
            where = f"{parts.scheme}://{parts.netloc}"
            if where not in clients:
                anchors = held.anchors.get(("identities", i, "applications", j, "soap_anchors"), ())
                clients[where] = _local_client(settings, parts, anchors, workshop)
            routes[ApplicationId(application.id)] = Route(clients[where], parts.path.rstrip("/"))
    return routes


def _local_client(
    settings: Settings, parts: SplitResult, anchors: tuple[x509.Certificate, ...], workshop: Workshop
) -> HttpClient:
    host, is_tls = str(parts.hostname), parts.scheme == "https"
    port = parts.port or (443 if is_tls else 80)
    endpoint: IStreamClientEndpoint = HostnameEndpoint(workshop.reactor, host, port)
    judge = None
    if is_tls:
        tls = local_client_tls(host, anchors, workshop.surroundings)
        endpoint, judge = wrapClientTLS(tls, endpoint), tls.judge
    return HttpClient(
        Destination(
            endpoint=endpoint,
            authority=_authority(host, port, 443 if is_tls else 80),
            limits=_way_out_limits(settings, settings.local.pool_idle_s),
            max_connections=settings.local.pool_connections,
            connect_s=settings.local.connect_s,
            judge=judge,
        ),
        workshop.reactor,
    )


def _way_out_limits(settings: Settings, idle_s: float) -> Limits:
    return Limits(body_bytes=settings.local.max_body_bytes, idle_s=idle_s)


def _authority(host: str, port: int, usual: int) -> str:
    try:
        shown = f"[{host}]" if ipaddress.ip_address(host).version == 6 else host
    except ValueError:
        shown = host
    return shown if port == usual else f"{shown}:{port}"


def _now(workshop: Workshop) -> datetime:
    return workshop.surroundings.now().astimezone(UTC)
