"""TLS of the node: the contexts of its listeners and of its ways out.

Knows: which context each door needs, which certificate of ours it shows, whom it lets in.
Must not know: HTTP, settings, what is done with a peer that proved who it is.

No other file makes a context. A live one is never changed: a new one is built, whole, and put in its place.
Judging is done while the peer shakes hands, so a refusal is a TLS alert before any byte of an application.
"""

import ipaddress
from collections.abc import Callable
from types import TracebackType
from typing import Any

import service_identity.cryptography as service_identity
from cryptography import x509
from OpenSSL import SSL
from service_identity import CertificateError, VerificationError
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator, IOpenSSLServerConnectionCreator
from zope.interface import implementer

from edge_node.errors import Refused
from edge_node.model.peer import PeerCertificate, SwitchboardCaller
from edge_node.wire.trust_certificate import read_certificate
from edge_node.wire.trust_context import new_context
from edge_node.wire.trust_handshake import Surroundings, Watch, WatchedConnection, connection_of, handshake_of
from edge_node.wire.trust_identity import IdentityFiles, OwnIdentity, load_anchors, load_identity
from edge_node.wire.trust_judge import (
    Chain,
    Judged,
    Now,
    Purpose,
    Rules,
    TrustedPeer,
    any_client_rules,
    peer_rules,
    wrong_purpose,
    wrong_time,
)

__all__ = [
    "ClientTls",
    "IdentityFiles",
    "LocalClientTls",
    "LocalServerTls",
    "OwnIdentity",
    "ServerTls",
    "Surroundings",
    "TrustedPeer",
    "UnrecognizedName",
    "client_tls",
    "load_anchors",
    "load_identity",
    "local_client_tls",
    "local_server_tls",
    "quiet_about_names",
    "read_certificate",
    "server_tls",
]

_REQUIRED = SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT


class UnrecognizedName(Exception):
    """A client asked for a name that is none of ours. Raised in OpenSSL's callback: it becomes the alert."""


def server_tls(
    identities: tuple[OwnIdentity, ...], peers: tuple[TrustedPeer, ...], surroundings: Surroundings
) -> "ServerTls":
    """Make the TLS of the listener the switchboard calls."""
    anchors = _anchors(peers)
    watch = Watch(peer_rules(peers, Purpose.CLIENT, surroundings.now), anchors, surroundings)
    return ServerTls(identities, watch, anchors)


def client_tls(identity: OwnIdentity, peer: TrustedPeer, surroundings: Surroundings) -> "ClientTls":
    """Make the TLS with which one identity calls one peer."""
    watch = Watch(peer_rules((peer,), Purpose.SERVER, surroundings.now), peer.anchors, surroundings)
    return ClientTls(_Way(peer.host, identity, watch), identity.name)


def local_server_tls(
    own: OwnIdentity, client_anchors: tuple[x509.Certificate, ...], surroundings: Surroundings
) -> "LocalServerTls":
    """Make the TLS of a local listener; with `client_anchors` a client certificate is asked for, not demanded."""
    watch = Watch(any_client_rules(surroundings.now), client_anchors, surroundings)
    return LocalServerTls(own, watch, client_anchors)


def local_client_tls(
    host: str,
    anchors: tuple[x509.Certificate, ...],
    surroundings: Surroundings,
    own: OwnIdentity | None = None,
) -> "LocalClientTls":
    """Make the TLS with which the node calls a local system's https services; `own` is shown when it asks."""
    watch = Watch(_host_rules(host, surroundings.now), anchors, surroundings)
    return LocalClientTls(_Way(host, own, watch))


@implementer(IOpenSSLServerConnectionCreator)
class ServerTls:
    """Lets in the peers of the switchboard side, and shows each the certificate of the identity it asks for.

    Without SNI a single identity is shown; several are never guessed between. A name that is none of ours gets
    the alert unrecognized_name.
    """

    def __init__(
        self, identities: tuple[OwnIdentity, ...], watch: Watch, anchors: tuple[x509.Certificate, ...]
    ) -> None:
        self._watch = watch
        self._by_name = {identity.fqdn: identity.name for identity in identities}
        self._only = identities[0].name if len(identities) == 1 else None
        self._contexts = {identity.name: self._context(identity, anchors) for identity in identities}
        # Handshakes begin here; this one has a certificate only where there is no choice to make.
        self._first = self._contexts[self._only] if self._only else self._context(None, anchors)
        self._first.set_tlsext_servername_callback(self._choose)

    def serverConnectionForTLS(self, protocol: object) -> SSL.Connection:
        """Make the TLS connection of one accepted socket."""
        return WatchedConnection(self._first)

    def judge(self, transport: Any) -> SwitchboardCaller:
        """Say who is at the other end, after each handshake or at any later time; raises `Refused`."""
        connection = connection_of(transport)
        judged = _present(self._watch.judge(connection))
        identity = handshake_of(connection).identity
        if identity is None:
            raise Refused("the peer addressed none of our identities", code="EN-TLS-NAME")
        return SwitchboardCaller(name=judged.name, identity=identity, certificate=judged.certificate)

    def _choose(self, connection: SSL.Connection) -> None:
        """Choose our certificate by the name the client asks for."""
        asked, state = connection.get_servername(), handshake_of(connection)
        name = self._only if asked is None else self._by_name.get(asked.decode("ascii", "replace").lower())
        if name is None:
            said = "no name" if asked is None else repr(asked[:255].decode("ascii", "replace"))
            self._watch.refuse(state, "EN-TLS-NAME", f"the client asked for {said}, which is none of ours")
            raise UnrecognizedName(said)
        state.identity = name
        if self._contexts[name] is not self._first:
            connection.set_context(self._contexts[name])

    def _context(self, identity: OwnIdentity | None, anchors: tuple[x509.Certificate, ...]) -> SSL.Context:
        context = new_context()
        self._watch.over(context, _REQUIRED)
        _ask_for(context, anchors)
        if identity:
            _show(context, identity)
        return context


@implementer(IOpenSSLServerConnectionCreator)
class LocalServerTls:
    """Serves local systems beyond loopback; one that shows a certificate must show a good one."""

    def __init__(self, own: OwnIdentity, watch: Watch, client_anchors: tuple[x509.Certificate, ...]) -> None:
        self._watch = watch
        self._context = new_context()
        # Where no CA of clients is configured no certificate is asked for, so none is ever believed.
        watch.over(self._context, SSL.VERIFY_PEER if client_anchors else SSL.VERIFY_NONE)
        _ask_for(self._context, client_anchors)
        _show(self._context, own)

    def serverConnectionForTLS(self, protocol: object) -> SSL.Connection:
        """Make the TLS connection of one accepted socket."""
        return WatchedConnection(self._context)

    def judge(self, transport: Any) -> PeerCertificate | None:
        """Return the client's certificate when it showed one; raises `Refused`."""
        judged = self._watch.judge(connection_of(transport))
        return judged.certificate if judged else None


class _Way:
    """One way out: a host, what we show it, and the last good connection, whose session the next one resumes."""

    def __init__(self, host: str, own: OwnIdentity | None, watch: Watch) -> None:
        self._server_name = None if _is_address(host) else host.encode("idna")
        self._watch = watch
        self._context = new_context()
        self._last: SSL.Connection | None = None
        watch.over(self._context, SSL.VERIFY_PEER)
        if own:
            _show(self._context, own)

    def connect(self) -> SSL.Connection:
        """Make the TLS connection of one connected socket."""
        connection = WatchedConnection(self._context)
        if self._server_name:
            connection.set_tlsext_host_name(self._server_name)
        # Asked of the last connection only now: in TLS 1.3 a session comes after the handshake.
        session = self._last.get_session() if self._last else None
        if session:
            connection.set_session(session)
        return connection

    def judge(self, transport: Any) -> Judged:
        """Judge the server; its session may be resumed only when it was found good."""
        connection = connection_of(transport)
        try:
            judged = _present(self._watch.judge(connection))
        except Refused:
            self._last = None
            raise
        self._last = connection
        return judged


@implementer(IOpenSSLClientConnectionCreator)
class ClientTls:
    """Calls one peer of the switchboard side as one of our identities."""

    def __init__(self, way: _Way, identity: str) -> None:
        self._way = way
        self._identity = identity

    def clientConnectionForTLS(self, protocol: object) -> SSL.Connection:
        """Make the TLS connection of one connected socket."""
        return self._way.connect()

    def judge(self, transport: Any) -> SwitchboardCaller:
        """Say who is at the other end, after each handshake or at any later time; raises `Refused`."""
        judged = self._way.judge(transport)
        return SwitchboardCaller(name=judged.name, identity=self._identity, certificate=judged.certificate)


@implementer(IOpenSSLClientConnectionCreator)
class LocalClientTls:
    """Calls the https services of one local system."""

    def __init__(self, way: _Way) -> None:
        self._way = way

    def clientConnectionForTLS(self, protocol: object) -> SSL.Connection:
        """Make the TLS connection of one connected socket."""
        return self._way.connect()

    def judge(self, transport: Any) -> PeerCertificate:
        """Return the server's certificate; raises `Refused`."""
        return self._way.judge(transport).certificate


ExceptHook = Callable[[type[BaseException], BaseException, TracebackType | None], None]


def quiet_about_names(hook: ExceptHook) -> ExceptHook:
    """Make a `sys.excepthook` that leaves out `UnrecognizedName`, which the log has had as EN-TLS-NAME already.

    pyOpenSSL prints what a servername callback raises through that hook, and raising is its only way to the alert.
    """

    def without_names(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, UnrecognizedName):
            hook(kind, error, trace)

    return without_names


def _host_rules(host: str, now: Now) -> Rules:
    """Make the rules for a local system's server: chain, purpose, dates, and the host in the subjectAltName."""
    verify = (
        service_identity.verify_certificate_ip_address
        if _is_address(host)
        else service_identity.verify_certificate_hostname
    )

    def judge(chain: Chain) -> Judged:
        certificate = read_certificate(chain[0])
        finding = wrong_purpose(certificate, Purpose.SERVER) or wrong_time(certificate, now())
        if finding:
            raise Refused(finding.detail, code=finding.code)
        try:
            verify(chain[0], host)
        except (VerificationError, CertificateError) as error:
            raise Refused(f"not a certificate for {host}: {certificate.subject}", code="EN-TLS-NAME") from error
        return Judged(name=host, certificate=certificate)

    return judge


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _anchors(peers: tuple[TrustedPeer, ...]) -> tuple[x509.Certificate, ...]:
    """Return the anchors of all peers, each once; the rules see to it that each peer is under its own."""
    return tuple(dict.fromkeys(anchor for peer in peers for anchor in peer.anchors))


def _show(context: SSL.Context, own: OwnIdentity) -> None:
    """Send the whole chain, since a peer may know only the root."""
    leaf, *others = own.chain
    context.use_certificate(leaf)
    for certificate in others:
        context.add_extra_chain_cert(certificate)
    context.use_privatekey(own.key)
    context.check_privatekey()


def _ask_for(context: SSL.Context, anchors: tuple[x509.Certificate, ...]) -> None:
    """Name the CAs whose certificates are welcome, so that a client with several shows the right one."""
    for anchor in anchors:
        context.add_client_ca(anchor)


def _present(judged: Judged | None) -> Judged:
    if judged is None:
        raise Refused("the peer showed no certificate", code="EN-TLS-ABSENT")
    return judged
