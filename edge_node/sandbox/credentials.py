"""The TLS of the simulated switchboard: its certificate, good or bad on purpose, and the nodes it knows.

Knows: which files of a sandbox's certificates are whose.
Must not know: how a context is made, what is sent.

Bad certificates are only ever shown, never accepted: what this side demands of a node is what a node demands of it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator, IOpenSSLServerConnectionCreator

from edge_node.model.hierarchies import TEST_REALM
from edge_node.sandbox.lists import revocation_of
from edge_node.sandbox.pki import AUTHORISATION_SERVER, BROKER, PHARMACY, PRACTICE, SWITCHBOARD, UZI_ISSUER, Pki
from edge_node.sandbox.pki_authority import Key
from edge_node.wire.trust import (
    OwnIdentity,
    Surroundings,
    TrustedPeer,
    client_tls,
    load_anchors,
    read_certificate,
    server_tls,
)

GOOD = "switchboard"
EXPIRED = "bad/expired"
_NAMES = {"broker": BROKER[1], "authorisation": AUTHORISATION_SERVER[1]}


class SwitchboardTls:
    """Makes the contexts of the simulated switchboard from a directory of certificates."""

    def __init__(self, pki: Pki, *, now: Callable[[], datetime], refused: Callable[[str, str, str], None]) -> None:
        self._pki = pki
        self._surroundings = Surroundings(now=now, refused=refused, revocation=revocation_of(pki, now))
        # Reading a key and making a context take longer than a message: once for each, not once a message.
        self._owned: dict[str, OwnIdentity] = {}
        self._clients: dict[tuple[str, str], IOpenSSLClientConnectionCreator] = {}

    @cached_property
    def _nodes(self) -> tuple[TrustedPeer, ...]:
        anchors = load_anchors(self._pki.anchors)
        return tuple(
            TrustedPeer(
                name=name, role="node", host=name, client_names=(name,), issuers=(UZI_ISSUER,),
                organisation=organisation, anchors=anchors, realm=TEST_REALM,
            )
            for organisation, name in (PRACTICE, PHARMACY)
        )  # fmt: skip

    def server(self, shown: str = GOOD) -> IOpenSSLServerConnectionCreator:
        """The TLS of its listener, showing that certificate."""
        # A sandbox has no DNS: nodes call it by the name of this machine as well.
        own = self._own(shown)
        names = (own, replace(own, name=f"{shown} on this machine", fqdn="localhost"))
        return server_tls(names, self._nodes, self._surroundings)

    def client(self, node: str, shown: str | None = None) -> IOpenSSLClientConnectionCreator:
        """The TLS with which it calls the node of that name; `shown` picks a bad certificate."""
        wanted = node, shown or GOOD
        if wanted not in self._clients:
            peer = next(peer for peer in self._nodes if peer.host == node)
            self._clients[wanted] = client_tls(self._own(wanted[1]), peer, self._surroundings)
        return self._clients[wanted]

    def _own(self, name: str) -> OwnIdentity:
        if name not in self._owned:
            self._owned[name] = self._read(name)
        return self._owned[name]

    def _read(self, name: str) -> OwnIdentity:
        # Read without the node's checks: they would refuse a bad certificate, which is what is wanted here.
        files = self._pki.files(name)
        chain = tuple(x509.load_pem_x509_certificates(files.chain.read_bytes()))
        key = load_pem_private_key(files.key.read_bytes(), None)
        assert isinstance(key, Key)
        certificate = read_certificate(chain[0])
        return OwnIdentity(
            name=name, chain=chain, key=key, fqdn=_NAMES.get(name, SWITCHBOARD[1]), ura=None, certificate=certificate
        )
