"""A CA with its OCSP responders, right ones and wrong ones, whose answers a test may bend.

Knows: how certificates and OCSP answers are made.
Must not know: how they are judged.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

#: Long after the clock of any machine that runs this: the library writes the true moment into every answer it makes.
NOW = datetime(2096, 11, 22, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RESPONDER_AT = "http://ocsp.example"
EC_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


@dataclass(frozen=True, slots=True)
class Holder:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: Any = field(repr=False)

    def issue(self, common: str, key: Any = None, **how: Any) -> "Holder":
        """Issue a certificate; `extensions` are added to it, `at` is when it began."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        began: datetime = how.get("at", NOW - DAY)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name(common))
            .issuer_name(self.certificate.subject)
            .public_key(key.public_key())
            .serial_number(how.get("serial", x509.random_serial_number()))
            .not_valid_before(began)
            .not_valid_after(how.get("until", began + 365 * DAY))
        )
        for extension in how.get("extensions", ()):
            builder = builder.add_extension(extension, critical=False)
        return Holder(_signed(builder, self.key), key)

    def leaf(self, **how: Any) -> x509.Certificate:
        """Issue one that names a responder."""
        at = x509.UniformResourceIdentifier(how.pop("responder", RESPONDER_AT))
        access = x509.AuthorityInformationAccess([x509.AccessDescription(AuthorityInformationAccessOID.OCSP, at)])
        return self.issue("leaf.example", extensions=(access,), **how).certificate

    def crl(self, at: datetime, *revoked: x509.Certificate) -> bytes:
        """Make its list of that moment, DER."""
        builder = x509.CertificateRevocationListBuilder(self.certificate.subject, at, at + 2 * DAY)
        for one in revoked:
            entry = x509.RevokedCertificateBuilder(one.serial_number, at).build()
            builder = builder.add_revoked_certificate(entry)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def delegate(self, common: str = "responder", **how: Any) -> "Holder":
        """Let another one sign OCSP answers; `extensions` replaces what makes it one."""
        usual = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), x509.OCSPNoCheck()
        return self.issue(common, **{"extensions": usual, **how})


def _signed(builder: x509.CertificateBuilder, key: Any) -> x509.Certificate:
    if isinstance(key, rsa.RSAPrivateKey):
        return builder.sign(key, hashes.SHA256(), rsa_padding=padding.PKCS1v15())
    return builder.sign(key, hashes.SHA256())


def authority(common: str = "CA", key: Any = None) -> Holder:
    """Make a CA of its own."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(common))
        .issuer_name(name(common))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - 100 * DAY)
        .not_valid_after(NOW + 3650 * DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    return Holder(_signed(builder, key), key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an answer says; every field may be bent."""

    status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD
    begins: datetime = NOW - HOUR
    ends: datetime | None = NOW + DAY
    naming: hashes.HashAlgorithm = field(default_factory=hashes.SHA1)
    nonce: bytes | None = None
    shown: Sequence[x509.Certificate] = ()
    by_key: bool = False
    digest: hashes.HashAlgorithm = field(default_factory=hashes.SHA256)
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = ()


def say(leaf: x509.Certificate, issuer: x509.Certificate, signer: Holder, said: Said | None = None) -> bytes:
    """Make an answer about `leaf`, signed by `signer`."""
    said = said or Said()
    is_revoked = said.status is ocsp.OCSPCertStatus.REVOKED
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=leaf,
        issuer=issuer,
        algorithm=said.naming,
        cert_status=said.status,
        this_update=said.begins,
        next_update=said.ends,
        revocation_time=NOW - DAY if is_revoked else None,
        revocation_reason=x509.ReasonFlags.key_compromise if is_revoked else None,
    )
    named = ocsp.OCSPResponderEncoding.HASH if said.by_key else ocsp.OCSPResponderEncoding.NAME
    builder = builder.responder_id(named, signer.certificate)
    if said.shown:
        builder = builder.certificates(said.shown)
    if said.nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(said.nonce), critical=False)
    for extension, critical in said.extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(signer.key, said.digest).public_bytes(Encoding.DER)


def flipped(der: bytes) -> bytes:
    """Change one bit of the last byte: of the signature, where nothing stands behind it."""
    return der[:-1] + bytes((der[-1] ^ 1,))
