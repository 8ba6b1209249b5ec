"""The node's side of a handshake over a socket, and the other side as somebody else would write it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from cryptography import x509
from OpenSSL import SSL, crypto

from edge_node.errors import Refused
from edge_node.model.finding import Finding
from edge_node.wire import trust
from edge_node.wire.revocation import Revocation
from edge_node.wire.trust import OwnIdentity, Surroundings, TrustedPeer
from edge_node.wire.trust_judge import Purpose
from tests.wire.bad_certificates import GOOD, LEAF, NAME, ROOT, Site, Way
from tests.wire.forge import NOW, Shown, Spec, forge
from tests.wire.over_tcp import Talk, talk
from tests.wire.revocations import NothingRevoked

OURS = "node.example"


@dataclass
class Wall:
    """The time of the node, and what its log got."""

    at: datetime = NOW
    refusals: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    revocation: Revocation = field(default_factory=NothingRevoked)

    def surroundings(self) -> Surroundings:
        return Surroundings(
            now=lambda: self.at,
            refused=lambda code, detail, _: self.refusals.append((code, detail)),
            revocation=self.revocation,
            noted=self.noted,
        )

    def noted(self, purpose: Purpose, note: Finding) -> None:
        self.notes.append(note.code)


class Node:
    """A node that listens for one peer or calls it, told of it what a site says."""

    def __init__(self, site: Site, shown: Shown, way: Way, wall: Wall) -> None:
        self.way, self.wall = way, wall
        wall.at = NOW + timedelta(days=site.clock_days)
        anchor = shown.root if site.trusts is None else forge(Spec(leaf=LEAF, cas=(*GOOD.cas[:2], site.trusts))).root
        peer = _peer(site, anchor)
        self.tls: trust.ServerTls | trust.ClientTls = (
            trust.server_tls((_own(),), (peer,), wall.surroundings())
            if way is Way.IN
            else trust.client_tls(_own(), peer, wall.surroundings())
        )

    def meet(self, far: SSL.Context, earlier: Talk | None = None) -> Talk:
        """Shake hands with the other side once, over a socket; a caller offers its session of an earlier time."""
        connection = SSL.Connection(far, None)
        if self.way is Way.IN:
            connection.set_tlsext_host_name(OURS.encode())
            session = earlier.far.get_session() if earlier and earlier.far else None
            if session is not None:
                connection.set_session(session)
        return talk(self._connection(), self.tls, connection, near_calls=self.way is Way.OUT)

    def judge_again(self, talk: Talk) -> str:
        """Judge a connection that stands, as after new lists or settings; return the code of its refusal."""
        assert talk.near is not None
        try:
            self.tls.judge(talk.near)
        except Refused as refused:
            return refused.code
        return ""

    def _connection(self) -> SSL.Connection:
        if isinstance(self.tls, trust.ServerTls):
            return self.tls.serverConnectionForTLS(None)
        return self.tls.clientConnectionForTLS(None)


def _peer(site: Site, anchor: x509.Certificate) -> TrustedPeer:
    return TrustedPeer(
        name="lsp",
        role="zim",
        host=NAME,
        client_names=(NAME,),
        issuers=site.issuers,
        organisation=site.organisation,
        ura=site.ura,
        anchors=(anchor,),
        realm=site.realm,
    )


@cache
def _own() -> OwnIdentity:
    """The node's own certificate, which nothing is wrong with."""
    shown = forge(Spec(leaf=type(LEAF)(names=(OURS,)), cas=GOOD.cas))
    return OwnIdentity(
        name="practice",
        chain=shown.chain,
        key=shown.key,
        fqdn=OURS,
        ura=None,
        certificate=trust.read_certificate(shown.chain[0]),
    )


def far_side(shown: Shown, version: int, way: Way) -> SSL.Context:
    """Make the other side: it shows whatever it is given, and trusts the node's root."""
    context = SSL.Context(SSL.TLS_METHOD)
    context.set_min_proto_version(version)
    context.set_max_proto_version(version)
    # Whoever is bad does not keep to good manners: weak keys and hashes are its own affair.
    context.set_cipher_list(b"DEFAULT:@SECLEVEL=0")
    context.set_session_id(b"far")
    store = context.get_cert_store()
    assert store is not None
    store.add_cert(crypto.X509.from_cryptography(forge(Spec(leaf=LEAF, cas=(*GOOD.cas[:2], ROOT))).root))
    demand = SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT
    context.set_verify(demand if way is Way.OUT else SSL.VERIFY_PEER, None)
    leaf, *others = shown.chain
    context.use_certificate(leaf)
    for certificate in others:
        context.add_extra_chain_cert(certificate)
    context.use_privatekey(shown.key)
    return context
