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
from edge_node.model.peer import PeerCertificate
from edge_node.wire.trust_certificate import fingerprint, parse_uzi_name, read_certificate

#: Leaf first, anchor last, as OpenSSL verified it.
Chain = tuple[x509.Certificate, ...]
Now = Callable[[], datetime]


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
    anchors: tuple[x509.Certificate, ...]  # of this environment

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


#: Says who a verified chain belongs to, or raises `Refused` with an EN-TLS code.
Rules = Callable[[Chain], Judged]

#: The order of the checks. A refusal tells the one that came furthest, so that the log names the nearest miss.
ORDER: Final = (
    "EN-TLS-CHAIN",
    "EN-TLS-ANCHOR",
    "EN-TLS-PURPOSE",
    "EN-TLS-UZI-TYPE",
    "EN-TLS-NOT-YET",
    "EN-TLS-EXPIRED",
    "EN-TLS-NAME",
    "EN-TLS-ISSUER",
    "EN-TLS-ORGANISATION",
)


def peer_rules(peers: tuple[TrustedPeer, ...], purpose: Purpose, now: Now) -> Rules:
    """Make the rules for these peers: the first that matches gives its name, all that match their roles."""

    def judge(chain: Chain) -> Judged:
        certificate, anchor, at = read_certificate(chain[0]), fingerprint(chain[-1]), now()
        nearest = Finding("EN-TLS-CHAIN", "no peer is configured that may be here")
        matching: list[TrustedPeer] = []
        for peer in peers:
            finding = next(_wrong(peer, purpose, certificate, anchor, at), None)
            if finding is None:
                matching.append(peer)
            else:
                nearest = max(nearest, finding, key=lambda one: ORDER.index(one.code))
        if not matching:
            raise Refused(nearest.detail, code=nearest.code)
        roles = frozenset(peer.role for peer in matching)
        return Judged(name=matching[0].name, certificate=certificate, roles=roles)

    return judge


def any_client_rules(now: Now) -> Rules:
    """Make the rules for local systems: any client certificate of their CA; who it is, the settings say."""

    def judge(chain: Chain) -> Judged:
        certificate = read_certificate(chain[0])
        finding = wrong_purpose(certificate, Purpose.CLIENT) or wrong_time(certificate, now())
        if finding:
            raise Refused(finding.detail, code=finding.code)
        return Judged(name=certificate.subject, certificate=certificate)

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


def _wrong(
    peer: TrustedPeer, purpose: Purpose, certificate: PeerCertificate, anchor: str, at: datetime
) -> Iterator[Finding]:
    """Give what is wrong, in the order of the checks."""
    if anchor not in {fingerprint(one) for one in peer.anchors}:
        yield Finding("EN-TLS-ANCHOR", f"not under an anchor of {peer.name}: {certificate.subject}")
    for finding in (wrong_purpose(certificate, purpose), wrong_time(certificate, at)):
        if finding:
            yield finding
    # Only names of the subjectAltName count, each letter of them: never the common name, never a wildcard.
    if not peer.names(purpose) & set(certificate.dns_names):
        yield Finding("EN-TLS-NAME", f"none of its names is one of {peer.name}: {', '.join(certificate.dns_names)}")
    if not {certificate.issuer, certificate.issuer_common_name} & set(peer.issuers):
        yield Finding("EN-TLS-ISSUER", f"not an issuer of {peer.name}: {certificate.issuer}")
    if peer.organisation is not None and certificate.organisation != peer.organisation:
        yield Finding("EN-TLS-ORGANISATION", f"not the organisation of {peer.name}: {certificate.organisation}")
