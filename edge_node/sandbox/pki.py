"""The certificates of a sandbox, good ones for every party and bad ones for every refusal, in one directory.

Knows: which parties and bad cases there are, their names and numbers, the layout on disk.
Must not know: how a certificate is encoded, who uses which.

All names are under `.test`, all organisations are invented. Keys are random; everything else follows from `now`.
"""

import ipaddress
import os
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID

from edge_node.sandbox.cards import SERVERS, CardRegister
from edge_node.sandbox.pki_authority import Authority, Issued, Key, Profile, Uzi, ec_key, root, rsa_key

ROOT: Final = "EDGE NODE TEST Private Root CA - G1"
SERVICES: Final = "EDGE NODE TEST Private Services CA - G1"
UZI_ISSUER: Final = SERVERS
ORGANISATION_ISSUER: Final = "EDGE NODE TEST PKIo Private Organisation Server CA G1"
LOCAL_ISSUER: Final = "EDGE NODE TEST Local Systems CA"

PRACTICE: Final = ("Huisartsenpraktijk Edge Node Test", "practice.edge-node.test")
PHARMACY: Final = ("Apotheek Edge Node Test", "pharmacy.edge-node.test")
INSTITUTION: Final = ("Stichting Woonzorg Nergens", "institution.edge-node.test")
SWITCHBOARD: Final = ("Schakelpunt Edge Node Test", "switchboard.edge-node.test")
BROKER: Final = ("Schakelpunt Edge Node Test", "broker.edge-node.test")
AUTHORISATION_SERVER: Final = ("Schakelpunt Edge Node Test", "authorisation.edge-node.test")
PRACTICE_UZI: Final = Uzi(number="990000101", ura="90000101", agb="01999901")
PHARMACY_UZI: Final = Uzi(number="990000202", ura="90000202", agb="02999902")
PRACTICE_SIGNER: Final = Uzi(number="990000111", ura="90000101", agb="01999901")
PHARMACY_SIGNER: Final = Uzi(number="990000212", ura="90000202", agb="02999902")
INSTITUTION_UZI: Final = Uzi(number="900000205", ura="90000015", agb="06999905")

#: Local systems: client certificates `his`, `ais`; server certificates for the node's own local listener and for
#: a local system's services, both named localhost as well.
LOCAL: Final = {
    "his": ("his.local.edge-node.test", ExtendedKeyUsageOID.CLIENT_AUTH),
    "ais": ("ais.local.edge-node.test", ExtendedKeyUsageOID.CLIENT_AUTH),
    "local-listener": ("node.local.edge-node.test", ExtendedKeyUsageOID.SERVER_AUTH),
    "his-server": ("his.local.edge-node.test", ExtendedKeyUsageOID.SERVER_AUTH),
}

#: Each is the switchboard's certificate with one thing wrong.
BAD: Final = (
    "bad/expired",
    "bad/not-yet-valid",
    "bad/other-ca",
    "bad/other-name",
    "bad/other-organisation",
    "bad/other-issuer",
    "bad/no-client-auth",
    "bad/no-server-auth",
    "bad/revoked",
    "bad/not-a-server",
)
#: Each is a certificate that signs tokens for the practice, with one thing wrong.
BAD_SIGNING: Final = ("bad/signing-expired", "bad/signing-revoked", "bad/signing-ec", "bad/signing-other-ura")

README: Final = """\
Certificates of a sandbox, made by `edge-node sandbox pki`. They are worth nothing: anybody can make them.
Never put one of them, or an anchor from here, into a production site.

  anchors.pem         the root; what a node and a switchboard of this sandbox trust
  <name>/chain.pem    the certificate, then those between it and the root, leaf first
  <name>/key.pem      its private key, PKCS#8, not encrypted, mode 0400
  crl/<ca>.crl        revocation list of each CA, DER, valid for 48 hours
  crl.pem             the same lists in one file
  local/anchors.pem   the CA of the local systems; what listener and local systems trust of each other

  practice, pharmacy  two organisations behind one node, UZI profile, each with its own URA
  institution         one for people with intellectual disabilities, likewise
  switchboard         the simulated switchboard, a PKIoverheid-like organisation certificate; signs the stelseltoken
  broker              its broker of FHIR requests
  authorisation       its authorisation server
  local/his, local/ais                     client certificates of local systems
  local/local-listener, local/his-server   server certificates, also for localhost, 127.0.0.1 and ::1
  signing/practice, signing/pharmacy       certificates that sign transaction tokens, and serve for nothing else
  ca/uzi              the CA that issues to subscribers: `edge-node sandbox sign-csr` signs requests with it
  ca/<ca>             the other CAs: `edge-node sandbox crl` brings out new lists with all of them
  bad/<case>          the switchboard's certificate with one thing wrong
  bad/signing-<case>  the one that signs for the practice with one thing wrong

  cards-anchors.pem   the CAs of what may sign tokens: those of the cards, and those of servers
  cards/<holder>      a card: gp, pharmacist, post-gp, specialist, avg-physician, locum-gp, locum-avg-physician
                      (professionals), employee, zorg-id
  cards/gp-signature  its second certificate, to sign mandates with
  cards/bad/<case>    the general practitioner's card with one thing wrong
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Where one certificate and its key are."""

    chain: Path
    key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Pki:
    """Where everything is."""

    out: Path

    @property
    def anchors(self) -> Path:
        """The root of node and switchboard."""
        return self.out / "anchors.pem"

    @property
    def local_anchors(self) -> Path:
        """The CA of the local systems."""
        return self.out / "local" / "anchors.pem"

    @property
    def card_anchors(self) -> Path:
        """The CAs of what may sign tokens: their roots, and those between, which tokens do not hold."""
        return self.out / "cards-anchors.pem"

    @property
    def crls(self) -> Path:
        """Every revocation list, in PEM."""
        return self.out / "crl.pem"

    def files(self, name: str) -> Files:
        """Chain and key of `practice`, `switchboard`, `local/his`, `bad/expired`, `cards/gp`, …"""
        return Files(chain=self.out / name / "chain.pem", key=self.out / name / "key.pem")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hierarchy:
    """One root, the CA below it, and the two that issue."""

    root: Authority
    services: Authority
    uzi: Authority
    organisation: Authority


def make_pki(out: Path, *, now: datetime, bad: bool = True) -> Pki:
    """Make everything in `out`, which must be new or empty; `bad` adds the bad cases.

    CAs and the certificates of node and switchboard have RSA keys of 2048 bits and PSS signatures, as at the
    register; broker, authorisation server, institution, local systems, bad cases and the forged hierarchy have P-256
    keys, because those take no time. Cards have RSA keys: tokens are signed with RSA.
    """
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(out.iterdir()):
        raise FileExistsError(f"{out} is not empty")
    hierarchy = _hierarchy(now, real=True)
    issued = _parties(hierarchy, now) | (_bad_cases(hierarchy, now) if bad else {})
    local = root(LOCAL_ISSUER, "local-systems-ca", ec_key(), now)
    issued |= {f"local/{name}": _local(local, name, now) for name in LOCAL}
    register = CardRegister(now)
    cards = register.good() | ({f"bad/{case}": one for case, one in register.bad().items()} if bad else {})
    issued |= {f"cards/{name}": one for name, one in cards.items()}
    issued["ca/uzi"] = Issued(chain=hierarchy.uzi.chain, key=hierarchy.uzi.key)
    own = (hierarchy.root, hierarchy.services, hierarchy.uzi, hierarchy.organisation, local)
    authorities = (*own, *register.authorities)
    others = (one for one in authorities if one is not hierarchy.uzi)
    issued |= {f"ca/{one.slug}": Issued(chain=one.chain or (one.certificate,), key=one.key) for one in others}
    for name, one in issued.items():
        _write_issued(out / name, one)
    _write_certificates(out / "anchors.pem", (hierarchy.root.certificate,))
    _write_certificates(out / "local" / "anchors.pem", (local.certificate,))
    signers = (*register.authorities, hierarchy.root, hierarchy.services, hierarchy.uzi)
    _write_certificates(out / "cards-anchors.pem", tuple(one.certificate for one in signers))
    _write_crls(out, authorities, now)
    (out / "README").write_text(README, encoding="utf-8")
    return Pki(out=out)


def _hierarchy(now: datetime, *, real: bool) -> _Hierarchy:
    key = rsa_key if real else ec_key
    top = root(ROOT, "private-root-ca-g1", key(), now)
    services = top.authority(SERVICES, "private-services-ca-g1", key())
    return _Hierarchy(
        root=top,
        services=services,
        uzi=services.authority(UZI_ISSUER, "uzi-register-private-server-ca-g1", key()),
        organisation=services.authority(ORGANISATION_ISSUER, "private-organisation-server-ca-g1", key()),
    )


def _profile(holder: tuple[str, str], now: datetime, uzi: Uzi | None = None) -> Profile:
    """Three years, as the register gives, begun an hour ago."""
    return Profile(
        organisation=holder[0],
        fqdn=holder[1],
        not_before=now - timedelta(hours=1),
        not_after=now + timedelta(days=3 * 365),
        uzi=uzi,
    )


def _parties(hierarchy: _Hierarchy, now: datetime) -> dict[str, Issued]:
    return {
        "practice": hierarchy.uzi.issue(_profile(PRACTICE, now, PRACTICE_UZI), rsa_key()),
        "pharmacy": hierarchy.uzi.issue(_profile(PHARMACY, now, PHARMACY_UZI), rsa_key()),
        "institution": hierarchy.uzi.issue(_profile(INSTITUTION, now, INSTITUTION_UZI), ec_key()),
        "switchboard": hierarchy.organisation.issue(_profile(SWITCHBOARD, now), rsa_key()),
        "broker": hierarchy.organisation.issue(_profile(BROKER, now), ec_key()),
        "authorisation": hierarchy.organisation.issue(_profile(AUTHORISATION_SERVER, now), ec_key()),
        "signing/practice": hierarchy.uzi.issue(_signing(PRACTICE, now, PRACTICE_SIGNER), rsa_key()),
        "signing/pharmacy": hierarchy.uzi.issue(_signing(PHARMACY, now, PHARMACY_SIGNER), rsa_key()),
    }


def _signing(holder: tuple[str, str], now: datetime, uzi: Uzi) -> Profile:
    """One that only signs tokens: it is for neither end of a TLS connection."""
    return replace(_profile(holder, now, uzi), usages=())


def _bad_cases(hierarchy: _Hierarchy, now: datetime) -> dict[str, Issued]:
    good, key, day = _profile(SWITCHBOARD, now), ec_key(), timedelta(days=1)
    wrong = {
        "expired": replace(good, not_before=now - 400 * day, not_after=now - day),
        "not-yet-valid": replace(good, not_before=now + 2 * day, not_after=now + 400 * day),
        "other-name": replace(good, fqdn="another.edge-node.test"),
        "other-organisation": replace(good, organisation="Een Ander B.V."),
        "no-client-auth": replace(good, usages=(ExtendedKeyUsageOID.SERVER_AUTH,)),
        "no-server-auth": replace(good, usages=(ExtendedKeyUsageOID.CLIENT_AUTH,)),
        "revoked": good,
        # A person's card, not a server: the letter alone says so.
        "not-a-server": replace(good, uzi=Uzi(number="990000303", ura="90000303", letter="Z")),
    }
    issued = {f"bad/{case}": hierarchy.organisation.issue(profile, key) for case, profile in wrong.items()}
    hierarchy.organisation.revoke(issued["bad/revoked"].chain[0], now - timedelta(minutes=30))
    issued["bad/other-issuer"] = hierarchy.uzi.issue(good, key)
    signer, day_ago = _signing(PRACTICE, now, PRACTICE_SIGNER), now - day
    rsa = rsa_key()
    ended = replace(signer, not_before=now - 400 * day, not_after=day_ago)
    issued["bad/signing-expired"] = hierarchy.uzi.issue(ended, rsa)
    issued["bad/signing-revoked"] = hierarchy.uzi.issue(signer, rsa)
    issued["bad/signing-ec"] = hierarchy.uzi.issue(signer, key)
    issued["bad/signing-other-ura"] = hierarchy.uzi.issue(_signing(PHARMACY, now, PHARMACY_SIGNER), rsa)
    hierarchy.uzi.revoke(issued["bad/signing-revoked"].chain[0], now - timedelta(minutes=30))
    # A hierarchy with the very same names, made by somebody else.
    issued["bad/other-ca"] = _hierarchy(now, real=False).organisation.issue(good, key)
    return issued


def _local(authority: Authority, name: str, now: datetime) -> Issued:
    fqdn, usage = LOCAL[name]
    loopback: tuple[x509.GeneralName, ...] = (
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        x509.IPAddress(ipaddress.ip_address("::1")),
    )
    profile = replace(
        _profile(("Lokaal systeem Edge Node Test", fqdn), now),
        usages=(usage,),
        other_names=loopback if usage is ExtendedKeyUsageOID.SERVER_AUTH else (),
    )
    return authority.issue(profile, ec_key())


def _write_issued(directory: Path, issued: Issued) -> None:
    directory.mkdir(parents=True)
    _write_certificates(directory / "chain.pem", issued.chain)
    _write_key(directory / "key.pem", issued.key)


def _write_certificates(path: Path, certificates: tuple[x509.Certificate, ...]) -> None:
    path.write_bytes(b"".join(one.public_bytes(serialization.Encoding.PEM) for one in certificates))


def _write_key(path: Path, key: Key) -> None:
    """Born with mode 0400, so that it is never readable by others, not even for a moment."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(descriptor, "wb") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )


def _write_crls(out: Path, authorities: tuple[Authority, ...], now: datetime) -> None:
    (out / "crl").mkdir()
    lists = {authority.slug: authority.crl(now - timedelta(minutes=5)) for authority in authorities}
    for slug, crl in lists.items():
        (out / "crl" / f"{slug}.crl").write_bytes(crl.public_bytes(serialization.Encoding.DER))
    (out / "crl.pem").write_bytes(b"".join(crl.public_bytes(serialization.Encoding.PEM) for crl in lists.values()))
