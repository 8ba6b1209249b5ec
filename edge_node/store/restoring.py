"""A store comes back from a backup: made ready beside its place, then put there by renaming.

Knows: the order of the steps, and that a kill between any two leaves the old store, no store, or the whole new one.
Must not know: who asked, how progress is shown.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from edge_node.errors import EdgeNodeError
from edge_node.model.backup import Manifest, Remembered, Report
from edge_node.model.lifecycle import OPEN, State
from edge_node.store import (
    database,
    day_keys,
    events,
    keys,
    log_copies,
    log_keys,
    log_sources,
    master,
    presence,
    recovery,
    remembered,
    restored,
    sealed_files,
    unlocking,
    unpacking,
)
from edge_node.store.access_log import AccessLog
from edge_node.store.backup import PATIENT_KEY, STORE
from edge_node.store.batch import transact
from edge_node.store.keys import sync_directory
from edge_node.store.master import Master
from edge_node.store.opening import Opened, open_run
from edge_node.store.recovery import RecoveryPrivate
from edge_node.store.sealing import context_of
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment, SealingKeys, Surroundings, moment
from edge_node.store.unpacking import Unpacked

#: In that folder from the moment on at which the place of the store is touched.
_PLACING: Final = "placing"
_SIDES: Final = ("", "-wal", "-shm")
Told = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to come back, and where."""

    file: Path
    private: RecoveryPrivate = field(repr=False)
    store: Path
    around: Surroundings  # with the key of the store where the settings name one
    replace: bool = False
    told: Told = lambda _step, _done, _of: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A store that came back."""

    report: Report
    manifest: Manifest
    wrong: tuple[str, ...] = ()  # what did not fit together in the store before it was made ready
    aside: tuple[str, ...] = ()  # what was there before, under its new names


def restore(wanted: Wanted) -> Restored:
    """Put a backup in the place of the store. Until the end of it, what was there stays as it was."""
    with database.locked(wanted.store):
        if presence.is_there(wanted.store) and not wanted.replace:
            raise EdgeNodeError(str(wanted.store), code="EN-RESTORE-PRESENT")
        work = _work(wanted.store)
        with _fresh(work):
            made = make_ready(wanted, work)
            fail_point = wanted.around.fail_point
            fail_point("restore-ready")
            lost = _bring_log(wanted, made.manifest.site, work / STORE)
            aside = _place(wanted, work, fail_point)
        return replace(made, aside=aside, wrong=(*made.wrong, *lost))


def _bring_log(wanted: Wanted, site: str, ready: Path) -> tuple[str, ...]:
    """Bring the files of the access log back that lie beside the backup; say which of them are nowhere."""
    folder = log_sources.folder_of(wanted.store)
    log_copies.copy(log_copies.folder_of(wanted.file.parent, site), folder)
    with database.open_readonly(ready) as connection:
        return tuple(f"{name} of the access log is missing" for name in log_copies.lost(connection, folder))


def make_ready(wanted: Wanted, work: Path) -> Restored:
    """Unpack it into this folder, with a key of its own, every open message held."""
    unpacked = unpacking.unpack(wanted.file, wanted.private, work, lambda done, of: _unpacked(wanted, done, of))
    _prepare(wanted, unpacked)
    opened = open_run(unpacked.store, _around(wanted, work))
    try:
        report = _hold(wanted, unpacked, opened)
    finally:
        opened.database.close()
    return Restored(report=report, manifest=unpacked.manifest, wrong=unpacked.wrong)


def _unpacked(wanted: Wanted, done: int, of: int) -> None:
    wanted.around.fail_point("restore-unpacking")
    wanted.told("read", done, of)


def clear_leftovers(store: Path) -> None:
    """Remove what a restore that was broken off, or not cleaned up, left; only with the lock of the store."""
    shutil.rmtree(_work(store), ignore_errors=True)


def _work(store: Path) -> Path:
    return store.with_name(store.name + presence.RESTORING)


def _around(wanted: Wanted, work: Path) -> Surroundings:
    chosen = wanted.around.sealing
    own = SealingKeys(
        path=chosen.path or work / master.FILE,
        is_credential=chosen.is_credential,
        recovery=chosen.recovery,
    )
    return Surroundings(
        clock=wanted.around.clock,
        chance=wanted.around.chance,
        retention=wanted.around.retention,
        sealing=own,
        log=wanted.around.log,
    )


def _prepare(wanted: Wanted, unpacked: Unpacked) -> None:
    """What must be done before a run of this store begins: that tells of what was in flight, and seals."""
    opened = database.open_exclusively(unpacked.store)
    try:
        connection = opened.connection
        connection.execute("BEGIN IMMEDIATE")
        _take_keys(connection, wanted, unpacked)
        events.leap(connection)
        connection.execute("COMMIT")
    except BaseException:
        opened.abandon()
        raise
    opened.close()


def _take_keys(connection: sqlite3.Connection, wanted: Wanted, unpacked: Unpacked) -> None:
    """Have the keys of the days open with a new key of the store: the old one was on the machine that is gone."""
    key = _master(wanted, unpacked.folder)
    for number in day_keys.unwrapped_by(connection, key.id):
        blob = day_keys.wrapped(connection, number, wanted.private.id)
        if blob is None:
            raise EdgeNodeError(f"the recovery key does not open day {number} in it", code="EN-STORE-DAMAGED")
        secret = recovery.unwrap(wanted.private, blob, context_of(number))
        wrapped = key.wrap(secret, context_of(number), wanted.around.chance)
        day_keys.wrap(connection, number, [(key.id, wrapped)])
    log_keys.regain(connection, key, wanted.private, wanted.around.chance)
    sealed_files.regain(wanted.around.sealed_files, wanted.private, (key, wanted.around.chance))
    before = unlocking.remembered(connection, unlocking.SEALING)
    if before not in {None, key.id}:
        day_keys.shut_out(connection, str(before))
        log_keys.shut_out(connection, str(before))
    unlocking.settle(connection, key)


def _master(wanted: Wanted, folder: Path) -> Master:
    chosen = wanted.around.sealing
    if chosen.path is not None:
        return master.load(chosen.path, is_credential=chosen.is_credential)
    return master.make(folder / master.FILE, wanted.around.chance)


def _hold(wanted: Wanted, unpacked: Unpacked, opened: Opened) -> Report:
    manifest, at = unpacked.manifest, moment(wanted.around.clock)
    open_counts = tuple(line for line in manifest.counts if State(line[1]) in OPEN)
    total = sum(n for _, _, n in open_counts)
    held = restored.hold_all(opened.session, at, lambda done: wanted.told("held", done, total))
    report = Report(
        site=manifest.site,
        backup=manifest.id,
        made_at=manifest.made_at,
        last_line_at=manifest.last_line_at,
        journal_seq=manifest.journal_seq,
        restored_at=datetime.fromtimestamp(at.now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        held=held,
        was=open_counts,
    )
    transact(opened.session, lambda session: _remember(session, report, at))
    transact(opened.session, lambda session: _begin_chain(session, report, at))
    return report


def _begin_chain(session: Session, report: Report, at: Moment) -> None:
    """What was logged after the backup is not in this store: no head of then is one of this chain."""
    details = (("backup", report.backup), ("made at", report.made_at))
    if isinstance(session.log, AccessLog):
        session.log.begin_chain(at.now, "restored from a backup", details)


def _remember(session: Session, report: Report, at: Moment) -> None:
    remembered.add(session, Remembered(kind=remembered.RESTORE, at=at.now, detail=remembered.of_report(report)))


@contextmanager
def _fresh(work: Path) -> Iterator[None]:
    """An empty folder for the work, which is gone at the end; after a kill the next restore begins anew."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    try:
        yield
    except BaseException:
        if not (work / _PLACING).exists():
            shutil.rmtree(work, ignore_errors=True)
        raise
    shutil.rmtree(work)


def _place(wanted: Wanted, work: Path, fail_point: Callable[[str], None]) -> tuple[str, ...]:
    folder = wanted.store.parent
    names = [PATIENT_KEY] if wanted.around.sealing.path is not None else [PATIENT_KEY, master.FILE]
    _belong(work, folder)
    (work / _PLACING).touch()
    sync_directory(work)
    fail_point("restore-placing")
    aside = _move_aside(wanted, names)
    fail_point("restore-aside")
    # Not before: a restore that is broken off leaves the store that was there, which needs these files.
    with database.open_readonly(work / STORE) as connection:
        log_copies.put_aside(connection, log_sources.folder_of(wanted.store))
    for name in names:
        (work / name).rename(folder / name)
        sync_directory(folder)
        fail_point("restore-keys")
    # Last: until it is there, there is no store.
    (work / STORE).rename(wanted.store)
    sync_directory(folder)
    fail_point("restore-placed")
    return aside


def _move_aside(wanted: Wanted, names: list[str]) -> tuple[str, ...]:
    """Give what is there another name; the store first, because without its log it would pass for a whole one."""
    now = datetime.fromtimestamp(wanted.around.clock.now(), UTC)
    stamp = f".replaced-{now:%Y%m%dT%H%M%SZ}"
    folder, store = wanted.store.parent, wanted.store.name
    moves = [(f"{store}{side}", f"{store}{stamp}{side}") for side in _SIDES]
    for name in names:
        moves += [(f"{name}{end}", f"{name}{stamp}{end}") for end in ("", keys.NEXT)]
    moved = []
    for old, new in moves:
        if (folder / old).exists():
            (folder / old).rename(folder / new)
            moved.append(new)
    sync_directory(folder)
    return tuple(moved)


def _belong(work: Path, folder: Path) -> None:
    """What root restores belongs to the daemon's own user."""
    if os.geteuid() == 0:
        owner = folder.stat()
        for path in work.iterdir():
            os.chown(path, owner.st_uid, owner.st_gid)
