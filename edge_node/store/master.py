"""The store's own key: it opens the keys of the days, and lies outside the store.

Knows: its file, who may read that, how a secret is wrapped with it.
Must not know: tables, what the keys of the days seal.
"""

import hmac
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from edge_node.errors import EdgeNodeError
from edge_node.store import keys
from edge_node.store.keys import KEY_BYTES
from edge_node.store.surroundings import Chance

FILE: Final = "sealing.key"
NONCE_BYTES: Final = 12
_CODE: Final = "EN-SEALING-KEY"
#: Nobody else may read it. systemd gives a credential to the service alone, through an ACL that shows as group bits.
_FORBIDDEN: Final = 0o027
_FORBIDDEN_CREDENTIAL: Final = 0o007


@dataclass(frozen=True, slots=True)
class Master:
    """A key of 256 random bits."""

    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """What the store remembers, to see that a file and a store belong together."""
        return hmac.digest(self.secret, b"edge-node sealing key id", "sha256")[:8].hex()

    def wrap(self, secret: bytes, context: bytes, chance: Chance) -> bytes:
        """Seal a secret, for this context only."""
        nonce = bytes.fromhex(chance.hex(NONCE_BYTES))
        return nonce + AESGCM(self.secret).encrypt(nonce, secret, context)

    def unwrap(self, blob: bytes, context: bytes) -> bytes | None:
        """Return the secret; None where it does not open."""
        try:
            return AESGCM(self.secret).decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], context)
        except (InvalidTag, ValueError):
            return None


def new(chance: Chance) -> Master:
    """Make a key."""
    return Master(bytes.fromhex(chance.hex(KEY_BYTES)))


def load(path: Path, *, is_credential: bool = False) -> Master:
    """Read the key. Raises `EN-SEALING-KEY` where it is not there, is none, or others can read it."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        secret = path.read_bytes()
    except OSError as error:
        raise EdgeNodeError(f"{path} cannot be read: {error.strerror or error}", code=_CODE) from error
    if mode & (_FORBIDDEN_CREDENTIAL if is_credential else _FORBIDDEN):
        raise EdgeNodeError(f"{path} has mode {mode:04o}, so others can read it; give it 0400", code=_CODE)
    if len(secret) != KEY_BYTES:
        raise EdgeNodeError(f"{path} is not a key of {KEY_BYTES} bytes", code=_CODE)
    return Master(secret)


def is_of(path: Path, wanted: str) -> bool:
    """Whether the key at `path` is the one with this id."""
    try:
        secret = path.read_bytes()
    except OSError:
        return False
    return len(secret) == KEY_BYTES and Master(secret).id == wanted


def make(path: Path, chance: Chance) -> Master:
    """Make a key and its file (mode 0400)."""
    made = new(chance)
    keys.write(path, made.secret)
    return made
