"""Who signed the files of the settings.

Knows: Ed25519, that a signature lies beside its file, raw or in base64, as `openssl pkeyutl -sign -rawin` writes it.
Must not know: what is in the files, who ought to sign.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from edge_node.model.check import Unseen
from edge_node.model.facts_planned import Signature
from edge_node.model.notice import Words
from edge_node.probes.commands import unseen

_RAW_BYTES: Final = 64
_NO_KEY: Final = Words(
    nl="{} is geen leesbare openbare sleutel (Ed25519, PEM).",
    en="{} is no public key that can be read (Ed25519, PEM).",
)


def look(files: Sequence[Path], signers: Sequence[Path]) -> tuple[Signature, ...]:
    """Return who signed each. Raises `Unseen` where a key of a signer cannot be read."""
    keys = {path.name: _key(path) for path in signers}
    return tuple(_signature(path, keys) for path in files)


def _signature(path: Path, keys: Mapping[str, Ed25519PublicKey]) -> Signature:
    try:
        content, written = path.read_bytes(), path.with_name(f"{path.name}.sig").read_bytes()
    except OSError as error:
        return Signature(file=path.name, failure=f"no signature: {error.strerror}")
    raw = _raw(written)
    signer = next((name for name, key in keys.items() if _is_of(key, raw, content)), None)
    if signer is None:
        return Signature(file=path.name, failure="signed by nobody who may, or changed since")
    return Signature(file=path.name, signer=signer)


def _raw(written: bytes) -> bytes:
    if len(written) == _RAW_BYTES:
        return written
    try:
        return base64.b64decode(b"".join(written.split()), validate=True)
    except binascii.Error:
        return b""


def _is_of(key: Ed25519PublicKey, signature: bytes, content: bytes) -> bool:
    try:
        key.verify(signature, content)
    except InvalidSignature:
        return False
    return True


def _key(path: Path) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise _unread(path) from error
    if not isinstance(key, Ed25519PublicKey):
        raise _unread(path)
    return key


def _unread(path: Path) -> Unseen:
    return unseen(_NO_KEY, path.name)
