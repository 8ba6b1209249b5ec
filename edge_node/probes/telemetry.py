"""Whether something in the figures for monitoring looks like a patient or a token.

Knows: the form of the figures, the eleven-test, how tokens begin.
Must not know: what any figure means.
"""

import re
from collections.abc import Iterator
from typing import Final

from edge_node.model.facts_telemetry import TelemetryFacts
from edge_node.model.identifiers import Bsn, InvalidIdentifier

_NINE_DIGITS: Final = re.compile(r"(?<![0-9])[0-9]{9}(?![0-9])")
#: A token in JSON always begins so; one in XML names its kind.
_TOKEN: Final = re.compile(r"eyJ[A-Za-z0-9_-]{8,}|<[A-Za-z0-9:]*Assertion|Bearer ", re.IGNORECASE)
#: No word of a table or of the settings is longer: what is, came with a message.
_LONG: Final = 200


def look(text: str) -> TelemetryFacts:
    """Look at names, labels and meanings; the figures themselves are counts, of any nine digits."""
    lines = [line for line in text.splitlines() if line]
    return TelemetryFacts(lines=len(lines), found=tuple(dict.fromkeys(_found(lines))))


def _found(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        words = line if line.startswith("#") else line.rpartition(" ")[0]
        name = _name(words)
        if any(map(_is_bsn, _NINE_DIGITS.findall(words))):
            yield name, "a number that may be a patient's"
        if _TOKEN.search(words):
            yield name, "a token"
        if not line.startswith("#") and len(words) > _LONG:
            yield name, "a long text"


def _name(words: str) -> str:
    """The name of the figure; nothing that could be what was found."""
    bare = words.removeprefix("# HELP ").removeprefix("# TYPE ").partition("{")[0].partition(" ")[0]
    return _NINE_DIGITS.sub("…", bare)[:_LONG]


def _is_bsn(digits: str) -> bool:
    try:
        Bsn(digits)
    except InvalidIdentifier:
        return False
    return True
