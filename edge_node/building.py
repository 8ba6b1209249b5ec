"""The sockets' side of one version of the settings: certificates, ways out, credentials, limits.

Knows: which setting goes into which part of the wire.
Must not know: messages, or when a new version takes the place of the old one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from cryptography import x509
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.interfaces import IStreamClientEndpoint

from edge_node.authorising import authorisation_choices, peer_ways
from edge_node.certificates import Beyond, Certificates, Fresh, read_certificates
from edge_node.errors import SettingsInvalid
from edge_node.model.identifiers import ApplicationId
from edge_node.realms import realm_of
from edge_node.settings.credentials import gather
from edge_node.settings.load import Loaded
from edge_node.settings.schema import Settings
from edge_node.settings.switchboard import PeerSettings
from edge_node.settings.telling import gather_telling
from edge_node.settings.values import existing_path
from edge_node.telling import TellingDoors, authority, telling_doors
from edge_node.wire.authorisation import AuthorisationChoices, PeerWay
from edge_node.wire.doors import Route
from edge_node.wire.http1 import Limits
from edge_node.wire.http1_client import Again, Destination, HttpClient
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

#: Roles of the peers that the node calls.
CALLED: Final = frozenset({"zim", "broker", "authorisation-server"})


#: Says which anchors of a peer count, of its name and those that the settings name.
Counting = Callable[[str, tuple[x509.Certificate, ...]], tuple[x509.Certificate, ...]]


def _as_written(peer: str, written: tuple[x509.Certificate, ...]) -> tuple[x509.Certificate, ...]:
    return written


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What building needs of the process."""

    reactor: Any  # IReactorTime and IReactorCore, as the endpoints want it
    surroundings: Surroundings
    credentials: Path | None  # $CREDENTIALS_DIRECTORY
    random: Callable[[int], bytes]
    counting: Counting = _as_written  # which anchors of a peer count
    again: Again | None = None  # whether a peer that was refused may be tried once more
    beyond: Beyond = field(default_factory=Beyond)  # sealed keys, and certificates that the switchboard refuses

    def of(self, settings: Settings) -> "Workshop":
        """The same, with what these settings say of every handshake."""
        return replace(self, surroundings=replace(self.surroundings, session_s=settings.switchboard.tls_session_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wired:
    """One version of the settings, ready to serve."""

    settings: Settings
    authenticator: Authenticator
    server_tls: ServerTls
    local_tls: dict[tuple[str, int], LocalServerTls]  # by the host and port of the listener
    switchboard: dict[ApplicationId, Route]
    local: dict[ApplicationId, Route]
    local_fhir: dict[tuple[ApplicationId, str], Route]  # by FHIR version
    ways: dict[ApplicationId, tuple[PeerWay, ...]]  # the parties that FHIR needs, as each application reaches them
    authorisation: AuthorisationChoices
    telling: TellingDoors
    certificates: tuple[OwnIdentity, ...]
    peers: tuple[TrustedPeer, ...]  # each with the anchors that are in use
    held: Certificates  # everything that was read, with what is not in use
    fingerprints: frozenset[str]  # of every certificate of ours
    anchors: tuple[x509.Certificate, ...]  # of every kind of peer, each once
    out_of_date: dict[str, str]  # complaint by fingerprint: that organisation is not served till it has a new one

    def clients(self) -> tuple[HttpClient, ...]:
        """Every pool, once."""
        routes = (*self.switchboard.values(), *self.local.values(), *self.local_fhir.values())
        clients = [route.client for route in routes]
        clients += [way.client for of_one in self.ways.values() for way in of_one]
        clients += self.telling.clients()
        return tuple({id(client): client for client in clients}.values())

    def clients_to(self, role: str) -> tuple[HttpClient, ...]:
        """Every pool to peers of that role, once."""
        ways = (way for of_one in self.ways.values() for way in of_one if way.role == role)
        return tuple({id(way.client): way.client for way in ways}.values())


def wire(loaded: Loaded, workshop: Workshop) -> Wired:
    """Build everything from its files. Raises `SettingsInvalid` with every complaint; then nothing was changed."""
    settings, workshop = loaded.settings, workshop.of(loaded.settings)
    credentials, unknown = gather(settings, workshop.credentials, workshop.random)
    held = read_certificates(
        settings, lambda it: existing_path(it, workshop.credentials), _now(workshop), workshop.beyond
    )
    secrets, unread = gather_telling(settings, workshop.credentials)
    if wrong := [*unknown, *unread, *held.wrong]:
        raise SettingsInvalid(loaded.told(wrong))
    identities = _shown(settings, held)
    peers = trusted_peers(settings, held, workshop.counting)
    ways = _ways(settings, identities, peers, workshop)
    soap, fhir = _local_routes(settings, held, workshop)
    return Wired(
        settings=settings,
        authenticator=Authenticator(credentials, chance=workshop.random(32), monotonic=workshop.reactor.seconds),
        server_tls=server_tls(tuple(identities.values()), peers, workshop.surroundings),
        local_tls=_local_tls(settings, held, workshop),
        switchboard=_switchboard_routes(ways),
        local=soap,
        local_fhir=fhir,
        ways=ways,
        authorisation=authorisation_choices(settings, _zim(peers), workshop.surroundings.revocation),
        telling=telling_doors(settings, secrets, held.anchors, (workshop.reactor, workshop.surroundings)),
        certificates=tuple(identities.values()),
        peers=peers,
        held=held,
        anchors=_every_anchor(held, peers),
        fingerprints=_fingerprints(held),
        out_of_date=_out_of_date(held, loaded),
    )


def wire_after(old: Wired, loaded: Loaded, workshop: Workshop) -> Wired:
    """Build everything to take the place of what is in use. Raises `SettingsInvalid`."""
    wired = wire(loaded, workshop)
    # One that ended while in use does not keep other settings out; one that ended never takes a good one's place.
    if ended := [told for mark, told in wired.out_of_date.items() if mark not in old.fingerprints]:
        raise SettingsInvalid(tuple(ended))
    return wired


def rewired(old: Wired, loaded: Loaded, workshop: Workshop, fresh: tuple[Fresh, ...] = ()) -> Wired:
    """Choose the certificates and anchors towards the switchboard anew, among those that were read before.

    No file is read: only a reload takes up what lies on disk. What is `fresh` was installed since. All that goes to
    local systems stays as it is.
    """
    settings, workshop = old.settings, workshop.of(old.settings)
    held = old.held.chosen_again(_now(workshop), workshop.beyond.refused, fresh)
    identities = _shown(settings, held)
    peers = trusted_peers(settings, held, workshop.counting)
    ways = _ways(settings, identities, peers, workshop)
    return replace(
        old,
        server_tls=server_tls(tuple(identities.values()), peers, workshop.surroundings),
        switchboard=_switchboard_routes(ways),
        ways=ways,
        authorisation=authorisation_choices(settings, _zim(peers), workshop.surroundings.revocation),
        certificates=tuple(identities.values()),
        peers=peers,
        held=held,
        anchors=_every_anchor(held, peers),
        fingerprints=_fingerprints(held),
        out_of_date=_out_of_date(held, loaded),
    )


def _shown(settings: Settings, held: Certificates) -> dict[str, OwnIdentity]:
    return {identity.name: held.own["identities", i] for i, identity in enumerate(settings.identities)}


def _zim(peers: tuple[TrustedPeer, ...]) -> TrustedPeer:
    return next(peer for peer in peers if peer.role == "zim")


def _fingerprints(held: Certificates) -> frozenset[str]:
    return frozenset(own.certificate.fingerprint for own in held.own.values())


def _out_of_date(held: Certificates, loaded: Loaded) -> dict[str, str]:
    return {mark: loaded.at(*wrong) for mark, wrong in held.out_of_date.items()}


def _every_anchor(held: Certificates, peers: tuple[TrustedPeer, ...]) -> tuple[x509.Certificate, ...]:
    several = (*held.anchors.values(), *(peer.anchors for peer in peers))
    return tuple(dict.fromkeys(one for anchors in several for one in anchors))


def trusted_peers(
    settings: Settings, held: Certificates, counting: Counting = _as_written
) -> tuple[TrustedPeer, ...]:
    """Return the peers with all that a certificate of each must say, in the order of the settings."""
    realm = realm_of(settings)
    return tuple(
        TrustedPeer(
            name=peer.name,
            role=peer.role,
            host=peer.host,
            server_names=peer.server_names,
            client_names=peer.client_names,
            issuers=peer.issuers,
            organisation=peer.organisation,
            ura=peer.ura,
            realm=realm,
            anchors=counting(peer.name, held.anchors["switchboard", "peers", i, "anchors"]),
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


def _ways(
    settings: Settings,
    identities: dict[str, OwnIdentity],
    peers: tuple[TrustedPeer, ...],
    workshop: Workshop,
) -> dict[ApplicationId, tuple[PeerWay, ...]]:
    """One pool for each identity and peer, so that each organisation speaks with its own certificate."""
    called = [
        (written, peer)
        for written, peer in zip(settings.switchboard.peers, peers, strict=True)
        if written.role in CALLED
    ]
    ways: dict[ApplicationId, tuple[PeerWay, ...]] = {}
    for identity in settings.identities:
        clients = {
            written.name: _peer_client(settings, written, (identities[identity.name], peer), workshop)
            for written, peer in called
        }
        of_identity = peer_ways(settings, clients)
        ways |= {ApplicationId(application.id): of_identity for application in identity.applications}
    return ways


def _peer_client(
    settings: Settings, written: PeerSettings, ends: tuple[OwnIdentity, TrustedPeer], workshop: Workshop
) -> HttpClient:
    tls = client_tls(*ends, workshop.surroundings)
    return HttpClient(
        Destination(
            endpoint=wrapClientTLS(tls, HostnameEndpoint(workshop.reactor, written.host, written.port)),
            authority=authority(written.host, written.port, 443),
            limits=_way_out_limits(settings, settings.switchboard.pool_idle_s),
            max_connections=settings.switchboard.pool_connections,
            connect_s=settings.switchboard.waits.connect_s,
            judge=tls.judge,
            again=workshop.again,
        ),
        workshop.reactor,
    )


def _switchboard_routes(ways: dict[ApplicationId, tuple[PeerWay, ...]]) -> dict[ApplicationId, Route]:
    """Where SOAP goes."""
    found = ((application, way) for application, of_one in ways.items() for way in of_one if way.role == "zim")
    return {application: Route(way.client, way.base_path) for application, way in found}


def _local_routes(
    settings: Settings, held: Certificates, workshop: Workshop
) -> tuple[dict[ApplicationId, Route], dict[tuple[ApplicationId, str], Route]]:
    """One pool for each address and each set of anchors, however many applications are behind it."""
    clients: dict[tuple[str, tuple[x509.Certificate, ...]], HttpClient] = {}

    def route(base: str, anchors: tuple[x509.Certificate, ...]) -> Route:
        parts = urlsplit(base)
        where = f"{parts.scheme}://{parts.netloc}", anchors
        if where not in clients:
            clients[where] = _local_client(settings, parts, anchors, workshop)
        return Route(clients[where], parts.path.rstrip("/"))

    soap: dict[ApplicationId, Route] = {}
    fhir: dict[tuple[ApplicationId, str], Route] = {}
    for i, identity in enumerate(settings.identities):
        for j, application in enumerate(identity.applications):
            steps, id_ = ("identities", i, "applications", j), ApplicationId(application.id)
            if application.soap_base is not None:
                soap[id_] = route(application.soap_base, held.anchors.get((*steps, "soap_anchors"), ()))
            for version, base in application.fhir_bases.items():
                fhir[id_, version] = route(base, held.anchors.get((*steps, application.fhir_anchors_key), ()))
    return soap, fhir


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
            authority=authority(host, port, 443 if is_tls else 80),
            limits=_way_out_limits(settings, settings.local.pool_idle_s),
            max_connections=settings.local.pool_connections,
            connect_s=settings.local.connect_s,
            judge=judge,
        ),
        workshop.reactor,
    )


def _way_out_limits(settings: Settings, idle_s: float) -> Limits:
    return Limits(body_bytes=settings.local.max_body_bytes, idle_s=idle_s)


def _now(workshop: Workshop) -> datetime:
    return workshop.surroundings.now().astimezone(UTC)
