"""The certificates of all stories, made once for the whole run of the tests, and an outsider's TLS.

Knows: where the certificates are, how another program than the node would use them.
Must not know: any story.
"""

import atexit
import shutil
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from OpenSSL import SSL
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator, IOpenSSLServerConnectionCreator
from zope.interface import implementer

from edge_node.sandbox.pki import INSTITUTION, PHARMACY, PRACTICE, SWITCHBOARD, Pki, make_pki
from edge_node.sandbox.pki_authority import Profile, ec_key, root

NAMES = {"practice": PRACTICE[1], "pharmacy": PHARMACY[1], "institution": INSTITUTION[1]}


@cache
def pki() -> Pki:
    """Everything `edge-node sandbox pki` makes."""
    return _made(bad=True)


@cache
def another_pki() -> Pki:
    """The same names again with other keys, as after a change of root."""
    return _made(bad=False)


def _made(*, bad: bool) -> Pki:
    folder = tempfile.mkdtemp(prefix="edge-node-stories-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return make_pki(Path(folder) / "pki", now=datetime.now(UTC), bad=bad)


def _context(certificate: str | None, anchors: Path) -> SSL.Context:
    context = SSL.Context(SSL.TLS_METHOD)
    context.load_verify_locations(str(anchors))
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *seen: bool(seen[-1]))
    if certificate is not None:
        files = pki().files(certificate)
        context.use_certificate_chain_file(str(files.chain))
        context.use_privatekey_file(str(files.key))
    return context


@implementer(IOpenSSLServerConnectionCreator)
class ServerTls:
    """The side of one who is called, and demands a certificate."""

    def __init__(self, certificate: str = "switchboard", *also: Path) -> None:
        self._context = _context(certificate, pki().anchors)
        for anchors in also:
            self._context.load_verify_locations(str(anchors))
        self._context.set_session_id(b"story")

    def serverConnectionForTLS(self, protocol: Any) -> SSL.Connection:
        return SSL.Connection(self._context, None)


class Unwilling(ServerTls):
    """One who knows no CA, so that in TLS 1.3 it refuses any caller: after the caller's handshake is done."""

    def __init__(self) -> None:
        super().__init__()
        self._context = SSL.Context(SSL.TLS_METHOD)
        files = pki().files("switchboard")
        self._context.use_certificate_chain_file(str(files.chain))
        self._context.use_privatekey_file(str(files.key))
        self._context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *seen: bool(seen[-1]))
        self._context.set_session_id(b"story")


class Moved(ServerTls):
    """The switchboard with a certificate of the other hierarchy, which knows practices of both."""

    def __init__(self) -> None:
        super().__init__("switchboard", another_pki().anchors)
        files = another_pki().files("switchboard")
        self._context.use_certificate_chain_file(str(files.chain))
        self._context.use_privatekey_file(str(files.key))


class Stranger(ServerTls):
    """Who is in between: with the name of the switchboard, under no CA that anybody knows."""

    def __init__(self) -> None:
        super().__init__()
        now, key = datetime.now(UTC), ec_key()
        profile = Profile(
            organisation="Stranger",
            fqdn=SWITCHBOARD[1],
            not_before=now - timedelta(days=1),
            not_after=now + timedelta(days=1),
        )
        issued = root("Stranger", "stranger", ec_key(), now).issue(profile, key)
        self._context = SSL.Context(SSL.TLS_METHOD)
        self._context.use_certificate(issued.chain[0])
        self._context.use_privatekey(key)
        self._context.set_session_id(b"stranger")


@implementer(IOpenSSLClientConnectionCreator)
class ClientTls:
    """The side of one who calls `host`."""

    def __init__(self, host: str, certificate: str | None, anchors: Path) -> None:
        self._host = host
        self._context = _context(certificate, anchors)

    def offer(self, protocols: Sequence[bytes]) -> None:
        """Say which application protocols this side speaks."""
        self._context.set_alpn_protos(list(protocols))

    def be_from_before_rfc_7627(self) -> None:
        """Speak TLS 1.2, without the extended master secret."""
        self._context.set_max_proto_version(SSL.TLS1_2_VERSION)
        self._context.set_options(1)  # SSL_OP_NO_EXTENDED_MASTER_SECRET; pyOpenSSL has no name for it

    def clientConnectionForTLS(self, protocol: Any) -> SSL.Connection:
        connection = SSL.Connection(self._context, None)
        connection.set_tlsext_host_name(self._host.encode())
        connection.set_verify(
            SSL.VERIFY_PEER, lambda *seen: bool(seen[-1]) and (seen[3] > 0 or self._host in _names(seen[1]))
        )
        return connection


def _names(certificate: Any) -> list[str]:
    from cryptography.x509 import DNSName, SubjectAlternativeName

    names = certificate.to_cryptography().extensions.get_extension_for_class(SubjectAlternativeName).value
    return list(names.get_values_for_type(DNSName))
