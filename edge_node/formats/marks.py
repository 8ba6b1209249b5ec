"""The marks by which one part of a message refers to another: each may be given once.

Knows: the attributes that are such marks, in WS-Security, SAML, XML signatures and XML itself.
Must not know: what refers to a mark, or what is signed.

Two elements with one mark are how a signature is wrapped: one of them was signed, the other is used.
"""

from typing import Final

from edge_node.errors import Refused
from edge_node.formats.names import WSU

_XML: Final = "http://www.w3.org/XML/1998/namespace"
#: These are marks wherever they stand.
_GLOBAL: Final = (f"{WSU} Id", f"{_XML} id")
#: In a payload these belong to the documents in it, each of which may begin again.
_PLAIN: Final = ("ID", "Id")
MARKS: Final = frozenset({*_GLOBAL, *_PLAIN})
_MOST: Final = 1_000


class Marks:
    """The marks of one message. Those outside its payload are the ones a signature can be about."""

    def __init__(self) -> None:
        self._outside: set[str] = set()
        self._inside: set[str] = set()

    def take(self, attributes: dict[str, str]) -> None:
        """Take the marks of an element outside the payload."""
        if not attributes or MARKS.isdisjoint(attributes):
            return
        # One element may carry one mark under two names.
        for mark in {attributes[name] for name in (*_GLOBAL, *_PLAIN) if name in attributes}:
            self._add(mark, self._outside)

    def take_in_payload(self, attributes: dict[str, str]) -> None:
        """Take the marks of an element of the payload."""
        for mark in {attributes[name] for name in _GLOBAL if name in attributes}:
            self._add(mark, self._inside)
        if not self._outside.isdisjoint(attributes[name] for name in _PLAIN if name in attributes):
            raise _doubled()

    def _add(self, mark: str, where: set[str]) -> None:
        if mark in self._outside or mark in self._inside:
            raise _doubled()
        if len(where) >= _MOST:
            raise Refused(f"more than {_MOST} elements are marked with an id", code="EN-XML-LIMIT")
        where.add(mark)


def _doubled() -> Refused:
    return Refused("two elements have one id", code="EN-XML-AMBIGUOUS")
