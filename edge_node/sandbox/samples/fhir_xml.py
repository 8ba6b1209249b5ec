"""A FHIR resource in XML, made from the same resource as JSON has it.

Knows: how FHIR writes objects, lists and primitives in XML.
Must not know: what a resource says.
"""

from collections.abc import Mapping
from typing import Any, Final

from lxml import etree

FHIR: Final = "http://hl7.org/fhir"


def as_xml(resource: Mapping[str, Any]) -> bytes:
    """Return the resource in UTF-8. Properties keep the order they have, which must be that of the specification."""
    root = etree.Element(_name(str(resource["resourceType"])), nsmap={None: FHIR})
    _fill(root, resource)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _fill(parent: etree._Element, said: Mapping[str, Any]) -> None:
    for name, value in said.items():
        if name == "resourceType":
            continue
        for one in value if isinstance(value, list) else [value]:
            _add(parent, name, one)


def _add(parent: etree._Element, name: str, value: Any) -> None:
    element = etree.SubElement(parent, _name(name))
    if not isinstance(value, Mapping):
        element.set("value", str(value).lower() if isinstance(value, bool) else str(value))
    elif "resourceType" in value:
        # A resource within another one has an element of its own in between.
        _fill(etree.SubElement(element, _name(str(value["resourceType"]))), value)
    else:
        _fill(element, value)


def _name(name: str) -> str:
    return f"{{{FHIR}}}{name}"
