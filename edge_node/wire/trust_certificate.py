"""Reading of an X.509 certificate into the fields the rules ask about.

Knows: the UZI profile (domain reference GBZ 3.2 and 3.3), the two names that carry a URA, how DER is written.
Must not know: whether a certificate is to be trusted, how it was shown.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID, ObjectIdentifier

from edge_node.errors import Refused
from edge_node.model.identifiers import URA_ROOT
from edge_node.model.peer import PeerCertificate

UZI_NAME: Final = ObjectIdentifier("2.5.5.5")
PERMANENT_IDENTIFIER: Final = ObjectIdentifier("1.3.6.1.5.5.7.8.3")

_IA5, _UTF8, _OID, _SEQUENCE, _EXPLICIT = 0x16, 0x0C, 0x06, 0x30, 0xA0


_PROFILE: Final = "EN-TLS-UZI-PROFILE"


class Unreadable(Refused):
    """The certificate is not one this node can read, so nothing it says counts."""

    code = "EN-TLS-UNREADABLE"


#: All that the library raises over what it cannot read; a field is read when it is first asked for.
UNREADABLE: Final = (
    TypeError,
    ValueError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


@contextmanager
def reading() -> Iterator[None]:
    """Turn what the library raises into `Unreadable`."""
    try:
        yield
    except UNREADABLE as error:
        raise Unreadable("a certificate cannot be read") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class UziName:
    """The parts of `<OID-CA>-<version>-<UZI nr>-<card type>-<URA>-<role>-<AGB>`."""

    oid_ca: str
    version: str
    number: str
    card_type: str  # S server; Z, N and M are persons' cards
    ura: str
    role: str
    agb: str | None  # older certificates have six parts


def parse_uzi_name(text: str) -> UziName:
    """Split the text of otherName 2.5.5.5 into its six or seven parts."""
    parts = text.split("-")
    if len(parts) not in (6, 7) or not all(parts):
        raise Unreadable("the UZI name has not six or seven parts", code=_PROFILE)
    oid_ca, version, number, card_type, ura, role = parts[:6]
    if not (_is_digits(number) and _is_digits(ura) and len(ura) <= 8):
        raise Unreadable("the UZI name has no number where the UZI number and the URA belong", code=_PROFILE)
    return UziName(
        oid_ca=oid_ca,
        version=version,
        number=number,
        card_type=card_type,
        # Fixtures write seven digits where the number begins with a zero (domain reference GBZ 3.3).
        ura=ura.zfill(8),
        role=role,
        agb=parts[6] if len(parts) == 7 else None,
    )


def _is_digits(text: str) -> bool:
    """Other scripts have digits of their own, which no register writes."""
    return text.isascii() and text.isdecimal()


def read_certificate(certificate: x509.Certificate) -> PeerCertificate:
    """Read once what the rules need. Raises `Unreadable`, never anything else."""
    try:
        return _read(certificate)
    except UNREADABLE as error:
        raise Unreadable("the certificate cannot be read") from error


def fingerprint(certificate: x509.Certificate) -> str:
    """Return SHA-256 over the whole certificate, hexadecimal, lower case."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def _read(certificate: x509.Certificate) -> PeerCertificate:
    names = _alternative_names(certificate)
    dns_names = tuple(name.lower() for name in names.get_values_for_type(x509.DNSName))
    # What a person would read as one name and a machine as another is neither.
    if not all(name.isascii() and name.isprintable() and name for name in dns_names):
        raise Unreadable("a name has a character that no host name has")
    uzi = _other_name(names, UZI_NAME)
    uzi_text = _text(uzi) if uzi is not None else None
    return PeerCertificate(
        serial=f"{certificate.serial_number:x}",
        subject=certificate.subject.rfc4514_string(),
        organisation=_attribute(certificate.subject, NameOID.ORGANIZATION_NAME),
        issuer=certificate.issuer.rfc4514_string(),
        issuer_common_name=_attribute(certificate.issuer, NameOID.COMMON_NAME),
        dns_names=dns_names,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        extended_key_usage=_usages(certificate),
        uzi=uzi_text,
        ura=_ura(uzi_text, _other_name(names, PERMANENT_IDENTIFIER)),
        fingerprint=fingerprint(certificate),
        holder_number=_attribute(certificate.subject, NameOID.SERIAL_NUMBER),
        may_sign=_may_sign(certificate),
        is_ca=is_ca(certificate),
    )


def is_ca(certificate: x509.Certificate) -> bool:
    """Whether the certificate says that it is a CA's."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def common_name(name: x509.Name) -> str:
    """Return the common name; without one, or with two, the whole name."""
    return _attribute(name, NameOID.COMMON_NAME) or name.rfc4514_string()


def _alternative_names(certificate: x509.Certificate) -> x509.SubjectAlternativeName:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return x509.SubjectAlternativeName([])


def _usages(certificate: x509.Certificate) -> frozenset[str]:
    try:
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return frozenset()
    return frozenset(usage.dotted_string for usage in usages)


def _may_sign(certificate: x509.Certificate) -> bool | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature
    except x509.ExtensionNotFound:
        return None


def _attribute(name: x509.Name, oid: ObjectIdentifier) -> str | None:
    """Return the attribute when there is just one: with two, either could be the one that was checked."""
    found = name.get_attributes_for_oid(oid)
    return str(found[0].value) if len(found) == 1 else None


def _other_name(names: x509.SubjectAlternativeName, oid: ObjectIdentifier) -> bytes | None:
    found = [one.value for one in names.get_values_for_type(x509.OtherName) if one.type_id == oid]
    if len(found) > 1:
        raise Unreadable(f"otherName {oid.dotted_string} stands there twice", code=_PROFILE)
    return found[0] if found else None


def _ura(uzi_text: str | None, permanent: bytes | None) -> str | None:
    """Prefer the permanentIdentifier, and require the UZI name to say the same (domain reference GBZ 3.3)."""
    from_uzi = parse_uzi_name(uzi_text).ura if uzi_text is not None else None
    from_permanent = _permanent_ura(permanent) if permanent is not None else None
    if from_uzi and from_permanent and from_uzi != from_permanent:
        raise Unreadable("the UZI name and the permanentIdentifier name two organisations", code="EN-TLS-URA")
    return from_permanent or from_uzi


def _permanent_ura(der: bytes) -> str | None:
    """Read RFC 4043: SEQUENCE { identifierValue UTF8String OPTIONAL, assigner OID OPTIONAL }."""
    tag, content, _ = der_element(_inside_explicit(der))
    if tag != _SEQUENCE:
        raise Unreadable("the permanentIdentifier is no sequence", code=_PROFILE)
    value, assigner = None, None
    while content:
        tag, part, content = der_element(content)
        if tag == _UTF8:
            value = part.decode("utf-8")
        if tag == _OID:
            assigner = dotted(part)
    if value is None or assigner != URA_ROOT:
        return None  # an identifier of somebody else's making
    if not _is_digits(value) or len(value) > 8:
        raise Unreadable("the permanentIdentifier holds no URA", code=_PROFILE)
    return value.zfill(8)


def _text(der: bytes) -> str:
    """Read an IA5String or a UTF8String, whichever the CA wrote."""
    tag, content, rest = der_element(_inside_explicit(der))
    if tag not in (_IA5, _UTF8) or rest:
        raise Unreadable("the UZI name is no text", code=_PROFILE)
    return content.decode("ascii" if tag == _IA5 else "utf-8")


def _inside_explicit(der: bytes) -> bytes:
    """Some writers keep the explicit tag [0] of otherName around its value."""
    return der_element(der)[1] if der[:1] == bytes((_EXPLICIT,)) else der


def der_element(der: bytes) -> tuple[int, bytes, bytes]:
    """Split off one DER element: its tag, its content, and what follows."""
    if len(der) < 2:
        raise Unreadable("a name in the certificate breaks off")
    tag, length, start = der[0], der[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(der[2:start], "big")
    if start > 4 or len(der) < start + length:
        raise Unreadable("a name in the certificate breaks off")
    return tag, der[start : start + length], der[start + length :]


def dotted(content: bytes) -> str:
    """Read the content of an object identifier."""
    arcs, value = [], 0
    for byte in content:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2) if arcs else 0
    return ".".join(str(arc) for arc in (first, arcs[0] - 40 * first, *arcs[1:])) if arcs else ""
