"""The key that turns patient numbers into hashes, and what is hashed with it.

Knows: the key file, its mode, and the hash of a patient, of a content and of a lane.
Must not know: tables, messages' content.
"""

import contextlib
import hashlib
import hmac
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from edge_node.errors import EdgeNodeError
from edge_node.model.identifiers import Bsn
from edge_node.store.surroundings import Chance

KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class PatientKey:
    """An own key, so that whoever has only the store cannot try all numbers."""

    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """What the store remembers, to see that a file and a key belong together."""
        return hmac.digest(self.secret, b"edge-node key id", "sha256")[:8].hex()

    def patient(self, bsn: Bsn | None) -> bytes | None:
        """Return the hash that stands for this patient in every table."""
        return None if bsn is None else hmac.digest(self.secret, b"patient:" + bsn.value.encode(), "sha256")

    def content(self, digest: bytes) -> bytes:
        """Return what stands for a content: an address can hold a patient number and little that is not known."""
        return hmac.digest(self.secret, b"content:" + digest, "sha256")

    def mark(self, digest: bytes) -> str:
        """Return a short name of a content, which may be shown: nobody without the key can guess it from one."""
        return hmac.digest(self.secret, b"mark:" + digest, "sha256")[:8].hex()


def lane(direction: str, ends: str, whose: bytes | str, order: str) -> bytes:
    """Return the name of the lane; `whose` is the patient's hash, or the sender where no patient is named."""
    mine = whose if isinstance(whose, str) else "patient " + whose.hex()
    return hashlib.sha256("\0".join((direction, ends, mine, order)).encode()).digest()[:16]


def load_or_make(path: Path, chance: Chance) -> PatientKey:
    """Read the key, or make it at the first start (mode 0400)."""
    if not path.exists():
        _make(path, bytes.fromhex(chance.hex(KEY_BYTES)))
    secret = path.read_bytes()
    if len(secret) != KEY_BYTES:
        raise EdgeNodeError(f"{path} is not a key of {KEY_BYTES} bytes", code="EN-STORE-DAMAGED")
    return PatientKey(secret)


def _make(path: Path, secret: bytes) -> None:
    """Write beside, then rename: a crash leaves a whole key or none."""
    beside = path.with_name(path.name + ".new")
    with contextlib.suppress(FileNotFoundError):
        beside.unlink()
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    try:
        os.write(handle, secret)
        os.fsync(handle)
    finally:
        os.close(handle)
    beside.rename(path)
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make a new name in this directory durable."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
