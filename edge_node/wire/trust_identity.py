"""Own certificates and anchors, read from their files with every complaint at once.

Knows: PEM files, what a certificate of ours must say, that a key must be its own.
Must not know: settings, contexts, peers, how a key is loaded.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edge_node.errors import Refused, SettingsInvalid
from edge_node.model.hierarchies import Realm
from edge_node.model.peer import PeerCertificate
from edge_node.wire.trust_certificate import UNREADABLE, read_certificate, reading
from edge_node.wire.trust_context import PrivateKey
from edge_node.wire.trust_environment import foreign, withdrawn
from edge_node.wire.trust_judge import Purpose, wrong_purpose, wrong_time
from edge_node.wire.trust_keys import ON_DISK, KeySources, load_key
from edge_node.wire.trust_profile import not_of_a_server, out_of_profile

T = TypeVar("T")
BOTH: Final = (Purpose.SERVER, Purpose.CLIENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityFiles:
    """Where a certificate of ours is, and what it must say."""

    name: str
    certificate: Path  # PEM: leaf first, then the CAs up to the root
    key: Path | str  # a path, credential:NAME or sealed:NAME
    passphrase: str | None = None  # the file that holds the one of the key
    fqdn: str | None  # None for a local certificate: any name will do
    ura: str | None  # None where there is none
    purposes: tuple[Purpose, ...] = BOTH
    realm: Realm | None = None  # None for a local certificate, which is of no register


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnIdentity:
    """A certificate of ours, checked, with its chain and key. `ura` is what the certificate says."""

    name: str
    chain: tuple[x509.Certificate, ...]  # leaf first, without the root
    key: PrivateKey = field(repr=False)
    fqdn: str
    ura: str | None
    certificate: PeerCertificate


def load_identity(files: IdentityFiles, sources: KeySources = ON_DISK) -> OwnIdentity:
    """Read and check everything but the dates; raise `SettingsInvalid` with every complaint as `file: reason`.

    A certificate that has ended stops its own organisation, not the whole node: see `out_of_date`.
    """
    complaints: list[str] = []
    chain = _read_file(files.certificate, x509.load_pem_x509_certificates, "certificates", complaints)
    key = _load_key(files, sources, complaints)
    certificate = _judge_chain(files, chain, complaints)
    if certificate and chain and key and not _is_its_key(chain[0], key):
        complaints.append(f"{files.key}: is not the key of {files.certificate}")
    if complaints or not chain or not key or not certificate:
        raise SettingsInvalid(tuple(complaints))
    return OwnIdentity(
        name=files.name,
        chain=_without_root(chain),
        key=key,
        fqdn=(files.fqdn or next(iter(certificate.dns_names), files.name)).lower(),
        ura=certificate.ura,
        certificate=certificate,
    )


def check_certificate(files: IdentityFiles) -> tuple[str, ...]:
    """Give the complaints on the certificate alone, where its key cannot be seen."""
    complaints: list[str] = []
    chain = _read_file(files.certificate, x509.load_pem_x509_certificates, "certificates", complaints)
    _judge_chain(files, chain, complaints)
    return tuple(complaints)


def read_alone(path: Path) -> tuple[x509.Certificate, ...]:
    """Give the chain of a file in which nothing was found wrong."""
    return tuple(x509.load_pem_x509_certificates(path.read_bytes()))


def out_of_date(certificate: PeerCertificate, at: datetime) -> str | None:
    """Say that a certificate of ours has ended, or has not begun."""
    finding = wrong_time(certificate, at)
    return None if finding is None else finding.detail


def _judge_chain(
    files: IdentityFiles, chain: list[x509.Certificate] | None, complaints: list[str]
) -> PeerCertificate | None:
    if not chain:
        return None
    certificate, reasons = _readable(chain[0])
    try:
        with reading():  # what is in a certificate is read when it is asked for, also that of a CA
            reasons += _chain_wrong(chain, national=files.fqdn is not None)
            _without_root(chain)
            reasons += _leaf_wrong(certificate, files) if certificate else ()
            if certificate and files.realm:
                reasons += _realm_wrong(chain, certificate, files.realm)
    except Refused as refused:
        reasons.append(refused.detail)
    complaints += [f"{files.certificate}: {reason}" for reason in dict.fromkeys(reasons)]
    return certificate


def load_anchors(path: Path) -> tuple[x509.Certificate, ...]:
    """Read trust anchors; raise `SettingsInvalid` when there are none, or one is no CA."""
    complaints: list[str] = []
    anchors = _read_file(path, x509.load_pem_x509_certificates, "certificates", complaints) or []
    try:
        with reading():
            complaints += [f"{path}: {reason}" for reason in _anchors_wrong(anchors)]
    except Refused:
        complaints.append(f"{path}: holds a certificate that cannot be read")
    if complaints:
        raise SettingsInvalid(tuple(complaints))
    return tuple(anchors)


def _anchors_wrong(anchors: list[x509.Certificate]) -> Iterator[str]:
    names = [(one.subject.rfc4514_string(), one.issuer.rfc4514_string()) for one in anchors]
    for one in anchors:
        one.public_key()  # whose lists are looked up by it
    yield from (f"{subject} is no CA" for one, (subject, _) in zip(anchors, names, strict=True) if not _is_ca(one))
    # OpenSSL accepts only a chain that ends in a self-signed root.
    if anchors and not any(one.subject == one.issuer for one in anchors):
        yield "holds no root, so no chain can end there"


def _read_file(path: Path, load: Callable[[bytes], T], what: str, complaints: list[str]) -> T | None:
    try:
        return load(path.read_bytes())
    except OSError as error:
        complaints.append(f"{path}: {error.strerror}")
    except UNREADABLE:
        # The library's words are left out: about a key they might say too much.
        complaints.append(f"{path}: holds no {what} in PEM")
    return None


def _load_key(files: IdentityFiles, sources: KeySources, complaints: list[str]) -> PrivateKey | None:
    try:
        return load_key(str(files.key), sources, files.passphrase)
    except Refused as refused:
        complaints.append(f"{files.key}: {refused.detail}")
        return None


def _readable(leaf: x509.Certificate) -> tuple[PeerCertificate | None, list[str]]:
    try:
        return read_certificate(leaf), []
    except Refused as refused:
        return None, [refused.detail]


def _leaf_wrong(certificate: PeerCertificate, files: IdentityFiles) -> Iterator[str]:
    """Give what is wrong with the first certificate of the file."""
    findings = (wrong_purpose(certificate, one) for one in files.purposes)
    yield from (finding.detail for finding in findings if finding)
    if files.fqdn is not None and files.fqdn.lower() not in certificate.dns_names:
        yield f"is for {', '.join(certificate.dns_names) or 'no name'}, not for {files.fqdn}"
    if files.ura is not None and certificate.ura != files.ura:
        yield f"is of URA {certificate.ura or '(none)'}, not of {files.ura}"


def _realm_wrong(chain: list[x509.Certificate], certificate: PeerCertificate, realm: Realm) -> Iterator[str]:
    """Give what is of the other environment, or not as the register writes it, each with its code."""
    found = [*not_of_a_server(certificate), *out_of_profile(certificate, realm)]
    for finding in (foreign(chain, realm), withdrawn(chain), *found):
        if finding:
            yield f"{finding.code}: {finding.detail}"


def _chain_wrong(chain: list[x509.Certificate], *, national: bool) -> Iterator[str]:
    """Give what is wrong with the order: each certificate is to be issued by the next one."""
    if _is_ca(chain[0]):
        yield "begins with a CA; put the server's own certificate first"
    for lower, upper in pairwise(chain):
        try:
            lower.verify_directly_issued_by(upper)
        except (InvalidSignature, *UNREADABLE):
            yield f"{lower.subject.rfc4514_string()} is not issued by the certificate that follows it"
    # No CA of the registers issues right under its root; a local one may.
    if national and len(chain) == 1:
        yield "holds no CA certificates; the whole chain must be sent, so put it behind the certificate"


def _is_ca(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, *UNREADABLE):
        return False


def _without_root(chain: list[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    return tuple(one for one in chain if one.subject != one.issuer) or (chain[0],)


def _is_its_key(leaf: x509.Certificate, key: PrivateKey) -> bool:
    try:
        return _public(leaf.public_key()) == _public(key.public_key())
    except UNREADABLE:
        return False


def _public(key: object) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined,no-any-return]
