"""Makes bad input out of good: words put in, parts moved, doubled, left out, bytes turned.

Knows: how text of markup, JSON, YAML or HTTP falls into parts.
Must not know: what reads the result. Chance is handed in: the same chance makes the same input.
"""

import random
import re
from collections.abc import Callable, Sequence
from typing import Final

_PARTS: Final = re.compile(rb"<[^<>]*>|\"[^\"]*\"|\r\n|[^<\"\r\n]+|.", re.DOTALL)
_NAME: Final = re.compile(rb"<[^!?/\s>][^/\s>]*")

Parts = list[bytes]
Change = Callable[[Parts, Sequence[bytes], random.Random], None]


def mutate(data: bytes, words: Sequence[bytes], chance: random.Random) -> bytes:
    """Return the input with one to four changes."""
    parts = _PARTS.findall(data) or [b""]
    for _ in range(chance.randint(1, 4)):
        chance.choice(_CHANGES)(parts, words, chance)
        parts = parts or [b""]
    return b"".join(parts)


def _put_word(parts: Parts, words: Sequence[bytes], chance: random.Random) -> None:
    parts.insert(chance.randint(0, len(parts)), chance.choice(words))


def _put_inside(parts: Parts, words: Sequence[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(parts))
    cut = chance.randint(0, len(parts[at]))
    parts[at] = parts[at][:cut] + chance.choice(words) + parts[at][cut:]


def _put_attribute(parts: Parts, words: Sequence[bytes], chance: random.Random) -> None:
    """Behind the name of a tag."""
    at = chance.randrange(len(parts))
    name = _NAME.match(parts[at])
    if name is not None:
        parts[at] = name[0] + b" " + chance.choice(words) + parts[at][name.end() :]


def _replace(parts: Parts, words: Sequence[bytes], chance: random.Random) -> None:
    parts[chance.randrange(len(parts))] = chance.choice(words)


def _leave_out(parts: Parts, _words: Sequence[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(parts))
    del parts[at : at + chance.choice((1, 1, 2, 5, 50))]


def _double(parts: Parts, _words: Sequence[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(parts))
    some = parts[at : at + chance.choice((1, 1, 3, 10))]
    where = chance.randint(0, len(parts))
    parts[where:where] = some


def _swap(parts: Parts, _words: Sequence[bytes], chance: random.Random) -> None:
    one, other = chance.randrange(len(parts)), chance.randrange(len(parts))
    parts[one], parts[other] = parts[other], parts[one]


def _turn(parts: Parts, _words: Sequence[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(parts))
    if parts[at]:
        raw = bytearray(parts[at])
        raw[chance.randrange(len(raw))] = chance.randrange(256)
        parts[at] = bytes(raw)


def _cut(parts: Parts, _words: Sequence[bytes], chance: random.Random) -> None:
    del parts[chance.randrange(len(parts)) :]


_CHANGES: Final[tuple[Change, ...]] = (
    _put_word,
    _put_word,
    _put_inside,
    _put_attribute,
    _replace,
    _leave_out,
    _double,
    _swap,
    _turn,
    _cut,
)
