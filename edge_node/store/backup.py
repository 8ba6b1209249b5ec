"""A backup of the store is made: one moment of it, sealed to the recovery keys, written, read again, put in place.

Knows: the order of the steps, what is removed when one fails, what must be free on the disk.
Must not know: when it is done, who asked for it, the reactor.
"""

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from edge_node.errors import EdgeNodeError
from edge_node.model.backup import Made, Manifest
from edge_node.store import backup_copy, backup_file, backup_folder, keys, log_copies, log_sources
from edge_node.store.backup_file import Header, Opening, Sealing
from edge_node.store.keys import KEY_BYTES, sync_directory
from edge_node.store.recovery import RecoveryPublic
from edge_node.store.surroundings import Chance, Clock

MANIFEST: Final = "manifest.json"
PATIENT_KEY: Final = "patient.key"
STORE: Final = "store.db"
_READ_BYTES: Final = 1024 * 1024
_MAX_REST_S: Final = 0.2
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is backed up, for whom, and where it goes."""

    store: Path
    folder: Path
    keys: tuple[RecoveryPublic, ...]
    site: str
    release: str
    settings_hash: str
    reserve_bytes: int = 0
    keep: int | None = None  # how many of this site stay in the folder; None: all
    is_store_readonly: bool = False  # then the copy is made in the folder

    @property
    def place_of_copy(self) -> Path:
        """Beside the store, where that can be."""
        return self.folder if self.is_store_readonly else self.store.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What making one needs of the machine."""

    clock: Clock
    chance: Chance
    free_bytes: Callable[[Path], int | None]
    fail_point: Callable[[str], None] = lambda _: None
    told: Callable[[str, int, int], None] = lambda _step, _done, _of: None  # progress
    pause: Callable[[float], None] = lambda _seconds: None  # rests between two steps, so that messages go first


@dataclass(frozen=True, slots=True)
class _Work:
    """One backup in the making."""

    plan: Plan
    tools: Tools
    id: str
    at: float

    @property
    def made_at(self) -> str:
        return datetime.fromtimestamp(self.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def copy(self) -> Path:
        return self.plan.place_of_copy / f"{self.plan.store.name}.{self.id}{backup_folder.COPY}"

    @property
    def target(self) -> Path:
        return self.plan.folder / backup_folder.name(self.plan.site, self.at, self.id)


class _Pace:
    """As much rest as work: half of the disk and of a processor stay for messages, however large the store is."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._since_s = tools.clock.monotonic()

    def rest(self) -> None:
        """A step was done."""
        worked_s = self._tools.clock.monotonic() - self._since_s
        self._tools.pause(min(worked_s, _MAX_REST_S))
        self._since_s = self._tools.clock.monotonic()


def make(plan: Plan, tools: Tools) -> Made:
    """Make one backup, beside whoever has the store open. Blocks as long as that takes; leaves all or nothing."""
    if not plan.keys:
        raise EdgeNodeError("store.recovery_keys names none", code="EN-BACKUP-NO-KEY")
    work = _Work(plan, tools, tools.chance.hex(8), tools.clock.now())
    began_s = tools.clock.monotonic()
    with _failures(plan.folder):
        _check_folder(plan.folder)
        partial = work.target.with_name(work.target.name + backup_folder.PARTIAL)
        try:
            manifest = _make(work, partial)
        finally:
            work.copy.unlink(missing_ok=True)
            partial.unlink(missing_ok=True)
        nbytes = work.target.stat().st_size
        pruned = backup_folder.prune(plan.folder, plan.site, plan.keep, work.target) if plan.keep else ()
    took_s = tools.clock.monotonic() - began_s
    return Made(path=str(work.target), nbytes=nbytes, took_s=took_s, manifest=manifest, pruned=pruned)


def _make(work: _Work, partial: Path) -> Manifest:
    plan, tools = work.plan, work.tools
    room = _Room(plan, tools)
    logs = log_sources.folder_of(plan.store), log_copies.folder_of(plan.folder, plan.site)
    room.check(backup_copy.size_of(plan.store) + log_copies.missing_bytes(*logs))
    pace = _Pace(tools)
    backup_copy.copy(plan.store, work.copy, lambda done, total: _copied(work, (room, pace), (done, total)))
    tools.fail_point("copied")
    log_copies.copy(*logs, pace.rest)  # after the copy: each file that it names is there
    found = backup_copy.examine(work.copy, plan.keys)
    secret = _patient_key(plan.store, found.patient_key)
    manifest = replace(
        found,
        id=work.id,
        site=plan.site,
        made_at=work.made_at,
        release=plan.release,
        settings_hash=plan.settings_hash,
        keys=tuple(key.id for key in plan.keys),
    )
    key = bytes.fromhex(tools.chance.hex(KEY_BYTES))
    digest = _seal(work, partial, key, (json.dumps(asdict(manifest)).encode(), secret))
    tools.fail_point("sealed")
    _verify(partial, key, (digest, _Pace(tools)))
    tools.fail_point("verified")
    partial.rename(work.target)
    sync_directory(plan.folder)
    tools.fail_point("placed")
    return manifest


def _patient_key(store: Path, wanted: str) -> bytes:
    """Return the key that belongs to the copy; while a store gets a new one, two lie there."""
    path = store.with_name(PATIENT_KEY)
    for there in (path, keys.next_of(path)):
        with contextlib.suppress(FileNotFoundError):
            key = keys.load(there)
            if key.id == wanted:
                return key.secret
    raise EdgeNodeError(f"{path} is not the key of this store", code="EN-BACKUP-FAILED")


def _copied(work: _Work, by: "tuple[_Room, _Pace]", progress: tuple[int, int]) -> None:
    (room, pace), (done, total) = by, progress
    room.check(total - done)
    work.tools.told("copied", done, total)
    work.tools.fail_point("copying")
    pace.rest()


def _seal(work: _Work, partial: Path, key: bytes, small: tuple[bytes, bytes]) -> bytes:
    """Write the sealed file; return the digest of what was sealed."""
    manifest, secret = small
    nbytes = work.copy.stat().st_size
    header = Header(
        id=work.id,
        site=work.plan.site,
        made_at=work.made_at,
        parts=((MANIFEST, len(manifest)), (PATIENT_KEY, len(secret)), (STORE, nbytes)),
        locks=backup_file.locked(key, work.plan.keys, work.id),
    )
    digest = hashlib.sha256()
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out, work.copy.open("rb") as store:
        sealing, pace = Sealing(out, header, key), _Pace(work.tools)
        done = 0
        for piece in (manifest, secret, *_pieces(store)):
            digest.update(piece)
            sealing.write(piece)
            done += len(piece)
            os.fdatasync(handle)  # a little at a time: one large write at the end would hold up every commit
            work.tools.told("sealed", done, nbytes)
            pace.rest()
        sealing.finish()
        out.flush()
        os.fsync(handle)
    return digest.digest()


def _pieces(store: BinaryIO) -> Iterator[bytes]:
    while piece := store.read(_READ_BYTES):
        yield piece


def _verify(partial: Path, key: bytes, by: tuple[bytes, _Pace]) -> None:
    """Read from the disk what was written: every chunk must open, and hold what was sealed."""
    (digest, pace), found = by, hashlib.sha256()
    with partial.open("rb") as written:
        os.posix_fadvise(written.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        for piece in Opening(written).plain(key):
            found.update(piece)
            pace.rest()
    if found.digest() != digest:
        raise EdgeNodeError("what was written is not what was read", code="EN-BACKUP-FAILED")


class _Room:
    """The disk keeps its reserve for messages, whatever a backup needs."""

    def __init__(self, plan: Plan, tools: Tools) -> None:
        self._plan = plan
        self._free_bytes = tools.free_bytes

    def check(self, copy_bytes: int) -> None:
        """Refuse when the copy, and the sealed file beside it, would go below the reserve."""
        place, folder = self._plan.place_of_copy, self._plan.folder
        shared = place.stat().st_dev == folder.stat().st_dev
        self._need(place, copy_bytes * (2 if shared else 1))
        if not shared:
            self._need(folder, copy_bytes)

    def _need(self, where: Path, nbytes: int) -> None:
        free = self._free_bytes(where)
        if free is not None and free - nbytes < self._plan.reserve_bytes:
            detail = (
                f"{where} has {free} bytes free; {nbytes} are needed beside {self._plan.reserve_bytes} in reserve"
            )
            raise EdgeNodeError(detail, code="EN-BACKUP-NO-ROOM")


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise EdgeNodeError(f"{folder} is no folder", code="EN-BACKUP-FAILED")


@contextmanager
def _failures(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        code = "EN-BACKUP-NO-ROOM" if error.errno in _NO_ROOM else "EN-BACKUP-FAILED"
        where = error.filename or folder
        raise EdgeNodeError(f"{where}: {error.strerror or type(error).__name__}", code=code) from error
