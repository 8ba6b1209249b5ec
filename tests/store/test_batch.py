"""Several units in one commit, and what a failing one does."""

import sqlite3
from pathlib import Path

import pytest

from edge_node.errors import StoreUnavailable
from edge_node.model.message import Direction
from edge_node.store import admission, queue
from edge_node.store.admission import Asked
from edge_node.store.batch import DiskFailed, Work, run_batch
from edge_node.store.session import Session
from tests.store.shelf import Shelf, push


@pytest.fixture
def shelf(tmp_path: Path):
    shelf = Shelf(tmp_path / "state" / "store.db")
    yield shelf
    shelf.close()


def keeping(shelf: Shelf, number: int) -> Work[object]:
    asked = Asked(f"{number:032x}", shelf.at)
    return lambda session: admission.keep(session, push(number, order=str(number)), asked)


def failing(error: Exception) -> Work[object]:
    def work(session: Session) -> object:
        session.execute("DELETE FROM messages")
        raise error

    return work


def sqlite_error(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("invented")
    error.sqlite_errorcode = code
    error.sqlite_errorname = "SQLITE_INVENTED"
    return error


class TestRunBatch:
    @pytest.mark.parametrize("error", [KeyError("a fault of ours"), sqlite_error(sqlite3.SQLITE_CONSTRAINT)])
    def test_a_failing_unit_leaves_the_others_alone(self, shelf: Shelf, error: Exception) -> None:
        """One practice's odd message must not lose its neighbour's."""
        outcomes = run_batch(shelf.session, [keeping(shelf, 1), failing(error), keeping(shelf, 2)])
        assert [outcome.error is None for outcome in outcomes] == [True, False, True]
        assert shelf.count("messages") == 2

    def test_counters_forget_what_was_undone(self, shelf: Shelf) -> None:
        """A figure that drifts hides a stuck queue."""

        def half(session: Session) -> object:
            keeping(shelf, 1)(session)
            raise KeyError("afterwards")

        run_batch(shelf.session, [half, keeping(shelf, 2)])
        assert [count.messages for count in shelf.reader.overview().counts] == [1]

    def test_an_input_output_error_is_fatal(self, shelf: Shelf) -> None:
        """After a failed fsync nobody knows what is on the disk: only a restart can tell."""
        with pytest.raises(DiskFailed):
            run_batch(shelf.session, [keeping(shelf, 1), failing(sqlite_error(sqlite3.SQLITE_IOERR_FSYNC))])
        assert shelf.count("messages") == 0

    def test_a_full_disk_promises_nothing_and_it_goes_on_when_there_is_room(self, shelf: Shelf) -> None:
        """A real full file: every unit of the commit is refused, and the next one stands."""
        pages = shelf.session.execute("PRAGMA page_count").fetchone()[0]
        shelf.session.execute(f"PRAGMA max_page_count = {pages + 2}")
        big = push(9, body=b"x" * 200_000)
        refused = run_batch(
            shelf.session, [lambda session: admission.keep(session, big, Asked("9" * 32, shelf.at)) for _ in "ab"]
        )
        shelf.session.execute("PRAGMA max_page_count = 100000")
        codes = {getattr(outcome.error, "code", None) for outcome in refused}
        assert (codes, shelf.count("messages")) == ({"EN-STORE-FULL"}, 0)
        assert shelf.kept(push(1))

    def test_an_error_says_nothing_of_the_message(self, shelf: Shelf) -> None:
        """Errors reach logs; patients must not."""
        outcome = run_batch(shelf.session, [failing(sqlite_error(sqlite3.SQLITE_CONSTRAINT))])[0]
        assert isinstance(outcome.error, StoreUnavailable)
        assert "invented" not in str(outcome.error)


class TestPlans:
    @pytest.mark.parametrize("sql", [queue._DUE, queue._NEXT, queue._EXPIRED])
    def test_a_claim_never_walks_the_queue(self, shelf: Shelf, sql: str) -> None:
        """A million waiting messages must not slow down the next one."""
        values = (Direction.OUT.value, 1, 1, 1)[: sql.count("?")]
        plan = [row[3] for row in shelf.session.execute("EXPLAIN QUERY PLAN " + sql, values)]
        assert [line.split(" USING")[0] for line in plan] == ["SEARCH messages"]
