"""TLS of the node: the contexts of its listeners and of its ways out.

Knows: which context each door needs, which certificate of ours it shows, whom it lets in.
Must not know: HTTP, settings, what is done with a peer that proved who it is.

No file outside `trust*.py` makes a context. A live one is never changed: a new one is built, whole, and put in its
place. Judging is done while the peer shakes hands, so a refusal is a TLS alert before any byte of an application.
"""

from collections.abc import Callable
from types import TracebackType

from cryptography import x509
from OpenSSL import SSL
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator, IOpenSSLServerConnectionCreator
from zope.interface import implementer

from edge_node.errors import Refused
from edge_node.model.peer import SwitchboardCaller
from edge_node.wire.trust_certificate import read_certificate
from edge_node.wire.trust_context import ask_for, new_context, show
from edge_node.wire.trust_explain import Ground
from edge_node.wire.trust_handshake import Surroundings, Watch, handshake_of
from edge_node.wire.trust_identity import IdentityFiles, OwnIdentity, load_anchors, load_identity
from edge_node.wire.trust_judge import Judged, Purpose, TrustedPeer, peer_rules
from edge_node.wire.trust_local import LocalClientTls, LocalServerTls, local_client_tls, local_server_tls
from edge_node.wire.trust_way import Way, present

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
    ground = Ground(anchors=anchors, realm=peers[0].realm if peers else None)
    watch = Watch(peer_rules(peers, Purpose.CLIENT, surroundings.now), Purpose.CLIENT, ground, surroundings)
    return ServerTls(identities, watch, anchors)


def client_tls(identity: OwnIdentity, peer: TrustedPeer, surroundings: Surroundings) -> "ClientTls":
    """Make the TLS with which one identity calls one peer."""
    rules = peer_rules((peer,), Purpose.SERVER, surroundings.now)
    watch = Watch(rules, Purpose.SERVER, Ground(anchors=peer.anchors, realm=peer.realm), surroundings)
    if peer.role == "zim":  # what another party thinks of our certificate is no reason to show it another one
        watch.turned_down = lambda _: surroundings.turned_down(identity.certificate.fingerprint, peer.name)
    return ClientTls(Way(peer.host, identity, watch), identity.name)


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
        return self._watch.connection(self._first, protocol)

    def judge(self, connection: SSL.Connection) -> SwitchboardCaller:
        """Say who is at the other end, after each handshake or at any later time; raises `Refused`."""
        judged = present(self._watch.judge(connection))
        identity = handshake_of(connection).identity
        if identity is None:
            raise Refused("the peer addressed none of our identities", code="EN-TLS-NAME")
        return _caller(judged, identity)

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
        ask_for(context, anchors)
        if identity:
            show(context, identity.chain, identity.key)
        return context


@implementer(IOpenSSLClientConnectionCreator)
class ClientTls:
    """Calls one peer of the switchboard side as one of our identities."""

    def __init__(self, way: Way, identity: str) -> None:
        self._way = way
        self._identity = identity

    def clientConnectionForTLS(self, protocol: object) -> SSL.Connection:
        """Make the TLS connection of one connected socket."""
        return self._way.connect(protocol)

    def judge(self, connection: SSL.Connection) -> SwitchboardCaller:
        """Say who is at the other end, after each handshake or at any later time; raises `Refused`."""
        judged = self._way.judge(connection)
        return _caller(judged, self._identity)


ExceptHook = Callable[[type[BaseException], BaseException, TracebackType | None], None]


def quiet_about_names(hook: ExceptHook) -> ExceptHook:
    """Make a `sys.excepthook` that leaves out `UnrecognizedName`, which the log has had as EN-TLS-NAME already.

    pyOpenSSL prints what a servername callback raises through that hook, and raising is its only way to the alert.
    """

    def without_names(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, UnrecognizedName):
            hook(kind, error, trace)

    return without_names


def _caller(judged: Judged, identity: str) -> SwitchboardCaller:
    return SwitchboardCaller(name=judged.name, identity=identity, certificate=judged.certificate, roles=judged.roles)


def _anchors(peers: tuple[TrustedPeer, ...]) -> tuple[x509.Certificate, ...]:
    """Return the anchors of all peers, each once; the rules see to it that each peer is under its own."""
    return tuple(dict.fromkeys(anchor for peer in peers for anchor in peer.anchors))
