"""The header of a message, read as far as the place that is sought and not a byte of the Body further.

Knows: how long a header with tokens may be, that the parser may hold the last bytes back.
Must not know: what is sought.
"""

from typing import Final, Protocol

from edge_node.formats.hardened import HardenedParser, XmlLimits

#: Ten tokens with their certificates; a message has three at most.
MAX_HEADER_BYTES: Final = 262_144
#: What is read at once: little of a Body that is not looked at.
_STEP_BYTES: Final = 4096


class Sought(Protocol):
    """A place in a header, found while its elements go by; `at` is where the text of each begins."""

    found: int | None

    def start(self, name: str, attributes: dict[str, str], at: int) -> None:
        """An element begins."""
        ...

    def end(self, at: int) -> None:
        """An element ends."""
        ...


def read_header(body: bytes, sought: Sought) -> None:
    """Let elements go by until it is found, or the header is too long. Raises `Refused` for what is no XML."""
    parser = HardenedParser(
        XmlLimits(),
        lambda name, attributes: sought.start(name, attributes, parser.index),
        lambda _: sought.end(parser.index),
    )
    for at in range(0, min(len(body), MAX_HEADER_BYTES + _STEP_BYTES), _STEP_BYTES):
        parser.feed(body[at : at + _STEP_BYTES])
        if sought.found is not None:
            break
    if sought.found is None and len(body) <= MAX_HEADER_BYTES:
        parser.close()  # the parser may have held the last bytes back
    parser.release()
