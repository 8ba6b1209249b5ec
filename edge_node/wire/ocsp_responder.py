"""Who may answer for an issuer: itself, or whom it gave a certificate for just that.

Knows: RFC 6960, sections 2.6 and 4.2.2.2; which signatures count.
Must not know: what is answered, how it came here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, SignatureAlgorithmOID

from edge_node.errors import Refused
from edge_node.wire.revocation import Standing, Verdict

#: What the revocation lists at hand say of a certificate, by its issuer.
Listed = Callable[[x509.Certificate, x509.Certificate, datetime], Standing | None]
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

_HASHES: Final = (hashes.SHA256(), hashes.SHA384(), hashes.SHA512())
_RSA: Final = dict(
    zip(
        (
            SignatureAlgorithmOID.RSA_WITH_SHA256,
            SignatureAlgorithmOID.RSA_WITH_SHA384,
            SignatureAlgorithmOID.RSA_WITH_SHA512,
        ),
        _HASHES,
        strict=True,
    )
)
_ECDSA: Final = dict(
    zip(
        (
            SignatureAlgorithmOID.ECDSA_WITH_SHA256,
            SignatureAlgorithmOID.ECDSA_WITH_SHA384,
            SignatureAlgorithmOID.ECDSA_WITH_SHA512,
        ),
        _HASHES,
        strict=True,
    )
)
_PSS: Final = SignatureAlgorithmOID.RSASSA_PSS
_CURVES: Final = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
_RSA_BITS: Final = 2048
#: Certificates in an answer that are looked at.
_CERTIFICATES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """For whom an answer is given, and what helps to judge who gave it."""

    issuer: x509.Certificate
    at: datetime
    listed: Listed


def check_signed(answer: ocsp.OCSPResponse, authority: Authority) -> None:
    """Raise `Refused` with EN-OCSP-RESPONDER or EN-OCSP-SIGNATURE unless one who may has signed this answer."""
    signer = _signer(answer, authority)
    key = signer.public_key()
    if not _is_fit(key):
        raise Refused("the key of the responder is not RSA from 2048 bits or a NIST curve", code="EN-OCSP-SIGNATURE")
    assert isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)
    if not any(_verifies(key, answer, way) for way in _ways(key, answer.signature_algorithm_oid)):
        raise Refused("the signature of the answer is wrong", code="EN-OCSP-SIGNATURE")


def _signer(answer: ocsp.OCSPResponse, authority: Authority) -> x509.Certificate:
    """Return the certificate of the one whom the answer names as its signer, once it is clear that it may sign."""
    if _is_named(authority.issuer, answer):
        return authority.issuer
    shown = [one for one in answer.certificates[:_CERTIFICATES] if _is_named(one, answer)]
    if not shown:
        raise _not_allowed("the answer is signed neither by the issuer nor by one whose certificate is in it")
    _check_delegate(shown[0], authority)
    return shown[0]


def _is_named(certificate: x509.Certificate, answer: ocsp.OCSPResponse) -> bool:
    if answer.responder_name is not None:
        return certificate.subject == answer.responder_name
    try:
        # The very hash that the responder's name by key is made with.
        own = x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()).digest
    except (ValueError, UnsupportedAlgorithm):
        return False
    return own == answer.responder_key_hash


def _check_delegate(delegate: x509.Certificate, authority: Authority) -> None:
    """The issuer itself must have let it sign; a CA in between would let anybody below it answer."""
    try:
        delegate.verify_directly_issued_by(authority.issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm) as error:
        raise _not_allowed("the responder's certificate is not from the issuer asked about") from error
    if type(delegate.signature_hash_algorithm) not in {type(one) for one in _HASHES}:
        raise _not_allowed("the responder's certificate is signed with a hash that no longer counts")
    if not delegate.not_valid_before_utc <= authority.at < delegate.not_valid_after_utc:
        raise _not_allowed("the responder's certificate has ended or has not begun")
    _check_extensions(delegate)
    if not _has(delegate, x509.OCSPNoCheck):
        _check_listed(delegate, authority)


def _check_extensions(delegate: x509.Certificate) -> None:
    try:
        usages = delegate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError, x509.DuplicateExtension) as error:
        raise _not_allowed("the responder's certificate is not for signing OCSP answers") from error
    if ExtendedKeyUsageOID.OCSP_SIGNING not in usages:
        raise _not_allowed("the responder's certificate is not for signing OCSP answers")
    for extension in delegate.extensions:
        if isinstance(extension.value, x509.KeyUsage) and not extension.value.digital_signature:
            raise _not_allowed("the key of the responder's certificate is not for signatures")
        if extension.critical and isinstance(extension.value, x509.UnrecognizedExtension):
            raise _not_allowed("the responder's certificate has a critical extension that is not known here")


def _check_listed(delegate: x509.Certificate, authority: Authority) -> None:
    """Without id-pkix-ocsp-nocheck it may itself have been revoked; only a list can tell."""
    found = authority.listed(delegate, authority.issuer, authority.at)
    if found is None or found.verdict is not Verdict.GOOD:
        said = "not to be told" if found is None or found.verdict is Verdict.UNKNOWN else "so"
        raise _not_allowed(f"whether the responder's own certificate was revoked is {said}")


def _has(certificate: x509.Certificate, kind: type[x509.ExtensionType]) -> bool:
    try:
        certificate.extensions.get_extension_for_class(kind)
    except x509.ExtensionNotFound:
        return False
    return True


def _is_fit(key: object) -> bool:
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size >= _RSA_BITS
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES)


def _ways(key: PublicKey, algorithm: x509.ObjectIdentifier) -> list[tuple[hashes.HashAlgorithm, object]]:
    """Return how a signature of this algorithm may be verified; none for one that does not count, such as SHA-1."""
    if isinstance(key, ec.EllipticCurvePublicKey):
        return [(_ECDSA[algorithm], None)] if algorithm in _ECDSA else []
    if algorithm == _PSS:
        # The library does not tell the parameters of PSS; these are the ones that count, and one of them must fit.
        return [(one, padding.PSS(mgf=padding.MGF1(one), salt_length=one.digest_size)) for one in _HASHES]
    return [(_RSA[algorithm], padding.PKCS1v15())] if algorithm in _RSA else []


def _verifies(key: PublicKey, answer: ocsp.OCSPResponse, way: tuple[hashes.HashAlgorithm, object]) -> bool:
    digest, padded = way
    try:
        if isinstance(key, rsa.RSAPublicKey):
            assert isinstance(padded, padding.PSS | padding.PKCS1v15)
            key.verify(answer.signature, answer.tbs_response_bytes, padded, digest)
        else:
            key.verify(answer.signature, answer.tbs_response_bytes, ec.ECDSA(digest))
    except InvalidSignature:
        return False
    return True


def _not_allowed(reason: str) -> Refused:
    return Refused(reason, code="EN-OCSP-RESPONDER")
