"""The name of an issuer as text, however the product that wrote it writes names.

Knows: RFC 4514 and 2253, and how .NET, Java and OpenSSL differ from them.
Must not know: certificates, what a name is compared for.
"""

import re
from typing import Final

from cryptography.x509.oid import NameOID

#: The parts of one name, in whatever order.
Parts = frozenset[tuple[str, str]]

_OIDS: Final = {
    "CN": NameOID.COMMON_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "C": NameOID.COUNTRY_NAME,
    "L": NameOID.LOCALITY_NAME,
    "S": NameOID.STATE_OR_PROVINCE_NAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "SERIALNUMBER": NameOID.SERIAL_NUMBER,
    "E": NameOID.EMAIL_ADDRESS,
    "EMAILADDRESS": NameOID.EMAIL_ADDRESS,
    "DC": NameOID.DOMAIN_COMPONENT,
    "UID": NameOID.USER_ID,
    "ORGANIZATIONIDENTIFIER": NameOID.ORGANIZATION_IDENTIFIER,
}
#: Nothing is given back once it is taken: what is written by others may make a gentler pattern try for seconds.
_PART: Final = re.compile(
    r"\s*+(?:OID\.)?(?P<key>[A-Za-z]++|[0-9]++(?:\.[0-9]++)++)\s*+=\s*+"
    r'(?:"(?P<quoted>(?:[^"\\]|\\.)*+)"\s*+|(?P<bare>(?:[^,;+"\\]|\\.)*+))(?P<end>[,;+]|$)',
    re.IGNORECASE | re.DOTALL,
)
_ESCAPED: Final = re.compile(r"((?:\\[0-9A-Fa-f]{2})+)|\\(.)", re.DOTALL)
#: UTF8String, PrintableString, IA5String; all short.
_STRINGS: Final = frozenset({0x0C, 0x13, 0x16})
_MAX_CHARS: Final = 1024


def parts_of(written: str) -> Parts | None:
    """Its parts as dotted OIDs with their values; None where it cannot be read."""
    text, at, found = written.strip(), 0, set()
    if not text or len(text) > _MAX_CHARS:
        return None
    while at < len(text):
        part = _PART.match(text, at)
        oid = None if part is None else _oid(part["key"])
        if part is None or oid is None or (part["end"] and part.end() == len(text)):
            return None
        value = _value(part["quoted"], part["bare"])
        if value is None:
            return None
        found.add((oid, value))
        at = part.end()
    return frozenset(found)


def _oid(key: str) -> str | None:
    if key[0].isdigit():
        return key
    known = _OIDS.get(key.upper())
    return None if known is None else known.dotted_string


def _value(quoted: str | None, bare: str | None) -> str | None:
    if quoted is None and (bare or "").startswith("#"):
        return _of_der((bare or "")[1:].strip())
    text = (bare or "").rstrip() if quoted is None else quoted
    try:
        return _ESCAPED.sub(_unescaped, text)
    except UnicodeDecodeError:
        return None


def _unescaped(found: re.Match[str]) -> str:
    return bytes.fromhex(found[1].replace("\\", "")).decode() if found[1] else found[2]


def _of_der(digits: str) -> str | None:
    """The text in a DER string that was written as hexadecimal digits."""
    try:
        der = bytes.fromhex(digits)
        is_whole = len(der) >= 2 and der[0] in _STRINGS and der[1] < 0x80 and len(der) == der[1] + 2
        return der[2:].decode() if is_whole else None
    except ValueError:
        return None
