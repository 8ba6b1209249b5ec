"""The key of the store is lost, the store is not: a recovery key opens it for a new one.

Knows: the order of the steps, and that a kill between any two leaves the lost key to be regained again.
Must not know: who asked, what the keys of the days seal.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge_node.errors import EdgeNodeError, Refused
from edge_node.store import database, day_keys, keys, log_keys, master, recovery, sealed_files, unlocking
from edge_node.store.database import Database
from edge_node.store.master import Master
from edge_node.store.recovery import RecoveryPrivate
from edge_node.store.sealing import context_of
from edge_node.store.surroundings import Chance

#: What the wrong file is called from then on; it may be the key of another machine.
ASIDE: Final = ".not-of-this-store"


@dataclass(frozen=True, slots=True)
class Regained:
    """A store that has a key again."""

    key: Master
    lost: tuple[Path, ...] = ()  # sealed files that the recovery key does not open


def regain(store: Path, private: RecoveryPrivate, chance: Chance, files: Path | None = None) -> Regained:
    """Make a new key that opens every day and sealed file that the recovery key opens; put it beside the store."""
    path = store.with_name(master.FILE)
    opened = database.open_exclusively(store)
    try:
        known = unlocking.remembered(opened.connection, unlocking.SEALING)
        if known is not None and master.is_of(path, known):
            raise Refused(f"{path} is the key of this store", code="EN-ILLEGAL-STEP")
        made = master.new(chance)
        keys.write(keys.next_of(path), made.secret)
        # Before the commit: once the store says that this is its key, the files must open with it.
        lost = sealed_files.regain(files, private, (made, chance))
        _wrap(opened, private, (made, chance))
        if path.exists():
            path.rename(path.with_name(path.name + ASIDE))
        keys.put_in_place(path)
    except BaseException:
        opened.abandon()
        raise
    opened.close()
    return Regained(made, lost)


def _wrap(opened: Database, private: RecoveryPrivate, new: tuple[Master, Chance]) -> None:
    """All of it in one commit: a day that stayed behind would be lost for good."""
    connection, (key, chance) = opened.connection, new
    connection.execute("BEGIN IMMEDIATE")
    before = unlocking.remembered(connection, unlocking.SEALING)
    for number in day_keys.unwrapped_by(connection, key.id):
        blob = day_keys.wrapped(connection, number, private.id)
        if blob is None:
            raise EdgeNodeError(
                f"key {private.id} was never to open day {number} of this store", code="EN-RECOVERY-KEY"
            )
        secret = recovery.unwrap(private, blob, context_of(number))
        day_keys.wrap(connection, number, [(key.id, key.wrap(secret, context_of(number), chance))])
    log_keys.regain(connection, key, private, chance)
    unlocking.settle(connection, key)
    if before is not None:
        day_keys.shut_out(connection, before)
        log_keys.shut_out(connection, before)
    connection.execute("COMMIT")
