"""TLS with local systems: their own small CA, and names or addresses of a local network.

Knows: what a local listener asks for, what a local system's https services must show.
Must not know: which local system a certificate belongs to, the switchboard side.
"""

import service_identity.cryptography as service_identity
from cryptography import x509
from OpenSSL import SSL
from service_identity import CertificateError, VerificationError
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator, IOpenSSLServerConnectionCreator
from zope.interface import implementer

from edge_node.errors import Refused
from edge_node.model.peer import PeerCertificate
from edge_node.wire.trust_certificate import read_certificate
from edge_node.wire.trust_context import ask_for, new_context, show
from edge_node.wire.trust_explain import Ground
from edge_node.wire.trust_handshake import Surroundings, Watch
from edge_node.wire.trust_identity import OwnIdentity
from edge_node.wire.trust_judge import (
    LOCAL_ROLES,
    Chain,
    Judged,
    Now,
    Purpose,
    Rules,
    any_client_rules,
    wrong_purpose,
    wrong_time,
)
from edge_node.wire.trust_way import Way, is_address


def local_server_tls(
    own: OwnIdentity, client_anchors: tuple[x509.Certificate, ...], surroundings: Surroundings
) -> "LocalServerTls":
    """Make the TLS of a local listener; with `client_anchors` a client certificate is asked for, not demanded."""
    watch = Watch(any_client_rules(surroundings.now), Purpose.CLIENT, Ground(anchors=client_anchors), surroundings)
    return LocalServerTls(own, watch, client_anchors)


def local_client_tls(
    host: str,
    anchors: tuple[x509.Certificate, ...],
    surroundings: Surroundings,
    own: OwnIdentity | None = None,
) -> "LocalClientTls":
    """Make the TLS with which the node calls a local system's https services; `own` is shown when it asks."""
    watch = Watch(_host_rules(host, surroundings.now), Purpose.SERVER, Ground(anchors=anchors), surroundings)
    return LocalClientTls(Way(host, own, watch))


@implementer(IOpenSSLServerConnectionCreator)
class LocalServerTls:
    """Serves local systems beyond loopback; one that shows a certificate must show a good one."""

    def __init__(self, own: OwnIdentity, watch: Watch, client_anchors: tuple[x509.Certificate, ...]) -> None:
        self._watch = watch
        self._context = new_context()
        # Where no CA of clients is configured no certificate is asked for, so none is ever believed.
        watch.over(self._context, SSL.VERIFY_PEER if client_anchors else SSL.VERIFY_NONE)
        ask_for(self._context, client_anchors)
        show(self._context, own.chain, own.key)

    def serverConnectionForTLS(self, protocol: object) -> SSL.Connection:
        """Make the TLS connection of one accepted socket."""
        return self._watch.connection(self._context, protocol)

    def judge(self, connection: SSL.Connection) -> PeerCertificate | None:
        """Return the client's certificate when it showed one; raises `Refused`."""
        judged = self._watch.judge(connection)
        return judged.certificate if judged else None


@implementer(IOpenSSLClientConnectionCreator)
class LocalClientTls:
    """Calls the https services of one local system."""

    def __init__(self, way: Way) -> None:
        self._way = way

    def clientConnectionForTLS(self, protocol: object) -> SSL.Connection:
        """Make the TLS connection of one connected socket."""
        return self._way.connect(protocol)

    def judge(self, connection: SSL.Connection) -> PeerCertificate:
        """Return the server's certificate; raises `Refused`."""
        return self._way.judge(connection).certificate


def _host_rules(host: str, now: Now) -> Rules:
    """Make the rules for a local system's server: chain, purpose, dates, and the host in the subjectAltName."""
    verify = (
        service_identity.verify_certificate_ip_address
        if is_address(host)
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
        return Judged(name=host, certificate=certificate, roles=LOCAL_ROLES)

    return judge
