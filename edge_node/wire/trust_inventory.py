"""What there is to say of one certificate of ours, of an anchor, or of one in a file.

Knows: the fields people ask about, from which name the generation of a CA shows, which end comes before its own.
Must not know: settings, where a certificate is used, how it is shown to people.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from cryptography import x509

from edge_node.errors import Refused
from edge_node.model.certificate import days_left
from edge_node.model.finding import Finding
from edge_node.model.hierarchies import PRODUCTION, TEST_MARKS, mark_of_test
from edge_node.model.peer import PeerCertificate
from edge_node.wire.trust_certificate import common_name, is_ca, parse_uzi_name, read_certificate, reading
from edge_node.wire.trust_keys import kind_of

#: PKIoverheid's G1 for closed networks ends here, whatever a certificate under it says: S (GBZ 3.1).
G1_ENDS: Final = datetime(2028, 11, 12, tzinfo=UTC)
_OF_G1: Final = frozenset(
    f"{mark}{authority.name}"
    for authority in PRODUCTION
    if authority.name.endswith("G1")
    for mark in ("", *(f"{mark} " for mark in TEST_MARKS))
)
_GENERATION: Final = re.compile(r"(?<![A-Za-z0-9])G([1-9])(?![A-Za-z0-9])")


@dataclass(frozen=True, slots=True)
class Usage:
    """An extended key usage in words."""

    oid: str
    name: str


_USAGES: Final = (Usage("1.3.6.1.5.5.7.3.1", "server"), Usage("1.3.6.1.5.5.7.3.2", "client"))


def describe(certificate: x509.Certificate, at: datetime) -> dict[str, Any]:
    """Return every field that people ask about; raises `Refused` where it cannot be read."""
    with reading():
        return _described(read_certificate(certificate), certificate, at)


def _described(read: PeerCertificate, certificate: x509.Certificate, at: datetime) -> dict[str, Any]:
    return {
        "subject": read.subject,
        "organisation": read.organisation,
        "issuer": read.issuer,
        "serial": read.serial,
        "fingerprint": read.fingerprint,
        "begins": _moment(read.not_before),
        "ends": _moment(read.not_after),
        "days_left": days_left(read.not_after, at),
        "names": list(read.dns_names),
        "uzi": _uzi(read.uzi),
        "ura": read.ura,
        "generation": generation_of((certificate,)),
        "purposes": [usage.name for usage in _USAGES if usage.oid in read.extended_key_usage],
        "key": kind_of(certificate.public_key()),
        "signature": _signature(certificate),
        "is_ca": is_ca(certificate),
    }


def describe_chain(chain: tuple[x509.Certificate, ...], at: datetime) -> dict[str, Any]:
    """Describe the first certificate, with the CAs above it and what is to be found about all of them."""
    with reading():
        return {
            **describe(chain[0], at),
            "generation": generation_of(chain),
            "chain": [_above(one, at) for one in chain[1:]],
            "findings": [{"code": one.code, "detail": one.detail} for one in findings_of(chain)],
        }


def generation_of(chain: tuple[x509.Certificate, ...]) -> str:
    """Return the generation of the CA that issued it: G1, G4, with test before it; empty where no name says so."""
    for certificate in chain:
        for name in (common_name(certificate.issuer), common_name(certificate.subject)):
            if found := _GENERATION.search(name):
                return ("test " if mark_of_test(name) else "") + found[0]
    return ""


def findings_of(chain: tuple[x509.Certificate, ...]) -> Iterator[Finding]:
    """Say what ends before the certificate itself does: then that is its end."""
    leaf, *above = chain
    ends = leaf.not_valid_after_utc
    for one in above:
        if one.not_valid_after_utc < ends:
            name, when = common_name(one.subject), one.not_valid_after_utc
            yield Finding("EN-CERTIFICATE-CHAIN", f"{name} ends {when:%Y-%m-%d}, before the certificate does")
    if ends > G1_ENDS and any(common_name(one.issuer) in _OF_G1 for one in chain):
        yield Finding("EN-CERTIFICATE-CHAIN", f"G1 ends {G1_ENDS:%Y-%m-%d}, before the certificate does")


def describe_content(content: bytes, at: datetime) -> list[dict[str, Any]]:
    """Describe every certificate in a file, in PEM or DER; raises `Refused` where it holds none."""
    try:
        found = tuple(_certificates(content))
    except ValueError as error:
        raise Refused("holds no certificate in PEM or DER", code="EN-CERTIFICATE-FILE") from error
    first = describe_chain(found, at)
    return [first, *(describe(one, at) for one in found[1:])]


def _certificates(content: bytes) -> list[x509.Certificate]:
    if b"-----BEGIN" in content:
        return x509.load_pem_x509_certificates(content)
    return [x509.load_der_x509_certificate(content)]


def _above(certificate: x509.Certificate, at: datetime) -> dict[str, Any]:
    return {
        "subject": certificate.subject.rfc4514_string(),
        "ends": _moment(certificate.not_valid_after_utc),
        "days_left": days_left(certificate.not_valid_after_utc, at),
        "key": kind_of(certificate.public_key()),
    }


def _uzi(text: str | None) -> dict[str, str | None] | None:
    if text is None:
        return None
    name = parse_uzi_name(text)
    return {
        "oid_ca": name.oid_ca,
        "version": name.version,
        "number": name.number,
        "card_type": name.card_type,
        "ura": name.ura,
        "role": name.role,
        "agb": name.agb,
    }


def _signature(certificate: x509.Certificate) -> str:
    algorithm = certificate.signature_hash_algorithm
    name = certificate.signature_algorithm_oid._name  # the only name cryptography has for it
    return name if algorithm is None else f"{name} {algorithm.name}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
