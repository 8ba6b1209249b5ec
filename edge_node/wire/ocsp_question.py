"""A question to an OCSP responder about one certificate.

Knows: how a question is written (RFC 6960, section 4.1; RFC 5019, section 5), which hashes name a certificate in it.
Must not know: who is asked, what is answered.
"""

from base64 import b64encode
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

#: Hashes of issuer name and issuer key. They only name a certificate, they protect nothing: RFC 5019 wants SHA-1.
#: In this order they are tried with a responder that is new.
NAMING: Final[tuple[hashes.HashAlgorithm, ...]] = (hashes.SHA1(), hashes.SHA256())  # noqa: S303  (see above)

NONCE_BYTES: Final = 32
CONTENT_TYPE: Final = "application/ocsp-request"
#: Longest address that goes by GET (RFC 5019, section 5).
_GET_LENGTH: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Was this certificate revoked?"""

    certificate: x509.Certificate
    issuer: x509.Certificate
    naming: hashes.HashAlgorithm = field(default_factory=lambda: NAMING[0])
    nonce: bytes | None = None

    @property
    def der(self) -> bytes:
        """The question as it goes to the responder."""
        builder = ocsp.OCSPRequestBuilder().add_certificate(self.certificate, self.issuer, self.naming)
        if self.nonce is not None:
            builder = builder.add_extension(x509.OCSPNonce(self.nonce), critical=False)
        return builder.build().public_bytes(Encoding.DER)

    def names(self, answer: "ocsp.OCSPSingleResponse | ocsp.OCSPRequest") -> bool:
        """Say whether an answer is about the certificate of this question, whichever hash it names it with."""
        if type(answer.hash_algorithm) not in {type(one) for one in NAMING}:
            return False
        named = _named(self.certificate, self.issuer, answer.hash_algorithm)
        return named == (answer.serial_number, answer.issuer_name_hash, answer.issuer_key_hash)


def by_get(address: str, der: bytes) -> str | None:
    """Return the address that holds the question itself, so that caches can answer; None where that is too long."""
    written = f"{address.rstrip('/')}/{quote(b64encode(der), safe='')}"
    return written if len(written) < _GET_LENGTH else None


def _named(
    certificate: x509.Certificate, issuer: x509.Certificate, naming: hashes.HashAlgorithm
) -> tuple[int, bytes, bytes]:
    asked = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, naming).build()
    return asked.serial_number, asked.issuer_name_hash, asked.issuer_key_hash
