"""What there is to see of certificates, anchors and revocation, for the checks on them.

Knows: where the node holds each, how a chain is walked.
Must not know: what makes any of it good.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edge_node.looking_ground import Ground, at_hand
from edge_node.model.facts_identity import CertificateFacts, EnvironmentFacts, OwnCertificate, RevocationSeen
from edge_node.model.revocation import RevocationFact, StandingFact
from edge_node.policy import check_identity, check_trust
from edge_node.probing import Look
from edge_node.realms import realm_of
from edge_node.settings.identities import IdentitySettings
from edge_node.wire.trust_certificate import common_name
from edge_node.wire.trust_choice import Pair
from edge_node.wire.trust_environment import foreign
from edge_node.wire.trust_identity import OwnIdentity
from edge_node.wire.trust_inventory import generation_of
from edge_node.wire.trust_keys import place_of

_WORST_FIRST: Final = ("revoked", "unknown", "good")


def looks(ground: Ground) -> tuple[Look[Any], ...]:
    """Return them."""
    return (
        Look(
            name="certificates",
            see=at_hand(lambda: seen_certificates(ground)),
            rules={
                "cert-validity": check_identity.validity,
                "cert-chain": check_identity.chain,
                "cert-eku": check_identity.purposes,
                "cert-fqdn": check_identity.fqdn,
                "cert-ura": check_identity.ura,
                "cert-expiry": check_identity.expiry,
                "cert-generation": check_identity.generation,
                "cert-revoked": check_identity.revoked,
                "key-storage": check_identity.key_storage,
                "cert-purpose-separation": check_identity.separation,
                "certificate-and-cards": check_identity.in_use,
            },
        ),
        Look(
            name="environment",
            see=at_hand(lambda: seen_environment(ground)),
            rules={"environment-mix": check_trust.environment, "truststore-current": check_trust.truststore},
        ),
        Look(
            name="revocation",
            see=at_hand(
                lambda: RevocationSeen(at=ground.machine.clock.moment(), known=ground.in_force.revoking.fact())
            ),
            rules={"crl-freshness": check_trust.freshness, "ocsp-reachable": check_trust.reachable},
        ),
    )


def seen_certificates(ground: Ground) -> CertificateFacts:
    """What each organisation shows, and who else has a key."""
    wired, known = ground.wired, ground.in_force.revoking.fact()
    own = []
    for identity in wired.settings.identities:
        choice = wired.held.choices.get(identity.name)
        pair = None if choice is None else choice.in_use
        if pair is not None and pair.own is not None:
            own.append(own_certificate(identity, pair, (wired.anchors, known)))
    others = [
        (".".join(map(str, steps)), key_id(it.chain[0]))
        for steps, it in wired.held.own.items()
        if steps[0] != "identities" or len(steps) > len(("identities", 0))
    ]
    return CertificateFacts(at=ground.machine.clock.moment(), own=tuple(own), others=tuple(others))


def own_certificate(
    identity: IdentitySettings, pair: Pair, of: tuple[tuple[x509.Certificate, ...], RevocationFact]
) -> OwnCertificate:
    """What is to be said of one that is shown."""
    anchors, known = of
    own = pair.own
    assert own is not None
    return OwnCertificate(
        identity=identity.name,
        fqdn=identity.fqdn,
        ura=identity.ura,
        certificate=own.certificate,
        authorities=tuple((common_name(one.subject), _ends(one)) for one in own.chain[1:]),
        broken_link=broken_link(own.chain),
        is_rooted=_is_rooted(own, anchors),
        generation=generation_of(own.chain),
        key_place=place_of(pair.key),
        has_passphrase=pair.key == identity.key and identity.key_passphrase is not None,
        key_id=key_id(own.chain[0]),
        revocation=_standing(known.standings, own.name),
    )


def seen_environment(ground: Ground) -> EnvironmentFacts:
    """Of which environment everything is that says so."""
    settings, held = ground.settings, ground.wired.held
    anchors = [one for peer in ground.wired.peers for one in peer.anchors]
    return EnvironmentFacts(
        environment=settings.node.environment,
        foreign=tuple(_foreign(ground)),
        zim=settings.switchboard.zim,
        processing_codes=frozenset(settings.checks.processing_codes),
        generations=frozenset(
            generation_of((one,)) for one in (*anchors, *held.anchors.get(("tokens", "anchors"), ()))
        )
        - {""},
    )


def broken_link(chain: tuple[x509.Certificate, ...]) -> str:
    """Name the first certificate that was not issued by the next one; empty when all were."""
    for lower, upper in pairwise(chain):
        try:
            lower.verify_directly_issued_by(upper)
        except (ValueError, TypeError, InvalidSignature):
            return common_name(lower.subject)
    return ""


def key_id(certificate: x509.Certificate) -> str:
    """A digest of the public key, by which the same key is recognised."""
    der = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def _is_rooted(own: OwnIdentity, anchors: tuple[x509.Certificate, ...]) -> bool:
    last = own.chain[-1]
    issuers = [one for one in anchors if one.subject == last.issuer]
    return any(not broken_link((last, one)) for one in issuers)


def _foreign(ground: Ground) -> Iterator[tuple[str, str]]:
    realm, wired = realm_of(ground.settings), ground.wired
    chains = {f"certificate of {own.name}": own.chain for own in wired.certificates}
    chains |= {f"anchors of {peer.name}": peer.anchors for peer in wired.peers}
    for where, chain in chains.items():
        finding = foreign(chain, realm)
        if finding is not None:
            yield where, finding.detail


def _standing(standings: tuple[StandingFact, ...], name: str) -> str:
    verdicts = {one.verdict for one in standings if one.is_own and one.of == name}
    return next((verdict for verdict in _WORST_FIRST if verdict in verdicts), "unknown")


def _ends(certificate: x509.Certificate) -> datetime:
    return certificate.not_valid_after_utc
