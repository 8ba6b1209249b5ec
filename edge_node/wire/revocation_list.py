"""One revocation list, read and held against the CA that signed it.

Knows: RFC 5280 section 5, which kinds of list are not for this node, how DER is split.
Must not know: which CAs there are, where lists come from, what is done with one.

A list may have hundreds of thousands of entries. It is split by length alone, and what stands around the entries is
read without them: so that reading one in a thread does not keep the interpreter from everybody else.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edge_node.errors import Refused
from edge_node.wire.trust_certificate import UNREADABLE

_SEQUENCE: Final = 0x30
_UTC_TIME: Final = 0x17
_GENERALIZED_TIME: Final = 0x18
#: Object identifier 2.5.29.29, certificateIssuer, as it stands in an entry of an indirect list.
_CERTIFICATE_ISSUER: Final = bytes.fromhex("0603551d1d")
_PEM_BEGIN: Final = b"-----BEGIN X509 CRL-----"
_PEM_END: Final = b"-----END X509 CRL-----"
_HASHES: Final[Mapping[str, Callable[[], hashes.HashAlgorithm]]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationList:
    """A list as it came; nothing in it counts until `signed_by` says whose it is."""

    der: bytes
    issuer: x509.Name
    this_update: datetime
    next_update: datetime
    number: int | None
    signed: bytes  # the part that the signature is over
    around: x509.CertificateRevocationList  # the same without its entries

    @property
    def age(self) -> tuple[datetime, int]:
        """Of two lists of one CA the greater one is the newer."""
        return self.this_update, self.number or 0

    @property
    def series(self) -> bytes:
        """Which lists it is one of, by its own account: those of one CA with one key, each newer than the last."""
        try:
            named = self.around.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        except x509.ExtensionNotFound:
            named = None
        return self.issuer.public_bytes() + (named or b"") + self.scope.encode()

    @property
    def scope(self) -> str:
        """For which certificates of its CA it is, in short; empty: it does not say so, and is for all."""
        try:
            point = self.around.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
        except x509.ExtensionNotFound:
            return ""
        return hashlib.sha256(point.public_bytes()).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"<RevocationList {self.issuer.rfc4514_string()} {self.this_update:%Y-%m-%dT%H:%MZ}>"


def split_lists(data: bytes) -> tuple[bytes, ...]:
    """Return every list in a file, DER, whether it is written in DER or in PEM. Raises `Refused`."""
    if not data.lstrip().startswith(b"-----"):
        return (data,)
    found = []
    start = data.find(_PEM_BEGIN)
    while start >= 0:
        end = data.find(_PEM_END, start)
        if end < 0:
            raise _unreadable("a list in PEM breaks off")
        found.append(_from_base64(data[start + len(_PEM_BEGIN) : end]))
        start = data.find(_PEM_BEGIN, end)
    if not found:
        raise _unreadable("no revocation list in it")
    return tuple(found)


def read_list(der: bytes) -> RevocationList:
    """Read what stands around the entries. Raises `Refused` with an EN-CRL code."""
    try:
        return _read(der)
    except (IndexError, *UNREADABLE) as error:
        raise _unreadable("no revocation list, or half of one") from error


def _read(der: bytes) -> RevocationList:
    """Ask for all that is asked for later: the library reads much of it only then."""
    signed, entries, around = _without_entries(der)
    skeleton = x509.load_der_x509_crl(around)
    extensions, issuer = skeleton.extensions, skeleton.issuer
    _only_whole_ones(extensions, entries)
    if skeleton.next_update_utc is None:
        raise _unreadable("the list does not say when the next one comes")
    issuer.public_bytes()
    issuer.rfc4514_string()
    return RevocationList(
        der=der,
        issuer=issuer,
        this_update=skeleton.last_update_utc,
        next_update=skeleton.next_update_utc,
        number=_number(extensions),
        signed=signed,
        around=skeleton,
    )


def signed_by(one: RevocationList, ca: x509.Certificate) -> bool:
    """Whether that CA, which has the name the list gives, signed it and may sign lists. Raises `Refused`."""
    if not _may_sign_lists(ca):
        return False
    around, made_with = one.around, _hash(one.around)
    digest = hashlib.new(made_with.name, one.signed).digest()
    try:
        key, prehashed = ca.public_key(), Prehashed(made_with)
        padding = around.signature_algorithm_parameters
        if isinstance(key, rsa.RSAPublicKey) and isinstance(padding, PSS | PKCS1v15):
            key.verify(around.signature, digest, padding, prehashed)
        elif isinstance(key, ec.EllipticCurvePublicKey) and isinstance(padding, ec.ECDSA):
            key.verify(around.signature, digest, ec.ECDSA(prehashed))
        else:
            return False
    except (InvalidSignature, *UNREADABLE):
        return False
    return True


@lru_cache(maxsize=512)
def key_of(ca: x509.Certificate) -> str:
    """Return what a CA is known by: its name and its key, since two generations may have one name."""
    spki = ca.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(ca.subject.public_bytes() + spki).hexdigest()[:32]


def _hash(around: x509.CertificateRevocationList) -> hashes.HashAlgorithm:
    try:
        made_with = around.signature_hash_algorithm
    except UNREADABLE:
        made_with = None
    if made_with is None or made_with.name not in _HASHES:
        raise Refused("the list is not signed with SHA-2", code="EN-CRL-SIGNATURE")
    return _HASHES[made_with.name]()


def _may_sign_lists(ca: x509.Certificate) -> bool:
    try:
        return ca.extensions.get_extension_for_class(x509.KeyUsage).value.crl_sign
    except x509.ExtensionNotFound:
        return True
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return False


def _only_whole_ones(extensions: x509.Extensions, entries: bytes) -> None:
    """Refuse by name what this node cannot judge by: a part of a list, or one about certificates of other CAs."""
    kinds = {type(one.value): one.value for one in extensions}
    if x509.DeltaCRLIndicator in kinds:
        raise Refused("a delta list, which is only the difference from another one", code="EN-CRL-DELTA")
    point = kinds.get(x509.IssuingDistributionPoint)
    if isinstance(point, x509.IssuingDistributionPoint):
        if point.indirect_crl:
            raise Refused("an indirect list, which is about certificates of other CAs", code="EN-CRL-INDIRECT")
        if point.only_some_reasons or point.only_contains_attribute_certs:
            raise Refused("a list of some reasons only, or not of certificates", code="EN-CRL-PARTIAL")
    # Those five bytes may be part of a serial number; then it is a list to be looked at, not one to refuse.
    if _CERTIFICATE_ISSUER in entries and _names_other_issuers(entries):
        raise Refused("an entry is about a certificate of another CA", code="EN-CRL-INDIRECT")


def _names_other_issuers(entries: bytes) -> bool:
    """Look into the entries whether one has the extension certificateIssuer."""
    at = 0
    while at < len(entries):
        _, start, end = _element(entries, at)
        if _CERTIFICATE_ISSUER in entries[start:end]:
            _, _, serial_end = _element(entries, start)
            if _CERTIFICATE_ISSUER in entries[serial_end:end]:
                return True
        at = end
    return False


def _number(extensions: x509.Extensions) -> int | None:
    try:
        return extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    except x509.ExtensionNotFound:
        return None


def _without_entries(der: bytes) -> tuple[bytes, bytes, bytes]:
    """Split a list into what is signed, its entries, and the same list without them."""
    tag, start, end = _element(der, 0)
    if tag != _SEQUENCE or end != len(der):
        raise ValueError("not one sequence")
    _, tbs_start, tbs_end = _element(der, start)
    at, seen_time = tbs_start, False
    while at < tbs_end:
        tag, inner, after = _element(der, at)
        if tag == _SEQUENCE and seen_time:
            break
        seen_time = seen_time or tag in (_UTC_TIME, _GENERALIZED_TIME)
        at = after
    else:
        inner = after = at
    if after > tbs_end:
        raise ValueError("an element leaves its sequence")
    signed, tail = der[start:tbs_end], der[tbs_end:end]
    tbs = der[tbs_start:at] + der[after:tbs_end]
    return signed, der[inner:after], _sequence(_sequence(tbs) + tail)


def _element(der: bytes, at: int) -> tuple[int, int, int]:
    """Return the tag of the element there, where its content begins, where it ends."""
    tag, length, start = der[at], der[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        if not 0 < size <= 4:
            raise ValueError("a length that is no length")
        start += size
        length = int.from_bytes(der[at + 2 : start], "big")
    if start + length > len(der):
        raise ValueError("an element breaks off")
    return tag, start, start + length


def _sequence(content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((_SEQUENCE, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((_SEQUENCE, 0x80 | len(length))) + length + content


def _from_base64(text: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error as error:
        raise _unreadable("a list in PEM that is not base64") from error


def _unreadable(why: str) -> Refused:
    return Refused(why, code="EN-CRL-UNREADABLE")
