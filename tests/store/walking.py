"""A process that comes to a fail point of the store by a way of its own, and kills itself there.

Usage: python -m tests.store.walking FOLDER WAY FAIL_POINT:NTH. The store is FOLDER/state/store.db; a recovery key
lies in FOLDER. The NTH time it is at FAIL_POINT it kills itself with signal 9; else it goes the way to its end.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from edge_node.machine import MachineChance, MachineClock
from edge_node.model.keeping import Room
from edge_node.model.lifecycle import Event
from edge_node.model.message import Direction
from edge_node.sandbox.crashing_node import dying_at
from edge_node.store import (
    admission,
    backup,
    log_filing,
    log_segments,
    log_sources,
    queue,
    rehashing,
    restoring,
    rotation,
)
from edge_node.store.backup import Plan, Tools
from edge_node.store.backup_folder import SUFFIX
from edge_node.store.batch import transact
from edge_node.store.opening import open_run
from edge_node.store.recovery import load_private, load_public
from edge_node.store.repair import repair
from edge_node.store.reserve import Reserve
from edge_node.store.restoring import Wanted
from edge_node.store.rotation import Rotation
from edge_node.store.session import Session
from edge_node.store.surroundings import Surroundings, moment

NOWHERE = "nowhere:1"
_RECORDS = 500


def store_of(folder: Path) -> Path:
    return folder / "state" / "store.db"


def around(point: str) -> Surroundings:
    return Surroundings(clock=MachineClock(), chance=MachineChance(), fail_point=dying_at(point))


def on_open_store(work: Callable[[Session, Path], None]) -> Callable[[Path, str], None]:
    """Do it as the daemon does, with the store in its hands."""

    def way(folder: Path, point: str) -> None:
        path = store_of(folder)
        opened = open_run(path, around(point))
        work(opened.session, path)
        opened.database.close()

    return way


def set_aside(session: Session, path: Path) -> None:
    """One message cannot be read; it leaves the line when a claim meets it, and the others are delivered."""
    room, clock = Room(limit=100, bulk=100), MachineClock()
    while entries := transact(session, lambda session: queue.lease(session, Direction.OUT, room, moment(clock))):
        for entry in entries:
            change = queue.settling(Event.ACKNOWLEDGED, "CA", moment(clock))
            transact(session, lambda session, of=entry, how=change: admission.settle(session, of, how, None))


def give_up_reserve(session: Session, path: Path) -> None:
    """The reserve is whole, and the disk is full."""
    reserve = Reserve(path, _RECORDS)
    while transact(session, reserve.fill):
        pass
    reserve.filled()
    assert reserve.give_up(session)


def rotate(session: Session, path: Path) -> None:
    plan = Rotation(path, MachineChance(), is_ours=True)
    transact(session, lambda session: rotation.begin(session, plan))
    transact(session, lambda session: rotation.finish(session, plan))


def file_log(session: Session, path: Path) -> None:
    """The open segment of the access log is full, becomes a file, and its rows go."""
    clock, folder = MachineClock(), log_sources.folder_of(path)
    transact(session, lambda session: session.log.begin_segment(clock.now()))  # type: ignore[attr-defined]
    while (full := log_segments.in_state(session.connection, "full")) is not None:
        name = log_filing.write(session.connection, full, folder, session.fail_point)
        transact(session, lambda session, of=full, name=name: log_filing.settle(session, of.number, name))
    while transact(session, lambda session: log_filing.clear(session, 0, moment(clock))):
        pass


def rehash(session: Session, path: Path) -> None:
    rehashing.rehash(session, path, MachineChance(), lambda _table, _rows: None)


def back_up(folder: Path, point: str) -> None:
    plan = Plan(
        store=store_of(folder),
        folder=folder / "backups",
        keys=(load_public(folder / "public.pem"),),
        site="post",
        release="1",
        settings_hash="h",
    )
    tools = Tools(clock=MachineClock(), chance=MachineChance(), free_bytes=lambda _: None, fail_point=dying_at(point))
    backup.make(plan, tools)


def restore(folder: Path, point: str) -> None:
    """Of this very store, in its own place."""
    if not backups(folder):
        back_up(folder, NOWHERE)
    private = load_private(folder / "private.pem")
    wanted = Wanted(
        file=backups(folder)[0], private=private, store=store_of(folder), around=around(point), replace=True
    )
    restoring.restore(wanted)


def backups(folder: Path) -> list[Path]:
    return sorted((folder / "backups").glob(f"*{SUFFIX}"))


def mend(folder: Path, point: str) -> None:
    path, at = store_of(folder), moment(MachineClock())
    # The damaged file is named after the second, and no repair takes the name of another.
    earlier = len(list(path.parent.glob("*.damaged-*")))
    repair(path, replace(at, now=at.now + 60 * earlier), lambda _table, _rows: None, dying_at(point))


WAYS: dict[str, Callable[[Path, str], None]] = {
    "set-aside": on_open_store(set_aside),
    "reserve": on_open_store(give_up_reserve),
    "rotate": on_open_store(rotate),
    "rehash": on_open_store(rehash),
    "log": on_open_store(file_log),
    "backup": back_up,
    "restore": restore,
    "repair": mend,
}

if __name__ == "__main__":
    WAYS[sys.argv[2]](Path(sys.argv[1]), sys.argv[3])
