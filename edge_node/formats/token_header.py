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
from edge_node.formats.header_reading import MAX_HEADER_BYTES, read_header
from edge_node.formats.names import SOAP

_BODY: Final = f"{SOAP} Body"
_NAME: Final = re.compile(rb"<([^\s/>]+)")


def cut_header(body: bytes) -> bytes:
    """Everything before the Body, with the Envelope closed behind it. Raises `Refused`."""
    begun = _Beginning()
    read_header(body, begun)
    if begun.found is None or begun.found > MAX_HEADER_BYTES:
        raise Refused(f"the header is longer than {MAX_HEADER_BYTES} bytes", code="EN-TOKEN-LIMIT")
    name = _NAME.match(body, begun.envelope_at)
    if name is None:
        raise Refused("no Envelope", code="EN-SOAP-ENVELOPE")
    return body[: begun.found] + b"</" + name[1] + b">"


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
    """The Body; where the Envelope begins is noted on the way."""

    def __init__(self) -> None:
        self.envelope_at = 0
        self.found: int | None = None
        self._depth = 0

    def start(self, name: str, _: dict[str, str], at: int) -> None:
        self._depth += 1
        if self._depth == 1:
            self.envelope_at = at
        elif self._depth == 2 and name == _BODY and self.found is None:
            self.found = at

    def end(self, _: int) -> None:
        self._depth -= 1
