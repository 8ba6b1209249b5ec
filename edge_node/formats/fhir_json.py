"""FHIR in JSON, read piece by piece.

Knows: ijson, the limits on depth, names and members, how JSON writes resources and primitives.
Must not know: which values matter.

Numbers are taken as floats: otherwise the library hands out a broken object for one of thousands of digits.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import ijson

from edge_node.errors import Refused
from edge_node.formats.fhir_draft import FhirDraft

PIECE_BYTES: Final = 65536
_BOM: Final = b"\xef\xbb\xbf"
_LONGEST_ESCAPE: Final = 12
#: What a token may end with, or what may stand behind one.
_MAY_END: Final = re.compile(rb'["\[\]{},:]')
#: The most that is put off from there on: it is parsed in one go, maybe as the smallest values.
_PUT_OFF_BYTES: Final = 32 * 1024
_HIGH, _LOW = rb"\\u[dD][89abAB][0-9a-fA-F]{2}", rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
#: Each escape, and what is never right. Outside a string there is no backslash.
_ODD: Final = re.compile(
    rb"(?P<space>[\v\f])|" + _HIGH + _LOW + rb"|(?P<half>" + _HIGH + rb"|" + _LOW + rb")|\\.?", re.DOTALL
)
_ODD_SIGNS: Final = (b"\\", b"\v", b"\f")


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonLimits:
    """How much structure a body may have. Its size is limited by whoever receives it."""

    depth: int = 100
    members: int = 512  # of one object
    name_chars: int = 256
    branches: int = 500_000  # objects and arrays, in all
    escapes: int = 300_000  # of one string, which is written out in one go; 10 MiB of base64 have half as many "\/"


class JsonReader:
    """Feeds a draft with the tree of one JSON text."""

    def __init__(self, draft: FhirDraft, limits: JsonLimits) -> None:
        self._tree = _Tree(draft, limits)
        self._parser = ijson.basic_parse_coro(self._tree, use_float=True)
        self._escapes = _Escapes()
        self._waiting = bytearray()
        self._behind = 0  # how much of it since a token may have ended
        self._unfinished = 0  # bytes of a token the parser may hold
        self._held_escapes, self._max_escapes = 0, limits.escapes  # in these bytes
        self._begun = False

    def feed(self, piece: bytes | memoryview) -> None:
        """Parse one piece of at most `PIECE_BYTES`."""
        self._take(bytes(piece), is_last=False)
        # The parser begins an unfinished token anew at each call: a trickle of bytes would cost their square.
        enough = self._unfinished if self._begun else len(_BOM)
        if len(self._waiting) >= enough or self._behind >= _PUT_OFF_BYTES:
            self._flush()

    def close(self) -> None:
        """Say that nothing follows."""
        self._take(b"", is_last=True)
        self._flush()
        # The library overlooks a string that begins behind the text and does not end; no string goes over a line end.
        self._parse(lambda: self._parser.send(b"\n"))
        self._parse(self._parser.close)

    def _take(self, piece: bytes, *, is_last: bool) -> None:
        sound, fault = self._escapes.sound(piece, is_last=is_last)
        self._put_off(sound)
        if fault:
            self._flush()  # what is wrong before it counts first, however the pieces were cut
            raise Refused(fault, code="EN-JSON-MALFORMED")

    def _put_off(self, piece: bytes) -> None:
        self._waiting += piece
        if self._behind:
            self._behind += len(piece)
        elif found := _MAY_END.search(piece):
            self._behind = len(piece) - found.start()

    def _flush(self) -> None:
        taken, self._waiting, self._behind = bytes(self._waiting), bytearray(), 0
        if not self._begun:
            self._begun, taken = True, taken.removeprefix(_BOM)
        if not taken:
            return  # to the library nothing means the end
        before, escapes = self._tree.events, taken.count(b"\\")
        if self._held_escapes + escapes > self._max_escapes:
            raise Refused(f"a string has more than {self._max_escapes} escapes", code="EN-JSON-LIMIT")
        self._parse(lambda: self._parser.send(taken))
        if self._tree.events > before:
            self._unfinished = self._held_escapes = 0
        self._unfinished += len(taken)
        self._held_escapes += escapes

    def _parse(self, step: Callable[[], object]) -> None:
        try:
            step()
        except (ijson.JSONError, UnicodeDecodeError, ValueError):
            # What the library says holds a part of the body.
            raise Refused("not a JSON text in UTF-8", code="EN-JSON-MALFORMED") from None


class _Escapes:
    """Finds what the library takes and JSON does not: other white space, and half a surrogate pair."""

    def __init__(self) -> None:
        self._rest = b""  # begins with an escape that may go on

    def sound(self, piece: bytes, *, is_last: bool) -> tuple[bytes, str]:
        """Return what may be parsed, and what is wrong right behind it; empty where nothing is."""
        text, self._rest = self._rest + piece, b""
        if not any(sign in text for sign in _ODD_SIGNS):
            return text, ""
        for found in _ODD.finditer(text):
            at = found.start()
            if found["space"]:
                return text[:at], "a control character"
            if at > len(text) - _LONGEST_ESCAPE and not is_last:
                self._rest = text[at:]
                return text[:at], ""
            if found["half"]:
                return text[:at], "half a surrogate pair"
        return text, ""


class _Tree:
    """Takes the events of the parser."""

    def __init__(self, draft: FhirDraft, limits: JsonLimits) -> None:
        self.events = 0
        self._branches = 0
        self._draft = draft
        self._limits = limits
        self._name = ""  # of the member whose value comes
        self._open: list[tuple[str, set[str] | None]] = []  # the name of each, and its members when it is an object
        self._take: Final[dict[str, Callable[[Any], None]]] = {
            "map_key": self._key,
            "string": self._string,
            "number": self._other,
            "boolean": self._other,
            "null": self._nothing,
            "start_map": self._start_map,
            "end_map": self._end_map,
            "start_array": self._start_array,
            "end_array": self._end_array,
        }

    def send(self, event: tuple[str, Any]) -> None:
        """Called by the parser for each event."""
        self.events += 1
        self._take[event[0]](event[1])

    def _key(self, name: str) -> None:
        members = self._open[-1][1]
        if members is None or name in members:
            raise Refused("a name stands twice in one object", code="EN-JSON-MALFORMED")
        if len(name) > self._limits.name_chars:
            raise Refused(f"a name is longer than {self._limits.name_chars} characters", code="EN-JSON-LIMIT")
        if len(members) >= self._limits.members:
            raise Refused(f"an object has more than {self._limits.members} members", code="EN-JSON-LIMIT")
        members.add(name)
        self._name = name

    def _string(self, text: str) -> None:
        if not self._open:
            return
        if self._name == "resourceType" and self._open[-1][1] is not None:
            self._draft.resource(text)
        else:
            self._draft.value(self._name, text)

    def _other(self, _: object) -> None:
        if self._open:
            self._draft.value(self._name, None)

    def _nothing(self, _: None) -> None:
        """A null stands for what an extension beside it explains."""

    def _start_map(self, _: None) -> None:
        self._draft.begin(self._name)
        self._deeper(set())

    def _end_map(self, _: None) -> None:
        self._draft.end()
        self._name = self._open.pop()[0]

    def _start_array(self, _: None) -> None:
        if not self._open:
            self._draft.begin("")  # a root of its own, such as a JSON Patch
        self._deeper(None)

    def _end_array(self, _: None) -> None:
        self._name = self._open.pop()[0]
        if not self._open:
            self._draft.end()

    def _deeper(self, members: set[str] | None) -> None:
        if len(self._open) >= self._limits.depth:
            raise Refused(f"it is nested more than {self._limits.depth} deep", code="EN-JSON-LIMIT")
        self._branches += 1
        if self._branches > self._limits.branches:
            raise Refused(f"it has more than {self._limits.branches} objects and arrays", code="EN-JSON-LIMIT")
        self._open.append((self._name, members))
