"""Whether a new certificate fits the organisation it is to be shown for, with every complaint at once.

Knows: what the register's certificate must say, how a chain is put together from what was given and what is known.
Must not know: where certificates are kept, what is done with one that fits, whether the switchboard takes it.
"""

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID

from edge_node.errors import Refused
from edge_node.model.finding import Finding
from edge_node.model.hierarchies import PRODUCTION_REALM, Realm
from edge_node.model.peer import PeerCertificate
from edge_node.wire.revocation import Revocation
from edge_node.wire.trust_certificate import UNREADABLE, read_certificate, reading
from edge_node.wire.trust_judge import Chain, Purpose, wrong_purpose
from edge_node.wire.trust_keys import wrong_kind
from edge_node.wire.trust_verify import hold

#: Said of a certificate whose revocation nobody can tell: no reason not to use it, its holder has just got it.
_UNSURE = frozenset({"EN-TLS-UNCHECKED", "EN-TLS-CRL-STALE", "EN-TLS-ANCHOR"})
_MAX_CHAIN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a certificate of an organisation must say, and what is known beside the files."""

    fqdn: str
    ura: str
    organisation: str
    known: tuple[x509.Certificate, ...]  # CAs of the present chain, and the anchors
    anchors: tuple[x509.Certificate, ...]
    at: datetime
    revocation: Revocation
    realm: Realm = PRODUCTION_REALM


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """What was found of a certificate."""

    chain: Chain = ()  # leaf first, without the root, as it is to be shown
    certificate: PeerCertificate | None = None
    wrong: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()  # not wrong, and somebody should know

    @property
    def is_early(self) -> bool:
        """It is good, but for its first day."""
        return any(note.code == "EN-TLS-NOT-YET" for note in self.notes)


def read_certificates_file(content: bytes) -> tuple[x509.Certificate, ...]:
    """Read one or more certificates as registers deliver them: PEM, DER or PKCS#7. Raises `Refused`."""
    readers = (
        x509.load_pem_x509_certificates,
        lambda it: [x509.load_der_x509_certificate(it)],
        pkcs7.load_pem_pkcs7_certificates,
        pkcs7.load_der_pkcs7_certificates,
    )
    for read in readers:
        try:
            with warnings.catch_warnings():
                # OpenSSL writes PKCS#7 in BER where it may; the library reads it, and tells whoever is at the screen.
                warnings.filterwarnings("ignore", message="PKCS#7 certificates could not be parsed as DER")
                found = tuple(read(content))
        except UNREADABLE:
            continue
        if found:
            return found
    raise Refused("holds no certificate in PEM, DER or PKCS#7", code="EN-CERT-UNFIT")


def fit(given: Iterable[x509.Certificate], wanted: Wanted) -> Fitting:
    """Look at a certificate and the CAs that came with it, in whatever order they stand."""
    try:
        with reading():
            return _fit(tuple(dict.fromkeys(given)), wanted)
    except Refused as refused:
        return Fitting(wrong=(_finding(refused),))


def _fit(certificates: tuple[x509.Certificate, ...], wanted: Wanted) -> Fitting:
    leaf = _leaf(certificates)
    certificate = read_certificate(leaf)
    whole = _chain(leaf, (*certificates, *wanted.known))
    said = [*_key(leaf), *_says(certificate, wanted), *_dates(certificate, wanted.at), *_leads(whole, wanted)]
    early = certificate.not_before > wanted.at
    is_note = {*_UNSURE, *({"EN-TLS-NOT-YET"} if early else ())}
    return Fitting(
        chain=tuple(one for one in whole if one.subject != one.issuer) or (leaf,),
        certificate=certificate,
        wrong=tuple(dict.fromkeys(one for one in said if one.code not in is_note)),
        notes=tuple(dict.fromkeys(one for one in said if one.code in is_note)),
    )


def _leaf(certificates: tuple[x509.Certificate, ...]) -> x509.Certificate:
    leaves = [one for one in certificates if not _is_ca(one)]
    if len(leaves) != 1:
        what = "no certificate of a server, only of CAs" if not leaves else f"{len(leaves)} certificates of servers"
        raise Refused(f"the files hold {what}; one is to be installed", code="EN-TLS-CHAIN")
    return leaves[0]


def _chain(leaf: x509.Certificate, pool: tuple[x509.Certificate, ...]) -> Chain:
    """Put the chain in order as far as it goes; a CA that was made anew with its old key is taken only once."""
    chain = [leaf]
    while chain[-1].subject != chain[-1].issuer and len(chain) < _MAX_CHAIN:
        upper = next((one for one in pool if one not in chain and _issued(chain[-1], one)), None)
        if upper is None:
            break
        chain.append(upper)
    return tuple(chain)


def _issued(lower: x509.Certificate, upper: x509.Certificate) -> bool:
    if lower.issuer != upper.subject or not _is_ca(upper):
        return False
    try:
        lower.verify_directly_issued_by(upper)
    except (InvalidSignature, *UNREADABLE):
        return False
    return True


def _leads(whole: Chain, wanted: Wanted) -> Iterator[Finding]:
    """What is wrong with the chain: complete, strong, allowed for both directions, not revoked."""
    top = whole[-1]
    if top.subject != top.issuer:
        missing = top.issuer.rfc4514_string()
        yield Finding("EN-TLS-INCOMPLETE", f"the certificate of {missing} is missing; give it with --chain")
        return
    if top not in wanted.anchors:
        # While generations of CAs overlap a site's own hierarchy may not be that of its switchboard.
        # Of such CAs nothing is believed, so no list of theirs is looked at either.
        yield Finding("EN-TLS-ANCHOR", f"its root is no anchor of a peer of this site: {_said(top)}")
    for purpose in Purpose:
        try:
            hold(whole, purpose)
        except Refused as refused:
            yield _finding(refused)
    for upper in whole[1:]:
        for name in upper.subject.get_attributes_for_oid(NameOID.COMMON_NAME):
            if foreign := wanted.realm.foreign(str(name.value)):
                yield Finding("EN-TLS-ENVIRONMENT", foreign)
        if upper.not_valid_after_utc <= wanted.at:
            yield Finding("EN-TLS-CA-EXPIRED", f"ended {upper.not_valid_after_utc:%Y-%m-%d}: {_said(upper)}")
    if top in wanted.anchors:
        yield from _revoked(whole, wanted)


def _revoked(whole: Chain, wanted: Wanted) -> Iterator[Finding]:
    try:
        wanted.revocation.look(whole, wanted.at)
    except Refused as refused:
        yield _finding(refused)


def _key(leaf: x509.Certificate) -> Iterator[Finding]:
    """A key that no handshake here is made with: OpenSSL takes more curves than the settings of TLS have."""
    if (finding := wrong_kind(leaf.public_key())) is not None:
        yield Finding(finding.code, f"its key {finding.detail}")


def _says(certificate: PeerCertificate, wanted: Wanted) -> Iterator[Finding]:
    yield from filter(None, (wrong_purpose(certificate, purpose) for purpose in Purpose))
    if wanted.fqdn.lower() not in certificate.dns_names:
        named = ", ".join(certificate.dns_names) or "no name"
        yield Finding("EN-TLS-NAME", f"it is for {named}, not for {wanted.fqdn}")
    if certificate.ura != wanted.ura:
        yield Finding("EN-TLS-URA", f"it is of URA {certificate.ura or '(none)'}, not of {wanted.ura}")
    if certificate.organisation != wanted.organisation:
        held = certificate.organisation or "(none)"
        yield Finding("EN-TLS-ORGANISATION", f"it is of {held}; the settings say {wanted.organisation}")


def _dates(certificate: PeerCertificate, at: datetime) -> Iterator[Finding]:
    if at < certificate.not_before:
        yield Finding("EN-TLS-NOT-YET", f"it begins {certificate.not_before:%Y-%m-%d %H:%M} UTC")
    if at > certificate.not_after:
        yield Finding("EN-TLS-EXPIRED", f"it ended {certificate.not_after:%Y-%m-%d}")


def _is_ca(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, *UNREADABLE):
        return False


def _said(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string()


def _finding(refused: Refused) -> Finding:
    return Finding(refused.code, refused.detail)


def pem_of(chain: Chain) -> bytes:
    """Write a chain as it lies beside the index."""
    return b"".join(one.public_bytes(Encoding.PEM) for one in chain)
