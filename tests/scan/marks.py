"""What must stand nowhere, in every spelling that a program might give it, and the search for it.

Knows: how a number, a name, a date, a token or a word of a body may be written.
Must not know: where it is searched, how a message is made.

A mark is text that occurs in one message only. The search takes bytes and tells whose marks stand in them. It must be
quick over a hundred megabytes: numbers and dates are looked up as they stand there, words are found by how they
begin, in each spelling, and what was signed by a window that slides over long runs of base64.
"""

import base64
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

_WINDOW: Final = 20
_HEX_BLOB: Final = 32
_NOTHING: Final = re.compile(rb"\0{9,}")
_NUMBER: Final = re.compile(rb"(?<![0-9])[0-9]{9}(?![0-9])")
_DATE: Final = re.compile(
    rb"(?<![0-9A-Za-z.])(?:1[89][0-9]{2}-?[0-9]{2}-?[0-9]{2}|[0-9]{2}-[0-9]{2}-1[89][0-9]{2})(?![0-9A-Za-z])"
)
_RUN: Final = re.compile(rb"[A-Za-z0-9+/_=-]{%d,}" % _WINDOW)
_HEX: Final = frozenset(b"0123456789abcdef")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One thing that must stand nowhere."""

    kind: str  # bsn, born, given, family, street, author, body, token, signature
    message: int  # which message it was in

    def __str__(self) -> str:
        return f"{self.kind} of message {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """It stands there."""

    mark: Mark
    form: str
    at: int

    def __str__(self) -> str:
        return f"{self.mark}, {self.form}, at byte {self.at}"


def percent(text: bytes) -> bytes:
    """Every byte as an address may have it."""
    return b"".join(b"%%%02X" % byte for byte in text)


def _core(shift: int) -> Callable[[bytes], bytes]:
    """The letters of base64 that are the same whatever stands before and after."""

    def core(text: bytes) -> bytes:
        whole = base64.b64encode(bytes(shift) + text)
        first = -(-shift * 8 // 6)
        return whole[first : (shift + len(text)) * 8 // 6]

    return core


#: Spellings of a word, beside plain.
FORMS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "as it is": lambda text: text,
    "small": bytes.lower,
    "large": bytes.upper,
    "reversed": lambda text: text[::-1],
    "hexadecimal": lambda text: text.hex().encode(),
    "hexadecimal, large": lambda text: text.hex().upper().encode(),
    "hexadecimal, reversed": lambda text: text[::-1].hex().encode(),
    "percent": percent,
    "percent, small": lambda text: percent(text).lower(),
    "two bytes a letter": lambda text: text.decode("ascii").encode("utf-16-le"),
    "base64": _core(0),
    "base64, one on": _core(1),
    "base64, two on": _core(2),
    "base64 of base64": lambda text: _core(0)(_core(0)(text)),
}
#: So many bytes that spellings of one kind have in common are looked for; the rest is compared.
_SHARED: Final = 3
#: By these many letters marks of one kind are put together: numbers and dates by their range, words by their first.
_RANGE: Final = 3


class _Spellings:
    """Those of one kind, in one form, of one length: all begin or end alike, and that is what is looked for."""

    def __init__(self) -> None:
        self.known: dict[bytes, tuple[Mark, str]] = {}
        self._anchors: tuple[tuple[bytes, int], ...] | None = None

    def add(self, core: bytes, of: tuple[Mark, str]) -> None:
        self.known.setdefault(core, of)
        self._anchors = None

    def anchors(self) -> tuple[tuple[bytes, int], ...]:
        """What is looked for, each with its place within a spelling."""
        if self._anchors is None:
            self._anchors = self._shared()
        return self._anchors

    def _shared(self) -> tuple[tuple[bytes, int], ...]:
        cores = list(self.known)
        begin = _begin_of(cores)
        if len(begin) >= _SHARED:
            return ((begin, 0),)
        end = _begin_of([core[::-1] for core in cores])[::-1]
        if len(end) >= _SHARED:
            return ((end, len(cores[0]) - len(end)),)
        return tuple((each, 0) for each in sorted({core[:_SHARED] for core in cores}))


def _begin_of(cores: list[bytes]) -> bytes:
    """What they all begin with: where the first and the last of them in order agree, all do."""
    first, last = min(cores), max(cores)
    same = next((at for at, pair in enumerate(zip(first, last, strict=True)) if pair[0] != pair[1]), len(first))
    return first[:same]


class Marks:
    """All marks of a run, to be searched for."""

    def __init__(self) -> None:
        self.count = 0
        self._numbers: dict[bytes, tuple[Mark, str]] = {}
        self._dates: dict[bytes, tuple[Mark, str]] = {}
        self._windows: dict[bytes, Mark] = {}
        self._words: dict[tuple[str, str, bytes, int], _Spellings] = defaultdict(_Spellings)

    def number(self, bsn: str, message: int) -> None:
        """A patient's number: nine digits, either way round, and as a word."""
        mark, text = self._new("bsn", message), bsn.encode()
        self._numbers[text] = mark, "as it is"
        self._numbers.setdefault(text[::-1], (mark, "reversed"))
        self._spell(mark, text, {"as it is", "small", "large", "reversed"})

    def date(self, born: str, message: int) -> None:
        """A date of birth, yyyymmdd."""
        mark, (year, month, day) = self._new("born", message), (born[:4], born[4:6], born[6:])
        for form, text in (("as it is", born), ("ISO", f"{year}-{month}-{day}"), ("Dutch", f"{day}-{month}-{year}")):
            self._dates[text.encode()] = mark, form
        self._spell(mark, born.encode(), {"as it is", "small", "large", "reversed"})

    def word(self, kind: str, word: str, message: int) -> None:
        """A word that occurs nowhere else."""
        self._spell(self._new(kind, message), word.encode(), set())

    def signature(self, text: str, message: int) -> None:
        """What was signed, or a secret: long, and like chance."""
        plain = "".join(text.split()).encode()
        assert len(plain) >= _WINDOW, "too short to be told from chance"
        self._windows[plain[:_WINDOW]] = self._new("signature", message)

    def search(self, data: bytes) -> Iterator[Found]:
        """Tell whose marks stand there."""
        yield from self._looked_up(_NUMBER, self._numbers, data)
        yield from self._looked_up(_DATE, self._dates, data)
        yield from self._begun(data)
        yield from self._run_through(data)

    def _new(self, kind: str, message: int) -> Mark:
        self.count += 1
        return Mark(kind=kind, message=message)

    def _spell(self, mark: Mark, text: bytes, but: set[str]) -> None:
        for form, spell in FORMS.items():
            if form not in but:
                core = spell(text)
                self._words[mark.kind, form, text[:_RANGE], len(core)].add(core, (mark, form))

    def _looked_up(
        self, pattern: re.Pattern[bytes], known: dict[bytes, tuple[Mark, str]], data: bytes
    ) -> Iterator[Found]:
        for match in pattern.finditer(data):
            hit = known.get(match[0])
            if hit is not None and not _is_in_digest(data, match.start(), match.end()):
                yield Found(mark=hit[0], form=hit[1], at=match.start())

    def _begun(self, data: bytes) -> Iterator[Found]:
        for (_, _, _, length), spellings in self._words.items():
            for anchor, place in spellings.anchors():
                at = data.find(anchor)
                while at >= 0:
                    start = at - place
                    hit = spellings.known.get(data[start : start + length]) if start >= 0 else None
                    if hit is not None:
                        yield Found(mark=hit[0], form=hit[1], at=start)
                    at = data.find(anchor, at + 1)

    def _run_through(self, data: bytes) -> Iterator[Found]:
        known = self._windows
        for run in _RUN.finditer(data):
            text, start = run[0], run.start()
            for at in range(len(text) - _WINDOW + 1):
                mark = known.get(text[at : at + _WINDOW])
                if mark is not None:
                    yield Found(mark=mark, form="as it is", at=start + at)


def _is_in_digest(data: bytes, start: int, end: int) -> bool:
    """Whether digits stand within a digest: one in twenty has nine of them in a row, and some are a test number."""
    first, last = start, end
    while first > 0 and data[first - 1] in _HEX:
        first -= 1
    while last < len(data) and data[last] in _HEX:
        last += 1
    return last - first >= _HEX_BLOB


def squeezed(data: bytes) -> bytes:
    """The same without what was set apart and never written to."""
    return _NOTHING.sub(bytes(8), data)
