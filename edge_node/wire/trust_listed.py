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
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from OpenSSL import crypto

from edge_node.errors import Refused

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
_SHA256_WITH_RSA: Final = bytes.fromhex("300d06092a864886f70d01010b0500")
_ECDSA_WITH_SHA256: Final = bytes.fromhex("300a06082a8648ce3d040302")
#: Answers kept with one list; one that was forgotten is looked up again.
_KEPT_ANSWERS: Final = 1024

#: Whether a certificate is listed; None: the list is not about it, or cannot be used for it.
Listing = bool | None


class Listed:
    """One list in OpenSSL's hands, under the CA that signed it."""

    def __init__(self, store: crypto.X509Store, ca: x509.Certificate) -> None:
        self._store = store
        self._answers: dict[x509.Certificate, Listing] = {}
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
        if certificate not in self._answers:
            if len(self._answers) >= _KEPT_ANSWERS:
                self._answers.clear()
            self._answers[certificate] = self._looked_up(certificate, between)
        return self._answers[certificate]

    def _looked_up(self, certificate: x509.Certificate, between: tuple[x509.Certificate, ...]) -> Listing:
        shown, *above = (crypto.X509.from_cryptography(one) for one in (certificate, *between))
        error = self._error_of(shown, above)
        return error == _REVOKED if error in (0, _REVOKED) else None

    def _error_of(self, shown: crypto.X509, above: list[crypto.X509]) -> int:
        try:
            crypto.X509StoreContext(self._store, shown, above).verify_certificate()
        except crypto.X509StoreContextError as error:
            return int(error.errors[0])
        return 0

    def _try_out(self, ca: x509.Certificate) -> None:
        """Look up a certificate that nobody has: OpenSSL sorts the list now, and says whether it can be used.

        The list is looked at before the signature of the certificate, which is no signature of the CA's.
        """
        error = self._error_of(_nobodys(ca), [])
        if error in _UNUSABLE:
            raise Refused(f"OpenSSL verification error {error}", code=_UNUSABLE[error])


def _nobodys(ca: x509.Certificate) -> crypto.X509:
    """Write a certificate that names this CA as its issuer, with its kind of signature, signed by nobody."""
    is_rsa = isinstance(ca.public_key(), rsa.RSAPublicKey)
    made_with = _SHA256_WITH_RSA if is_rsa else _ECDSA_WITH_SHA256
    key = ec.derive_private_key(1, ec.SECP256R1()).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    version, serial, nobody = _der(0xA0, _der(0x02, b"\x02")), _der(0x02, b"\x01"), _der(0x30)
    dates = _der(0x30, _der(0x18, b"20000101000000Z"), _der(0x18, b"99991231235959Z"))
    tbs = _der(0x30, version, serial, made_with, ca.subject.public_bytes(), dates, nobody, spki)
    return crypto.load_certificate(crypto.FILETYPE_ASN1, _der(0x30, tbs, made_with, _der(0x03, bytes(257))))


def _der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    return bytes((tag, 0x82)) + size.to_bytes(2, "big") + content


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
