"""A damaged store is saved row by row into a new file; the damaged one is kept under another name.

Knows: how to read past what cannot be read, what must be put right between the tables afterwards.
Must not know: who asked for it. The daemon does not run meanwhile: the lock of the store is held.
"""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge_node.errors import EdgeNodeError
from edge_node.model.overview import By
from edge_node.store import aside, detours, journal, replacing
from edge_node.store.database import Database, locked, open_exclusively
from edge_node.store.faults import translated
from edge_node.store.realigning import realign
from edge_node.store.surroundings import Moment

_AROUND: Final = ("bodies", "history")
_MONTH_S: Final = 30 * 86_400.0
#: What is set apart is made again; the tallies are counted by the database itself, as the messages come.
_LEFT_OUT: Final = frozenset({"reserve_pages", "tallies"})
#: Rows between two commits, and between two words of progress.
_GROUP: Final = 2000
Tell = Callable[[str, int], None]
FailPoint = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What came of one table."""

    table: str
    rows: int
    is_whole: bool  # it could be read from end to end


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of a repair."""

    saved: tuple[Saved, ...]
    set_aside: int  # messages of which only a part could be saved
    kept_as: Path  # the damaged file


def repair(path: Path, at: Moment, tell: Tell, fail_point: FailPoint = lambda _: None) -> Report:
    """Save what can be saved. Raises `EN-STORE-IN-USE`; `EN-STORE-DAMAGED` when nothing can, and changes nothing."""
    with locked(path):
        if replacing.is_unfinished(path):
            return Report(saved=(), set_aside=0, kept_as=replacing.finish(path, fail_point))
        try:
            replacing.clear_leftovers(path)
            beside = replacing.beside(path)
            saved, count = _save(path, beside, at, tell)
            return Report(saved=saved, set_aside=count, kept_as=_exchange(path, at, fail_point))
        except sqlite3.Error as error:
            raise translated(error) from error


def note(path: Path, at: Moment, by: By) -> None:
    """Write in the access log of the new store who had it repaired, and why."""
    opened = open_exclusively(path)
    try:
        journal.add_deed(opened.connection, "repaired", by, at.now)
    finally:
        opened.close()


def _save(path: Path, beside: Path, at: Moment, tell: Tell) -> tuple[tuple[Saved, ...], int]:
    opened = open_exclusively(beside, is_new=True)
    try:
        saved = _copy(path, opened, tell)
        count = _put_right(opened.connection, at)
    except BaseException:
        opened.abandon()
        replacing.clear_leftovers(path)
        raise
    opened.close()
    return saved, count


def _copy(path: Path, opened: Database, tell: Tell) -> tuple[Saved, ...]:
    damaged = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    # What is no UTF-8 is saved as the bytes it is, or not at all: the table says what it takes.
    damaged.text_factory = _text
    # Otherwise a file that is shorter than its first page says is refused whole, for the few pages that are missing.
    damaged.execute("PRAGMA writable_schema = ON")
    try:
        present = {row[0] for row in damaged.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    except sqlite3.Error as error:
        damaged.close()
        raise EdgeNodeError("nothing of it can be read: restore the last backup", code="EN-STORE-DAMAGED") from error
    tables = [name for name in _tables(opened.connection) if name in present]
    try:
        saved = tuple(_copy_table(damaged, opened.connection, name, tell) for name in tables)
        realign(damaged, opened.connection, path, {each.table for each in saved if not each.is_whole})
        return saved
    finally:
        damaged.close()


def _copy_table(damaged: sqlite3.Connection, new: sqlite3.Connection, name: str, tell: Tell) -> Saved:
    columns = [each for each in _columns(new, name) if each in _columns(damaged, name)]
    put = f"INSERT OR IGNORE INTO {name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
    reading = _Reading(damaged, name, columns)
    new.execute("PRAGMA foreign_keys = OFF")
    new.execute("BEGIN")
    new.execute(f"DELETE FROM {name}")  # noqa: S608  what a new store begins with
    for number, row in enumerate(reading.rows(), start=1):
        _put(new, put, row, columns)
        if number % _GROUP == 0:
            tell(name, number)
    new.execute("COMMIT")
    (rows,) = new.execute(f"SELECT count(*) FROM {name}").fetchone()  # noqa: S608
    tell(name, rows)
    return Saved(table=name, rows=rows, is_whole=reading.is_whole)


def _put(new: sqlite3.Connection, put: str, row: tuple[Any, ...], columns: list[str]) -> None:
    try:
        before = new.total_changes
        new.execute(put, row)
        if new.total_changes == before and "head" in columns:
            # Two heads of one lane: the order is made anew afterwards.
            behind = [0 if name == "head" and value else value for name, value in zip(columns, row, strict=True)]
            new.execute(put, behind)
    except (sqlite3.IntegrityError, UnicodeEncodeError):
        return  # a value that the table does not take


class _Reading:
    """Reads a table from its begin, then from its end, and by number between, past what cannot be read."""

    def __init__(self, damaged: sqlite3.Connection, name: str, columns: list[str]) -> None:
        self._damaged = damaged
        self._name = name
        self._columns = ", ".join(columns)
        self.is_whole = True
        keys = [row for row in damaged.execute(f"PRAGMA table_info({name})") if row[5]]
        self._key = [row[1] for row in sorted(keys, key=lambda row: row[5])] or ["rowid"]
        self._by_number = len(keys) == 1 and str(keys[0][2]).upper() == "INTEGER"

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Every row that can be read; some twice."""
        yield from self._ordered("ASC")
        if self.is_whole:
            return
        yield from self._ordered("DESC")
        if self._by_number:
            yield from self._one_by_one()

    def _ordered(self, way: str) -> Iterator[tuple[Any, ...]]:
        order = ", ".join(f"{name} {way}" for name in self._key)
        try:
            yield from self._damaged.execute(f"SELECT {self._columns} FROM {self._name} ORDER BY {order}")  # noqa: S608
        except sqlite3.Error:
            self.is_whole = False

    def _one_by_one(self) -> Iterator[tuple[Any, ...]]:
        for number in range(self._end("min"), self._end("max") + 1):
            try:
                yield from self._damaged.execute(
                    f"SELECT {self._columns} FROM {self._name} WHERE {self._key[0]} = ?",  # noqa: S608
                    (number,),
                ).fetchall()
            except sqlite3.Error:
                continue

    def _end(self, which: str) -> int:
        try:
            found = self._damaged.execute(f"SELECT {which}({self._key[0]}) FROM {self._name}").fetchone()[0]  # noqa: S608
        except sqlite3.Error:
            return 0
        return int(found or 0)


def _put_right(new: sqlite3.Connection, at: Moment) -> int:
    """Have the tables fit together again; return how many messages were saved in part only."""
    new.execute("BEGIN")
    _take_stuck_out(new)
    count = _set_orphans_aside(new, at)
    new.execute("DELETE FROM counters")
    new.execute(
        "INSERT INTO counters (direction, state, n) SELECT direction, state, count(*) FROM messages GROUP BY 1, 2"
    )
    new.execute(
        """UPDATE messages SET head = 1 WHERE seq IN (
               SELECT min(seq) FROM messages WHERE head IS NOT NULL GROUP BY lane HAVING max(head) = 0)"""
    )
    new.execute("COMMIT")
    return count


def _set_orphans_aside(new: sqlite3.Connection, at: Moment) -> int:
    lost = """SELECT seq FROM bodies WHERE seq NOT IN (SELECT seq FROM messages)
              UNION SELECT seq FROM history WHERE seq NOT IN (SELECT seq FROM messages)"""
    found = [row[0] for row in new.execute(lost)]
    for seq in found:
        number = new.execute(
            """INSERT INTO set_aside (seq, at, why, unknown, left_behind, stuck, until)
               VALUES (?, ?, 'row: lost, its other parts were saved by a repair', 1, '', 0, ?)""",
            (seq, at.now, at.now + _MONTH_S),
        ).lastrowid
        assert number is not None
        for source in _AROUND:
            _move(new, number, source, seq)
    return len(found)


def _take_stuck_out(new: sqlite3.Connection) -> None:
    """What was passed over leaves its lane, also where it can be read after all: what was behind it has gone."""
    for number, seq in new.execute("SELECT id, seq FROM set_aside WHERE stuck = 1 OR left_behind <> ''").fetchall():
        facts = ", ".join(f"{name} = coalesce(set_aside.{name}, messages.{name})" for name in aside.FACTS)
        new.execute(
            f"UPDATE set_aside SET {facts} FROM messages WHERE messages.seq = set_aside.seq AND set_aside.id = ?",  # noqa: S608
            (number,),
        )
        for source in aside.SOURCES:
            _move(new, number, source, seq)
    new.execute("UPDATE set_aside SET stuck = 0, left_behind = ''")
    detours.close(new)


def _move(new: sqlite3.Connection, number: int, source: str, seq: int) -> None:
    """Put what is in one table of a message among the cells of what was set aside."""
    for name in _columns(new, source):
        new.execute(
            f"""INSERT INTO set_aside_cells SELECT ?, ?, {aside.SOURCES[source]}, ?, {name}
                FROM {source} WHERE seq = ? AND {name} IS NOT NULL""",  # noqa: S608
            (number, source, name, seq),
        )
    new.execute(f"DELETE FROM {source} WHERE seq = ?", (seq,))  # noqa: S608


def _exchange(path: Path, at: Moment, fail_point: FailPoint) -> Path:
    kept = path.with_name(f"{path.name}.damaged-{int(at.now)}")
    replacing.replace(path, kept, fail_point)
    return kept


def _tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    return [row[0] for row in rows if row[0] not in _LEFT_OUT and not row[0].startswith(("sqlite_", "_"))]


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def _text(value: bytes) -> str | bytes:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value
