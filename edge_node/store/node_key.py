"""The key with which the node signs what it says of itself: the heads of its log, its reports.

Knows: Ed25519, and that what is signed for one purpose counts for no other.
Must not know: where the key is kept, what is signed. It is made on the machine and is no key of a certificate.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from edge_node.errors import EdgeNodeError

FILE: Final = "node-signing.pub"
_ID_BYTES: Final = 8
_MOST_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class NodePublic:
    """The half that whoever checks has."""

    key: Ed25519PublicKey = field(repr=False)

    @classmethod
    def of_raw(cls, raw: bytes) -> "NodePublic":
        """Make it from its 32 bytes. Raises `ValueError`."""
        return cls(Ed25519PublicKey.from_public_bytes(raw))

    @property
    def raw(self) -> bytes:
        """Its 32 bytes."""
        return self.key.public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def id(self) -> str:
        """What people compare."""
        return hashlib.sha256(self.raw).hexdigest()[: 2 * _ID_BYTES]

    @property
    def pem(self) -> bytes:
        """What is handed to whoever is to check."""
        return self.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def is_signed(self, purpose: str, data: bytes, signature: bytes) -> bool:
        """Say whether the node signed this, for this purpose."""
        try:
            self.key.verify(signature, _meant(purpose, data))
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class NodeKey:
    """Both halves."""

    _private: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def of(cls, seed: bytes) -> "NodeKey":
        """Make the key of these 32 bytes."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public(self) -> NodePublic:
        """The other half."""
        return NodePublic(self._private.public_key())

    def sign(self, purpose: str, data: bytes) -> bytes:
        """Sign this, for this purpose only."""
        return self._private.sign(_meant(purpose, data))


def load_public(path: Path) -> NodePublic:
    """Read a public half. Raises `EN-LOG-KEY`."""
    try:
        key = load_pem_public_key(_start_of(path))
    except OSError as error:
        raise EdgeNodeError(f"{path} cannot be read: {error.strerror or error}", code="EN-LOG-KEY") from error
    except ValueError as error:
        raise EdgeNodeError(f"{path} is no public key", code="EN-LOG-KEY") from error
    if not isinstance(key, Ed25519PublicKey):
        raise EdgeNodeError(f"{path} is a public key of another kind; a node signs with Ed25519", code="EN-LOG-KEY")
    return NodePublic(key)


def _start_of(path: Path) -> bytes:
    """As much of a file as a key may have; a device may never end."""
    with path.open("rb") as file:
        return file.read(_MOST_BYTES)


def _meant(purpose: str, data: bytes) -> bytes:
    return b"edge-node " + purpose.encode() + b"\0" + data
