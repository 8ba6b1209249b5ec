"""What a record of the access log, or a head, says of itself: bytes that somebody may have written himself.

Knows: the fields by which chains, prunings and heads are followed; that whatever else stands there is none of them.
Must not know: whether it is true.
"""

import json
from typing import Any, Final

from edge_node.store import chain
from edge_node.store.chain import Head
from edge_node.store.log_span import NO_RECORD, Anchor, Row

_BEGUN: Final = b'"event.code":"chain begun"'
_PRUNED: Final = b'"event.code":"log pruned"'


def place_of(row: Row) -> tuple[int, bytes] | None:
    """Its number, and the hash before it."""
    try:
        fields = json.loads(row.text)
        return int(fields["seq"]), bytes.fromhex(fields["prev"])
    except NO_RECORD:
        return None


def begins(row: Row) -> bool:
    """Whether it can be the first of a chain: it follows nothing, and is what its hash says."""
    if _BEGUN not in row.text:
        return False
    said = place_of(row)
    return said is not None and said[1] == chain.START and chain.next_hash(chain.START, row.text) == row.hash


def is_pruning(text: bytes) -> bool:
    """Whether it may tell that older ones were removed after their time."""
    return _PRUNED in text


def details(text: bytes) -> dict[str, str]:
    """What was told beside what happened."""
    try:
        fields: Any = json.loads(text)
        return {str(name): str(value) for name, value in fields["event.details"]}
    except NO_RECORD:
        return {}


def before(text: bytes) -> Anchor | None:
    """Of the first record of a chain: the last of the one before."""
    number, mark, hash_ = details(text).get("before", "").partition(":")
    try:
        return Anchor(int(number), bytes.fromhex(hash_)) if mark else None
    except ValueError:
        return None


def every(head: Head | None) -> int:
    """After how many records at most the next head was to come; 0 where it does not say."""
    if head is None:
        return 0
    try:
        return int(json.loads(head.statement).get("every", 0))
    except (*NO_RECORD, AttributeError):
        return 0
