"""An XML parser that refuses what could hurt: a DOCTYPE, another encoding, and anything beyond its limits.

Knows: pyexpat, its incremental feeding, the limits on structure, and what two parsers would read in two ways.
Must not know: SOAP, HL7v3, what any element means.

It is fed at most 64 kB at a time, since expat holds the interpreter while it parses.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from xml.parsers import expat

from edge_node.errors import Refused

PIECE_BYTES: Final = 65536
#: The most that is put off behind what may be the end of a token: it is parsed in one go, maybe as small elements.
#: A part of the longest token: beginning one anew for each such part costs little more than those elements.
_PUT_OFF_BYTES: Final = 4096
_PUT_OFF_PART: Final = 128
_UTF16_BOM: Final = (b"\xff\xfe", b"\xfe\xff")
_ENCODING_ERRORS: Final = frozenset({
    expat.errors.codes[expat.errors.XML_ERROR_UNKNOWN_ENCODING],
    expat.errors.codes[expat.errors.XML_ERROR_INCORRECT_ENCODING],
})  # fmt: skip

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class XmlLimits:
    """How much structure a body may have. Its size is limited by whoever receives it."""

    depth: int = 100
    attributes: int = 64  # of one element; namespace declarations are counted apart, to the same number
    name_chars: int = 256  # of an element's name, its namespace included
    token_bytes: int = 65536  # of one tag, comment or processing instruction
    names: int = 5_000  # different ones: the parser keeps each of them, and each costs twenty times its bytes
    tags: int = 500_000  # counted as "<", so an embedded document counts as well; a real one has 30 bytes for each


class HardenedParser:
    """Feeds expat and hands its elements to `begin`. Names are `namespace local`, attributes a dict."""

    def __init__(self, limits: XmlLimits, start: Start, end: End) -> None:
        self._limits = limits
        self._fed = 0
        self._head: bytes | None = b""  # the first bytes, until they tell the encoding
        self._waiting = bytearray()  # behind an unfinished token
        self._behind = 0  # how much of it since the token may have ended
        self._most_behind = max(_PUT_OFF_BYTES, limits.token_bytes // _PUT_OFF_PART)
        self._declared_at, self._declared = -1, 0
        self._tags = 0
        self._text: list[str] | None = None
        self._expat = parser = expat.ParserCreate("utf-8", " ")
        parser.buffer_text = True
        if hasattr(parser, "SetReparseDeferralEnabled"):  # expat 2.6 puts off by itself, and far more
            parser.SetReparseDeferralEnabled(False)
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.XmlDeclHandler = _check_declaration
        parser.StartNamespaceDeclHandler = self._count_declaration
        self.handle(start, end)

    def handle(self, start: Start, end: End) -> None:
        """Hand elements to these from now on."""
        self._expat.StartElementHandler = start
        self._expat.EndElementHandler = end

    def refuse_instructions(self) -> None:
        """Refuse processing instructions: SOAP 1.1 allows none (section 3), and some readers obey them."""
        self._expat.ProcessingInstructionHandler = _refuse_instruction

    @property
    def index(self) -> int:
        """Where the present token begins, in bytes from the first one fed."""
        return self._expat.CurrentByteIndex

    def feed(self, piece: bytes | memoryview) -> None:
        """Parse one piece of at most `PIECE_BYTES`."""
        if self._head is not None:
            piece = self._sniff(bytes(piece))
        unfinished = self._unfinished()
        if self._waiting or len(piece) < unfinished:
            # Expat begins an unfinished token anew at each call: a trickle of bytes would cost their square.
            self._put_off(bytes(piece))
            if len(self._waiting) < unfinished and self._behind < self._most_behind:
                return
            piece, self._waiting, self._behind = bytes(self._waiting), bytearray(), 0
        self._parse(piece, last=False)
        # Only what is left behind a piece is seen: one that ends in the next piece may be twice as long.
        if self._unfinished() > 2 * self._limits.token_bytes:
            raise Refused(f"one tag is longer than {self._limits.token_bytes} bytes", code="EN-XML-LIMIT")

    def _put_off(self, piece: bytes) -> None:
        """Have a piece wait. No element can end in it before the first ">"."""
        self._waiting += piece
        if self._behind:
            self._behind += len(piece)
        else:
            self._behind = len(piece) - piece.index(b">") if b">" in piece else 0

    def _unfinished(self) -> int:
        return self._fed - max(0, self._expat.CurrentByteIndex)

    def close(self) -> None:
        """Say that nothing follows."""
        if self._head is not None:
            self._waiting[:0], self._head = self._head, None
        self._parse(bytes(self._waiting), last=True)

    def release(self) -> None:
        """Let go of the handlers, which refer to their owner."""
        self._expat.StartElementHandler = None
        self._expat.EndElementHandler = None
        self._expat.CharacterDataHandler = None
        self._expat.CommentHandler = None
        self._expat.StartNamespaceDeclHandler = None

    def collect_value(self, max_chars: int = 4096) -> None:
        """Begin to gather a value that is judged: nothing is left out of it, and no remark may split it.

        Behind a remark some readers see the first part only, so that they would see another value than is judged.
        """
        pieces: list[str] = []
        room = max_chars

        def add(text: str) -> None:
            nonlocal room
            room -= len(text)
            if room < 0:
                raise Refused(f"a value is longer than {max_chars} characters", code="EN-XML-LIMIT")
            pieces.append(text)

        self._text = pieces
        self._expat.CharacterDataHandler = add
        self._expat.CommentHandler = _refuse_remark

    def collect_text(self, max_chars: int = 4096) -> None:
        """Begin to gather character data; beyond `max_chars` it is left out."""
        pieces: list[str] = []
        room = max_chars

        def add(text: str) -> None:
            nonlocal room
            pieces.append(text[:room])
            room = max(0, room - len(text))

        self._text = pieces
        self._expat.CharacterDataHandler = add

    def take_text(self) -> str:
        """Stop gathering; return what was gathered."""
        self._expat.CharacterDataHandler = None
        self._expat.CommentHandler = None
        text, self._text = "".join(self._text or ()), None
        return text

    def check_depth(self, depth: int) -> None:
        """Refuse an element that stands too deep."""
        if depth > self._limits.depth:
            raise Refused(f"elements are nested more than {self._limits.depth} deep", code="EN-XML-LIMIT")

    def check_element(self, name: str, attributes: dict[str, str]) -> None:
        """Refuse an element with too many attributes or too long a name."""
        if len(attributes) > self._limits.attributes:
            raise Refused(f"an element has more than {self._limits.attributes} attributes", code="EN-XML-LIMIT")
        if len(name) > self._limits.name_chars:
            raise Refused(f"a name is longer than {self._limits.name_chars} characters", code="EN-XML-LIMIT")

    def _sniff(self, piece: bytes) -> bytes:
        head = (self._head or b"") + piece
        if len(head) < 4:
            self._head = head
            return b""
        self._head = None
        if head[:2] in _UTF16_BOM or b"\0" in head[:4]:
            raise Refused("UTF-16, UTF-32, or packed", code="EN-XML-ENCODING")
        return head

    def _parse(self, piece: bytes | memoryview, *, last: bool) -> None:
        self._fed += len(piece)
        self._tags += bytes(piece).count(b"<")
        if self._tags > self._limits.tags:
            raise Refused(f"there are more than {self._limits.tags} tags", code="EN-XML-LIMIT")
        try:
            self._expat.Parse(piece, last)
        except expat.ExpatError as error:
            code = "EN-XML-ENCODING" if error.code in _ENCODING_ERRORS else "EN-XML-MALFORMED"
            raise Refused(f"{expat.ErrorString(error.code)}, line {error.lineno}", code=code) from None
        if len(self._expat.intern) > self._limits.names:
            raise Refused(f"there are more than {self._limits.names} different names", code="EN-XML-LIMIT")

    def _count_declaration(self, _prefix: str | None, uri: str | None) -> None:
        # Names are written `namespace local`: a space of its own would let one name look like another.
        if uri is not None and any(map(str.isspace, uri)):
            raise Refused("the name of a namespace holds a space", code="EN-XML-MALFORMED")
        at = self._expat.CurrentByteIndex
        self._declared = self._declared + 1 if at == self._declared_at else 1
        self._declared_at = at
        if self._declared > self._limits.attributes:
            raise Refused(f"an element declares more than {self._limits.attributes} namespaces", code="EN-XML-LIMIT")


def _refuse_doctype(*_: object) -> None:
    raise Refused("DOCTYPE", code="EN-XML-DOCTYPE")


def _refuse_instruction(*_: object) -> None:
    raise Refused("a processing instruction", code="EN-XML-INSTRUCTION")


def _refuse_remark(_: object) -> None:
    raise Refused("a remark splits a value", code="EN-XML-AMBIGUOUS")


def _check_declaration(version: str, encoding: str | None, _standalone: int) -> None:
    if version != "1.0":  # in 1.1 other characters end a line, and more are allowed
        raise Refused("the declaration names another version than XML 1.0", code="EN-XML-MALFORMED")
    # The parser is told UTF-8 whatever is declared, so that nothing is ever read in two ways.
    if encoding is not None and encoding.upper() not in {"UTF-8", "UTF8"}:
        raise Refused("the declaration names another encoding than UTF-8", code="EN-XML-ENCODING")
