"""A key for a certificate that is still to come, and the request that is put to the register with it.

Knows: the kinds of keys that may be asked for, PKCS#10, the fields of the profile (domain reference GBZ 3.2).
Must not know: where a key is kept, who asks, what the register makes of the request.
"""

from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from edge_node.errors import Refused
from edge_node.wire.trust_certificate import UNREADABLE
from edge_node.wire.trust_context import PrivateKey

RSA_4096: Final = "RSA-4096"
P_256: Final = "P-256"
KINDS: Final = (RSA_4096, P_256)
_CODE: Final = "EN-CERT-UNFIT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom the certificate is for. The register adds the UZI number and the URA itself."""

    organisation: str
    fqdn: str
    state: str | None = None  # ST
    locality: str | None = None  # L


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it can be read again."""

    subject: str
    fqdn: str
    kind: str
    public: bytes  # the key it is for, DER


def make_key(kind: str) -> bytes:
    """Make a private key, PEM (PKCS#8). RSA of 4096 bits takes a second or more: never in the reactor."""
    key: PrivateKey
    if kind == RSA_4096:
        key = rsa.generate_private_key(public_exponent=65537, key_size=4096)
    elif kind == P_256:
        key = ec.generate_private_key(ec.SECP256R1())
    else:
        raise Refused(f"a key is {' or '.join(KINDS)}", code=_CODE)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def make_request(key_pem: bytes, subject: Subject) -> bytes:
    """Make the request for a key that was made here, PEM, as it is pasted into the register's form."""
    # Made here a moment ago: the test of its primes would stop every other thread for a quarter of a second.
    key = load_pem_private_key(key_pem, None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    builder = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(_name(subject))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(subject.fqdn)]), critical=False)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def read_request(pem: bytes) -> Request:
    """Read a request. Raises `Refused` where it is none, or was changed."""
    try:
        request = x509.load_pem_x509_csr(pem)
        if not request.is_signature_valid:
            raise ValueError("its signature is wrong")
        names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        key = request.public_key()
        return Request(
            subject=request.subject.rfc4514_string(),
            fqdn=", ".join(names.get_values_for_type(x509.DNSName)),
            kind=f"RSA-{key.key_size}" if isinstance(key, rsa.RSAPublicKey) else P_256,
            public=key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        )
    except (x509.ExtensionNotFound, *UNREADABLE) as error:
        raise Refused("is no request for a certificate", code=_CODE) from error


def public_of(holder: x509.Certificate | PrivateKey) -> bytes:
    """Return a public key, so that what belongs together can be compared."""
    return holder.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _name(subject: Subject) -> x509.Name:
    given = (
        (NameOID.COUNTRY_NAME, "NL", 2),
        (NameOID.STATE_OR_PROVINCE_NAME, subject.state, 128),
        (NameOID.LOCALITY_NAME, subject.locality, 128),
        (NameOID.ORGANIZATION_NAME, subject.organisation, 64),
        (NameOID.COMMON_NAME, subject.fqdn, 64),
    )
    # The bounds of RFC 5280, appendix A.1: a register turns a longer one down, days later.
    for _, text, limit in given:
        if text and len(text) > limit:
            raise Refused(f"{text!r} is longer than the {limit} characters of its field", code=_CODE)
    return x509.Name([x509.NameAttribute(oid, text) for oid, text, _ in given if text])
