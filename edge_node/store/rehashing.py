"""Every keyed hash of the store gets a further key, in one pass that a kill cannot spoil.

Knows: each column that holds such a hash, how far the pass is, what is in the same commit as a step of it.
Must not know: who asked, what was hashed.

What was hashed is mostly gone: bodies, and numbers of which only the hash was ever kept. So each hash is hashed
once more, with a new link of the key. The store serves nobody meanwhile; a pass that was broken off is finished at
the next start, before serving: half of the hashes would find nothing again.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge_node.errors import EdgeNodeError
from edge_node.store import keys, unlocking
from edge_node.store.batch import transact
from edge_node.store.keys import PatientKey
from edge_node.store.session import Session
from edge_node.store.surroundings import Chance

MARK: Final = unlocking.REHASH
_UNIT: Final = 5_000
_NAMES_BYTES: Final = 32
#: (table, rows so far)
Told = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Walk:
    """One table: what orders its rows, and what is hashed in each."""

    table: str
    order: tuple[str, ...]
    first: tuple[Any, ...]
    hashed: dict[str, str]  # column, and the expression that gives it another key

    @property
    def next(self) -> str:
        """Where the next step ends."""
        order, marks = ", ".join(self.order), ", ".join("?" * len(self.order))
        return f"SELECT {order} FROM {self.table} WHERE ({order}) > ({marks}) ORDER BY {order} LIMIT 1 OFFSET ?"  # noqa: S608

    @property
    def rest(self) -> str:
        """Where the last step ends."""
        order, last = ", ".join(self.order), ", ".join(f"{name} DESC" for name in self.order)
        return f"SELECT {order} FROM {self.table} ORDER BY {last} LIMIT 1"  # noqa: S608

    @property
    def step(self) -> str:
        """Give what lies between two places their new hashes."""
        order, marks = ", ".join(self.order), ", ".join("?" * len(self.order))
        changes = ", ".join(f"{name} = {again.format(name)}" for name, again in self.hashed.items())
        return f"UPDATE {self.table} SET {changes} WHERE ({order}) > ({marks}) AND ({order}) <= ({marks})"  # noqa: S608


#: The columns of a message that are hashes.
_HASHED: Final = ("patient", "lane", "digest")
_ID: Final = ("direction", "sender", "root", "extension")
_NONE: Final = ("", "", "", "")
WALKS: Final = (
    Walk("messages", ("seq",), (-1,), dict.fromkeys(_HASHED, "again({})")),
    Walk("duplicates", _ID, _NONE, {"digest": "again({})"}),
    Walk("used_tokens", ("token",), (b"",), {"message": "again_behind_names({})"}),
    Walk("passing", _ID, _NONE, {"lane": "again({})"}),
    Walk("journal", ("seq",), (-1,), {"patient": "again({})"}),
    Walk("log_waiting", ("id",), (-1,), {"patient": "again({})"}),
    Walk("emergencies", ("id",), (-1,), {"patient": "again({})"}),
    Walk("detours", ("id",), (-1,), dict.fromkeys(("lane", "onward"), "again({})")),
    Walk("set_aside_cells", ("rowid",), (-1,), {"value": "again_if_hashed(name, {})"}),
)


def rehash(session: Session, store: Path, chance: Chance, told: Told) -> PatientKey:
    """Do the whole pass, or what is left of one that was broken off; return the key of the store after it."""
    path = store.with_name(unlocking.PATIENT_FILE)
    if unlocking.remembered(session.connection, MARK) is None:
        coming = session.key.longer(chance)
        keys.write(keys.next_of(path), coming.secret)
        session.fail_point("rehash-written")
        transact(session, lambda session: _mark(session, coming.id, 0, None))
    return go_on(session, store, told)


def go_on(session: Session, store: Path, told: Told) -> PatientKey:
    """Finish a pass that was begun; where none was, nothing happens."""
    path = store.with_name(unlocking.PATIENT_FILE)
    if unlocking.remembered(session.connection, MARK) is None:
        return session.key
    coming = _coming(session, keys.next_of(path))
    _teach(session, coming)
    done: Counter[str] = Counter()
    while (stepped := transact(session, _step)) is not None:
        table, rows = stepped
        done[table] += rows
        told(table, done[table])
    transact(session, lambda session: _end(session, coming))
    session.fail_point("rehash-ended")
    keys.put_in_place(path)
    session.fail_point("rehash-placed")
    session.key = coming
    return coming


def _coming(session: Session, path: Path) -> PatientKey:
    wanted = json.loads(unlocking.remembered(session.connection, MARK) or "{}")["key"]
    if not path.exists():
        raise EdgeNodeError(f"{path} is missing: some hashes were made with it", code="EN-STORE-DAMAGED")
    coming = keys.load(path)
    if coming.id != wanted:
        raise EdgeNodeError(f"{path} does not belong to this store", code="EN-STORE-DAMAGED")
    return coming


def _teach(session: Session, key: PatientKey) -> None:
    def again(hashed: bytes | None) -> bytes | None:
        return None if hashed is None else key.again(hashed)

    def again_behind_names(message: bytes) -> bytes:
        names, digest = message[:_NAMES_BYTES], message[_NAMES_BYTES:]
        return names + key.again(digest) if digest else message  # of an older release: it goes when its token ends

    def again_if_hashed(name: str, value: Any) -> Any:
        return again(value) if name in _HASHED and isinstance(value, bytes) else value

    session.connection.create_function("again", 1, again, deterministic=True)
    session.connection.create_function("again_if_hashed", 2, again_if_hashed, deterministic=True)
    session.connection.create_function("again_behind_names", 1, again_behind_names, deterministic=True)


def _step(session: Session) -> tuple[str, int] | None:
    """Take one step; return the table it was in and its rows, None when all are done."""
    mark = json.loads(unlocking.remembered(session.connection, MARK) or "{}")
    number, last = mark["walk"], mark["last"]
    if number == len(WALKS):
        return None
    walk = WALKS[number]
    start = tuple(walk.first if last is None else _read(last))
    end = session.execute(walk.next, (*start, _UNIT - 1)).fetchone()
    upto = end or session.execute(walk.rest).fetchone()
    rows = 0 if upto is None else session.execute(walk.step, (*start, *upto)).rowcount
    session.fail_point("rehash-step")
    _mark(session, mark["key"], number + (end is None), None if end is None else _written(end))
    return walk.table, rows


def _mark(session: Session, key: str, walk: int, last: list[Any] | None) -> None:
    unlocking.remember(session.connection, MARK, json.dumps({"key": key, "walk": walk, "last": last}))


def _end(session: Session, coming: PatientKey) -> None:
    unlocking.remember(session.connection, unlocking.PATIENT, coming.id)
    session.execute("DELETE FROM meta WHERE key = ?", (MARK,))


def _written(place: tuple[Any, ...]) -> list[Any]:
    return [{"hex": value.hex()} if isinstance(value, bytes) else value for value in place]


def _read(place: list[Any]) -> tuple[Any, ...]:
    return tuple(bytes.fromhex(value["hex"]) if isinstance(value, dict) else value for value in place)
