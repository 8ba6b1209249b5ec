"""What can be saved of a damaged store is saved; the damaged file is kept."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from edge_node.errors import EdgeNodeError
from edge_node.model.lifecycle import Event
from edge_node.model.overview import By
from edge_node.store import interventions, schema
from edge_node.store.database import APPLICATION_ID, open_readonly
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


def pages_of(path: Path, table: str, kind: str = "leaf") -> list[int]:
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT pageno FROM dbstat WHERE name = ? AND pagetype = ?", (table, kind)).fetchall()
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
    def test_calls_no_store_damaged_whose_first_start_was_broken_off(self, tmp_path: Path) -> None:
        """A node killed between two steps of its schema goes on with them at the next start."""
        connection = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        schema.apply(connection, schema.steps()[:9])
        connection.close()
        assert broken(tmp_path / "store.db") == []

    def test_finds_nothing_in_a_good_store(self, tmp_path: Path) -> None:
        """An alarm without a cause is not read the next time."""
        a_store(tmp_path / "store.db")
        assert broken(tmp_path / "store.db") == []

    def test_finds_nothing_after_a_retry(self, tmp_path: Path) -> None:
        """What a person lets go again waits its turn behind a newer one that is under way: that is no damage."""
        shelf = Shelf(tmp_path / "store.db")
        entry = shelf.leased(push(1))
        shelf.kept(push(2))
        shelf.settle(entry, Event.REFUSED_FOR_GOOD, "RTUDEST")
        shelf.do(lambda session: interventions.retry(session, entry.uid, By(who="j.jansen", why="mended"), shelf.at))
        shelf.close()
        assert broken(tmp_path / "store.db") == []

    @pytest.mark.parametrize(
        ("damage", "what"),
        [
            ("UPDATE counters SET n = n + 1", "counters"),
            ("UPDATE tallies SET n = n + 1", "tallies"),
            ("UPDATE meta SET value = 0 WHERE key = 'run'", "nothing is due in a run to come"),
            ("UPDATE messages SET head = 1 - head WHERE seq IN (1, 2)", "a head is the oldest of its lane"),
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
    @pytest.mark.parametrize("table", ["messages", "bodies", "history", "log_records"])
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

    @pytest.mark.parametrize("missing_bytes", [1, PAGE, 10 * PAGE])
    def test_a_file_without_its_end_is_saved_up_to_there(self, tmp_path: Path, missing_bytes: int) -> None:
        """The disk lost the last pages: a backup of yesterday is not better than all but those."""
        path = tmp_path / "store.db"
        a_store(path)
        with path.open("r+b") as file:
            file.truncate(path.stat().st_size - missing_bytes)
        mended(path)
        shelf = Shelf(path)
        assert 100 < shelf.count("messages") <= 300
        shelf.close()
        assert set(broken(path)) <= {"what is open has its bytes"}

    def test_not_while_a_daemon_has_it_open(self, tmp_path: Path) -> None:
        """Two would write at the same time."""
        shelf = Shelf(tmp_path / "store.db")
        with pytest.raises(EdgeNodeError) as refused:
            mended(tmp_path / "store.db")
        shelf.close()
        assert refused.value.code == "EN-STORE-IN-USE"


class Killed(BaseException):
    """What a kill looks like from within."""


def killed_at(point: str, *, times: int = 1) -> Callable[[str], None]:
    left = [times]

    def fail_point(name: str) -> None:
        left[0] -= name == point
        if not left[0]:
            raise Killed

    return fail_point


class TestARepairThatIsKilled:
    @pytest.mark.parametrize(
        ("point", "times"),
        [("repair-ready", 1), ("repair-placing", 1), ("repair-aside", 1), ("repair-aside", 2), ("repair-placed", 1)],
    )
    def test_loses_nothing_when_it_is_run_again(self, tmp_path: Path, point: str, times: int) -> None:
        """What was answered stands in the log of the store: without it a start would serve half of the letters."""
        path = tmp_path / "store.db"
        a_store_with_a_log(path)
        with pytest.raises(Killed):
            repair(path, AT, lambda table, rows: None, killed_at(point, times=times))
        repair(path, Moment(AT.now + 60, 0), lambda table, rows: None)
        shelf = Shelf(path)
        assert shelf.count("messages") == 20
        shelf.close()
        assert [path.name for path in tmp_path.iterdir() if "repaired" in path.name] == []

    @pytest.mark.parametrize("times", [1, 2])
    def test_is_not_taken_for_a_new_store(self, tmp_path: Path, times: int) -> None:
        """An empty store would take every copy for a new message, and nobody would hear of what waited."""
        path = tmp_path / "store.db"
        a_store_with_a_log(path)
        with pytest.raises(Killed):
            repair(path, AT, lambda table, rows: None, killed_at("repair-aside", times=times))
        with pytest.raises(EdgeNodeError) as refused:
            Shelf(path)
        assert refused.value.code == "EN-REPAIR-UNFINISHED"

    @pytest.mark.parametrize("point", ["repair-ready", "repair-placing", "repair-placed"])
    def test_leaves_a_whole_store_where_one_is(self, tmp_path: Path, point: str) -> None:
        """The old one with its log, or the new one: a start serves it."""
        path = tmp_path / "store.db"
        a_store_with_a_log(path)
        with pytest.raises(Killed):
            repair(path, AT, lambda table, rows: None, killed_at(point))
        shelf = Shelf(path)
        assert shelf.count("messages") == 20
        shelf.close()


def a_store_with_a_log(path: Path) -> None:
    """As a killed daemon leaves it: most of it stands in the log."""
    shelf = Shelf(path.with_name("alive") / path.name)
    for number in range(20):
        shelf.kept(push(number, order=str(number)))
    for file in shelf.path.parent.iterdir():
        shutil.copy2(file, path.parent / file.name)
    shelf.close()
    shutil.rmtree(shelf.path.parent)
