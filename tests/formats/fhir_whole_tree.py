"""The patients of a FHIR body, found the slow way: the whole tree first, then a walk from the root down.

Knows: the rules on whose a number is, and nothing of how the node reads. Fuzzing holds the reader against this.
"""

import json
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qsl

from lxml import etree

from edge_node.formats.fhir_draft import OTHER_PEOPLE, OTHERS

_SYSTEMS: Final = {"http://fhir.nl/fhir/NamingSystem/bsn", "urn:oid:2.16.840.1.113883.2.4.6.3"}
_FHIR: Final = "{http://hl7.org/fhir}"

Found = set[tuple[str, str]]


def patients_in_json(body: bytes) -> Found:
    """Each place with its number."""
    return set(_walk(json.loads(body.removeprefix(b"\xef\xbb\xbf")), (), None, 0))


def patients_in_xml(body: bytes) -> Found:
    """The same for XML, as if it were JSON."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    root = etree.fromstring(body, parser)
    return set(_walk(_as_json(root), (), None, 0))


def _as_json(element: etree._Element) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    name = str(element.tag).removeprefix(_FHIR)
    if name[0].isupper():
        tree["resourceType"] = name
    for child in element:
        if not isinstance(child.tag, str) or not child.tag.startswith(_FHIR):
            continue
        name, below = child.tag.removeprefix(_FHIR), _as_json(child)
        values = [child.get("value"), below] if child.get("value") is not None else [below]
        # A resource stands in the place of the element around it.
        tree.setdefault("" if name[0].isupper() else name, []).extend(values)
    return tree


def _walk(tree: Any, path: tuple[str, ...], resource: str | None, depth: int) -> Iterator[tuple[str, str]]:
    """`depth` is how many names down `resource` begins."""
    if isinstance(tree, list):
        for one in tree:
            yield from _walk(one, path, resource, depth)
        return
    if not isinstance(tree, dict):
        return
    if isinstance(tree.get("resourceType"), str):
        resource, depth = tree["resourceType"], len(path)
    yield from _identifier(tree, path, (resource, depth))
    for name, value in tree.items():
        below = (*path, name) if name else path
        yield from _addresses(name, value, below)
        yield from _walk(value, below, resource, depth)


def _identifier(tree: dict[str, Any], path: tuple[str, ...], of: tuple[str | None, int]) -> Iterator[tuple[str, str]]:
    systems, values = (_strings(tree.get(name)) for name in ("system", "value"))
    if not _SYSTEMS.intersection(systems) or not values or not values[0].strip():
        return
    is_own = path[of[1] :] == ("identifier",)
    if not OTHERS.intersection(path) and not (is_own and of[0] in OTHER_PEOPLE):
        yield "body:" + ".".join(path), values[0].strip()


def _addresses(name: str, value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if name not in {"url", "reference", "fullUrl", "ifNoneExist"}:
        return
    for text in _strings(value):
        _, mark, query = text.partition("?")
        query = query.partition("#")[0] if mark or name != "ifNoneExist" else text
        for _, parameter in parse_qsl(query):
            for one in parameter.split(","):
                system, bar, number = one.partition("|")
                if system in _SYSTEMS and bar and number:
                    yield "body:" + ".".join(path), number


def _strings(value: Any) -> list[str]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
