"""How a record of the access log is written and chained, in the database as in a file.

Knows: the bytes that are hashed and signed, the lines of the file of a segment.
Must not know: where they are kept, what they tell, which key signs.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from edge_node.model.log_state import SignedHead

#: What the first record of a chain is chained to.
START: Final = bytes(32)
PURPOSE: Final = "log head"
_HASHED: Final = b'{"hash":"'
_RECORD: Final = b'","record":'
_AT: Final = len(_HASHED) + 64 + len(_RECORD)


@dataclass(frozen=True, slots=True)
class Link:
    """One record as it is kept."""

    seq: int  # where it stands; what it says of itself is in its text
    hash: bytes
    text: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the node said, and signed, of where its chain was."""

    seq: int
    hash: bytes
    at: str
    chain: str
    key: str  # id of the node's key
    statement: bytes
    signature: bytes

    @property
    def shown(self) -> SignedHead:
        """What others are told of it."""
        return SignedHead(seq=self.seq, hash=self.hash.hex(), at=self.at, chain=self.chain, key=self.key)


def text(fields: Mapping[str, Any]) -> bytes:
    """Write a record: one way to write each, so that whoever has the values has the bytes."""
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def next_hash(before: bytes, record: bytes) -> bytes:
    """Return the hash at a record."""
    return hashlib.sha256(before + record).digest()


def moment(at: float) -> str:
    """Write a moment, in UTC."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def statement(*, seq: int, hash_: bytes, at: float, chain: str, key: str, every: int) -> bytes:
    """Write what the node signs; `every` so many records it signs again, so that heads that are gone are missed."""
    fields = {"at": moment(at), "chain": chain, "every": every, "hash": hash_.hex(), "key": key, "seq": seq}
    return text(fields)


def read_head(said: bytes, signature: bytes) -> Head:
    """Read what was signed. Raises `ValueError` where it is no such thing."""
    try:
        fields = json.loads(said)
        return Head(
            seq=int(fields["seq"]),
            hash=bytes.fromhex(fields["hash"]),
            at=str(fields["at"]),
            chain=str(fields["chain"]),
            key=str(fields["key"]),
            statement=said,
            signature=signature,
        )
    except (KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ValueError("it is no head of a log") from error


def line_of(link: Link) -> bytes:
    """Write a record as a line of a file."""
    return _HASHED + link.hash.hex().encode() + _RECORD + link.text + b"}\n"


def line_of_head(head: Head) -> bytes:
    """Write a head as a line of a file."""
    signed = base64.b64encode(head.signature)
    return b'{"head":' + head.statement + b',"signature":"' + signed + b'"}\n'


def read_line(line: bytes) -> tuple[bytes, bytes] | Head:
    """Read a line of a file: hash and text of a record, or a head. Raises `ValueError` where it is neither."""
    if line.startswith(_HASHED) and line[_AT - len(_RECORD) : _AT] == _RECORD and line.endswith(b"}\n"):
        return bytes.fromhex(line[len(_HASHED) : len(_HASHED) + 64].decode("ascii")), line[_AT:-2]
    if line.startswith(b'{"head":') and line.endswith(b'"}\n'):
        said, mark, signed = line[8:-3].rpartition(b',"signature":"')
        if mark:
            return read_head(said, base64.b64decode(signed, validate=True))
    raise ValueError("it is no line of a log")
