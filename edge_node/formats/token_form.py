"""The form of the signature of a token: what it may consist of, and no other.

Knows: XML signatures as domain reference 6.3 and 6.4 have them, and how a certificate is named in one.
Must not know: whether a signature holds, whose a certificate is.

The pinned algorithms are no settings: whoever could choose another one could choose a broken one.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final

from lxml import etree

from edge_node.errors import Refused
from edge_node.formats.names import WSSE, WSU

DS: Final = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED: Final = f"{DS}enveloped-signature"
RSA_SHA256: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
#: Those that are met, by which a supplier knows what to change; what else stands there is not repeated.
_OTHERS: Final = frozenset({
    "rsa-sha1", "rsa-sha384", "rsa-sha512", "sha256-rsa-MGF1", "ecdsa-sha256", "hmac-sha256", "dsa-sha1", "sha1",
    "sha512",
})  # fmt: skip
#: What happens to a token before it is hashed, by where its signature stands.
WITHIN: Final = (ENVELOPED, EXCLUSIVE)
BESIDE: Final = (EXCLUSIVE,)

_PREFIXES: Final = f"{{{EXCLUSIVE}}}InclusiveNamespaces"
#: With the line ends that most write in it.
_BASE64: Final = re.compile(r"\s*[A-Za-z0-9+/][A-Za-z0-9+/\s]*(?:=\s*){0,2}")
_MAX_CERTIFICATES: Final = 10
_MAX_CERTIFICATE_CHARS: Final = 32_768


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInfo:
    """What a signature says of the certificate it was made with."""

    certificates: tuple[bytes, ...] = ()
    names: tuple[str, int] | None = None


def ds(name: str) -> str:
    """The name of an element of a signature."""
    return f"{{{DS}}}{name}"


def check_form(signature: etree._Element, id_: str, transforms: tuple[str, ...]) -> None:
    """Refuse a signature of another form than the pinned one, or of something else than what has that id."""
    parts = [_tag(part) for part in signature]
    if parts not in (
        [ds("SignedInfo"), ds("SignatureValue")],
        [ds("SignedInfo"), ds("SignatureValue"), ds("KeyInfo")],
    ):
        raise Refused("the signature holds more than a signature", code="EN-TOKEN-WRAPPED")
    _check_content(signature)
    info = signature[0]
    if [_tag(part) for part in info] != [ds("CanonicalizationMethod"), ds("SignatureMethod"), ds("Reference")]:
        raise Refused("the signature is not of exactly one thing", code="EN-TOKEN-REFERENCE")
    _check_canonicalization(info[0])
    _check_algorithm(info[1], RSA_SHA256)
    _check_reference(info[2], id_, transforms)
    for value in (signature[1], info[2][2]):
        _check_value(value)


def key_info(signature: etree._Element) -> KeyInfo:
    """Which certificate it was made with, as it says. Raises `Refused`."""
    info = signature.find(ds("KeyInfo"))
    if info is None:
        return KeyInfo()
    if info.find(f".//{ds('RetrievalMethod')}") is not None:
        raise Refused("the certificate is to be fetched from elsewhere", code="EN-TOKEN-KEY")
    held = [*info.iterfind(f".//{ds('X509Data')}/{ds('X509Certificate')}"), *_security_tokens(info)]
    if len(held) > _MAX_CERTIFICATES:
        raise Refused(f"more than {_MAX_CERTIFICATES} certificates in a signature", code="EN-TOKEN-LIMIT")
    return KeyInfo(certificates=tuple(_der(one) for one in held), names=issuer_serial(info))


def issuer_serial(within: etree._Element) -> tuple[str, int] | None:
    """A certificate named by its issuer and its number. Raises `Refused`."""
    found = list(within.iter(ds("X509IssuerSerial")))
    if not found:
        return None
    name, serial = found[0].findtext(ds("X509IssuerName")), found[0].findtext(ds("X509SerialNumber"))
    digits = (serial or "").strip()
    if len(found) > 1 or not name or not (digits.isascii() and digits.isdigit()) or len(digits) > 60:
        raise Refused("issuer and serial number of the certificate", code="EN-TOKEN-KEY")
    return name.strip(), int(digits)


def _security_tokens(info: etree._Element) -> list[etree._Element]:
    """The certificates beside the signature that it refers to."""
    root = info.getroottree().getroot()
    wanted = [one.get("URI", "") for uri in WSSE for one in info.iter(f"{{{uri}}}Reference")]
    if not wanted:
        return []
    beside = [one for uri in WSSE for one in root.iter(f"{{{uri}}}BinarySecurityToken")]
    return [one for one in beside if f"#{one.get(f'{{{WSU}}}Id')}" in wanted]


def _check_content(signature: etree._Element) -> None:
    """A remark splits a value for some readers; what stands loose in a signature nobody signed."""
    if not all(map(_tag, signature.iter())):
        raise Refused("a remark or an instruction in a signature", code="EN-TOKEN-REMARK")
    if any((text or "").strip() for text in (signature.text, *(part.tail for part in signature))):
        raise Refused("the signature holds more than a signature", code="EN-TOKEN-WRAPPED")


def _check_value(value: etree._Element) -> None:
    """A digest, or the signature itself: base64, and nothing that a lenient reader would leave out."""
    if len(value):
        raise Refused("an element splits a value of the signature", code="EN-TOKEN-WRAPPED")
    if not _BASE64.fullmatch(value.text or ""):
        raise Refused("a value of the signature cannot be read", code="EN-TOKEN-SIGNATURE")


def _check_canonicalization(method: etree._Element) -> None:
    if method.get("Algorithm") != EXCLUSIVE or any(_tag(part) != _PREFIXES for part in method):
        raise Refused("another canonicalization than the exclusive one", code="EN-TOKEN-CANONICAL")


def _check_algorithm(method: etree._Element, wanted: str) -> None:
    if method.get("Algorithm") != wanted or len(method):
        named = (method.get("Algorithm") or "").rpartition("#")[2]
        said = named if named in _OTHERS else "another algorithm"
        raise Refused(f"{said}; tokens are signed with RSA and SHA-256", code="EN-TOKEN-ALGORITHM")


def _check_reference(reference: etree._Element, id_: str, transforms: tuple[str, ...]) -> None:
    if reference.get("URI") != f"#{id_}" or not id_:
        raise Refused("the signature is of something else than the token", code="EN-TOKEN-REFERENCE")
    if [_tag(part) for part in reference] != [ds("Transforms"), ds("DigestMethod"), ds("DigestValue")]:
        raise Refused("what was hashed is not said in the pinned form", code="EN-TOKEN-TRANSFORM")
    steps = reference[0]
    if tuple(step.get("Algorithm") for step in steps) != transforms or any(map(_odd_step, steps)):
        raise Refused("something else is done to the token before it is hashed", code="EN-TOKEN-TRANSFORM")
    _check_algorithm(reference[1], SHA256)


def _odd_step(step: etree._Element) -> bool:
    allowed = [_PREFIXES] if step.get("Algorithm") == EXCLUSIVE else []
    return _tag(step) != ds("Transform") or any(_tag(part) not in allowed for part in step) or len(step) > 1


def _tag(element: etree._Element) -> str:
    """The name of an element; a remark or an instruction has none."""
    return element.tag if isinstance(element.tag, str) else ""


def _der(element: etree._Element) -> bytes:
    text = "".join((element.text or "").split())
    if len(element) or len(text) > _MAX_CERTIFICATE_CHARS:
        raise Refused("a certificate in a signature cannot be read", code="EN-TOKEN-KEY")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused("a certificate in a signature cannot be read", code="EN-TOKEN-KEY") from None
