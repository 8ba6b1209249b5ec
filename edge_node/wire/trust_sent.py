"""A certificate that somebody sent, judged offline by the rules of a handshake.

Knows: how certificates lie in a file, which rules hold for a certificate whose peer is in no settings.
Must not know: where the files are, how a verdict is told.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import service_identity.cryptography as service_identity
from cryptography import x509
from service_identity import CertificateError, VerificationError

from edge_node.errors import Refused
from edge_node.model.finding import Finding
from edge_node.wire.revocation_judge import Revocations
from edge_node.wire.revocation_list import split_lists
from edge_node.wire.revocation_shelf import Lists
from edge_node.wire.trust_certificate import UNREADABLE, read_certificate, reading
from edge_node.wire.trust_environment import withdrawn
from edge_node.wire.trust_judge import Chain, Purpose, wrong_kind, wrong_purpose, wrong_time
from edge_node.wire.trust_negotiated import demand_size
from edge_node.wire.trust_verify import path
from edge_node.wire.trust_way import is_address

#: Of one file with certificates: some hundreds of anchors.
MAX_FILE_BYTES: Final = 1024 * 1024

#: Lists that are whole in themselves are judged by; where there is one of these, nothing else of its CA is enough.
_NOT_WHOLE: Final = frozenset({"EN-CRL-DELTA", "EN-CRL-INDIRECT", "EN-CRL-PARTIAL"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationFile:
    """A file that holds revocation lists, DER or PEM."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What was sent, and what it is held against."""

    shown: tuple[x509.Certificate, ...]  # leaf first
    anchors: tuple[x509.Certificate, ...]
    lists: tuple[RevocationFile, ...] = ()  # with one, every certificate below the anchor must be good


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What it should be good for; None: anything."""

    at: datetime
    purpose: Purpose | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A chain with nothing wrong, and the lists that were not looked at, each with the reason."""

    chain: Chain
    notes: tuple[str, ...] = ()


def read_certificates(content: bytes) -> tuple[x509.Certificate, ...]:
    """Read every certificate of a file, PEM or DER. Raises `Refused`."""
    if len(content) > MAX_FILE_BYTES:
        raise Refused(f"more than {MAX_FILE_BYTES} bytes", code="EN-TLS-TOO-LARGE")
    try:
        if b"-----BEGIN" in content:
            return tuple(x509.load_pem_x509_certificates(content))
        return (x509.load_der_x509_certificate(content),)
    except UNREADABLE as error:
        raise Refused("holds no certificate, in PEM or in DER", code="EN-TLS-UNREADABLE") from error


def accept(sent: Sent, wanted: Wanted) -> Accepted:
    """Return the chain when a listener would take it from a peer of that purpose and name. Raises `Refused`."""
    with reading():
        chain = path(sent.shown, sent.anchors, wanted.at, wanted.purpose)
        finding = next(_wrong(chain, wanted), None)
        if finding:
            raise Refused(finding.detail, code=finding.code)
        if wanted.purpose is not None:
            demand_size(chain, wanted.at)
        return Accepted(chain=chain, notes=_unrevoked(chain, sent.lists, wanted) if sent.lists else ())


def _wrong(chain: Chain, wanted: Wanted) -> Iterator[Finding]:
    """Give what is wrong, in the order of the checks of a handshake."""
    certificate = read_certificate(chain[0])
    if wanted.purpose is not None:
        yield from filter(None, (wrong_kind(certificate), wrong_purpose(certificate, wanted.purpose)))
    yield from filter(None, (withdrawn(chain), wrong_time(certificate, wanted.at)))
    if wanted.name is not None and not _has_name(chain[0], certificate.dns_names, wanted.name):
        names = ", ".join(certificate.dns_names) or "none"
        yield Finding("EN-TLS-NAME", f"{wanted.name} is not among its names: {names}")


def _has_name(leaf: x509.Certificate, dns_names: tuple[str, ...], name: str) -> bool:
    """Only names of the subjectAltName count, each letter of them: never the common name, never a wildcard."""
    if not is_address(name):
        return name.lower().removesuffix(".") in dns_names  # with a dot at its end it is the same name
    try:
        service_identity.verify_certificate_ip_address(leaf, name)
    except (VerificationError, CertificateError):
        return False
    return True


def _unrevoked(chain: Chain, files: tuple[RevocationFile, ...], wanted: Wanted) -> tuple[str, ...]:
    """Say which lists did not count; raise `Refused` when a certificate was revoked or may have been."""
    lists = Lists(None)
    notes: list[str] = []
    not_whole: list[str] = []
    lists.know(*chain[1:])
    for file in files:
        for der in _split(file):
            try:
                lists.take(der, file.name, wanted.at)
            except Refused as refused:
                is_ours = refused.code in _NOT_WHOLE and _issuer(der) in {ca.subject for ca in chain[1:]}
                if refused.code != "EN-CRL-ISSUER":  # of a CA that is not in this chain
                    (not_whole if is_ours else notes).append(f"{file.name}: {refused.code}: {refused.detail}")
    Revocations(lists, _no_grace).check(chain, wanted.at, wanted.purpose)
    if not_whole:
        raise Refused(not_whole[0], code="EN-TLS-UNCHECKED")
    return tuple(notes)


def _no_grace(roles: frozenset[str]) -> float:
    return 0.0


def _split(file: RevocationFile) -> tuple[bytes, ...]:
    try:
        return split_lists(file.content)
    except Refused as refused:
        raise Refused(f"{file.name}: {refused.detail}", code=refused.code) from refused


def _issuer(der: bytes) -> x509.Name | None:
    try:
        return x509.load_der_x509_crl(der).issuer
    except UNREADABLE:
        return None
