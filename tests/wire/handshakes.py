"""Two ends of TLS in memory: ours, and one written by somebody else."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from OpenSSL import SSL

from edge_node.model.hierarchies import TEST_REALM
from edge_node.sandbox.pki import (
    ORGANISATION_ISSUER,
    PHARMACY,
    PHARMACY_UZI,
    PRACTICE,
    PRACTICE_UZI,
    SWITCHBOARD,
    Pki,
)
from edge_node.wire import trust
from edge_node.wire.revocation import Revocation
from edge_node.wire.trust import OwnIdentity, Surroundings, TrustedPeer
from edge_node.wire.trust_identity import IdentityFiles, load_anchors, load_identity
from tests.wire.revocations import NothingRevoked

NOW = datetime.now(UTC)
TLS12, TLS13 = SSL.TLS1_2_VERSION, SSL.TLS1_3_VERSION
BOTH_VERSIONS = pytest.mark.parametrize("version", [TLS12, TLS13], ids=["tls1.2", "tls1.3"])


@dataclass
class Wall:
    """The time, as a test sets it, and the log of refusals."""

    at: datetime = NOW
    refusals: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    revocation: Revocation = field(default_factory=NothingRevoked)

    def refused(self, code: str, detail: str, host: str) -> None:
        self.refusals.append(code)
        self.details.append(detail)

    def surroundings(self) -> Surroundings:
        return Surroundings(now=lambda: self.at, refused=self.refused, revocation=self.revocation)


@dataclass
class Line:
    """Two ends in memory, and what each saw."""

    client: SSL.Connection
    server: SSL.Connection
    errors: dict[str, str] = field(default_factory=dict)
    delivered: bytes = b""
    is_sent: bool = False

    def pump(self) -> None:
        """Carry bytes both ways until neither end says more."""
        ends = {"client": self.client, "server": self.server}
        for _ in range(12):
            for name, end in ends.items():
                self._step(name, end)
            self._carry(self.client, self.server)
            self._carry(self.server, self.client)

    def _step(self, name: str, end: SSL.Connection) -> None:
        if name in self.errors:
            return
        try:
            end.do_handshake()
            if name == "client" and not self.is_sent:
                self.is_sent = bool(end.send(b"request"))
            self._receive(name, end.recv(100))
        except (SSL.WantReadError, SSL.ZeroReturnError):
            pass
        except SSL.Error as error:
            self.errors[name] = " ".join(reason for *_, reason in error.args[0]) if error.args else "broken"

    def _receive(self, name: str, data: bytes) -> None:
        if name == "server":
            self.delivered += data

    def _carry(self, source: SSL.Connection, target: SSL.Connection) -> None:
        try:
            target.bio_write(source.bio_read(1 << 16))
        except SSL.Error:
            return


def shake(client: SSL.Connection, server: SSL.Connection) -> Line:
    client.set_connect_state()
    server.set_accept_state()
    for end in (client, server):
        end.set_app_data("Twisted's")  # as TLSMemoryBIOProtocol does
    line = Line(client, server)
    line.pump()
    return line


def outsider(pki: Pki, name: str | None, version: int = TLS13) -> SSL.Context:
    """The other side, written by somebody else: one version, one certificate, the sandbox's root."""
    context = SSL.Context(SSL.TLS_METHOD)
    context.set_min_proto_version(version)
    context.set_max_proto_version(version)
    context.load_verify_locations(str(pki.anchors))
    if name:
        context.use_certificate_chain_file(str(pki.files(name).chain))
        context.use_privatekey_file(str(pki.files(name).key))
    return context


def calling(context: SSL.Context, name: str | None = PRACTICE[1]) -> SSL.Connection:
    connection = SSL.Connection(context, None)
    if name:
        connection.set_tlsext_host_name(name.encode())
    return connection


def asking(context: SSL.Context) -> SSL.Connection:
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, None)
    return SSL.Connection(context, None)


def identity(pki: Pki, name: str) -> OwnIdentity:
    holder, uzi = {"practice": (PRACTICE, PRACTICE_UZI), "pharmacy": (PHARMACY, PHARMACY_UZI)}[name]
    files = pki.files(name)
    return load_identity(
        IdentityFiles(name=name, certificate=files.chain, key=files.key, fqdn=holder[1], ura=uzi.ura)
    )


def switchboard(pki: Pki, **other: object) -> TrustedPeer:
    values: dict[str, object] = {
        "name": "lsp",
        "role": "zim",
        "host": SWITCHBOARD[1],
        "client_names": (SWITCHBOARD[1],),
        "issuers": (ORGANISATION_ISSUER,),
        "organisation": SWITCHBOARD[0],
        "anchors": load_anchors(pki.anchors),
        "realm": TEST_REALM,
    }
    return TrustedPeer(**(values | other))  # type: ignore[arg-type]


def listener(pki: Pki, wall: Wall, *names: str) -> trust.ServerTls:
    identities = tuple(identity(pki, name) for name in names or ("practice",))
    return trust.server_tls(identities, (switchboard(pki),), wall.surroundings())


def way_out(pki: Pki, wall: Wall, name: str = "practice") -> trust.ClientTls:
    return trust.client_tls(identity(pki, name), switchboard(pki), wall.surroundings())


def again(pki: Pki, tls: trust.ServerTls, context: SSL.Context, name: str = PRACTICE[1]) -> Line:
    """Shake hands, then once more with the session of the first time."""
    first = shake(calling(context, name), tls.serverConnectionForTLS(None))
    tls.judge(first.server)
    client = calling(context, name)
    session = first.client.get_session()
    assert session is not None
    client.set_session(session)
    return shake(client, tls.serverConnectionForTLS(None))
