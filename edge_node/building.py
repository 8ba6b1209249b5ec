"""The sockets' side of one version of the settings: certificates, ways out, credentials, limits.

Knows: which setting goes into which part of the wire.
Must not know: messages, or when a new version takes the place of the old one.
"""

import ipaddress
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.interfaces import IStreamClientEndpoint

from edge_node.errors import SettingsInvalid
from edge_node.model.identifiers import ApplicationId
from edge_node.settings.credentials import local_credentials
from edge_node.settings.identities import ApplicationSettings, IdentitySettings
from edge_node.settings.local import Listener
from edge_node.settings.schema import Settings
from edge_node.settings.switchboard import PeerSettings
from edge_node.settings.values import file_path
from edge_node.wire.doors import Route
from edge_node.wire.http1 import Limits
from edge_node.wire.http1_client import Destination, HttpClient
from edge_node.wire.local_auth import Authenticator
from edge_node.wire.trust import (
    IdentityFiles,
    LocalServerTls,
    OwnIdentity,
    ServerTls,
    Surroundings,
    TrustedPeer,
    client_tls,
    load_anchors,
    load_identity,
    local_client_tls,
    local_server_tls,
    server_tls,
)
from edge_node.wire.trust_judge import Purpose


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

    def clients(self) -> tuple[HttpClient, ...]:
        """Every pool, once."""
        routes = (*self.switchboard.values(), *self.local.values())
        return tuple({id(route.client): route.client for route in routes}.values())


def wire(settings: Settings, workshop: Workshop) -> Wired:
    """Build everything from its files. Raises `SettingsInvalid` with every complaint; then nothing was changed."""
    complaints: list[str] = []
    identities = _identities(settings, workshop, complaints)
    peers = _peers(settings, workshop, complaints)
    authenticator = None
    with _gathered(complaints):
        credentials = local_credentials(settings, workshop.credentials, workshop.random)
        authenticator = Authenticator(credentials, chance=workshop.random(32), monotonic=workshop.reactor.seconds)
    local_tls = {
        (str(listener.host), listener.port or 0): tls
        for listener in settings.local.listeners
        if (tls := _local_tls(listener, workshop, complaints)) is not None
    }
    local = _local_routes(settings, workshop, complaints)
    if complaints or authenticator is None:
        raise SettingsInvalid(tuple(dict.fromkeys(complaints)))
    return Wired(
        settings=settings,
        authenticator=authenticator,
        server_tls=server_tls(tuple(identities.values()), peers, workshop.surroundings),
        local_tls=local_tls,
        switchboard=_switchboard_routes(settings, identities, peers, workshop),
        local=local,
        certificates=tuple(identities.values()),
    )


@contextmanager
def _gathered(complaints: list[str]) -> Iterator[None]:
    try:
        yield
    except SettingsInvalid as error:
        complaints.extend(error.complaints)


def _path(reference: str, workshop: Workshop) -> Path:
    try:
        return file_path(reference, workshop.credentials)
    except OSError as error:
        raise SettingsInvalid((str(error),)) from error


def _files(identity: IdentitySettings, certificate: Path, key: Path) -> IdentityFiles:
    return IdentityFiles(name=identity.name, certificate=certificate, key=key, fqdn=identity.fqdn, ura=identity.ura)


def _identities(settings: Settings, workshop: Workshop, complaints: list[str]) -> dict[str, OwnIdentity]:
    found: dict[str, OwnIdentity] = {}
    for identity in settings.identities:
        with _gathered(complaints):
            files = _files(identity, _path(identity.certificate, workshop), _path(identity.key, workshop))
            found[identity.name] = load_identity(files, now=_now(workshop))
    return found


def _peers(settings: Settings, workshop: Workshop, complaints: list[str]) -> tuple[TrustedPeer, ...]:
    found: list[TrustedPeer] = []
    for peer in settings.switchboard.peers:
        with _gathered(complaints):
            found.append(_peer(peer, workshop))
    return tuple(found)


def _peer(peer: PeerSettings, workshop: Workshop) -> TrustedPeer:
    return TrustedPeer(
        name=peer.name,
        role=peer.role,
        host=peer.host,
        server_names=peer.server_names,
        client_names=peer.client_names,
        issuers=peer.issuers,
        organisation=peer.organisation,
        anchors=load_anchors(_path(peer.anchors, workshop)),
    )


def _local_tls(listener: Listener, workshop: Workshop, complaints: list[str]) -> LocalServerTls | None:
    if listener.tls is None:
        return None
    with _gathered(complaints):
        certificate, key = _path(listener.tls.certificate, workshop), _path(listener.tls.key, workshop)
        files = IdentityFiles(
            name="local listener",
            certificate=certificate,
            key=key,
            fqdn=None,
            ura=None,
            purposes=(Purpose.SERVER,),
        )
        own = load_identity(files, now=_now(workshop))
        anchors = listener.tls.client_anchors
        known = load_anchors(_path(anchors, workshop)) if anchors is not None else ()
        return local_server_tls(own, known, workshop.surroundings)
    return None


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


def _local_routes(settings: Settings, workshop: Workshop, complaints: list[str]) -> dict[ApplicationId, Route]:
    """One pool for each address, however many applications are behind it."""
    clients: dict[str, HttpClient] = {}
    routes: dict[ApplicationId, Route] = {}
    for application in (item for identity in settings.identities for item in identity.applications):
        if application.soap_base is None:
            continue
        parts = urlsplit(application.soap_base)
        where = f"{parts.scheme}://{parts.netloc}"
        if where not in clients:
            with _gathered(complaints):
                clients[where] = _local_client(settings, application, workshop)
        if where in clients:
            routes[ApplicationId(application.id)] = Route(clients[where], parts.path.rstrip("/"))
    return routes


def _local_client(settings: Settings, application: ApplicationSettings, workshop: Workshop) -> HttpClient:
    parts = urlsplit(str(application.soap_base))
    host, is_tls = str(parts.hostname), parts.scheme == "https"
    port = parts.port or (443 if is_tls else 80)
    endpoint: IStreamClientEndpoint = HostnameEndpoint(workshop.reactor, host, port)
    judge = None
    if is_tls:
        anchors = load_anchors(_path(str(application.soap_anchors), workshop))
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
