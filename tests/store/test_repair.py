"""What can be saved of a damaged store is saved; the damaged file is kept."""

import sqlite3
from pathlib import Path

import pytest

from edge_node.errors import EdgeNodeError
from edge_node.store.database import open_readonly
from edge_node.store.repair import Report, repair
from edge_node.store.soundness import check
from edge_node.store.surroundings import Moment
from tests.store.shelf import Shelf, push

AT = Moment(1_790_000_000.0, 0)
PAGE = 16384


def a_store(path: Path, messages: int = 300) -> list[str]:
    shelf = Shelf(path)
    uids = [shelf.kept(push(number, order=str(number // 3))) for number in range(messages)]
    shelf.close()
    return uids


def pages_of(path: Path, table: str) -> list[int]:
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf'", (table,)).fetchall()
    connection.close()
    return [int(row[0]) for row in found]


def spoil(path: Path, page: int) -> None:
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE)
        file.write(b"\xff" * PAGE)


def mended(path: Path) -> Report:
    return repair(path, AT, lambda table, rows: None)


def broken(path: Path) -> list[str]:
    with open_readonly(path) as connection:
        return [looked.what for looked in check(connection, lambda: False) if looked.broken]


class TestCheck:
    def test_finds_nothing_in_a_good_store(self, tmp_path: Path) -> None:
        """An alarm without a cause is not read the next time."""
        a_store(tmp_path / "store.db")
        assert broken(tmp_path / "store.db") == []

    @pytest.mark.parametrize(
        ("damage", "what"),
        [
            ("UPDATE counters SET n = n + 1", "counters"),
            ("UPDATE messages SET head = 0 WHERE head = 1 AND seq = 1", "one head a lane"),
            ("DELETE FROM bodies WHERE seq = 1", "what is open has its bytes"),
            ("DELETE FROM messages WHERE seq = 1", "bytes belong to a message"),
            ("UPDATE messages SET state = 'FLOATING' WHERE seq = 1", "every message can be read by this release"),
        ],
    )
    def test_names_what_does_not_fit(self, tmp_path: Path, damage: str, what: str) -> None:
        """Each of these would stop a lane or hide a message."""
        path = tmp_path / "store.db"
        a_store(path)
        connection = sqlite3.connect(path)
        connection.execute(damage)
        connection.commit()
        connection.close()
        assert what in broken(path)

    def test_can_be_stopped(self, tmp_path: Path) -> None:
        """A large store takes its time; nobody has to wait for the end."""
        path = tmp_path / "store.db"
        a_store(path, 900)
        connection = sqlite3.connect(path)
        with pytest.raises(EdgeNodeError):
            list(check(connection, lambda: True))
        connection.close()


class TestRepair:
    @pytest.mark.parametrize("table", ["messages", "bodies", "history", "journal"])
    def test_saves_all_but_what_was_on_the_bad_page(self, tmp_path: Path, table: str) -> None:
        """One bad sector costs some messages, and never the store."""
        path = tmp_path / "store.db"
        a_store(path, 600)
        spoil(path, pages_of(path, table)[-1])
        report = mended(path)
        shelf = Shelf(path)
        whole = {saved.table for saved in report.saved if not saved.is_whole}
        assert (whole, shelf.count(table) >= 100) == ({table}, True)
        shelf.close()
        assert set(broken(path)) <= {"what is open has its bytes"}

    def test_what_is_saved_goes_on_its_way(self, tmp_path: Path) -> None:
        """The letters on the good pages are delivered, in their order."""
        path = tmp_path / "store.db"
        a_store(path)
        spoil(path, pages_of(path, "bodies")[1])
        mended(path)
        shelf = Shelf(path)
        leased = [entry.message_id.extension for _ in range(60) for entry in shelf.lease()]
        assert len(leased) + shelf.reader.overview().set_aside >= 100
        shelf.close()

    def test_the_damaged_file_is_kept_as_it_is(self, tmp_path: Path) -> None:
        """Somebody with better tools may save more."""
        path = tmp_path / "store.db"
        a_store(path)
        spoil(path, pages_of(path, "messages")[0])
        before = path.read_bytes()
        assert mended(path).kept_as.read_bytes() == before

    def test_a_part_of_a_message_is_set_aside(self, tmp_path: Path) -> None:
        """Its bytes may be all that is left of it."""
        path = tmp_path / "store.db"
        a_store(path)
        spoil(path, pages_of(path, "messages")[1])
        report = mended(path)
        shelf = Shelf(path)
        assert report.set_aside == shelf.reader.overview().set_aside > 0
        shelf.close()

    def test_a_file_that_cannot_be_read_at_all_is_left(self, tmp_path: Path) -> None:
        """Then the backup is restored; nothing was changed."""
        path = tmp_path / "store.db"
        a_store(path)
        spoil(path, 1)
        before = path.read_bytes()
        with pytest.raises(EdgeNodeError) as refused:
            mended(path)
        assert (refused.value.code, path.read_bytes()) == ("EN-STORE-DAMAGED", before)

    def test_not_while_a_daemon_has_it_open(self, tmp_path: Path) -> None:
        """Two would write at the same time."""
        shelf = Shelf(tmp_path / "store.db")
        with pytest.raises(EdgeNodeError) as refused:
            mended(tmp_path / "store.db")
        shelf.close()
        assert refused.value.code == "EN-STORE-IN-USE"
