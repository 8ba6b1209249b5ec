"""After a repair the store counts on, and goes on, where it was."""

import sqlite3
from pathlib import Path

import pytest

from edge_node.errors import EdgeNodeError
from edge_node.model.keeping import Known
from edge_node.model.lifecycle import Event
from edge_node.store import events, keys
from tests.store.shelf import Shelf, push
from tests.store.test_repair import a_store, broken, mended, pages_of, spoil

DAY_S = 86_400


def without_meta(path: Path) -> None:
    """Spoil the one page of the table in which the store writes what it knows of itself."""
    connection = sqlite3.connect(path)
    (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'meta'").fetchone()
    connection.close()
    spoil(path, page)


def refused(path: Path) -> str:
    with pytest.raises(EdgeNodeError) as error:
        mended(path)
    return error.value.code


class TestAStoreThatForgotItself:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        """A store of many runs, with messages that wait and one that is in flight."""
        shelf = Shelf(tmp_path / "store.db")
        for _ in range(5):
            shelf.restart()
        for number in range(1, 5):
            shelf.kept(push(number, order=str(number)))
        shelf.leased(push(9, order="9"))
        shelf.die()
        without_meta(shelf.path)
        return shelf.path

    def test_is_not_started(self, path: Path) -> None:
        """In a first run nothing of a later one would ever be due."""
        with pytest.raises(EdgeNodeError) as error:
            Shelf(path)
        assert error.value.code == "EN-STORE-DAMAGED"

    def test_sends_what_waits_and_takes_back_what_was_in_flight(self, path: Path) -> None:
        """The letters must go, and not from the next century on."""
        mended(path)
        shelf = Shelf(path)
        went = sorted(entry.message_id.extension for entry in shelf.lease())
        shelf.close()
        assert went == ["1", "2", "3", "4", "9"]

    def test_knows_a_copy(self, path: Path) -> None:
        """A sender that sends again after the repair gets its first answer, and no refusal."""
        mended(path)
        shelf = Shelf(path)
        found = shelf.keep(push(1, order="1"))
        shelf.close()
        assert isinstance(found, Known)

    def test_is_sound(self, path: Path) -> None:
        """What was put right is found right."""
        mended(path)
        Shelf(path).close()
        assert broken(path) == []

    def test_does_not_take_another_key_of_its_hashes(self, path: Path) -> None:
        """A new one would find no patient again, and put later messages beside the lanes."""
        path.with_name("patient.key").unlink()
        before = path.read_bytes()
        assert (refused(path), path.read_bytes()) == ("EN-STORE-DAMAGED", before)

    def test_does_not_guess_which_hashes_have_which_key(self, path: Path) -> None:
        """A pass over them may have been broken off anywhere."""
        keys.next_of(path.with_name("patient.key")).write_bytes(bytes(64))
        assert refused(path) == "EN-STORE-DAMAGED"


class TestNumbers:
    def test_of_notices_go_on(self, tmp_path: Path) -> None:
        """Who was told of number 60 asks for what comes after it: a dead prescription must have a higher one."""
        path = tmp_path / "store.db"
        shelf = Shelf(path)
        for number in range(60):
            shelf.settle(shelf.leased(push(number, order=str(number))), Event.REFUSED_FOR_GOOD, "RTUDEST")
        told = shelf.do(lambda session: events.cursor(session, "300", "webhook"))
        shelf.clock.advance(40 * DAY_S)
        while shelf.do(lambda session: events.forget(session, 500, shelf.at)):
            pass
        shelf.close()
        mended(path)
        shelf = Shelf(path)
        shelf.settle(shelf.leased(push(1000)), Event.REFUSED_FOR_GOOD, "RTUDEST")
        notices = events.after(shelf.session.connection, ["300"], told, 10)
        shelf.close()
        assert len(notices) == 1

    def test_leap_where_they_are_lost(self, tmp_path: Path) -> None:
        """A gap harms nobody, and who read what is lost is told."""
        path = tmp_path / "store.db"
        a_store(path, 3)
        connection = sqlite3.connect(path)
        (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_sequence'").fetchone()
        connection.close()
        spoil(path, page)
        mended(path)
        shelf = Shelf(path)
        shelf.settle(shelf.leased(push(1000, order="x")), Event.REFUSED_FOR_GOOD, "RTUDEST")
        connection = shelf.session.connection
        newest, gone = events.newest(connection), events.known(connection, 500)
        shelf.close()
        assert (newest > 1_000_000_000, gone) == (True, 0)


class TestFigures:
    def test_are_those_of_what_was_saved(self, tmp_path: Path) -> None:
        """A queue that shows what is gone has people wait for nothing."""
        path = tmp_path / "store.db"
        a_store(path, 600)
        spoil(path, pages_of(path, "messages")[-1])
        mended(path)
        shelf = Shelf(path)
        (tallied,) = shelf.session.execute("SELECT sum(n) FROM tallies").fetchone()
        kept = shelf.count("messages")
        shelf.close()
        assert (tallied, broken(path)) == (kept, [])
