"""The log beside the store holds nothing for long that the store itself was rid of."""

from pathlib import Path

import pytest

from edge_node.store import emptying, resealing
from edge_node.store.database import open_readonly
from edge_node.store.reserve import Reserve
from edge_node.store.surroundings import Retention
from tests.store.shelf import Shelf, push
from tests.store.test_resealing import DAY_S, old, work
from tests.store.test_store import StoreCase

RECORDS = 500


@pytest.fixture
def shelf(tmp_path: Path):
    shelf = Shelf(tmp_path / "store.db")
    shelf.session.retention = Retention(day_key_s=10 * DAY_S)
    shelf.session.log_tells = False
    yield shelf
    shelf.close()


def log(shelf: Shelf) -> Path:
    return shelf.path.with_name("store.db-wal")


def ask(shelf: Shelf) -> bool:
    shelf.do(lambda session: emptying.ask(session, 1, shelf.at))
    return shelf.session.log_is_to_go


class TestAsk:
    def test_the_first_round_of_every_run_asks(self, tmp_path: Path) -> None:
        """A node that was killed left its log, and of what is in it nobody knows any more."""
        shelf = Shelf(tmp_path / "store.db")
        shelf.restart()
        assert [ask(shelf), shelf.session.log_tells] == [True, False]
        shelf.close()

    def test_waits_till_the_last_old_body_is_sealed(self, shelf: Shelf) -> None:
        """Before that it would have to be done again."""
        old(shelf, 5)
        shelf.do(lambda session: resealing.seal_bodies(session, 1, shelf.at))
        assert not ask(shelf)
        work(shelf)
        assert ask(shelf)

    def test_follows_the_end_of_a_key(self, shelf: Shelf) -> None:
        """The wrapped key is in the log too: with it what was destroyed could be read."""
        shelf.clock.advance(12 * DAY_S)
        assert not ask(shelf)
        work(shelf)
        assert ask(shelf)


class TestEmptied:
    def test_names_of_patients_are_gone_from_the_log(self, shelf: Shelf) -> None:
        """A node upgraded after a power cut said "all sealed", with every name in clear beside it."""
        old(shelf, 3)
        work(shelf)
        before = b"<message>" in log(shelf).read_bytes()
        ask(shelf)
        emptying.empty(shelf.session)
        assert (before, log(shelf).stat().st_size) == (True, 0)

    def test_is_tried_again_in_the_next_round_where_somebody_reads(self, shelf: Shelf) -> None:
        """A backup of minutes must not hold up one sender, nor have it forgotten."""
        with open_readonly(shelf.path) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM messages").fetchone()
            shelf.kept(push(1))
            shelf.session.log_is_to_go = True
            emptying.empty(shelf.session)
        assert (shelf.session.log_is_to_go, shelf.session.log_tells) == (False, True)

    def test_keeps_the_space_that_is_set_apart(self, shelf: Shelf) -> None:
        """On a full disk the commits go there: it must not be lost for tidiness."""
        reserve = Reserve(shelf.path, RECORDS)
        while shelf.do(reserve.fill):
            pass
        reserve.filled()
        shelf.session.log_is_to_go = True
        reserve.empty_log(shelf.session)
        assert log(shelf).stat().st_blocks * 512 >= 32 * 1024 * 1024

    def test_waits_while_the_disk_is_full(self, shelf: Shelf) -> None:
        """Its blocks are what is left."""
        reserve = Reserve(shelf.path, RECORDS)
        reserve.give_up(shelf.session)
        shelf.kept(push(1))
        shelf.session.log_is_to_go = True
        reserve.empty_log(shelf.session)
        assert log(shelf).stat().st_size > 0
        assert shelf.session.log_tells


class TestTheDaemon(StoreCase):
    async def test_empties_it_in_its_housekeeping(self) -> None:
        """Nobody has to stop the node for it."""
        await self.store.keep(push(1), lease=False)
        await self.store.prune(100)
        assert self.path.with_name("store.db-wal").stat().st_size == 0
