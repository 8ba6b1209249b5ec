"""What the sandbox reads of a message: an outside opinion, with another parser than the node's.

Knows: where the wrapper, the patient, the query and the token stand in a SOAP message.
Must not know: how the node reads it, or what to do with it.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from edge_node.model.identifiers import APPLICATION_ROOT, BSN_ROOT, MessageId

HL7: Final = "urn:hl7-org:v3"
SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
SAML: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
_NS: Final = {"h": HL7, "s": SOAP, "a": SAML}
#: The token made for one message; mandates and enrolments stand beside it.
TRANSACTION: Final = "/s:Envelope/s:Header//a:Assertion[.//a:Attribute/@Name='interactionId']"
_CODES: Final = (
    "h:acknowledgement/h:acknowledgementDetail/h:code/@code"
    " | .//h:justifiedDetectedIssue/h:code/@code | .//h:justifyingDetectedIssueEvent/h:code/@code"
)
ZIM_ACTOR: Final = "http://www.aortarelease.nl/actor/zim"


class Unreadable(ValueError):
    """The body is not a SOAP message the sandbox can read. Holds no text of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One message as the sandbox sees it. `element` is the message element itself."""

    interaction: str
    id: MessageId
    sender: str
    receiver: str
    patient: str | None = field(repr=False)
    person: tuple[str, str] | None = field(repr=False)  # family name and birth date asked for
    query_id: MessageId | None
    modality: str | None
    context: str | None
    type_code: str | None  # of the acknowledgement
    target: MessageId | None
    codes: tuple[str, ...]  # of acknowledgement details and detected issues
    token: str | None = field(repr=False)
    element: etree._Element = field(repr=False)

    @property
    def content(self) -> str:
        """A digest of the message without envelope and header: the same for every copy and renewal."""
        return hashlib.sha256(etree.tostring(self.element, method="c14n", exclusive=True)).hexdigest()

    @property
    def is_positive(self) -> bool:
        """Whether it is an acknowledgement or answer that says yes."""
        return self.type_code in {"AA", "CA"}


def parse(body: bytes) -> etree._Element:
    """Return the root of a body; no DTD, no entity, no network."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Unreadable("not well-formed XML") from None
    if root.getroottree().docinfo.doctype:
        raise Unreadable("a DOCTYPE is not read")
    return root


def message_element(root: etree._Element) -> etree._Element:
    """Return the message in a SOAP Body."""
    found = list(_find(root, "/s:Envelope/s:Body/*"))
    if len(found) != 1:
        raise Unreadable("not a SOAP envelope with one message")
    return found[0]


def read(body: bytes) -> Seen:
    """Read one SOAP body; raises `Unreadable`."""
    root = parse(body)
    return read_element(message_element(root), token=_attribute(root, f"{TRANSACTION}/@ID"))


def read_element(element: etree._Element, *, token: str | None = None) -> Seen:
    """Read one message element."""
    if etree.QName(element).namespace != HL7:
        raise Unreadable("not an HL7v3 message")
    identifier = _identifier(element, "h:id")
    if identifier is None:
        raise Unreadable("the message has no id")
    acknowledgement = "h:acknowledgement"
    return Seen(
        interaction=etree.QName(element).localname,
        id=identifier,
        sender=_attribute(element, "h:sender/h:device/h:id/@extension") or "",
        receiver=_attribute(element, "h:receiver/h:device/h:id/@extension") or "",
        patient=_attribute(element, f".//h:*[@root='{BSN_ROOT}'][1]/@extension"),
        person=_person(element),
        query_id=_identifier(element, ".//h:queryId"),
        modality=_attribute(element, ".//h:queryByParameter/h:responseModalityCode/@code"),
        context=_attribute(element, ".//h:contextCode/h:value/@code"),
        type_code=_attribute(element, f"{acknowledgement}/@typeCode"),
        target=_identifier(element, f"{acknowledgement}/*[self::h:targetMessage or self::h:targetTransmission]/h:id"),
        codes=tuple(str(code) for code in _values(element, _CODES)),
        token=token,
        element=element,
    )


def enclosed(batch: etree._Element) -> tuple[Seen, ...]:
    """Return the answers inside a batch."""
    return tuple(read_element(child) for child in batch if _is_message(child))


def custodian(element: etree._Element) -> tuple[str | None, str | None]:
    """Return the kind of data and the application that an index message names."""
    data = _attribute(element, ".//h:actReference/h:code/@code")
    return data, _attribute(element, f".//h:custodian//h:id[@root='{APPLICATION_ROOT}']/@extension")


def without_zim_header(body: bytes) -> bytes:
    """Return the body without the header blocks meant for the switchboard; unchanged when there are none."""
    root = parse(body)
    blocks = list(_find(root, f"/s:Envelope/s:Header/*[@s:actor='{ZIM_ACTOR}']"))
    if not blocks:
        return body
    for block in blocks:
        parent = block.getparent()
        assert parent is not None
        parent.remove(block)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _is_message(child: etree._Element) -> bool:
    return isinstance(child.tag, str) and "_IN" in etree.QName(child).localname


def _find(element: etree._Element, path: str) -> Iterator[etree._Element]:
    return (found for found in _values(element, path) if isinstance(found, etree._Element))


def _values(element: etree._Element, path: str) -> list[object]:
    found = element.xpath(path, namespaces=_NS)
    return list(found) if isinstance(found, list) else []


def _attribute(element: etree._Element, path: str) -> str | None:
    found = _values(element, path)
    return str(found[0]) if found else None


def _person(element: etree._Element) -> tuple[str, str] | None:
    family = _attribute(element, ".//h:queryByParameter/h:person.name/h:value/h:family/text()")
    born = _attribute(element, ".//h:queryByParameter/h:person.birthTime/h:value/@value")
    return None if family is None or born is None else (family.removeprefix("XXX_"), born)


def _identifier(element: etree._Element, path: str) -> MessageId | None:
    found = next(_find(element, path), None)
    if found is None:
        return None
    return MessageId(found.get("root", ""), found.get("extension", ""))
