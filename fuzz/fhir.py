"""The FHIR reader: the resource that is judged is the one any JSON or XML library would show.

Knows: how a body is read, at once and as it comes, in JSON and in XML; two libraries that read it whole.
Must not know: where inputs come from.

The first byte of an input says how it is written: `<` is XML.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from edge_node.formats.fhir_body import FhirBodyReader
from edge_node.model.fhir import FhirBody
from fuzz.opinion import NoOpinion, Unreadable, tree
from fuzz.target import Cost, Crash, outcome, pieces

Read = Callable[[bytes], FhirBody]
_FHIR: Final = "http://hl7.org/fhir"
_BSN: Final = "http://fhir.nl/fhir/NamingSystem/bsn"
_PATIENT: Final[dict[str, Any]] = {
    "resourceType": "Patient",
    "id": "p-1",
    "identifier": [{"system": _BSN, "value": "999911120"}],
    "name": [{"family": "XXX_Voorbeeld", "given": ["A."]}],
    "birthDate": "1931-01-01",
}
_TASK: Final[dict[str, Any]] = {
    "resourceType": "Task",
    "status": "requested",
    "for": {"identifier": {"system": _BSN, "value": "999911120"}, "reference": "Patient/p-1"},
    "owner": {"identifier": {"system": "http://fhir.nl/fhir/NamingSystem/ura", "value": "90000101"}},
    "input": [{"type": {"text": "x"}, "valueDecimal": 1.5e3}],
    "contained": [_PATIENT],
}
_BUNDLE: Final[dict[str, Any]] = {
    "resourceType": "Bundle",
    "type": "transaction",
    "entry": [{"resource": _PATIENT, "request": {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=x"}}],
}
_OUTCOME: Final[dict[str, Any]] = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "invalid", "details": {"coding": [{"system": "urn:x", "code": "SYN"}]}}],
}
_XML: Final = (
    f'<?xml version="1.0" encoding="UTF-8"?><Bundle xmlns="{_FHIR}"><type value="searchset"/><entry><resource>'
    '<Patient><id value="p-1"/><text><div xmlns="http://www.w3.org/1999/xhtml"><p>x</p></div></text><identifier>'
    f'<system value="{_BSN}"/><value value="999911120"/></identifier></Patient></resource></entry></Bundle>'
)
WORDS: Final = (
    b'"resourceType":"Patient"', b'"resourceType":"Bundle"', b'"identifier":', b'"system":', b'"value":',
    b'"999911120"', f'"{_BSN}"'.encode(), b'"contained":[', b'"entry":[', b'"resource":{', b"null", b"true",
    b"1e999", b"-0", b"\\u0000", b'"\\ud800"', b"\xef\xbb\xbf", b"NaN", b"{}", b"[]", b"[[[[[[[[", b"/*x*/",
    b'"id":1', b'"type":"batch"', b",", b"}", b"<!DOCTYPE a>", b"<?x?>", b"<Patient>", b'<id value="x"/>',
    b"<contained>", b'xmlns=""', b'<value value="1"/>',
)  # fmt: skip


def read_whole(data: bytes) -> FhirBody:
    """Read a body at once."""
    return read_in_pieces(data, len(data) or 1)


def read_in_pieces(data: bytes, size: int) -> FhirBody:
    """Read it as it comes."""
    reader = FhirBodyReader(is_json=not data.startswith(b"<"))
    for piece in pieces(data, size):
        reader.feed(piece)
    return reader.close()


@dataclass(frozen=True, slots=True)
class FhirTarget:
    """Reads a body at once and in pieces, and holds it against its whole tree."""

    read: Read = read_whole

    @property
    def seeds(self) -> tuple[bytes, ...]:
        """A resource of each shape, and one in XML."""
        return (*(json.dumps(one).encode() for one in (_PATIENT, _TASK, _BUNDLE, _OUTCOME)), _XML.encode())

    @property
    def words(self) -> tuple[bytes, ...]:
        """What hostile resources are made of."""
        return WORDS

    def run(self, data: bytes) -> None:
        """Try one body."""
        with Cost():
            body = outcome(lambda: self.read(data))
        if outcome(lambda: read_in_pieces(data, 1 + len(data) % 97)) != body:
            raise Crash("it depends on how it comes")
        if isinstance(body, FhirBody):
            self._hold(body, data)

    @staticmethod
    def _hold(body: FhirBody, data: bytes) -> None:
        try:
            told = told_by_json(data) if body.is_json else told_by_xml(data)
        except NoOpinion:
            return
        found = (body.resource, body.id, body.bundle)
        if found != told:
            raise Crash("judged otherwise than the whole tree: type, id, or type of the Bundle")


Told = tuple[str | None, str | None, str | None]


def told_by_json(data: bytes) -> Told:
    """Type, id, and type of a Bundle, by the standard library."""
    try:
        told = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Crash(f"a whole tree cannot be read: {type(error).__name__}") from error
    if not isinstance(told, dict):
        return None, None, None
    type_ = _text(told.get("resourceType"))
    return type_, _text(told.get("id")), _text(told.get("type")) if type_ == "Bundle" else None


def told_by_xml(data: bytes) -> Told:
    """The same by lxml."""
    try:
        root = tree(data)
    except Unreadable as error:
        raise Crash(f"a whole tree cannot be read: {error}") from error
    if etree.QName(root).namespace != _FHIR:
        return None, None, None
    type_ = etree.QName(root).localname
    return type_, _value(root, "id"), _value(root, "type") if type_ == "Bundle" else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _value(root: etree._Element, name: str) -> str | None:
    found = root.find(f"{{{_FHIR}}}{name}")
    return found.get("value") if found is not None else None
