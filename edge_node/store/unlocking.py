"""Which keys a store is opened with.

Knows: the key files beside the store, what the store remembers of its keys, when it does not open.
Must not know: what is sealed or hashed with them.
"""

import sqlite3
from pathlib import Path
from typing import Final

from edge_node.errors import EdgeNodeError
from edge_node.store import keys, master
from edge_node.store.keys import PatientKey
from edge_node.store.master import Master
from edge_node.store.sealing import Ring
from edge_node.store.surroundings import Chance, Surroundings

PATIENT_FILE: Final = keys.FILE
PATIENT: Final = "patient key"
REHASH: Final = "rehash"  # how far the pass is that gives all hashes another key
SEALING: Final = "sealing key"
COMING: Final = "next sealing key"
COMING_WRAPPED: Final = "next sealing key, wrapped"
_CODE: Final = "EN-SEALING-KEY"
_CONTEXT: Final = b"edge-node next sealing key"


def patient_key(connection: sqlite3.Connection, store: Path, chance: Chance) -> PatientKey:
    """Return the key that belongs to this store; another one would find no patient again."""
    path = store.with_name(PATIENT_FILE)
    known = remembered(connection, PATIENT)
    if known is not None:
        if remembered(connection, REHASH) is None:  # else both keys are needed
            keys.take_next(path, lambda there: keys.load(there).id == known)
        if not path.exists():
            raise EdgeNodeError(f"{path} is missing: restore it from the backup", code="EN-STORE-DAMAGED")
    key = keys.load_or_make(path, chance)
    if known is None:
        remember(connection, PATIENT, key.id)
    elif known != key.id:
        raise EdgeNodeError(f"{path} does not belong to this store", code="EN-STORE-DAMAGED")
    return key


def ring(connection: sqlite3.Connection, store: Path, around: Surroundings) -> Ring:
    """Return the keys that open what is sealed. Raises `EN-SEALING-KEY`."""
    chosen = around.sealing
    path = chosen.path or store.with_name(master.FILE)
    known, coming = (remembered(connection, name) for name in (SEALING, COMING))
    if known is None:
        key = master.load(path, is_credential=chosen.is_credential) if _is_given(around, path) else None
        key = key or master.make(path, around.chance)
        remember(connection, SEALING, key.id)
        return Ring(master=key, recovery=chosen.recovery or ())
    if chosen.may_be_absent:
        # The file beside the store may be an old one, or wait for the service: this command changes nothing of keys.
        if not any(master.is_of(path, each) for each in (known, coming) if each is not None):
            return Ring(master=None)
    elif chosen.path is None:
        keys.take_next(path, lambda there: master.is_of(there, coming or known))
    key = master.load(path, is_credential=chosen.is_credential)
    if key.id not in {known, coming}:
        raise EdgeNodeError(f"{path} holds key {key.id}, the store needs {known}", code=_CODE)
    return Ring(master=key, coming=_coming(connection, key, coming), recovery=chosen.recovery or ())


def remembered(connection: sqlite3.Connection, name: str) -> str | None:
    """Return what the store knows of one of its keys."""
    found = connection.execute("SELECT value FROM meta WHERE key = ?", (name,)).fetchone()
    return None if found is None else str(found[0])


def remember(connection: sqlite3.Connection, name: str, value: str | bytes) -> None:
    """Have the store know something of one of its keys."""
    sql = "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
    connection.execute(sql, (name, value))


def announce(connection: sqlite3.Connection, current: Master, coming: Master, chance: Chance) -> None:
    """The store will get another key; who opens it with the present one until then must know the coming one."""
    remember(connection, COMING, coming.id)
    remember(connection, COMING_WRAPPED, current.wrap(coming.secret, _CONTEXT, chance))


def settle(connection: sqlite3.Connection, key: Master) -> None:
    """This is the key of the store; none is to come."""
    remember(connection, SEALING, key.id)
    connection.execute("DELETE FROM meta WHERE key IN (?, ?)", (COMING, COMING_WRAPPED))


def _coming(connection: sqlite3.Connection, key: Master, coming: str | None) -> Master | None:
    if coming is None or key.id == coming:
        return None
    found = connection.execute("SELECT value FROM meta WHERE key = ?", (COMING_WRAPPED,)).fetchone()
    secret = None if found is None else key.unwrap(found[0], _CONTEXT)
    if secret is None:
        raise EdgeNodeError(f"the store was to get key {coming}, which it has lost", code=_CODE)
    return Master(secret)


def _is_given(around: Surroundings, path: Path) -> bool:
    return around.sealing.path is not None or path.exists()
