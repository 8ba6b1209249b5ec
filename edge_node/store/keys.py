"""The key that turns patient numbers into hashes, and what is hashed with it.

Knows: the key file, its mode, and the hash of a patient, of a content and of a lane.
Must not know: tables, messages' content.
"""

import contextlib
import hashlib
import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from edge_node.errors import EdgeNodeError
from edge_node.model.identifiers import Bsn
from edge_node.store.surroundings import Chance

FILE: Final = "patient.key"
KEY_BYTES: Final = 32
LANE_BYTES: Final = 16
#: What a new key is written to until the store says that it is the one.
NEXT: Final = ".next"


@dataclass(frozen=True, slots=True)
class PatientKey:
    """An own key, so that whoever has only the store cannot try all numbers.

    It is a chain: a store gets a new key by hashing what it holds once more, with a further link. Nobody needs what
    was hashed for that, which is long gone; and whoever knows all links but the last can try no number.
    """

    secret: bytes = field(repr=False)  # the links, oldest first

    @property
    def id(self) -> str:
        """What the store remembers, to see that a file and a key belong together."""
        *older, last = self._links
        return hmac.digest(last, b"edge-node key id" + b"".join(older), "sha256")[:8].hex()

    def patient(self, bsn: Bsn | None) -> bytes | None:
        """Return the hash that stands for this patient in every table."""
        return None if bsn is None else self._hash(b"patient:" + bsn.value.encode())

    def name(self, text: str) -> bytes:
        """Return the hash that stands for the number or the account of a person who did something."""
        return self._hash(b"name:" + text.encode())

    @property
    def older(self) -> "tuple[PatientKey, ...]":
        """The keys that the store had before, newest first: what is chained keeps the hash it was written with."""
        ends = range(len(self.secret) - KEY_BYTES, 0, -KEY_BYTES)
        return tuple(PatientKey(self.secret[:end]) for end in ends)

    def content(self, digest: bytes) -> bytes:
        """Return what stands for a content: an address can hold a patient number and little that is not known."""
        return self._hash(b"content:" + digest)

    def mark(self, digest: bytes) -> str:
        """Return a short name of a content, which may be shown: nobody without the key can guess it from one."""
        return self._hash(b"mark:" + digest)[:8].hex()

    def lane(self, way: tuple[str, str], whose: Bsn | str, order: str) -> bytes:
        """Return the name of a lane: of a patient, or of a sender where no patient is named."""
        first, *later = self._links
        mine = f"patient {_patient(first, whose).hex()}" if isinstance(whose, Bsn) else whose
        name = hashlib.sha256("\0".join((*way, mine, order)).encode()).digest()[:LANE_BYTES]
        for link in later:
            name = _again(link, name)[:LANE_BYTES]
        return name

    def again(self, hashed: bytes) -> bytes:
        """Return what the last link makes of a hash, or of the name of a lane, that the links before it gave."""
        return _again(self._links[-1], hashed)[: len(hashed)]

    def longer(self, chance: Chance) -> "PatientKey":
        """Return this key with a new link."""
        return PatientKey(self.secret + bytes.fromhex(chance.hex(KEY_BYTES)))

    @property
    def _links(self) -> list[bytes]:
        return [self.secret[at : at + KEY_BYTES] for at in range(0, len(self.secret), KEY_BYTES)]

    def _hash(self, what: bytes) -> bytes:
        first, *later = self._links
        found = hmac.digest(first, what, "sha256")
        for link in later:
            found = _again(link, found)
        return found


def _patient(link: bytes, bsn: Bsn) -> bytes:
    return hmac.digest(link, b"patient:" + bsn.value.encode(), "sha256")


def _again(link: bytes, hashed: bytes) -> bytes:
    return hmac.digest(link, b"again:" + hashed, "sha256")


def load_or_make(path: Path, chance: Chance) -> PatientKey:
    """Read the key, or make it at the first start (mode 0400)."""
    if not path.exists():
        write(path, bytes.fromhex(chance.hex(KEY_BYTES)))
    return load(path)


def load(path: Path) -> PatientKey:
    """Read the key."""
    secret = path.read_bytes()
    if not secret or len(secret) % KEY_BYTES:
        raise EdgeNodeError(f"{path} is not a key of {KEY_BYTES} bytes", code="EN-STORE-DAMAGED")
    return PatientKey(secret)


def is_of(path: Path, wanted: str) -> bool:
    """Whether the key at `path` is the one with this id."""
    try:
        secret = path.read_bytes()
    except OSError:
        return False
    return bool(secret) and len(secret) % KEY_BYTES == 0 and PatientKey(secret).id == wanted


def next_of(path: Path) -> Path:
    """Return where a key lies that is to follow the one at `path`."""
    return path.with_name(path.name + NEXT)


def take_next(path: Path, is_wanted: Callable[[Path], bool]) -> None:
    """Finish, or undo, a change of keys that a kill broke off: the store says which key it has."""
    coming = next_of(path)
    if not coming.exists():
        return
    if is_wanted(coming):
        put_in_place(path)
    elif path.exists() and is_wanted(path):
        coming.unlink()
        sync_directory(path.parent)


def put_in_place(path: Path) -> None:
    """The next key is the key."""
    next_of(path).rename(path)
    sync_directory(path.parent)


def write(path: Path, secret: bytes) -> None:
    """Write beside, then rename: a crash leaves a whole key or none. Readable by its owner only."""
    beside = path.with_name(path.name + ".new")
    with contextlib.suppress(FileNotFoundError):
        beside.unlink()
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    try:
        if os.geteuid() == 0:
            # Made by root while the daemon was down, it would keep the daemon's own user out.
            folder = path.parent.stat()
            os.fchown(handle, folder.st_uid, folder.st_gid)
        _write_all(handle, secret)
        os.fsync(handle)
    except OSError:
        beside.unlink()
        raise
    finally:
        os.close(handle)
    beside.rename(path)
    sync_directory(path.parent)


def _write_all(handle: int, content: bytes) -> None:
    """A disk that is nearly full takes a part and says so; what is missing then raises `OSError`."""
    left = memoryview(content)
    while left:
        left = left[os.write(handle, left) :]


def sync_directory(path: Path) -> None:
    """Make a new name in this directory durable."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
