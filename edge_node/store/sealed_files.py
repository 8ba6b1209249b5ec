"""Secrets in files that only the key of the store opens, or a recovery key.

Knows: the form of such a file, for whom it is wrapped, that a crash leaves it whole.
Must not know: what the secrets are, who asked for them.

Each file has a key of its own, wrapped for every key that opens the store: a change of the store's key changes a few
bytes of each file and never its secret, which stands on no disk in the clear.
"""

import base64
import json
import os
from collections.abc import Iterator, Set
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from edge_node.errors import EdgeNodeError
from edge_node.store import keys, recovery
from edge_node.store.keys import KEY_BYTES
from edge_node.store.master import NONCE_BYTES, Master
from edge_node.store.recovery import RecoveryPrivate
from edge_node.store.sealing import Ring
from edge_node.store.surroundings import Chance

FOLDER: Final = "identities"
SUFFIX: Final = ".sealed"
_CODE: Final = "EN-SEALED-KEY"
_FORM: Final = 1
_MAX_BYTES: Final = 262_144


@dataclass(frozen=True, slots=True, kw_only=True)
class _Envelope:
    name: str  # what it is bound to, beside the content
    openers: dict[str, bytes]  # id of a key: the key of this file, wrapped for it
    sealed: bytes = field(repr=False)

    @property
    def context(self) -> bytes:
        """What the key of the file is bound to when it is wrapped."""
        return b"edge-node sealed file key\0" + self.name.encode()

    @property
    def bound(self) -> bytes:
        """What the secret is bound to when it is sealed."""
        return b"edge-node sealed file\0" + self.name.encode()


def seal(path: Path, secret: bytes, ring: Ring, chance: Chance) -> None:
    """Write a new file that opens with what opens the store. Raises `EN-SEALING-KEY` where nothing can seal."""
    if ring.master is None:
        raise EdgeNodeError("the key of the store is not here, so nothing can be sealed", code="EN-SEALING-KEY")
    bare = _Envelope(name=_name_of(path), openers={}, sealed=b"")
    own = bytes.fromhex(chance.hex(KEY_BYTES))
    nonce = bytes.fromhex(chance.hex(NONCE_BYTES))
    sealed = nonce + AESGCM(own).encrypt(nonce, secret, bare.bound)
    _write(path, replace(bare, openers=dict(ring.wrap_for(own, bare.context, chance)), sealed=sealed))


def unseal(path: Path, masters: tuple[Master, ...]) -> bytes:
    """Return the secret. Raises `EN-SEALED-KEY` where none of these keys opens it, or it is damaged."""
    envelope = _read(path)
    own = _own_key(envelope, masters)
    if own is None:
        wanted = ", ".join(sorted(envelope.openers))
        what = "put that key back, regain it (store regain), or ask for another certificate (cert csr)"
        raise EdgeNodeError(f"{path} is sealed under key {wanted}, which is not here: {what}", code=_CODE)
    try:
        return AESGCM(own).decrypt(envelope.sealed[:NONCE_BYTES], envelope.sealed[NONCE_BYTES:], envelope.bound)
    except (InvalidTag, ValueError) as error:
        raise EdgeNodeError(f"{path} was changed, or is another's", code=_CODE) from error


def admit(folder: Path | None, ring: Ring, chance: Chance) -> None:
    """Have every file open with the keys that open the store, beside those with which it opens now."""
    for path, envelope in _all(folder):
        own = _own_key(envelope, _masters(ring))
        wrapped = [] if own is None else ring.wrap_for(own, envelope.context, chance)
        if fresh := {by: blob for by, blob in wrapped if by not in envelope.openers}:
            _write(path, replace(envelope, openers=envelope.openers | fresh))


def align(folder: Path | None, ring: Ring, chance: Chance) -> None:
    """Have every file open with the keys that open the store, and with no other; another store's stays as it is."""
    admit(folder, ring, chance)
    wanted = {key.id for key in _masters(ring)} | {key.id for key in ring.recovery}
    for path, envelope in _all(folder):
        if _own_key(envelope, _masters(ring)) is not None:
            _keep_only(path, envelope, wanted)


def shut_out(folder: Path | None, by: str) -> None:
    """This key opens none of them any more that something else opens."""
    for path, envelope in _all(folder):
        if wanted := envelope.openers.keys() - {by}:
            _keep_only(path, envelope, wanted)


def regain(folder: Path | None, private: RecoveryPrivate, new: tuple[Master, Chance]) -> tuple[Path, ...]:
    """Have a new key open what a recovery key opens; return the files that it does not open."""
    key, chance = new
    lost = []
    for path, envelope in _all(folder):
        blob = envelope.openers.get(private.id)
        if blob is None:
            lost.append(path)
            continue
        own = recovery.unwrap(private, blob, envelope.context)
        wrapped = key.wrap(own, envelope.context, chance)
        _write(path, replace(envelope, openers={**envelope.openers, key.id: wrapped}))
    return tuple(lost)


def make_folder(path: Path) -> None:
    """Make a folder for the service alone, also where root makes it while the service is down."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(mode=0o700)
    if os.geteuid() == 0:
        above = path.parent.stat()
        os.chown(path, above.st_uid, above.st_gid)
    keys.sync_directory(path.parent)


def _own_key(envelope: _Envelope, masters: tuple[Master, ...]) -> bytes | None:
    tried = (key.unwrap(envelope.openers[key.id], envelope.context) for key in masters if key.id in envelope.openers)
    return next((own for own in tried if own is not None), None)


def _masters(ring: Ring) -> tuple[Master, ...]:
    return tuple(key for key in (ring.master, ring.coming) if key is not None)


def _keep_only(path: Path, envelope: _Envelope, wanted: Set[str]) -> None:
    kept = {by: blob for by, blob in envelope.openers.items() if by in wanted}
    if kept != envelope.openers:
        _write(path, replace(envelope, openers=kept))


def _all(folder: Path | None) -> Iterator[tuple[Path, _Envelope]]:
    for path in () if folder is None else sorted(folder.glob(f"*/*{SUFFIX}")):
        try:
            yield path, _read(path)
        except EdgeNodeError:
            continue  # told when somebody needs it


def _name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _read(path: Path) -> _Envelope:
    try:
        with path.open("rb") as file:
            said = json.loads(file.read(_MAX_BYTES))
        if said["form"] != _FORM:
            raise EdgeNodeError(f"{path} is not of a form that this release knows", code=_CODE)
        decoded = partial(base64.b64decode, validate=True)
        openers = {str(by): decoded(blob) for by, blob in said["openers"].items()}
        return _Envelope(name=_name_of(path), openers=openers, sealed=decoded(said["sealed"]))
    except OSError as error:
        raise EdgeNodeError(f"{path} cannot be read: {error.strerror or error}", code=_CODE) from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise EdgeNodeError(f"{path} is damaged", code=_CODE) from error


def _write(path: Path, envelope: _Envelope) -> None:
    make_folder(path.parent)
    written: dict[str, Any] = {
        "form": _FORM,
        "openers": {by: base64.b64encode(blob).decode("ascii") for by, blob in envelope.openers.items()},
        "sealed": base64.b64encode(envelope.sealed).decode("ascii"),
    }
    keys.write(path, json.dumps(written, indent=1).encode())
