"""The index of the certificates that were installed for one identity, as it lies in the state directory.

Knows: the form of the index, that a crash leaves the old one or the new one, whole.
Must not know: settings, what a certificate says, which one is shown.

Certificates lie beside the index; their keys are sealed under a name, or stay where the settings have them.
"""

import json
import os
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from edge_node.errors import Refused

FILE: Final = "index.json"
FOLDER: Final = "identities"
_FORM: Final = 1
_MAX_BYTES: Final = 262_144
_CERTIFICATE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\.pem")
_KEY = re.compile(r"(sealed:|credential:)[A-Za-z0-9][A-Za-z0-9._-]{0,254}|/.+")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


class Standing(StrEnum):
    """What one installed pair is for."""

    WAITING = "waiting"  # not proven yet: never shown
    CURRENT = "current"  # what the last installation put in use
    PREVIOUS = "previous"  # what was in use before: there to fall back on while it is valid


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """One certificate with its key."""

    certificate: str  # the name of its file in the folder of the index: leaf first, then its whole chain
    key: str  # sealed:NAME, credential:NAME or an absolute path
    fingerprint: str  # SHA-256 of the certificate, hexadecimal
    standing: Standing
    at: datetime  # when it was installed
    tested: datetime | None = None  # when a handshake with it was last good


def folder_of(state_dir: Path, identity: str) -> Path:
    """Where what was installed for an identity lies."""
    return state_dir / FOLDER / identity


def read_index(folder: Path) -> tuple[Installed, ...]:
    """Return what was installed, newest first; raises `Refused` where the index cannot be read."""
    try:
        with (folder / FILE).open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise Refused(f"{folder / FILE}: {error.strerror}", code="EN-CERTIFICATE-INDEX") from error
    try:
        if len(content) > _MAX_BYTES:
            raise ValueError("is too large")
        found = [_pair(one) for one in _pairs(json.loads(content))]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Refused(f"{folder / FILE}: is no index of certificates", code="EN-CERTIFICATE-INDEX") from error
    return tuple(sorted(found, key=lambda one: one.at, reverse=True))


def write_index(folder: Path, pairs: tuple[Installed, ...]) -> None:
    """Put a new index in the place of the old one: whole, and on the disk, when this returns."""
    written = {"version": _FORM, "pairs": [_document(one) for one in pairs]}
    write_whole(folder / FILE, json.dumps(written, indent=1).encode())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file of such a folder: whole, and on the disk, when this returns."""
    _make_folder(path.parent)
    fresh = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    _belong(fresh)
    fresh.rename(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=0o700)
    _belong(folder)
    sync_folder(folder.parent)


def _belong(path: Path) -> None:
    """What root makes while the service is down is the service's, which could not read it otherwise."""
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def _document(one: Installed) -> dict[str, Any]:
    tested = None if one.tested is None else one.tested.astimezone(UTC).isoformat()
    return {**asdict(one), "at": one.at.astimezone(UTC).isoformat(), "tested": tested}


def _pairs(written: Any) -> list[dict[str, Any]]:
    if written["version"] != _FORM or not isinstance(written["pairs"], list):
        raise ValueError("is of another form")
    return list(written["pairs"])


def _pair(one: dict[str, Any]) -> Installed:
    pair = Installed(
        certificate=one["certificate"],
        key=one["key"],
        fingerprint=one["fingerprint"],
        standing=Standing(one["standing"]),
        at=_moment(one["at"]),
        tested=None if one["tested"] is None else _moment(one["tested"]),
    )
    # A name that leads out of the folder would let whoever wrote the index have any file read.
    forms = ((_CERTIFICATE, pair.certificate), (_KEY, pair.key), (_FINGERPRINT, pair.fingerprint))
    if not all(form.fullmatch(text) for form, text in forms):
        raise ValueError("has a name that is not one")
    return pair


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("has a moment without a time zone")
    return moment
