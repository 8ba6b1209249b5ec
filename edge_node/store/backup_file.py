"""One sealed file that is whole or is refused: a header in the clear, then its parts in chunks.

Knows: how a file is locked to recovery keys, how chunks are numbered, how a missing, changed or added byte is found.
Must not know: what the parts are, where the file lies.

Each chunk is AES-256-GCM under a key of this file alone. Its nonce is its number and whether it is the last one, its
associated data the digest of the header: no chunk can be left out, moved, doubled or taken over from another file.
"""

import hashlib
import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from edge_node.errors import EdgeNodeError
from edge_node.store import recovery
from edge_node.store.recovery import RecoveryPrivate, RecoveryPublic

CHUNK_BYTES: Final = 256 * 1024
KEY_BYTES: Final = 32
_MAGIC: Final = b"EDGE-NODE-BACKUP\n"
_FORM: Final = 1
_TAG_BYTES: Final = 16
_LENGTH: Final = struct.Struct(">I")
_MAX_HEADER_BYTES: Final = 1024 * 1024
_UNREADABLE: Final = "EN-BACKUP-UNREADABLE"
_TAMPERED: Final = "EN-BACKUP-TAMPERED"
_TRUNCATED: Final = "EN-BACKUP-TRUNCATED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What can be read of a backup without a key: nothing of a message."""

    id: str
    site: str
    made_at: str  # RFC 3339, UTC
    parts: tuple[tuple[str, int], ...]  # name and bytes of each, in their order
    locks: tuple[tuple[str, str], ...] = field(repr=False)  # id of each recovery key, and the file's key sealed to it

    @property
    def plain_bytes(self) -> int:
        """The bytes of all parts."""
        return sum(nbytes for _, nbytes in self.parts)

    @property
    def keys(self) -> tuple[str, ...]:
        """The ids of the recovery keys that open it."""
        return tuple(key for key, _ in self.locks)


def locked(key: bytes, to: Sequence[RecoveryPublic], backup: str) -> tuple[tuple[str, str], ...]:
    """Return the key of a file sealed to each recovery key."""
    return tuple((public.id, recovery.wrap(public, key, _context(backup)).hex()) for public in to)


def sealed_bytes(plain_bytes: int) -> int:
    """Return how long so much becomes, without the header."""
    return plain_bytes + _TAG_BYTES * _chunks(plain_bytes)


class Sealing:
    """Writes the parts, in the order and length of the header."""

    def __init__(self, out: BinaryIO, header: Header, key: bytes) -> None:
        self._out = out
        self._cipher = AESGCM(key)
        self._left = header.plain_bytes
        self._number = 0
        self._waiting = bytearray()
        written = _written(header)
        self._bound = hashlib.sha256(written).digest()
        out.write(_MAGIC + _LENGTH.pack(len(written)) + written)

    def write(self, data: bytes) -> None:
        """Add so much."""
        self._left -= len(data)
        self._waiting += data
        # A full chunk is written when more follows: only then it is certain that it is not the last.
        while len(self._waiting) > CHUNK_BYTES:
            self._seal(bytes(self._waiting[:CHUNK_BYTES]), is_last=False)
            del self._waiting[:CHUNK_BYTES]

    def finish(self) -> None:
        """Write the end."""
        if self._left:
            raise ValueError("the parts are not as long as the header says")
        self._seal(bytes(self._waiting), is_last=True)

    def _seal(self, plain: bytes, *, is_last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._number, is_last=is_last), plain, self._bound))
        self._number += 1


class Opening:
    """Reads the parts; every byte it hands out was sealed by whoever had the key of this file."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.header, self._bound = _read_header(source)
        self._start = source.tell()

    def unlock(self, private: RecoveryPrivate) -> bytes:
        """Return the key of the file. Raises `EN-RECOVERY-KEY` where it is locked to other ones."""
        locks = dict(self.header.locks)
        if private.id not in locks:
            keys = ", ".join(locks)
            raise EdgeNodeError(f"it opens with {keys}; this key is {private.id}", code="EN-RECOVERY-KEY")
        try:
            return recovery.unwrap(private, bytes.fromhex(locks[private.id]), _context(self.header.id))
        except (EdgeNodeError, ValueError) as error:
            raise EdgeNodeError("its lock was changed", code=_TAMPERED) from error

    def plain(self, key: bytes) -> Iterator[bytes]:
        """Return all parts, one after the other. Raises before it hands out a byte that was changed."""
        self._check_length()
        cipher, total = AESGCM(key), _chunks(self.header.plain_bytes)
        self._source.seek(self._start)
        for number in range(total):
            sealed = self._source.read(CHUNK_BYTES + _TAG_BYTES)
            try:
                yield cipher.decrypt(_nonce(number, is_last=number == total - 1), sealed, self._bound)
            except InvalidTag as error:
                raise EdgeNodeError(f"chunk {number + 1} of {total} was changed", code=_TAMPERED) from error

    def _check_length(self) -> None:
        expected = self._start + sealed_bytes(self.header.plain_bytes)
        found = self._source.seek(0, 2)
        if found < expected:
            raise EdgeNodeError(f"{found} of {expected} bytes are there", code=_TRUNCATED)
        if found > expected:
            raise EdgeNodeError(f"{found - expected} bytes were added", code=_TAMPERED)


def split(header: Header, plain: Iterator[bytes]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Return each part with its bytes; a part must be read to its end before the next one."""
    rest = _Rest(plain)
    for name, nbytes in header.parts:
        yield name, rest.take(nbytes)
    for _ in plain:  # the last chunk is opened too, also when it is empty
        pass


class _Rest:
    """What of a chunk belongs to the next part."""

    def __init__(self, plain: Iterator[bytes]) -> None:
        self._plain = plain
        self._over = b""

    def take(self, nbytes: int) -> Iterator[bytes]:
        while nbytes:
            piece = self._over or next(self._plain)
            self._over = piece[nbytes:]
            piece = piece[:nbytes]
            nbytes -= len(piece)
            yield piece


def _chunks(plain_bytes: int) -> int:
    return max(1, -(-plain_bytes // CHUNK_BYTES))


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _context(backup: str) -> bytes:
    return b"edge-node backup " + backup.encode()


def _written(header: Header) -> bytes:
    return json.dumps(
        {
            "form": _FORM,
            "id": header.id,
            "site": header.site,
            "made_at": header.made_at,
            "parts": header.parts,
            "locks": header.locks,
        }
    ).encode()


def _read_header(source: BinaryIO) -> tuple[Header, bytes]:
    if source.read(len(_MAGIC)) != _MAGIC:
        raise EdgeNodeError("it does not begin as one", code=_UNREADABLE)
    length = source.read(_LENGTH.size)
    if len(length) < _LENGTH.size or _LENGTH.unpack(length)[0] > _MAX_HEADER_BYTES:
        raise EdgeNodeError("its header breaks off", code=_TRUNCATED)
    nbytes = _LENGTH.unpack(length)[0]
    written = source.read(nbytes)
    if len(written) < nbytes:
        raise EdgeNodeError("its header breaks off", code=_TRUNCATED)
    try:
        return _header(json.loads(written)), hashlib.sha256(written).digest()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise EdgeNodeError("its header cannot be read", code=_TAMPERED) from error


def _header(told: Any) -> Header:
    if told["form"] != _FORM:
        raise EdgeNodeError(f"its form is {told['form']}, this release knows {_FORM}", code=_UNREADABLE)
    parts = tuple((str(name), int(nbytes)) for name, nbytes in told["parts"])
    if any(nbytes < 0 for _, nbytes in parts):
        raise ValueError("a part has no length")
    return Header(
        id=str(told["id"]),
        site=str(told["site"]),
        made_at=str(told["made_at"]),
        parts=parts,
        locks=tuple((str(key), str(lock)) for key, lock in told["locks"]),
    )
