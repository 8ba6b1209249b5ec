"""Whether a verified chain belongs to one of the peers that may be at the other end.

Knows: what a site demands of each peer: anchors, purpose, dates, names, issuer, organisation.
Must not know: how the chain was shown, whether this is a first or a resumed handshake.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cryptography import x509

from edge_node.errors import Refused
from edge_node.model.finding import Finding
from edge_node.model.hierarchies import PRODUCTION_REALM, Realm
from edge_node.model.peer import PeerCertificate
from edge_node.wire.trust_certificate import fingerprint, parse_uzi_name, read_certificate
from edge_node.wire.trust_environment import foreign, withdrawn
from edge_node.wire.trust_profile import not_from_the_register, not_of_a_server, out_of_profile, unknown_oid_ca

#: Leaf first, anchor last, as OpenSSL verified it.
Chain = tuple[x509.Certificate, ...]
Now = Callable[[], datetime]
#: The roles of local systems and of hosts they name: no peer in the settings can have them.
LOCAL_ROLES: Final = frozenset({"local"})


class Purpose(StrEnum):
    """What a certificate is shown for; the values are extended key usages."""

    SERVER = "1.3.6.1.5.5.7.3.1"
    CLIENT = "1.3.6.1.5.5.7.3.2"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedPeer:
    """One party on the switchboard side, and all its certificate must say."""

    name: str
    role: str  # zim, broker, authorisation-server, mitz
    host: str  # the name the node connects to
    server_names: tuple[str, ...] = ()  # accepted when the node connects to it; empty: host
    client_names: tuple[str, ...] = ()  # accepted when it connects to the node; empty: it may not
    issuers: tuple[str, ...]  # common names or RFC 4514 names of CAs; several, so that old and new overlap
    organisation: str | None  # O of the subject
    ura: str | None = None  # of a peer with a certificate of the UZI register
    anchors: tuple[x509.Certificate, ...]  # of this environment
    realm: Realm = PRODUCTION_REALM

    def names(self, purpose: Purpose) -> frozenset[str]:
        """Names one of which must be in its certificate, lower case."""
        named = (self.server_names or (self.host,)) if purpose is Purpose.SERVER else self.client_names
        return frozenset(name.lower() for name in named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A peer that proved who it is."""

    name: str
    certificate: PeerCertificate
    roles: frozenset[str] = frozenset()  # one machine may be several parties, each with an entry in the settings
    notes: tuple[Finding, ...] = ()  # what is accepted, and worth a person's look


#: Says who a verified chain belongs to, or raises `Refused` with an EN-TLS code.
Rules = Callable[[Chain], Judged]

#: The order of the checks. A refusal tells the one that came furthest, so that the log names the nearest miss.
ORDER: Final = (
    "EN-TLS-CHAIN",
    "EN-TLS-ENVIRONMENT",
    "EN-TLS-CA-REVOKED",
    "EN-TLS-CA-EXPIRED",
    "EN-TLS-ANCHOR",
    "EN-TLS-CA-FLAG",
    "EN-TLS-PURPOSE",
    "EN-TLS-KEY-USAGE",
    "EN-TLS-NOT-YET",
    "EN-TLS-EXPIRED",
    "EN-TLS-NAME",
    "EN-TLS-ISSUER",
    "EN-TLS-ORGANISATION",
    "EN-TLS-UZI-TYPE",
    "EN-TLS-OID-CA",
    "EN-TLS-UZI-PROFILE",
    "EN-TLS-URA",
)


def peer_rules(peers: tuple[TrustedPeer, ...], purpose: Purpose, now: Now) -> Rules:
    """Make the rules for these peers: the first that matches gives its name, all that match their roles."""

    def judge(chain: Chain) -> Judged:
        certificate, at = read_certificate(chain[0]), now()
        nearest = Finding("EN-TLS-CHAIN", "no peer is configured that may be here")
        matching: list[TrustedPeer] = []
        for peer in peers:
            finding = next(_wrong(peer, chain, certificate, purpose, at), None)
            if finding is None:
                matching.append(peer)
            else:
                nearest = max(nearest, finding, key=lambda one: ORDER.index(one.code))
        if not matching:
            raise Refused(nearest.detail, code=nearest.code)
        note = unknown_oid_ca(certificate, matching[0].realm)
        return Judged(
            name=matching[0].name,
            certificate=certificate,
            roles=frozenset(peer.role for peer in matching),
            notes=(note,) if note else (),
        )

    return judge


def any_client_rules(now: Now) -> Rules:
    """Make the rules for local systems: any client certificate of their CA; who it is, the settings say."""

    def judge(chain: Chain) -> Judged:
        certificate = read_certificate(chain[0])
        finding = wrong_purpose(certificate, Purpose.CLIENT) or wrong_time(certificate, now())
        if finding:
            raise Refused(finding.detail, code=finding.code)
        return Judged(name=certificate.subject, certificate=certificate, roles=LOCAL_ROLES)

    return judge


def wrong_purpose(certificate: PeerCertificate, purpose: Purpose) -> Finding | None:
    """Say that the certificate is not for this direction, or is a person's."""
    if purpose not in certificate.extended_key_usage:
        return Finding(
            "EN-TLS-PURPOSE", f"{purpose.name.lower()} use is not among its purposes: {certificate.subject}"
        )
    # Cards of persons come from other CAs; the letter must agree as well (domain reference GBZ 3.4).
    if certificate.uzi is not None and parse_uzi_name(certificate.uzi).card_type != "S":
        return Finding("EN-TLS-UZI-TYPE", f"the UZI name is not of a server: {certificate.subject}")
    return None


def wrong_time(certificate: PeerCertificate, at: datetime) -> Finding | None:
    """Say that the certificate has not begun or has ended."""
    if at < certificate.not_before:
        return Finding("EN-TLS-NOT-YET", f"begins {certificate.not_before:%Y-%m-%d}: {certificate.subject}")
    if at > certificate.not_after:
        return Finding("EN-TLS-EXPIRED", f"ended {certificate.not_after:%Y-%m-%d}: {certificate.subject}")
    return None


def wrong_kind(certificate: PeerCertificate) -> Finding | None:
    """Say that the certificate is a CA's, or that its key may not sign, as a handshake asks."""
    if certificate.is_ca:
        return Finding("EN-TLS-CA-FLAG", f"a CA where a server is expected: {certificate.subject}")
    if certificate.may_sign is False:
        return Finding("EN-TLS-KEY-USAGE", f"no digitalSignature in its key usage: {certificate.subject}")
    return None


def _wrong(
    peer: TrustedPeer, chain: Chain, certificate: PeerCertificate, purpose: Purpose, at: datetime
) -> Iterator[Finding]:
    """Give what is wrong, in the order of the checks."""
    yield from _wrong_hierarchy(peer, chain, at)
    for finding in (wrong_kind(certificate), wrong_purpose(certificate, purpose), wrong_time(certificate, at)):
        if finding:
            yield finding
    yield from _wrong_party(peer, certificate, purpose)
    yield from not_of_a_server(certificate)
    yield from not_from_the_register(certificate, peer.realm)
    yield from out_of_profile(certificate, peer.realm)
    if peer.ura is not None and certificate.ura != peer.ura:
        yield Finding("EN-TLS-URA", f"not URA {peer.ura} of {peer.name}: {certificate.ura or 'none'}")


def _wrong_hierarchy(peer: TrustedPeer, chain: Chain, at: datetime) -> Iterator[Finding]:
    for finding in (foreign(chain, peer.realm), withdrawn(chain)):
        if finding:
            yield finding
    # OpenSSL looked at the clock of the machine, which the node does not take for true in everything.
    for ca in chain[1:]:
        if not ca.not_valid_before_utc <= at <= ca.not_valid_after_utc:
            yield Finding("EN-TLS-CA-EXPIRED", f"a CA has ended or has not begun: {ca.subject.rfc4514_string()}")
    if fingerprint(chain[-1]) not in {fingerprint(one) for one in peer.anchors}:
        yield Finding("EN-TLS-ANCHOR", f"not under an anchor of {peer.name}: {chain[0].subject.rfc4514_string()}")


def _wrong_party(peer: TrustedPeer, certificate: PeerCertificate, purpose: Purpose) -> Iterator[Finding]:
    # Only names of the subjectAltName count, each letter of them: never the common name, never a wildcard.
    if not peer.names(purpose) & set(certificate.dns_names):
        yield Finding("EN-TLS-NAME", f"none of its names is one of {peer.name}: {', '.join(certificate.dns_names)}")
    if not {certificate.issuer, certificate.issuer_common_name} & set(peer.issuers):
        yield Finding("EN-TLS-ISSUER", f"not an issuer of {peer.name}: {certificate.issuer}")
    if peer.organisation is not None and certificate.organisation != peer.organisation:
        yield Finding("EN-TLS-ORGANISATION", f"not the organisation of {peer.name}: {certificate.organisation}")
