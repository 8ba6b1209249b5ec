"""A published message as it is sent: its placeholders filled, in a SOAP envelope, and what it says of itself.

Knows: the SOAP envelope, and where wrapper and query hold the ids an exchange is made of.
Must not know: the node's own reader, sockets, the table.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final, cast

from lxml import etree

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_HL7: Final = {"v": "urn:hl7-org:v3", "s": SOAP}
_APPLICATION: Final = "@root='2.16.840.1.113883.2.4.6.6'"
_PATIENT: Final = "(.//v:subject//v:id | .//v:patientId/v:value)[@root='2.16.840.1.113883.2.4.6.3']/@extension"
_PROLOG: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_ENVELOPE: Final = re.compile(rb"<[\w.-]+:Envelope\b[^>]*" + re.escape(SOAP.encode()))
_INSTRUCTION: Final = re.compile(rb"\xef\xbb\xbf|<\?.*?\?>", re.DOTALL)

Id = tuple[str, str]


def filled(raw: bytes, fill: dict[str, str | list[str]]) -> bytes:
    """Put values where the file holds placeholders: one for every place, or a list for the first places in order."""
    for found, values in fill.items():
        place = found.encode()
        assert place in raw, f"{found} is not in the file"
        if isinstance(values, str):
            raw = raw.replace(place, values.encode())
            continue
        for value in values:
            raw = raw.replace(place, value.encode(), 1)
    return raw


def in_soap(raw: bytes, header: bytes = b"") -> bytes:
    """Put a message in a SOAP Body; what has an envelope stays as it is."""
    if _ENVELOPE.match(raw, _prolog_end(raw)):
        return raw
    message = without_instructions(raw)
    body = b"<soap:Body>" + message + b"</soap:Body>"
    return b'<soap:Envelope xmlns:soap="' + SOAP.encode() + b'">' + header + body + b"</soap:Envelope>"


def without_instructions(raw: bytes) -> bytes:
    """Leave out the XML declaration and the processing instructions before the first element."""
    end = _prolog_end(raw)
    return _INSTRUCTION.sub(b"", raw[:end]).strip() + raw[end:]


def _prolog_end(raw: bytes) -> int:
    prolog = _PROLOG.match(raw)
    return prolog.end() if prolog else 0


@dataclass(frozen=True)
class Published:
    """A whole envelope, and the ids in it."""

    body: bytes

    @cached_property
    def message(self) -> etree._Element:
        """The message in the Body."""
        root = etree.fromstring(self.body)
        found = cast("list[etree._Element]", root.xpath("s:Body/*", namespaces=_HL7))
        return found[0]

    @property
    def interaction(self) -> str:
        """The name of the message."""
        return etree.QName(self.message).localname

    @property
    def id(self) -> Id:
        """Root and extension of its id."""
        return self._id("v:id")

    @property
    def target(self) -> Id:
        """The message it answers."""
        return self._id("v:acknowledgement/*/v:id")

    @property
    def query_id(self) -> Id | None:
        """The query it asks or answers; of a batch, the one its first answer answers."""
        found = self._ids(".//v:queryId")
        return found[0] if found else None

    @property
    def sender(self) -> str:
        """The application that sent it."""
        return self._id(f"v:sender/v:device/v:id[{_APPLICATION}]")[1]

    @property
    def receiver(self) -> str:
        """The application it is for."""
        return self._id(f"v:receiver/v:device/v:id[{_APPLICATION}]")[1]

    @property
    def author(self) -> tuple[str, str]:
        """Number and role of the professional who sends it."""
        path = "v:ControlActProcess/v:authorOrPerformer//v:AssignedPerson/*[@root='2.16.528.1.1007.3.1']/@extension"
        number = cast("list[str]", self.message.xpath(path, namespaces=_HL7))
        path = "v:ControlActProcess/v:authorOrPerformer//v:AssignedPerson/v:code/@code"
        role = cast("list[str]", self.message.xpath(path, namespaces=_HL7))
        return str(number[0]), str(role[0])

    @property
    def patient(self) -> str | None:
        """The first patient number in the payload."""
        found = cast("list[str]", self.message.xpath(_PATIENT, namespaces=_HL7))
        return str(found[0]) if found else None

    @property
    def processing_code(self) -> str:
        """P, T or D; a batch has none, its answers have."""
        found = cast("list[str]", self.message.xpath(".//v:processingCode/@code", namespaces=_HL7))
        return str(found[0])

    def _id(self, path: str) -> Id:
        return self._ids(path)[0]

    def _ids(self, path: str) -> list[Id]:
        found = cast("list[etree._Element]", self.message.xpath(path, namespaces=_HL7))
        return [(one.get("root", ""), one.get("extension", "")) for one in found]
