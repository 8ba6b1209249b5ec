"""The store gets another key, and others may open what it seals, without stopping.

Knows: the order of the steps, and that a kill between any two leaves a store that opens.
Must not know: what the keys of the days seal, who asked.

The keys of the days stay as they are: only what they are wrapped in changes, which is little however full the store.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from edge_node.errors import EdgeNodeError
from edge_node.store import day_keys, keys, log_keys, master, recovery, sealed_files, unlocking
from edge_node.store.master import Master
from edge_node.store.recovery import RecoveryPublic
from edge_node.store.sealing import Sealer, Unreadable, context_of
from edge_node.store.session import Session
from edge_node.store.surroundings import Chance, Surroundings


@dataclass(frozen=True, slots=True)
class Rotation:
    """One change of the store's key."""

    store: Path
    chance: Chance
    is_ours: bool  # the file beside the store is the key; otherwise a person puts the new one in its place
    sealed_files: Path | None = None

    @property
    def path(self) -> Path:
        """Where the key lies, or the new one waits to be fetched."""
        return self.store.with_name(master.FILE)


def plan(store: Path, around: Surroundings) -> Rotation:
    """Return how the key of this store is changed."""
    is_ours = around.sealing.path is None
    return Rotation(store, around.chance, is_ours=is_ours, sealed_files=around.sealed_files)


def begin(session: Session, rotation: Rotation) -> Master:
    """Make the key that is to come, which opens the keys of the days from this commit on; one at a time."""
    ring = session.sealer.ring
    if ring.master is None:
        raise EdgeNodeError("the key of the store is not there", code="EN-SEALING-KEY")
    take_up(session, rotation)
    if ring.coming is not None and unlocking.remembered(session.connection, unlocking.COMING) == ring.coming.id:
        return ring.coming
    coming = master.new(rotation.chance)
    keys.write(keys.next_of(rotation.path), coming.secret)
    session.fail_point("rotate-written")
    # Set before the commit: no key of a day may ever be made that the coming key does not open.
    ring.coming = coming
    # Before the commit as well: once the store says that this is its key, the files must open with it.
    sealed_files.admit(rotation.sealed_files, ring, rotation.chance)
    session.fail_point("rotate-files")
    unlocking.announce(session.connection, ring.master, coming, rotation.chance)
    _wrap_missing(session, coming.id, lambda secret, context: coming.wrap(secret, context, rotation.chance))
    return coming


def finish(session: Session, rotation: Rotation) -> None:
    """The file of the new key takes the place of the old one, which opens nothing any more."""
    ring = session.sealer.ring
    if ring.coming is None or not rotation.is_ours:
        return
    session.fail_point("rotate-announced")
    keys.put_in_place(rotation.path)
    session.fail_point("rotate-placed")
    ring.master, ring.coming = ring.coming, None
    take_up(session, rotation)


def take_up(session: Session, rotation: Rotation) -> None:
    """Where the key that was to come is the one given, the one before it opens nothing any more."""
    key = session.sealer.ring.master
    if key is None or unlocking.remembered(session.connection, unlocking.COMING) != key.id:
        return
    before = unlocking.remembered(session.connection, unlocking.SEALING)
    unlocking.settle(session.connection, key)
    day_keys.shut_out(session.connection, before or "")
    log_keys.shut_out(session.connection, before or "")
    sealed_files.shut_out(rotation.sealed_files, before or "")
    if not rotation.is_ours:
        keys.next_of(rotation.path).unlink(missing_ok=True)


def recover_for(session: Session, publics: tuple[RecoveryPublic, ...], rotation: Rotation | None = None) -> None:
    """Have these recovery keys, and no others, open the keys of the days and the sealed files."""
    ring = session.sealer.ring
    ring.recovery = publics
    if rotation is not None:
        sealed_files.align(rotation.sealed_files, ring, rotation.chance)
    wanted = {key.id for key in (ring.master, ring.coming, *publics) if key is not None}
    for by in (day_keys.openers(session.connection) | log_keys.openers(session.connection)) - wanted:
        day_keys.shut_out(session.connection, by)
        log_keys.shut_out(session.connection, by)
    for key in publics:
        _wrap_missing(session, key.id, partial(recovery.wrap, key))


def _wrap_missing(session: Session, by: str, wrap: Callable[[bytes, bytes], bytes]) -> None:
    """One key for each day of the retention and each segment of the log, so this takes some milliseconds."""
    for number in day_keys.unwrapped_by(session.connection, by):
        secret = _secret(session.sealer, number)
        if secret is not None:
            day_keys.wrap(session.connection, number, [(by, wrap(secret, context_of(number)))])
    ring = session.sealer.ring
    masters = tuple(key for key in (ring.master, ring.coming) if key is not None)
    log_keys.wrap_missing(session.connection, by, wrap, masters)


def _secret(sealer: Sealer, number: int) -> bytes | None:
    """A key of a day that does not open opens for nobody: what it sealed is set aside when it is met."""
    try:
        return sealer.secret(number)
    except Unreadable:
        return None
