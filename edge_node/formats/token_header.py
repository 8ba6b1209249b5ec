"""The part of a message that holds its tokens, as a document of its own.

Knows: where the Body of an envelope begins; how a small document is parsed without reaching for anything outside it.
Must not know: what a token is, what is signed.

A signature is over elements in their surroundings: namespaces are declared above them. So what is cut out is
everything before the Body, which stands where it stood; only the rest, which may be ten megabytes, is left out.
"""

import re
from typing import Final

from lxml import etree

from edge_node.errors import Refused
from edge_node.formats.hardened import HardenedParser, XmlLimits
from edge_node.formats.names import SOAP

#: Ten tokens with their certificates; a message has three at most.
MAX_HEADER_BYTES: Final = 262_144
#: What is read at once: little of a Body that is not looked at.
_STEP_BYTES: Final = 4096
_BODY: Final = f"{SOAP} Body"
_NAME: Final = re.compile(rb"<([^\s/>]+)")


def cut_header(body: bytes) -> bytes:
    """Everything before the Body, with the Envelope closed behind it. Raises `Refused`."""
    begun = _Beginning()
    for at in range(0, min(len(body), MAX_HEADER_BYTES + _STEP_BYTES), _STEP_BYTES):
        begun.feed(body[at : at + _STEP_BYTES])
        if begun.body_at is not None:
            break
    if begun.body_at is None and len(body) <= MAX_HEADER_BYTES:
        begun.close()  # the parser may have held the last bytes back
    begun.release()
    if begun.body_at is None or begun.body_at > MAX_HEADER_BYTES:
        raise Refused(f"the header is longer than {MAX_HEADER_BYTES} bytes", code="EN-TOKEN-LIMIT")
    name = _NAME.match(body, begun.envelope_at)
    if name is None:
        raise Refused("no Envelope", code="EN-SOAP-ENVELOPE")
    return body[: begun.body_at] + b"</" + name[1] + b">"


def tree_of(document: bytes) -> etree._Element:
    """The root of a small document. Nothing outside it is looked at, and no entity is resolved. Raises `Refused`."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        raise Refused(f"a token cannot be read, line {error.lineno}", code="EN-XML-MALFORMED") from None
    if root.getroottree().docinfo.doctype:
        raise Refused("DOCTYPE", code="EN-XML-DOCTYPE")
    return root


class _Beginning:
    """Reads as far as the Body."""

    def __init__(self) -> None:
        self.envelope_at = 0
        self.body_at: int | None = None
        self._depth = 0
        self._parser = HardenedParser(XmlLimits(), self._start, self._end)

    def feed(self, piece: bytes) -> None:
        self._parser.feed(piece)

    def close(self) -> None:
        self._parser.close()

    def release(self) -> None:
        self._parser.release()

    def _start(self, name: str, _: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 1:
            self.envelope_at = self._parser.index
        elif self._depth == 2 and name == _BODY and self.body_at is None:
            self.body_at = self._parser.index

    def _end(self, _: str) -> None:
        self._depth -= 1
