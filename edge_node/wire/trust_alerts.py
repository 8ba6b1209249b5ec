"""Which alert the other end gets for each reason of ours to refuse its certificate.

Knows: our codes, and which verification error of OpenSSL becomes which alert (`ssl_x509err2alert`, RFC 8446 6.2).
Must not know: what makes a certificate bad, how an alert is sent.

The alert is all that the operator at the other end sees. What OpenSSL itself found wrong keeps OpenSSL's alert.
"""

from collections.abc import Mapping
from typing import Final

_BAD_CERTIFICATE: Final = 28  # X509_V_ERR_CERT_REJECTED
_CERTIFICATE_EXPIRED: Final = 10  # X509_V_ERR_CERT_HAS_EXPIRED
_CERTIFICATE_REVOKED: Final = 23  # X509_V_ERR_CERT_REVOKED
_CERTIFICATE_UNKNOWN: Final = 43  # X509_V_ERR_NO_EXPLICIT_POLICY: like every error that has no alert of its own
_UNKNOWN_CA: Final = 79  # X509_V_ERR_INVALID_CA
_UNSUPPORTED_CERTIFICATE: Final = 26  # X509_V_ERR_INVALID_PURPOSE

_ERRORS: Final[Mapping[str, int]] = {
    "EN-TLS-CA-EXPIRED": _CERTIFICATE_EXPIRED,
    "EN-TLS-CA-REVOKED": _CERTIFICATE_REVOKED,
    "EN-TLS-CRL-STALE": _CERTIFICATE_UNKNOWN,
    "EN-TLS-ENVIRONMENT": _UNKNOWN_CA,
    "EN-TLS-EXPIRED": _CERTIFICATE_EXPIRED,
    "EN-TLS-ISSUER": _UNKNOWN_CA,
    "EN-TLS-KEY-USAGE": _UNSUPPORTED_CERTIFICATE,
    "EN-TLS-PURPOSE": _UNSUPPORTED_CERTIFICATE,
    "EN-TLS-REVOKED": _CERTIFICATE_REVOKED,
    "EN-TLS-UNCHECKED": _CERTIFICATE_UNKNOWN,
}


def verification_error(code: str) -> int:
    """Return the error to hand to OpenSSL for a refusal; what has none of its own is a bad certificate."""
    return _ERRORS.get(code, _BAD_CERTIFICATE)
