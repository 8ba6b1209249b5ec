"""The body of a FHIR request or answer, read whole or as it comes.

Knows: which media types hold FHIR, and which reader each needs.
Must not know: what is judged of a body, HTTP.
"""

import re
from typing import Final

from edge_node.errors import Refused
from edge_node.formats import fhir_xml
from edge_node.formats.fhir_draft import FhirDraft
from edge_node.formats.fhir_headers import format_of
from edge_node.formats.fhir_json import PIECE_BYTES, JsonLimits, JsonReader
from edge_node.formats.fhir_xml import XmlReader
from edge_node.formats.hardened import XmlLimits
from edge_node.model.fhir import FhirBody
from edge_node.model.message import Patients

_PATCHES: Final = {"application/json-patch+json": True, "application/xml-patch+xml": False}
_CHARSET: Final = re.compile(r';\s*charset\s*=\s*"?([^";\s]*)"?', re.IGNORECASE)


class FhirBodyReader:
    """Reads one body as its bytes come; what is known so far may be asked at any time."""

    def __init__(
        self, *, is_json: bool, json_limits: JsonLimits | None = None, xml_limits: XmlLimits | None = None
    ) -> None:
        self.is_json = is_json
        self._draft = FhirDraft()
        self._reader = (
            JsonReader(self._draft, json_limits or JsonLimits())
            if is_json
            else XmlReader(self._draft, xml_limits or fhir_xml.LIMITS)
        )

    @property
    def resource(self) -> str | None:
        """Type of the resource, once known."""
        return self._draft.resource_type

    @property
    def patients(self) -> Patients:
        """The patients of the resources read so far."""
        return self._draft.patients

    def feed(self, piece: bytes | memoryview) -> None:
        """Read the next piece, of any size. Raises `Refused`."""
        view = memoryview(piece)
        for at in range(0, len(view), PIECE_BYTES):
            self._reader.feed(view[at : at + PIECE_BYTES])

    def close(self) -> FhirBody:
        """Return what was read, now that nothing follows. Raises `Refused`."""
        self._reader.close()
        return self._draft.body(is_json=self.is_json)


def is_json_body(content_type: str) -> bool:
    """Whether a body of this media type is JSON or XML. Raises `Refused` for what is neither, or not in UTF-8."""
    is_json = format_of(content_type)
    if is_json is None:
        is_json = _PATCHES.get(content_type.partition(";")[0].strip().lower())
    if is_json is None:
        raise Refused("send application/fhir+json or application/fhir+xml", code="EN-MEDIA-TYPE")
    charset = _CHARSET.search(content_type)
    if charset is not None and charset[1].lower() not in {"", "utf-8", "utf8"}:
        raise Refused("FHIR is written in UTF-8", code="EN-MEDIA-TYPE")
    return is_json


def read_body(body: bytes, content_type: str) -> FhirBody:
    """Read a whole body. Raises `Refused`."""
    reader = FhirBodyReader(is_json=is_json_body(content_type))
    reader.feed(body)
    return reader.close()
