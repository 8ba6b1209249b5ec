"""The verification of a chain that somebody showed, within limits, as of any moment.

Knows: how OpenSSL verifies a chain, how much of one is looked at, that a CA's own purposes bind what is below it.
Must not know: whose certificate it is, which names it must have, where it was shown.

The same for a session that is resumed, a token, and a file that was sent. The limits are not settings: no hierarchy
this node will meet needs more (PKIoverheid has four certificates), and without them anybody could keep it busy.
"""

from datetime import UTC, datetime
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import crypto

from edge_node.errors import Refused
from edge_node.wire.revocation import Revocation
from edge_node.wire.trust_certificate import UNREADABLE, Unreadable, fingerprint, reading
from edge_node.wire.trust_codes import code_of, reason_of
from edge_node.wire.trust_context import MAX_DEPTH, trust
from edge_node.wire.trust_judge import Chain, Purpose
from edge_node.wire.trust_policies import agree

_E = TypeVar("_E", bound=x509.ExtensionType)

#: Certificates shown at once: the longest chain, and a few of a generation that is ending.
MAX_SHOWN: Final = 10
#: Of one certificate; one of the registers has some 2,000.
MAX_CERTIFICATE_BYTES: Final = 16_384
#: Of one certificate: names it is for, and names its CA may or may not give. Each of one is compared with each of the
#: other, which is how OpenSSL is kept busy.
MAX_NAMES: Final = 250

#: The floor of a context (its security level 2), where there is no context.
_RSA_BITS: Final = 2048
_EC_BITS: Final = 224
_HASHES: Final = (hashes.SHA256, hashes.SHA384, hashes.SHA512)


def verify(
    shown: tuple[x509.Certificate, ...],
    anchors: tuple[x509.Certificate, ...],
    at: datetime,
    *,
    revocation: Revocation,
    purpose: Purpose | None,
) -> Chain:
    """Return the chain from the certificate shown first to its anchor; raises `Refused` with an EN-TLS code.

    Without a purpose any will do, as for a certificate that signs.
    """
    chain = path(shown, anchors, at, purpose)
    revocation.check(chain, at, purpose)
    return chain


def path(
    shown: tuple[x509.Certificate, ...], anchors: tuple[x509.Certificate, ...], at: datetime, purpose: Purpose | None
) -> Chain:
    """Return the chain to its anchor, before anybody asks whether it was revoked. Raises `Refused`."""
    with reading():
        within_limits(shown)
        chain = _led_to_an_anchor(shown, anchors, at)
        hold(chain, purpose)
    return chain


def hold(chain: Chain, purpose: Purpose | None) -> None:
    """Hold a chain that OpenSSL led to an anchor to what is asked of each certificate in it. Raises `Refused`."""
    within_limits(chain)
    # The depth of a context: CAs between the leaf and the anchor.
    if len(chain) > MAX_DEPTH + 2:
        raise Refused(f"{len(chain)} certificates to the anchor, {MAX_DEPTH + 2} at most", code="EN-TLS-TOO-LONG")
    for certificate in chain:
        _strong_key(certificate)
    for certificate in chain[:-1]:  # nobody relies on the signature of an anchor
        _strong_signature(certificate)
    if purpose is not None:
        _fit(chain, purpose)
    agree(chain)


def within_limits(shown: tuple[x509.Certificate, ...]) -> None:
    """Refuse what is too much to look at. Raises `Refused`."""
    if not shown:
        raise Refused("no certificate was shown", code="EN-TLS-ABSENT")
    within_count(len(shown))
    for certificate in shown:
        size_bytes = len(certificate.public_bytes(Encoding.DER))
        if size_bytes > MAX_CERTIFICATE_BYTES:
            raise _too_large(f"a certificate of {size_bytes} bytes, {MAX_CERTIFICATE_BYTES} at most")
        names = _names(certificate)
        if names > MAX_NAMES:
            raise _too_large(f"a certificate with {names} names, {MAX_NAMES} at most: {named(certificate)}")


def within_count(shown: int) -> None:
    """Refuse more certificates than are looked at. Raises `Refused`."""
    if shown > MAX_SHOWN:
        raise _too_large(f"{shown} certificates shown, {MAX_SHOWN} at most")


def named(certificate: x509.Certificate) -> str:
    """Name a certificate in a log line; one that cannot be read has only its number."""
    try:
        return certificate.subject.rfc4514_string()
    except UNREADABLE:
        return f"sha-256 {fingerprint(certificate)}"


def _led_to_an_anchor(
    shown: tuple[x509.Certificate, ...], anchors: tuple[x509.Certificate, ...], at: datetime
) -> Chain:
    store = crypto.X509Store()
    store.set_time(at.astimezone(UTC))  # pyOpenSSL takes the time as it is written
    try:
        trust(store, anchors)
        leaf, *others = (crypto.X509.from_cryptography(one) for one in shown)
        verified = crypto.X509StoreContext(store, leaf, others).get_verified_chain()
    except crypto.Error as error:
        raise Unreadable("a certificate that OpenSSL cannot read") from error
    except crypto.X509StoreContextError as error:
        number, depth = error.errors[:2]
        where = named(error.certificate.to_cryptography())
        raise Refused(f"{reason_of(number)}: {where}", code=code_of(number, depth)) from error
    return tuple(one.to_cryptography() for one in verified)


def _strong_key(certificate: x509.Certificate) -> None:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Refused(f"its key is of no kind used here: {named(certificate)}", code="EN-TLS-KEY-SIZE") from error
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= _RSA_BITS:
        return
    if isinstance(key, ec.EllipticCurvePublicKey) and key.key_size >= _EC_BITS:
        return
    if isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        return
    raise Refused(f"its key is too small, or of no kind used here: {named(certificate)}", code="EN-TLS-KEY-SIZE")


def _strong_signature(certificate: x509.Certificate) -> None:
    try:
        made_with = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm as error:
        raise Refused(f"signed in a way not used here: {named(certificate)}", code="EN-TLS-HASH") from error
    # Ed25519 and Ed448 have their own hash, and name none.
    if made_with is not None and not isinstance(made_with, _HASHES):
        raise Refused(f"signed with {made_with.name}: {named(certificate)}", code="EN-TLS-HASH")


def _fit(chain: Chain, purpose: Purpose) -> None:
    """Refuse a chain with a certificate that names its purposes and not this one, as OpenSSL does in a handshake."""
    for certificate in chain:
        usages = _extension(certificate, x509.ExtendedKeyUsage)
        if usages is not None and purpose not in {usage.dotted_string for usage in usages}:
            raise Refused(f"not for {purpose.name.lower()} use: {named(certificate)}", code="EN-TLS-PURPOSE")


def _names(certificate: x509.Certificate) -> int:
    alternative = _extension(certificate, x509.SubjectAlternativeName)
    constraints = _extension(certificate, x509.NameConstraints)
    count = len(certificate.subject.rdns) + len(list(alternative or ()))
    if constraints is not None:
        count += len(constraints.permitted_subtrees or ()) + len(constraints.excluded_subtrees or ())
    return count


def _extension(certificate: x509.Certificate, kind: type[_E]) -> _E | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise Refused(f"an extension cannot be read: {named(certificate)}", code="EN-TLS-UNREADABLE") from error


def _too_large(why: str) -> Refused:
    return Refused(why, code="EN-TLS-TOO-LARGE")
