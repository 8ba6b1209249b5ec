"""A message as one tree, whatever it is written in, for a person who has to read it.

Knows: XML and JSON, where the content of a SOAP envelope is, how FHIR in JSON looks as elements.
Must not know: what any element means, how it is shown.
"""

import json
from dataclasses import dataclass, field
from typing import Any, Final

from edge_node.errors import Refused
from edge_node.formats.hardened import PIECE_BYTES, HardenedParser, XmlLimits
from edge_node.formats.names import local_name

_XHTML: Final = "http://www.w3.org/1999/xhtml"
_SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
#: What one piece of text may have: all of a body.
_TEXT_CHARS: Final = 1 << 40
_DEPTH: Final = 100


@dataclass(slots=True)
class Element:
    """One element; in its content texts and elements stand in their order."""

    name: str  # without its namespace
    attributes: dict[str, str] = field(default_factory=dict)
    content: "list[str | Element]" = field(default_factory=list)
    is_xhtml: bool = False

    @property
    def children(self) -> "list[Element]":
        """The elements in it."""
        return [part for part in self.content if isinstance(part, Element)]

    @property
    def text(self) -> str:
        """Its own text, with single spaces."""
        return " ".join(" ".join(part for part in self.content if isinstance(part, str)).split())

    def child(self, name: str) -> "Element | None":
        """The first element in it of that name."""
        return next((child for child in self.children if child.name == name), None)


def tree(body: bytes, content_type: str) -> Element:
    """Read a body. Raises `Refused` when it is neither XML nor JSON."""
    return of_json(body) if "json" in content_type.lower() else content_of(of_xml(body))


def of_xml(body: bytes) -> Element:
    """Read a whole document."""
    builder = _Builder()
    return builder.read(body)


def content_of(root: Element) -> Element:
    """What a SOAP envelope carries; of another document all of it."""
    if root.name != "Envelope":
        return root
    inside = root.child("Body")
    return root if inside is None or not inside.children else inside.children[0]


def of_json(body: bytes) -> Element:
    """Read a FHIR resource as the elements it has in XML."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused("not JSON", code="EN-JSON-MALFORMED") from None
    if not isinstance(document, dict):
        raise Refused("not a resource", code="EN-FHIR-BODY")
    return _resource(document, 0)


class _Builder:
    def __init__(self) -> None:
        self._top = Element("")
        self._open = [self._top]
        self._parser = HardenedParser(XmlLimits(), self._start, self._end)

    def read(self, body: bytes) -> Element:
        self._parser.collect_text(_TEXT_CHARS)
        for start in range(0, len(body), PIECE_BYTES):
            self._parser.feed(body[start : start + PIECE_BYTES])
        self._parser.close()
        self._parser.release()
        return self._top.children[0]

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._parser.check_element(name, attributes)
        self._parser.check_depth(len(self._open))
        self._text()
        own = {local_name(key): value for key, value in attributes.items()}
        element = Element(local_name(name), own, is_xhtml=name.startswith(_XHTML))
        self._open[-1].content.append(element)
        self._open.append(element)

    def _end(self, _name: str) -> None:
        self._text()
        self._open.pop()

    def _text(self) -> None:
        if text := self._parser.take_text():
            self._open[-1].content.append(text)
        self._parser.collect_text(_TEXT_CHARS)


def _resource(document: dict[str, Any], depth: int) -> Element:
    name = document.get("resourceType")
    return _object(name if isinstance(name, str) else "resource", document, depth)


def _object(name: str, document: dict[str, Any], depth: int) -> Element:
    if depth > _DEPTH:
        raise Refused(f"objects are nested more than {_DEPTH} deep", code="EN-JSON-LIMIT")
    element = Element(name)
    for key, value in document.items():
        if key != "resourceType":
            element.content += _members(key.removeprefix("_"), value, depth + 1)
    return element


def _members(name: str, value: Any, depth: int) -> list[Element]:
    """The elements of one member: one for each item of a list, none for nothing."""
    if isinstance(value, list):
        return [found for item in value if not isinstance(item, list) for found in _members(name, item, depth)]
    if isinstance(value, dict):
        if "resourceType" in value:
            return [Element(name, content=[_resource(value, depth)])]
        return [_object(name, value, depth)]
    if value is None:
        return []
    if name == "div" and isinstance(value, str):
        return [_narrative(value)]
    return [Element(name, {"value": _written(value)})]


def _narrative(text: str) -> Element:
    try:
        return of_xml(text.encode("utf-8", "replace"))
    except Refused:
        # Not XHTML: shown as what it is, letter by letter.
        return Element("div", content=[text], is_xhtml=True)


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
