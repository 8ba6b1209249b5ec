"""A message as lines for a person to read: headings, labels and values, narrative as it was written.

Knows: how HL7v3 and FHIR write names, codes, times, numbers and narrative, and the words for their elements.
Must not know: how lines are shown, who reads them, why.

Nothing of the content is left out but what only machines read (which system a code is of, versions, what structure a
value stands in); an attachment is named with its size.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from edge_node.formats.readable_tree import Element, tree

LANGUAGES: Final = ("nl", "en")
_HL7_TIME: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(?:\.\d+)?([+-]\d{4})?")
#: Elements whose whole content is one line.
_ONE_LINE: Final = frozenset({"name", "addr", "address"})
_BLOCKS: Final = frozenset(
    {
        "p",
        "paragraph",
        "div",
        "li",
        "item",
        "tr",
        "caption",
        "title",
        "br",
        "table",
        "ul",
        "ol",
        "list",
        "thead",
        "tbody",
    }
    | {f"h{level}" for level in range(1, 7)}
)
#: What FHIR's own forms of a value consist of.
_CODING: Final = frozenset({"system", "version", "code", "display", "userSelected", "id"})
_QUANTITY: Final = frozenset({"value", "unit", "code", "system", "comparator", "id"})
_IDENTIFIER: Final = frozenset({"value", "system", "use", "id", "rank"})
_CELLS: Final = frozenset({"td", "th"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a heading has no text, a line of narrative no label."""

    depth: int
    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    labels: Mapping[str, Mapping[str, str]]
    ids: Mapping[str, Mapping[str, str]]
    said: Mapping[str, Mapping[str, str]]
    passed_over: frozenset[str]


def lines(body: bytes, content_type: str, language: str) -> list[Line]:
    """Return the lines of a message. Raises `Refused` when it cannot be read."""
    root = tree(body, content_type)
    inside = root.child("ControlActProcess")
    reading = _Reading(language, is_fhir="fhir" in content_type.lower() and inside is None)
    # What stands before it in HL7v3 is for the transport; who, what and when stand in the header of the page.
    found = reading.within(inside, 0) if inside is not None else reading.of(root, 0)
    return list(found)


class _Reading:
    """Reads one message in one language."""

    def __init__(self, language: str, *, is_fhir: bool) -> None:
        self._language = language
        self._is_fhir = is_fhir
        self._words = _words()

    def of(self, element: Element, depth: int) -> Iterator[Line]:
        """The lines of one element."""
        if element.name in self._words.passed_over:
            return
        label = self._label(element)
        if _is_narrative(element):
            yield Line(depth, label, "")
            yield from (Line(depth + 1, "", text) for text in _paragraphs(element))
            return
        text, told = self._value(element)
        inner = [child for child in element.children if id(child) not in told]
        rest = [line for child in inner for line in self.of(child, depth + 1)]
        if text:
            yield Line(depth, label, text)
        elif not rest:
            return
        elif len(element.children) > 1 or element.name in self._words.labels:
            yield Line(depth, label, "")
        else:  # an element that only wraps another one, and has no word of its own
            rest = [Line(line.depth - 1, line.label, line.text) for line in rest]
        yield from rest

    def within(self, element: Element, depth: int) -> Iterator[Line]:
        """The lines of what an element holds."""
        for child in element.children:
            yield from self.of(child, depth)

    def _label(self, element: Element) -> str:
        named = self._id_name(element)
        if named:
            return named
        if element.name in {"extension", "modifierExtension"} and (url := _plain(element, "url")):
            return url.rpartition("/")[2]
        known = self._words.labels.get(element.name)
        return known[self._language] if known else _spaced(element.name)

    def _id_name(self, element: Element) -> str:
        """What kind of number an identifier is, where its system is one that people know."""
        system = element.attributes.get("root") or _plain(element, "system")
        return self._words.ids.get(system, {}).get(self._language, "")

    def _value(self, element: Element) -> tuple[str, set[int]]:
        """What an element says in one line, and the children that are told with it."""
        if attachment := self._attachment(element):
            return attachment, {id(it) for it in element.children if it.name in {"data", "contentType", "title"}}
        if element.name in _ONE_LINE and element.children and not _is_resource(element):
            return _one_line(element), _all(element)
        # In HL7v3 the same names mean other things: a code and a value there are two facts.
        if self._is_fhir and (coded := self._coded(element)):
            return coded
        own = [*self._of_attributes(element), element.text]
        return " ".join(part for part in own if part), set()

    def _of_attributes(self, element: Element) -> Iterator[str]:
        known = element.attributes
        if "value" in known:
            yield _moment(known["value"]) if "unit" not in known else known["value"]
        if (unit := known.get("unit", "1")) != "1":
            yield unit
        yield self._code(known)
        if "extension" in known:
            yield known["extension"]
        elif "root" in known and not element.children:
            yield known["root"]
        if "nullFlavor" in known:
            yield f"({self._say('unknown')}: {known['nullFlavor']})"
        if known.get("negationInd") == "true":
            yield f"({self._say('not')})"
        if known.get("inversionInd") == "true":
            yield f"({self._say('inverted')})"

    def _code(self, known: Mapping[str, str]) -> str:
        shown, code = known.get("displayName", ""), known.get("code", "")
        if shown:
            return f"{shown} ({code})" if code else shown
        named = self._words.said.get(f"code {code}", {}).get(self._language, "")
        system = known.get("codeSystemName") or known.get("codeSystem", "")
        return named or (f"{code} ({system})" if code and system else code)

    def _coded(self, element: Element) -> tuple[str, set[int]] | None:
        """FHIR's own forms of a value: a code, a number with its unit, an identifier, a reference, a period.

        Only where all of it is told in that line; what holds anything more is told in full.
        """
        has = {child.name for child in element.children}
        leaves = {child.name for child in element.children if not child.content}
        plain = {name: _plain(element, name) for name in leaves}
        if "coding" in has and has <= {"coding", "text", "id"}:
            codings = [child for child in element.children if child.name == "coding"]
            if all(_is_coding(child) for child in codings):
                shown = [plain.get("text", ""), *map(_coding, codings)]
                return "; ".join(dict.fromkeys(filter(None, shown))), _all(element)
        if _is_coding(element):
            return _coding(element), _all(element)
        if has == leaves and "value" in has and has <= _QUANTITY:
            parts = plain.get("comparator", ""), plain["value"], plain.get("unit") or plain.get("code", "")
            return " ".join(filter(None, parts)), _all(element)
        if has == leaves and "value" in has and has <= _IDENTIFIER:
            return plain["value"], _all(element)
        if "reference" in leaves or "display" in leaves:
            told = leaves & {"reference", "display", "type", "id"}
            text = plain.get("display", ""), plain.get("reference", "")
            return " – ".join(filter(None, text)), {id(it) for it in element.children if it.name in told}
        if has and has == leaves and has <= {"start", "end", "id"}:
            return f"{plain.get('start', '')} – {plain.get('end', '')}", _all(element)
        return None

    def _attachment(self, element: Element) -> str:
        """A scan or another document inside: named, since no terminal and no sheet of paper shows it by itself."""
        known = element.attributes
        data = element.text if known.get("representation") == "B64" else _plain(element, "data")
        if not data:
            return ""
        kind = known.get("mediaType") or _plain(element, "contentType") or "?"
        title = _plain(element, "title")
        size_kb = max(1, len(data) * 3 // 4 // 1024)
        return " ".join(filter(None, (title, f"({self._say('attachment')}: {kind}, {size_kb} kB)")))

    def _say(self, name: str) -> str:
        return self._words.said[name][self._language]


@cache
def _words() -> _Words:
    tables: dict[str, Any] = tomllib.loads(files(__package__).joinpath("readable.toml").read_text("utf-8"))
    pair: dict[str, dict[str, dict[str, str]]] = {
        name: {key: dict(zip(LANGUAGES, both, strict=True)) for key, both in tables[name].items()}
        for name in ("labels", "ids", "said")
    }
    return _Words(**pair, passed_over=frozenset(tables["passed_over"]))


def _plain(element: Element, name: str) -> str:
    found = element.child(name)
    return found.attributes.get("value", "") if found is not None else element.attributes.get(name, "")


def _coding(element: Element) -> str:
    shown, code = _plain(element, "display"), _plain(element, "code")
    return f"{shown} ({code})" if shown and code else shown or code


def _is_coding(element: Element) -> bool:
    has = {child.name for child in element.children}
    return "code" in has and has <= _CODING and not any(child.content for child in element.children)


def _all(element: Element) -> set[int]:
    return {id(child) for child in element.children}


def _is_resource(element: Element) -> bool:
    return any(child.name[:1].isupper() for child in element.children)


def _is_narrative(element: Element) -> bool:
    if element.is_xhtml:
        return True
    return element.name == "text" and any(child.name in _BLOCKS | {"content"} for child in element.children)


def _one_line(element: Element) -> str:
    """A name or an address: its parts as they stand, or what is written for people."""
    if text := _plain(element, "text"):
        return text
    parts = [element.text, *(_part(child) for child in element.children if child.name not in {"use", "extension"})]
    return " ".join(part for part in parts if part)


def _part(child: Element) -> str:
    return child.attributes.get("value") or child.text or " ".join(filter(None, map(_part, child.children)))


def _paragraphs(element: Element) -> list[str]:
    """Narrative, a line for each paragraph, item or row of a table."""
    pieces: list[str] = []
    _gather(element, pieces)
    return [" ".join(text.split()).strip("| ") for text in "".join(pieces).split("\n") if text.strip(" |\t\r")]


def _gather(element: Element, pieces: list[str]) -> None:
    is_block, is_cell = element.name in _BLOCKS, element.name in _CELLS
    pieces.append("\n" if is_block else "")
    for part in element.content:
        if isinstance(part, Element):
            _gather(part, pieces)
        else:
            # A line end in the source is none on the page.
            pieces.append(re.sub(r"\s+", " ", part))
    pieces.append(" | " if is_cell else "\n" if is_block else "")


def _moment(value: str) -> str:
    """A time of HL7v3 as ISO 8601 writes it: no country reads that in two ways."""
    found = _HL7_TIME.fullmatch(value)
    if found is None:
        return value
    year, month, day, hour, minute, second, zone = found.groups()
    if not (1800 <= int(year) <= 2200 and 1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return value
    time = "" if hour is None else f" {hour}:{minute}" + ("" if second is None else f":{second}")
    return f"{year}-{month}-{day}{time}{zone or ''}"


def _spaced(name: str) -> str:
    """The name of an element as words."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ").lower()
