"""The keys of the days, each wrapped for whoever may open it.

Knows: the tables of keys and of wrapped keys, for which day a key is.
Must not know: what is sealed with them, where the keys that open them come from.
"""

import sqlite3
from collections.abc import Iterable
from typing import Final

DAY_S: Final = 86_400
#: (id of a key that opens, the wrapped key)
Wrapped = tuple[str, bytes]


def day_of(now: float) -> int:
    """Return the day of this moment, in UTC."""
    return int(now // DAY_S)


def of_day(connection: sqlite3.Connection, day: int) -> int | None:
    """Return the key of that day."""
    found = connection.execute("SELECT id FROM day_keys WHERE day = ?", (day,)).fetchone()
    return None if found is None else int(found[0])


def add(connection: sqlite3.Connection, day: int) -> int:
    """Begin a key; it has to be wrapped in the same commit."""
    number = connection.execute("INSERT INTO day_keys (day) VALUES (?)", (day,)).lastrowid
    assert number is not None
    return number


def wrap(connection: sqlite3.Connection, number: int, wrapped: Iterable[Wrapped]) -> None:
    """Write down a key as some others can open it."""
    connection.executemany(
        "INSERT OR REPLACE INTO wrapped_keys (key, by, blob) VALUES (?, ?, ?)",
        [(number, by, blob) for by, blob in wrapped],
    )


def wrapped(connection: sqlite3.Connection, number: int, by: str) -> bytes | None:
    """Return the key as `by` can open it."""
    found = connection.execute("SELECT blob FROM wrapped_keys WHERE key = ? AND by = ?", (number, by)).fetchone()
    return None if found is None else bytes(found[0])


def unwrapped_by(connection: sqlite3.Connection, by: str) -> list[int]:
    """Return keys that `by` cannot open yet."""
    rows = connection.execute(
        """SELECT id FROM day_keys
           WHERE NOT EXISTS (SELECT 1 FROM wrapped_keys WHERE key = day_keys.id AND by = ?)""",
        (by,),
    )
    return [row[0] for row in rows]


def openers(connection: sqlite3.Connection) -> set[str]:
    """Return who can open one or more of them."""
    return {row[0] for row in connection.execute("SELECT DISTINCT by FROM wrapped_keys")}


def shut_out(connection: sqlite3.Connection, by: str) -> None:
    """This key opens none of them any more."""
    connection.execute("DELETE FROM wrapped_keys WHERE by = ?", (by,))


def outside(connection: sqlite3.Connection, first: int, last: int) -> list[int]:
    """Return the keys of days before the first, or after the last: a clock that was wrong made those."""
    rows = connection.execute("SELECT id FROM day_keys WHERE day < ? OR day > ? ORDER BY id", (first, last))
    return [row[0] for row in rows]


def destroy(connection: sqlite3.Connection, number: int) -> None:
    """Nobody opens this key any more; the bytes on the disk are overwritten."""
    connection.execute("DELETE FROM wrapped_keys WHERE key = ?", (number,))
    connection.execute("DELETE FROM day_keys WHERE id = ?", (number,))


def count(connection: sqlite3.Connection) -> int:
    """Return how many there are."""
    return int(connection.execute("SELECT count(*) FROM day_keys").fetchone()[0])
