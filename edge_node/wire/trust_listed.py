"""What a revocation list says of one certificate, by OpenSSL.

Knows: how OpenSSL is told to look one certificate up in one list, its errors.
Must not know: when a list begins and ends, which list counts, what is done with a certificate that was revoked.

Of the certificate only its signature and its being listed are looked at here: its chain was verified, and a list that
has ended still says who was revoked. So the answer changes with the list alone, and is kept with it.
"""

from binascii import b2a_base64
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import crypto

from edge_node.errors import Refused
from edge_node.wire.trust_certificate import fingerprint

#: X509_V_FLAG_NO_CHECK_TIME, which pyOpenSSL has no name for.
_NO_CHECK_TIME: Final = 0x200000
_FLAGS: Final = crypto.X509StoreFlags.CRL_CHECK | crypto.X509StoreFlags.PARTIAL_CHAIN | _NO_CHECK_TIME

_REVOKED: Final = 23
#: What makes a list useless for every certificate.
_UNUSABLE: Final = {
    8: "EN-CRL-SIGNATURE",
    33: "EN-CRL-SIGNATURE",  # its CA cannot be found
    35: "EN-CRL-SIGNATURE",  # its CA may not sign lists
    36: "EN-CRL-CRITICAL",
}
#: Answers kept with one list; one that was forgotten is looked up again.
_KEPT_ANSWERS: Final = 1024

#: Whether a certificate is listed; None: the list is not about it, or cannot be used for it.
Listing = bool | None


class Listed:
    """One list in OpenSSL's hands, under the CA that signed it."""

    def __init__(self, store: crypto.X509Store, ca: x509.Certificate) -> None:
        self._store = store
        self._answers: dict[str, Listing] = {}
        store.set_flags(_FLAGS)
        self._try_out(ca)

    @classmethod
    def of_file(cls, path: Path, ca: x509.Certificate) -> "Listed":
        """Have OpenSSL read CA and list from a file in PEM: it keeps nobody waiting meanwhile. Raises `Refused`."""
        store = crypto.X509Store()
        try:
            store.load_locations(str(path))
        except crypto.Error as error:
            raise _unreadable() from error
        return cls(store, ca)

    @classmethod
    def of_bytes(cls, ca: x509.Certificate, der: bytes) -> "Listed":
        """Hand OpenSSL CA and list, where there is no file to read them from. Raises `Refused`."""
        store = crypto.X509Store()
        try:
            store.add_cert(crypto.X509.from_cryptography(ca))
            store.add_crl(x509.load_der_x509_crl(der))
        except (crypto.Error, ValueError) as error:
            raise _unreadable() from error
        return cls(store, ca)

    def says(self, certificate: x509.Certificate, between: tuple[x509.Certificate, ...] = ()) -> Listing:
        """Whether that certificate is on the list of its CA; between the two may be that CA with another key."""
        mark = fingerprint(certificate)
        if mark not in self._answers:
            if len(self._answers) >= _KEPT_ANSWERS:
                self._answers.clear()
            self._answers[mark] = self._looked_up(certificate, between)
        return self._answers[mark]

    def _looked_up(self, certificate: x509.Certificate, between: tuple[x509.Certificate, ...]) -> Listing:
        error = self._error_of(certificate, between)
        return error == _REVOKED if error in (0, _REVOKED) else None

    def _error_of(self, certificate: x509.Certificate, between: tuple[x509.Certificate, ...] = ()) -> int:
        shown, *above = (crypto.X509.from_cryptography(one) for one in (certificate, *between))
        try:
            crypto.X509StoreContext(self._store, shown, above).verify_certificate()
        except crypto.X509StoreContextError as error:
            return int(error.errors[0])
        return 0

    def _try_out(self, ca: x509.Certificate) -> None:
        """Look up a certificate that nobody has: OpenSSL sorts the list now, and says whether it can be used.

        The list is looked at before the signature of the certificate, which is no signature of the CA's.
        """
        error = self._error_of(_nobodys(ca))
        if error in _UNUSABLE:
            raise Refused(f"OpenSSL verification error {error}", code=_UNUSABLE[error])


def _nobodys(ca: x509.Certificate) -> x509.Certificate:
    key = ec.derive_private_key(1, ec.SECP256R1())
    begin, end = ca.not_valid_before_utc, ca.not_valid_after_utc
    named = x509.CertificateBuilder(subject_name=x509.Name([]), issuer_name=ca.subject, public_key=key.public_key())
    dated = named.serial_number(1).not_valid_before(begin).not_valid_after(end)
    return dated.sign(key, hashes.SHA256())


def _unreadable() -> Refused:
    return Refused("OpenSSL cannot read the list", code="EN-CRL-UNREADABLE")


def leads_to_anchor(
    ca: x509.Certificate, others: tuple[x509.Certificate, ...], anchors: tuple[x509.Certificate, ...]
) -> bool:
    """Whether a CA that was written down earlier is still under one of the anchors, as of any time."""
    store = crypto.X509Store()
    for anchor in anchors:
        store.add_cert(crypto.X509.from_cryptography(anchor))
    store.set_flags(_NO_CHECK_TIME)
    between = [crypto.X509.from_cryptography(one) for one in others]
    try:
        crypto.X509StoreContext(store, crypto.X509.from_cryptography(ca), between).verify_certificate()
    except crypto.X509StoreContextError:
        return False
    return True


def in_pem(ca: x509.Certificate, der: bytes) -> bytes:
    """Write a CA and a list as `Listed.of_file` reads them."""
    return ca.public_bytes(Encoding.PEM) + _pem(der)


def _pem(der: bytes) -> bytes:
    # In pieces: the interpreter is kept from everybody else for as long as one call takes.
    lines = [b2a_base64(der[at : at + 48]) for at in range(0, len(der), 48)]
    return b"".join((b"-----BEGIN X509 CRL-----\n", *lines, b"-----END X509 CRL-----\n"))
