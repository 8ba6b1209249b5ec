"""One YAML file as a tree with places, without YAML's surprises.

Knows: YAML events, and the ways in which YAML 1.1 reads something else than what was meant.
Must not know: which keys there are, or layers.

A file is read from PyYAML's events: nothing is constructed, so tags make no objects; anchors, aliases and merge
keys are refused, so a small file cannot grow into a large one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from edge_node.settings.tree import Complaint, Entry, Listing, Mapping, Node, Place, Scalar, Steps, key_name

MAX_FILE_BYTES: Final = 1024 * 1024
MAX_DEPTH: Final = 16

_QUOTE: Final = "put it in quotes when it is a text"
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
_WORDS: Final = {"true": True, "false": False, "null": None, "~": None}
#: What one YAML reader takes for a number, a truth value or a date, and another for a text.
_TRAPS: Final = (
    (
        re.compile(r"(?i:yes|no|on|off|y|n)|True|TRUE|False|FALSE"),
        "some YAML readers take this word for true or false; write true or false, or put it in quotes",
    ),
    (re.compile(r"Null|NULL"), "write null, or put it in quotes"),
    (
        re.compile(r"[-+]?0[0-9_]+"),
        "a number with a leading zero is octal to some YAML readers and loses the zero; put it in quotes",
    ),
    (re.compile(r"[-+]?0[xob][0-9a-fA-F_]+"), f"write the number in decimal; {_QUOTE}"),
    (re.compile(r"[-+]?[0-9]+(_[0-9_]*)+(\.[0-9_]*)?"), f"write the number without _; {_QUOTE}"),
    (
        re.compile(r"[-+]?[0-9]+(:[0-5]?[0-9])+(\.[0-9]*)?"),
        "YAML 1.1 reads this as a number to the base of sixty; put it in quotes",
    ),
    (re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?"), "YAML 1.1 reads this as a date; put it in quotes"),
    (
        re.compile(
            r"[-+]?(\.[0-9]+|[0-9]+\.?[0-9]*[eE][-+]?[0-9]+|[0-9]+\.|\+[0-9.]+|\.(inf|Inf|INF)|\.(nan|NaN|NAN))"
        ),
        f"write the number as digits, such as 0.5 or 1000; {_QUOTE}",
    ),
    (re.compile(r"[-+]?[0-9]{19,}"), f"the number is too large; {_QUOTE}"),
)


class _Stop(Exception):
    """Reading this file cannot go on."""


@dataclass(slots=True)
class _Reading:
    """The state of reading one file."""

    file: str
    layer: int
    events: Iterator[yaml.Event]
    complaints: list[Complaint] = field(default_factory=list)

    def place(self, mark: Any) -> Place:  # the stubs do not say that a parser's events always have marks
        return Place(self.layer, mark.line + 1, mark.column + 1, self.file)

    def complain(self, event: yaml.Event, steps: Steps, reason: str) -> None:
        self.complaints.append(Complaint(self.place(event.start_mark), key_name(steps), reason))

    def next(self) -> yaml.Event:
        return next(self.events)


def read(text: str, *, file: str, layer: int = 0) -> tuple[Node | None, list[Complaint]]:
    """Return the tree of one file, or None when it cannot be read at all; and every complaint on its form."""
    start = Place(layer, 1, 1, file)
    if len(text) > MAX_FILE_BYTES:
        return None, [Complaint(start, "yaml", "is larger than 1 MiB")]
    reading = _Reading(file, layer, yaml.parse(text, Loader=yaml.SafeLoader))
    try:
        node = _document(reading)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = reading.place(mark) if mark else start
        # The problem names YAML's own marks only; the snippet with the text of the line is left out.
        return None, [*reading.complaints, Complaint(place, "yaml", error.problem or "is not YAML")]
    except yaml.YAMLError:
        return None, [*reading.complaints, Complaint(start, "yaml", "has a character that YAML does not allow")]
    except _Stop:
        return None, reading.complaints
    return node, reading.complaints


def _document(reading: _Reading) -> Node:
    reading.next()  # the stream starts
    event = reading.next()
    if isinstance(event, yaml.StreamEndEvent):
        return Mapping({}, Place(reading.layer, 1, 1, reading.file))
    node = _node(reading, reading.next(), ())
    reading.next()  # the document ends
    event = reading.next()
    if not isinstance(event, yaml.StreamEndEvent):
        reading.complain(event, (), "a second document begins here; one file holds one document")
    return node


def _node(reading: _Reading, event: yaml.Event, steps: Steps) -> Node:
    if isinstance(event, yaml.AliasEvent):
        reading.complain(event, steps, "aliases (*name) are not used here; write the value again")
        return Scalar(None, reading.place(event.start_mark))
    assert isinstance(event, yaml.ScalarEvent | yaml.SequenceStartEvent | yaml.MappingStartEvent)
    if event.anchor is not None:
        reading.complain(event, steps, "anchors (&name) are not used here; write the value where it is needed")
    if event.tag is not None:
        reading.complain(event, steps, "tags (!name) are not used here; leave it out")
    if len(steps) > MAX_DEPTH:
        reading.complain(event, steps, f"is nested deeper than {MAX_DEPTH}")
        raise _Stop
    if isinstance(event, yaml.ScalarEvent):
        return _scalar(reading, event, steps)
    if isinstance(event, yaml.SequenceStartEvent):
        return _listing(reading, event, steps)
    return _mapping(reading, event, steps)


def _scalar(reading: _Reading, event: yaml.ScalarEvent, steps: Steps) -> Scalar:
    place = reading.place(event.start_mark)
    text: str = event.value
    if event.style is not None or event.tag is not None:
        return Scalar(text, place)
    if not text:
        reading.complain(event, steps, "has no value; write one, or leave the key out")
        return Scalar(None, place)
    if text in _WORDS:
        return Scalar(_WORDS[text], place)
    if _INTEGER.fullmatch(text):
        return Scalar(int(text), place)
    if _DECIMAL.fullmatch(text):
        return Scalar(float(text), place)
    for trap, reason in _TRAPS:
        if trap.fullmatch(text):
            reading.complain(event, steps, reason)
    return Scalar(text, place)


def _listing(reading: _Reading, start: yaml.Event, steps: Steps) -> Listing:
    items: list[Node] = []
    while not isinstance(event := reading.next(), yaml.SequenceEndEvent):
        items.append(_node(reading, event, (*steps, len(items))))
    return Listing(tuple(items), reading.place(start.start_mark))


def _mapping(reading: _Reading, start: yaml.Event, steps: Steps) -> Mapping:
    entries: dict[str, Entry] = {}
    while not isinstance(event := reading.next(), yaml.MappingEndEvent):
        key = _key(reading, event, steps)
        below = (*steps, key)
        if key in entries:
            reading.complain(event, below, f"is given twice; first in line {entries[key].key_place.line}")
        value = _node(reading, reading.next(), below)
        entries.setdefault(key, Entry(reading.place(event.start_mark), value))
    return Mapping(entries, reading.place(start.start_mark))


def _key(reading: _Reading, event: yaml.Event, steps: Steps) -> str:
    if not isinstance(event, yaml.ScalarEvent):
        reading.complain(event, steps, "a key here must be one word")
        raise _Stop
    if event.value == "<<" and event.style is None:
        reading.complain(event, (*steps, "<<"), "merge keys are not used here; give --config more than once instead")
        return "<<"
    node = _node(reading, event, (*steps, event.value))
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        reading.complain(event, (*steps, event.value), "this key is not read as a text; put it in quotes")
    return str(event.value)
