"""The keys of the access log: one for each segment, one that signs.

Knows: the table they are wrapped in, what each is bound to, who can open them.
Must not know: what is sealed or signed with them. They live as long as their segments, unlike the keys of the days.
"""

import hmac
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from edge_node.errors import EdgeNodeError
from edge_node.store import recovery
from edge_node.store.keys import KEY_BYTES
from edge_node.store.master import NONCE_BYTES, Master
from edge_node.store.recovery import RecoveryPrivate
from edge_node.store.sealing import Ring
from edge_node.store.surroundings import Chance

#: The key that signs lies beside those of the segments, so that whatever opens these opens it as well.
SIGNING: Final = 0
_MARK_BYTES: Final = 16
#: (id of a key that opens, the wrapped key)
Wrapped = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class SegmentKey:
    """What seals the names in one segment, marks them so that they can be found, and vouches for where they are."""

    _sealing: AESGCM = field(repr=False)
    _marking: bytes = field(repr=False)
    _vouching: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: bytes) -> "SegmentKey":
        """Make all from the secret of a segment."""
        return cls(AESGCM(_derived(secret, b"seal")), _derived(secret, b"mark"), _derived(secret, b"index"))

    def seal(self, seq: int, data: bytes, chance: Chance) -> bytes:
        """Seal the names of one record."""
        nonce = bytes.fromhex(chance.hex(NONCE_BYTES))
        return nonce + self._sealing.encrypt(nonce, data, _bound(seq))

    def open(self, seq: int, blob: bytes) -> bytes:
        """Open what was sealed for that record. Raises `InvalidTag`."""
        return self._sealing.decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], _bound(seq))

    def mark(self, name: str, hashed: bytes) -> bytes:
        """Return by what the same hash is found again in this segment, and in no other."""
        return hmac.digest(self._marking, name.encode() + b"\0" + hashed, "sha256")[:_MARK_BYTES]

    def vouch(self, data: bytes) -> bytes:
        """Return what nobody without the key can make: for an index of this segment."""
        return hmac.digest(self._vouching, data, "sha256")

    def is_vouched(self, tag: bytes, data: bytes) -> bool:
        """Say whether it was made with this key."""
        return hmac.compare_digest(tag, self.vouch(data))


def context_of(segment: int) -> bytes:
    """Return what a key is bound to when it is wrapped."""
    return b"edge-node signing key" if segment == SIGNING else b"edge-node log key %d" % segment


def make(connection: sqlite3.Connection, segment: int, ring: Ring, chance: Chance) -> bytes:
    """Begin a key, for all that open the store."""
    secret = bytes.fromhex(chance.hex(KEY_BYTES))
    wrap(connection, segment, ring.wrap_for(secret, context_of(segment), chance))
    return secret


def secret(connection: sqlite3.Connection, segment: int, masters: Iterable[Master | None]) -> bytes | None:
    """Return a key; None where it is not there, or opens with none of these."""
    for master in masters:
        blob = None if master is None else wrapped(connection, segment, master.id)
        opened = None if blob is None or master is None else master.unwrap(blob, context_of(segment))
        if opened is not None:
            return opened
    return None


def wrap(connection: sqlite3.Connection, segment: int, blobs: Iterable[Wrapped]) -> None:
    """Write down a key as some others can open it."""
    connection.executemany(
        "INSERT OR REPLACE INTO log_keys (segment, by, blob) VALUES (?, ?, ?)",
        [(segment, by, blob) for by, blob in blobs],
    )


def wrapped(connection: sqlite3.Connection, segment: int, by: str) -> bytes | None:
    """Return the key as `by` can open it."""
    sql = "SELECT blob FROM log_keys WHERE segment = ? AND by = ?"
    found = connection.execute(sql, (segment, by)).fetchone()
    return None if found is None else bytes(found[0])


def unwrapped_by(connection: sqlite3.Connection, by: str) -> list[int]:
    """Return keys that `by` cannot open yet."""
    rows = connection.execute(
        """SELECT DISTINCT segment FROM log_keys AS mine
           WHERE NOT EXISTS (SELECT 1 FROM log_keys WHERE segment = mine.segment AND by = ?)""",
        (by,),
    )
    return [row[0] for row in rows]


def openers(connection: sqlite3.Connection) -> set[str]:
    """Return who can open one or more of them."""
    return {row[0] for row in connection.execute("SELECT DISTINCT by FROM log_keys")}


def shut_out(connection: sqlite3.Connection, by: str) -> None:
    """This key opens none of them any more that something else opens."""
    connection.execute(
        """DELETE FROM log_keys WHERE by = ?
           AND EXISTS (SELECT 1 FROM log_keys AS other WHERE other.segment = log_keys.segment AND other.by <> ?)""",
        (by, by),
    )


def wrap_missing(
    connection: sqlite3.Connection, by: str, wrap_one: Callable[[bytes, bytes], bytes], masters: tuple[Master, ...]
) -> None:
    """Have `by` open every key that one of these opens."""
    for segment in unwrapped_by(connection, by):
        found = secret(connection, segment, masters)
        if found is not None:
            wrap(connection, segment, [(by, wrap_one(found, context_of(segment)))])


def regain(connection: sqlite3.Connection, key: Master, private: RecoveryPrivate, chance: Chance) -> None:
    """Have a new key of the store open every key that a recovery key opens. Raises `EN-RECOVERY-KEY`."""
    for segment in unwrapped_by(connection, key.id):
        blob = wrapped(connection, segment, private.id)
        if blob is None:
            detail = f"key {private.id} was never to open segment {segment} of the access log"
            raise EdgeNodeError(detail, code="EN-RECOVERY-KEY")
        opened = recovery.unwrap(private, blob, context_of(segment))
        wrap(connection, segment, [(key.id, key.wrap(opened, context_of(segment), chance))])


def destroy(connection: sqlite3.Connection, segment: int) -> None:
    """Nobody opens this key any more."""
    connection.execute("DELETE FROM log_keys WHERE segment = ?", (segment,))


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return hmac.digest(secret, b"edge-node log " + purpose, "sha256")


def _bound(seq: int) -> bytes:
    return b"edge-node log record %d" % seq
