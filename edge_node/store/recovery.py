"""The recovery keys of a site: what is sealed to the public half opens only with the half that lies in the safe.

Knows: the files of both halves, HPKE (RFC 9180) with X25519, HKDF-SHA-256 and AES-256-GCM.
Must not know: what is sealed to them, where the settings name them.
"""

import contextlib
import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from edge_node.errors import EdgeNodeError

_SUITE: Final = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
_FORM: Final = b"\x01"  # the first byte of what is wrapped: another suite gets another one
_ID_BYTES: Final = 8
_CODE: Final = "EN-RECOVERY-KEY"
_PASSPHRASE: Final = "EN-PASSPHRASE"  # noqa: S105  a code


@dataclass(frozen=True, slots=True)
class RecoveryPublic:
    """The half that a node has: it can only lock."""

    key: X25519PublicKey = field(repr=False)

    @property
    def id(self) -> str:
        """What people compare, and what names the half that opens."""
        raw = self.key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return hashlib.sha256(raw).hexdigest()[: 2 * _ID_BYTES]


@dataclass(frozen=True, slots=True)
class RecoveryPrivate:
    """The half in the safe."""

    key: X25519PrivateKey = field(repr=False)

    @property
    def id(self) -> str:
        """The id of the pair."""
        return self.public.id

    @property
    def public(self) -> RecoveryPublic:
        """The other half."""
        return RecoveryPublic(self.key.public_key())


def wrap(public: RecoveryPublic, secret: bytes, context: bytes) -> bytes:
    """Seal a secret so that only the private half opens it, and only for the same context."""
    return _FORM + bytes.fromhex(public.id) + _SUITE.encrypt(secret, public.key, info=context)


def unwrap(private: RecoveryPrivate, blob: bytes, context: bytes) -> bytes:
    """Open what `wrap` sealed. Raises `EN-RECOVERY-KEY` where another key, context or content was meant."""
    if blob[: len(_FORM)] != _FORM:
        raise EdgeNodeError("it is not of a form that this release knows", code=_CODE)
    if key_of(blob) != private.id:
        raise EdgeNodeError(f"it was sealed to the key {key_of(blob)}, this one is {private.id}", code=_CODE)
    try:
        return _SUITE.decrypt(blob[len(_FORM) + _ID_BYTES :], private.key, info=context)
    except (InvalidTag, ValueError) as error:
        raise EdgeNodeError("what was sealed to it is damaged, or belongs elsewhere", code=_CODE) from error


def key_of(blob: bytes) -> str:
    """Return the id of the pair to which this was sealed."""
    return blob[len(_FORM) : len(_FORM) + _ID_BYTES].hex()


def load_public(path: Path) -> RecoveryPublic:
    """Read a public half."""
    try:
        key = load_pem_public_key(_read(path))
    except ValueError as error:
        raise EdgeNodeError(f"{path} is not the public half of a recovery key", code=_CODE) from error
    if not isinstance(key, X25519PublicKey):
        raise EdgeNodeError(f"{path} is a public key of another kind; a recovery key is X25519", code=_CODE)
    return RecoveryPublic(key)


def load_private(path: Path, passphrase: bytes | None = None) -> RecoveryPrivate:
    """Read a private half. Raises `EN-PASSPHRASE` where it has a passphrase and the one given is not it."""
    pem = _read(path)
    try:
        key = load_pem_private_key(pem, passphrase)
    except TypeError as error:  # a passphrase is missing, or one was given and there is none
        told = "has no passphrase" if passphrase is not None else "has a passphrase"
        raise EdgeNodeError(f"{path} {told}", code=_PASSPHRASE) from error
    except ValueError as error:
        if b"ENCRYPTED" in pem:
            raise EdgeNodeError(f"{path} does not open with this passphrase", code=_PASSPHRASE) from error
        raise EdgeNodeError(f"{path} is not the private half of a recovery key", code=_CODE) from error
    if not isinstance(key, X25519PrivateKey):
        raise EdgeNodeError(f"{path} is a private key of another kind; a recovery key is X25519", code=_CODE)
    return RecoveryPrivate(key)


def make(private_path: Path, public_path: Path, passphrase: bytes | None = None) -> RecoveryPublic:
    """Make a pair and write both halves; never over a file that is there."""
    pair = RecoveryPrivate(X25519PrivateKey.generate())
    locked: KeySerializationEncryption = NoEncryption() if passphrase is None else BestAvailableEncryption(passphrase)
    _write(private_path, pair.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked), 0o400)
    try:
        _write(public_path, pair.public.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), 0o444)
    except BaseException:
        private_path.unlink()  # half a pair is of no use, and would be in the way of the next try
        raise
    return pair.public


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EdgeNodeError(f"{path} cannot be read: {error.strerror or error}", code=_CODE) from error


def _write(path: Path, pem: bytes, mode: int) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except OSError as error:
        raise EdgeNodeError(f"{path} cannot be made: {error.strerror or error}", code=_CODE) from error
    try:
        with contextlib.closing(os.fdopen(handle, "wb")) as file:
            file.write(pem)
            file.flush()
            os.fsync(handle)
    except BaseException:
        path.unlink()
        raise
