"""A backup is opened with the recovery key, and held against what it says of itself.

Knows: the parts of a backup, that all of it is read before any of it is used.
Must not know: where it is put in the end, what is done with it then.
"""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from edge_node.errors import EdgeNodeError
from edge_node.model.backup import Manifest
from edge_node.model.lifecycle import OPEN
from edge_node.store import backup_copy, backup_file, schema
from edge_node.store.backup import MANIFEST, PATIENT_KEY, STORE
from edge_node.store.backup_file import Header, Opening
from edge_node.store.keys import PatientKey
from edge_node.store.recovery import RecoveryPrivate

_TAMPERED: Final = "EN-BACKUP-TAMPERED"
_MAX_SMALL_BYTES: Final = 16 * 1024 * 1024
_OPEN: Final = ", ".join(f"'{state.value}'" for state in sorted(OPEN))
#: What must be true of every store. Each finds what is not.
_RULES: Final = (
    ("the counts are not those of the messages",
     "SELECT direction, state, count(*) FROM messages GROUP BY 1, 2 EXCEPT SELECT direction, state, n FROM counters"),
    ("a lane has not one head",
     "SELECT lane FROM messages WHERE head IS NOT NULL GROUP BY lane HAVING sum(head) <> 1"),
    ("a message that waits has no bytes",
     f"SELECT seq FROM messages WHERE state IN ({_OPEN}) AND seq NOT IN (SELECT seq FROM bodies)"),  # noqa: S608
    ("a message has no history", "SELECT seq FROM messages WHERE seq NOT IN (SELECT seq FROM history)"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A backup, whole and checked, in a folder."""

    folder: Path
    manifest: Manifest
    wrong: tuple[str, ...]  # what does not fit together in the store, though every byte is as it was

    @property
    def store(self) -> Path:
        """The database file."""
        return self.folder / STORE

    @property
    def patient_key(self) -> Path:
        """The key that goes with it."""
        return self.folder / PATIENT_KEY


def read_header(file: Path) -> Header:
    """Return what can be read of a backup without a key."""
    with _opened(file) as source:
        return Opening(source).header


def unpack(file: Path, private: RecoveryPrivate, folder: Path, told: Callable[[int, int], None]) -> Unpacked:
    """Read the whole of it into an empty folder; raise, and say why, where it is not whole."""
    with _opened(file) as source:
        opening = Opening(source)
        header, done = opening.header, 0
        key = opening.unlock(private)
        small: dict[str, bytes] = {}
        for name, pieces in backup_file.split(header, opening.plain(key)):
            if name == STORE:
                for nbytes in _write(folder / STORE, pieces):
                    done += nbytes
                    told(done, header.plain_bytes)
            else:
                small[name] = _small(pieces)
    manifest = _manifest(small, header)
    _write_key(folder / PATIENT_KEY, small[PATIENT_KEY], manifest)
    return Unpacked(folder, manifest, _check(folder / STORE, manifest))


def broken_rules(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Return what does not fit together in a store."""
    return tuple(words for words, sql in _RULES if connection.execute(f"{sql} LIMIT 1").fetchone() is not None)


def _opened(file: Path) -> Any:
    try:
        return file.open("rb")
    except OSError as error:
        raise EdgeNodeError(f"{file}: {error.strerror}", code="EN-BACKUP-UNREADABLE") from error


def _write(path: Path, pieces: Iterator[bytes]) -> Iterator[int]:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        for piece in pieces:
            out.write(piece)
            yield len(piece)
        out.flush()
        os.fsync(handle)


def _small(pieces: Iterator[bytes]) -> bytes:
    found = bytearray()
    for piece in pieces:
        found += piece
        if len(found) > _MAX_SMALL_BYTES:
            raise EdgeNodeError("a part of it is too long", code="EN-BACKUP-UNREADABLE")
    return bytes(found)


def _manifest(small: dict[str, bytes], header: Header) -> Manifest:
    if {MANIFEST, PATIENT_KEY} - small.keys():
        raise EdgeNodeError("a part of it is missing", code="EN-BACKUP-UNREADABLE")
    told = json.loads(small[MANIFEST])
    known = {field.name: told[field.name] for field in fields(Manifest) if field.name in told}
    known["keys"] = tuple(known["keys"])
    known["counts"] = tuple((str(way), str(state), int(n)) for way, state, n in known["counts"])
    manifest = Manifest(**known)
    if (manifest.id, manifest.site, manifest.made_at) != (header.id, header.site, header.made_at):
        raise EdgeNodeError("its header is not its own", code=_TAMPERED)
    return manifest


def _write_key(path: Path, secret: bytes, manifest: Manifest) -> None:
    if PatientKey(secret).id != manifest.patient_key:
        raise EdgeNodeError("the key of the patients is not that of the store", code="EN-STORE-DAMAGED")
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(handle, "wb") as out:
        out.write(secret)
        out.flush()
        os.fsync(handle)


def _check(store: Path, manifest: Manifest) -> tuple[str, ...]:
    """Hold the store against the manifest, and against itself."""
    schema.check_usable(min(manifest.usable_from, manifest.schema), manifest.schema)
    found = backup_copy.examine(store, ())
    for name in ("schema", "usable_from", "run", "journal_seq", "patient_key", "counts"):
        if getattr(found, name) != getattr(manifest, name):
            raise EdgeNodeError(f"{name} is not what the manifest says", code="EN-STORE-DAMAGED")
    with backup_copy.opened(store) as connection:
        return broken_rules(connection)
