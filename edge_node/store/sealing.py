"""What a message says is sealed: a blob opens with the key of its day, for its own message and its own place only.

Knows: AES-256-GCM and what goes with each blob, which key is today's, which keys were opened before.
Must not know: what is in a blob, when one is sealed anew.
"""

import sqlite3
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from edge_node.errors import EdgeNodeError
from edge_node.store import day_keys, recovery
from edge_node.store.keys import KEY_BYTES
from edge_node.store.master import NONCE_BYTES, Master
from edge_node.store.recovery import RecoveryPublic
from edge_node.store.surroundings import Chance

#: Before each blob: its form, and which key sealed it.
_HEAD: Final = struct.Struct(">BI")
_FORM: Final = 1
_MAX_OPENED: Final = 64


class Unreadable(EdgeNodeError):
    """What was sealed does not open: it is damaged, was put in another's place, or its key is gone."""

    code = "EN-STORE-DAMAGED"


@dataclass(slots=True, kw_only=True)
class Ring:
    """The keys that open the keys of the days."""

    master: Master | None  # None: a command that opens no message goes on without it
    coming: Master | None = None  # the one that follows it, at the next start
    recovery: tuple[RecoveryPublic, ...] = ()

    def wrap(self, secret: bytes, number: int, chance: Chance) -> list[day_keys.Wrapped]:
        """Return a key of a day for each that is to open it."""
        return self.wrap_for(secret, context_of(number), chance)

    def wrap_for(self, secret: bytes, context: bytes, chance: Chance) -> list[day_keys.Wrapped]:
        """Return a secret for each that is to open it, bound to what it is."""
        masters = [key for key in (self.master, self.coming) if key is not None]
        return [
            *((key.id, key.wrap(secret, context, chance)) for key in masters),
            *((key.id, recovery.wrap(key, secret, context)) for key in self.recovery),
        ]


def context_of(number: int) -> bytes:
    """Return what the key of a day is bound to when it is wrapped."""
    return b"edge-node day key %d" % number


class Sealer:
    """Seals under today's key. Used by one thread at a time, within its transactions."""

    def __init__(self, connection: sqlite3.Connection, ring: Ring, now: Callable[[], float], chance: Chance) -> None:
        self._connection = connection
        self.ring = ring
        self._now = now
        self._chance = chance
        self._today: tuple[int, int] | None = None  # day, number of its key
        self._opened: dict[int, AESGCM] = {}

    def begin(self) -> None:
        """A transaction began: have the key of today, made in it when the day has none."""
        day = day_keys.day_of(self._now())
        if self.ring.master is None or (self._today is not None and self._today[0] == day):
            return
        number = day_keys.of_day(self._connection, day)
        self._today = (day, self._make(day) if number is None else number)

    def forget(self) -> None:
        """The transaction was undone, and with it a key that it may have made."""
        self._today = None
        self._opened.clear()

    def drop(self, number: int) -> None:
        """This key was destroyed."""
        self._opened.pop(number, None)

    @property
    def number(self) -> int:
        """Which key is today's."""
        if self._today is None:
            raise _no_master()
        return self._today[1]

    def seal(self, kind: str, of: bytes, data: bytes) -> bytes:
        """Seal some bytes: `kind` says what they are, `of` whose they are."""
        number = self.number
        head = _HEAD.pack(_FORM, number)
        nonce = bytes.fromhex(self._chance.hex(NONCE_BYTES))
        return head + nonce + self._key(number).encrypt(nonce, data, _bound(head, kind, of))

    def open(self, kind: str, of: bytes, blob: bytes) -> bytes:
        """Open what was sealed as that kind for that one. Raises `Unreadable`."""
        head = bytes(blob[: _HEAD.size])
        if len(blob) < _HEAD.size + NONCE_BYTES or head[0] != _FORM:
            raise Unreadable("it is not of a form that this release knows")
        nonce = blob[_HEAD.size : _HEAD.size + NONCE_BYTES]
        try:
            return self._key(_HEAD.unpack(head)[1]).decrypt(
                nonce, memoryview(blob)[len(head) + NONCE_BYTES :], _bound(head, kind, of)
            )
        except InvalidTag as error:
            raise Unreadable("it was changed, or is another's") from error

    def secret(self, number: int) -> bytes:
        """Return the key of a day. Raises `Unreadable` where it is gone or does not open."""
        if self.ring.master is None:
            raise _no_master()
        blob = day_keys.wrapped(self._connection, number, self.ring.master.id)
        secret = None if blob is None else self.ring.master.unwrap(blob, context_of(number))
        if secret is None:
            raise Unreadable(f"key {number} {'is gone' if blob is None else 'does not open'}")
        return secret

    def _key(self, number: int) -> AESGCM:
        found = self._opened.get(number)
        if found is None:
            if len(self._opened) >= _MAX_OPENED:
                self._opened.clear()
            found = self._opened[number] = AESGCM(self.secret(number))
        return found

    def _make(self, day: int) -> int:
        number = day_keys.add(self._connection, day)
        secret = bytes.fromhex(self._chance.hex(KEY_BYTES))
        day_keys.wrap(self._connection, number, self.ring.wrap(secret, number, self._chance))
        return number


def _bound(head: bytes, kind: str, of: bytes) -> bytes:
    return b"edge-node\0" + head + kind.encode() + b"\0" + of


def _no_master() -> EdgeNodeError:
    return EdgeNodeError("this command has no key of the store", code="EN-SEALING-KEY")
