"""FHIR in XML, read piece by piece.

Knows: how XML writes resources and primitives, the hardened parser.
Must not know: which values matter.
"""

from typing import Final

from edge_node.errors import Refused
from edge_node.formats.fhir_draft import FhirDraft
from edge_node.formats.hardened import HardenedParser, XmlLimits

FHIR: Final = "http://hl7.org/fhir"
_IN_FHIR: Final = f"{FHIR} "
#: A primitive stands in one attribute, which may be a whole document in base64. The parser takes it at once, and one
#: of more than 5 MB, twice this, would stop the reactor for more than 20 ms.
LIMITS: Final = XmlLimits(token_bytes=2_500_000)
#: Two of these are two answers to one question, also where the first says nothing.
_ONCE: Final = frozenset({"id", "type", "system"})


class XmlReader:
    """Feeds a draft with the tree of one XML text. What is in another namespace (the narrative) says nothing."""

    def __init__(self, draft: FhirDraft, limits: XmlLimits) -> None:
        self._draft = draft
        self._limits = limits
        self._depth = 0
        self._foreign = 0  # how deep below the first element of another namespace
        self._parser = HardenedParser(limits, self._start, self._end)

    def feed(self, piece: bytes | memoryview) -> None:
        """Parse one piece of at most `PIECE_BYTES`."""
        self._parser.feed(piece)

    def close(self) -> None:
        """Say that nothing follows."""
        try:
            self._parser.close()
        finally:
            self._parser.release()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._parser.check_depth(self._depth)
        self._parser.check_element(name, attributes)
        if self._foreign or not name.startswith(_IN_FHIR):
            self._foreign += 1
            if self._depth == 1:
                self._draft.begin("")
            return
        self._element(name[len(_IN_FHIR) :], attributes)

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        is_resource = name[0].isupper()
        if self._depth == 1 and not is_resource:
            raise Refused("the root element is no resource", code="EN-FHIR-BODY")
        if self._depth > 1 and ("value" in attributes or name in _ONCE):
            self._draft.value(name, attributes.get("value"))
        self._draft.begin("" if is_resource else name)
        if is_resource:
            self._draft.resource(name)

    def _end(self, _name: str) -> None:
        self._depth -= 1
        if self._foreign:
            self._foreign -= 1
            if self._depth == 0:
                self._draft.end()
            return
        self._draft.end()
