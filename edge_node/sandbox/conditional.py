"""What the simulated switchboard asks of a transaction token that a server signed.

Knows: domain reference 6.5: an empty NameID, mandate and enrolment beside it, whose certificate may sign.
Must not know: how the node made it.
"""

from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from lxml import etree
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from edge_node.sandbox.reading import SAML, SOAP, TRANSACTION

_NS: Final = {"a": SAML, "s": SOAP, "ds": "http://www.w3.org/2000/09/xmldsig#"}
_BESIDE: Final = "/s:Envelope/s:Header//a:Assertion[not(.//a:Attribute/@Name='interactionId')]"
_RULE: Final = ".//a:Attribute[@Name='autorisatieregel/context']/a:AttributeValue"
_BSN: Final = ".//a:Attribute[@Name='burgerServiceNummer']/a:AttributeValue"
_PATIENT: Final = 9  # digits of a number, which an enrolment names


def complaint(root: etree._Element, anchors: tuple[x509.Certificate, ...], at: datetime) -> str | None:
    """Say what is wrong with a token that a server signed; None also where none stands there."""
    found = _all(root, TRANSACTION)
    if len(found) != 1 or _text(found[0], "a:Subject/a:NameID"):
        return None
    token, beside = found[0], _all(root, _BESIDE)
    names = [_text(one, "a:Subject/a:NameID") for one in beside]
    enrolments = [name for name in names if len(name) == _PATIENT]
    mandates = [one for one, name in zip(beside, names, strict=True) if "2.16.528.1.1007.3.3" in name]
    if len(enrolments) != 1 or len(mandates) != 1:
        return "a server signed, and no mandate and enrolment stand beside it"
    if enrolments[0] != _text(token, _BSN):
        return "the enrolment is of another patient"
    if _text(mandates[0], _RULE) != _text(token, _RULE):
        return "the mandate is under another rule"
    return _signature(token, anchors, at)


def _signature(token: etree._Element, anchors: tuple[x509.Certificate, ...], at: datetime) -> str | None:
    try:
        held = x509.load_pem_x509_certificate(_pem(_text(token, "ds:Signature//ds:X509Certificate")))
        issuer = next((one for one in anchors if one.subject == held.issuer), None)
        if issuer is None:
            return "the certificate is of no CA of servers"
        held.verify_directly_issued_by(issuer)
        alone = etree.tostring(token, with_tail=False)
        config = SignatureConfiguration(location="./", verification_time=at)
        proven = XMLVerifier().verify(alone, x509_cert=held, id_attribute="ID", expect_config=config)
    except (ValueError, TypeError, InvalidSignature, SignXMLException):
        return "the signature of the server does not hold"
    if not isinstance(proven, VerifyResult) or proven.signed_xml is None:
        return "something else was signed"
    return None if proven.signed_xml.get("ID") == token.get("ID") else "something else was signed"


def _all(root: etree._Element, path: str) -> list[etree._Element]:
    found = root.xpath(path, namespaces=_NS)
    return [one for one in found if isinstance(one, etree._Element)] if isinstance(found, list) else []


def _text(element: etree._Element, path: str) -> str:
    found = element.find(path, _NS)
    return "" if found is None else (found.text or "").strip()


def _pem(text: str) -> bytes:
    return f"-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n".encode()
