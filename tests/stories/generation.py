"""The next generation of CAs, with names and keys of its own, and what it issued to the same parties.

Knows: how G4 names its CAs, which files a story needs of it.
Must not know: any story.
"""

import atexit
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from OpenSSL import SSL
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from zope.interface import implementer

from edge_node.sandbox.pki import PRACTICE, PRACTICE_UZI, SWITCHBOARD
from edge_node.sandbox.pki_authority import Authority, Issued, Profile, ec_key, root, rsa_key
from tests.stories.certificates import NAMES, ServerTls, pki

ORGANISATION_ISSUER = "EDGE NODE TEST Organisatie Server - G4 Priv G-TLS SYS - 2025"
UZI_ISSUER = "ACCEPTATIE UZI Server - G4 Priv G-TLS SYS - 2025"


@dataclass(frozen=True, slots=True)
class Generation:
    """Its files, and the CAs that issue."""

    out: Path
    uzi: Authority
    organisation: Authority
    above: tuple[Authority, ...]

    @property
    def anchors(self) -> Path:
        return self.out / "anchors.pem"

    @property
    def lists(self) -> Path:
        return self.out / "crl"

    @property
    def authorities(self) -> tuple[Authority, ...]:
        return (*self.above, self.uzi, self.organisation)

    def bring_out(self, at: datetime, lasts: timedelta = timedelta(hours=48)) -> None:
        """Write a new list of every CA."""
        for one in self.authorities:
            (self.lists / f"{one.slug}.crl").write_bytes(one.crl(at, lasts).public_bytes(Encoding.DER))

    def issue(self, party: str, profile: Profile) -> x509.Certificate:
        """Give a party that is called by the node, or calls it, one certificate more."""
        issued = self.organisation.issue(profile, ec_key())
        _write(self, party, issued)
        return issued.chain[0]

    def chain(self, party: str) -> Path:
        return self.out / party / "chain.pem"

    def key(self, party: str) -> Path:
        return self.out / party / "key.pem"


@cache
def next_generation() -> Generation:
    """Made once for the whole run of the tests."""
    folder = tempfile.mkdtemp(prefix="edge-node-stories-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return make_generation(Path(folder), datetime.now(UTC))


def make_generation(folder: Path, now: datetime) -> Generation:
    """Make one in an empty folder, as of that moment."""
    top = root("EDGE NODE TEST - G4 Root Priv G-TLS - 2024", "g4-root", ec_key(), now)
    middle = top.authority("EDGE NODE TEST - G4 Intm Priv G-TLS SYS - 2024", "g4-intm", ec_key())
    uzi = middle.authority(UZI_ISSUER, "g4-uzi", rsa_key())
    organisation = middle.authority(ORGANISATION_ISSUER, "g4-organisation", rsa_key())
    made = Generation(folder, uzi, organisation, (top, middle))
    lasts = {"not_before": now - timedelta(hours=1), "not_after": now + timedelta(days=1000)}
    practice = Profile(organisation=PRACTICE[0], fqdn=PRACTICE[1], uzi=PRACTICE_UZI, **lasts)
    switchboard = Profile(organisation=SWITCHBOARD[0], fqdn=SWITCHBOARD[1], uzi=None, **lasts)
    _write(made, "practice", uzi.issue(practice, rsa_key()))
    _write(made, "switchboard", organisation.issue(switchboard, rsa_key()))
    made.anchors.write_bytes(_pem((top.certificate,)))
    made.lists.mkdir()
    made.bring_out(now - timedelta(minutes=5))
    return made


class NextServer(ServerTls):
    """The switchboard of the next generation, which knows practices of both."""

    def __init__(self) -> None:
        super().__init__()
        self._context = _context()
        self._context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *told: bool(told[-1]))


@implementer(IOpenSSLClientConnectionCreator)
class NextCaller:
    """The same, when it calls."""

    def __init__(self) -> None:
        self._context = _context()
        self._context.set_verify(SSL.VERIFY_PEER, lambda *told: bool(told[-1]))

    def clientConnectionForTLS(self, protocol: object) -> SSL.Connection:
        connection = SSL.Connection(self._context, None)
        connection.set_tlsext_host_name(NAMES["practice"].encode())
        return connection


def _context() -> SSL.Context:
    context, made = SSL.Context(SSL.TLS_METHOD), next_generation()
    context.use_certificate_chain_file(str(made.chain("switchboard")))
    context.use_privatekey_file(str(made.key("switchboard")))
    for anchors in (pki().anchors, made.anchors):
        context.load_verify_locations(str(anchors))
    context.set_session_id(b"next")
    return context


def _write(made: Generation, party: str, issued: Issued) -> None:
    made.chain(party).parent.mkdir()
    made.chain(party).write_bytes(_pem(issued.chain))
    made.key(party).touch(mode=0o600)
    made.key(party).write_bytes(issued.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _pem(certificates: tuple[x509.Certificate, ...]) -> bytes:
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)
