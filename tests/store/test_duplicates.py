"""The memory of message ids: found at once however many there are, and answered byte for byte."""

from collections.abc import Callable
from pathlib import Path

import pytest

from edge_node.model.keeping import Known
from edge_node.model.message import StoredAnswer
from edge_node.store import admission, pruning, rehashing, resealing, rotation
from edge_node.store.rotation import Rotation
from edge_node.store.session import Session
from edge_node.store.surroundings import Retention
from tests.store.shelf import Shelf, push

DAY_S = 86_400
GIVEN = StoredAnswer(
    status=202,
    content_type='text/xml; charset="utf-8"',
    headers=(("Location", "/v1/messages/1"), ("Edge-Node-State", "kept")),
    body=b'\xef\xbb\xbf<?xml version="1.0"?>\r\n<x>\xc3\xa9</x>\x00\xff',
)


@pytest.fixture
def shelf(tmp_path: Path):
    shelf = Shelf(tmp_path / "store.db")
    shelf.session.retention = Retention(day_key_s=DAY_S)
    yield shelf
    shelf.close()


def nothing(shelf: Shelf) -> None:
    """The first look."""


def restart(shelf: Shelf) -> None:
    shelf.restart()


def vacuum(shelf: Shelf) -> None:
    shelf.session.execute("VACUUM")


def reseal(shelf: Shelf) -> None:
    shelf.clock.advance(3 * DAY_S)
    [shelf.do(lambda session: resealing.reseal(session, 10, shelf.at)) for _ in range(3)]
    assert shelf.count("day_keys") == 1


def rotate(shelf: Shelf) -> None:
    plan = Rotation(shelf.path, shelf.chance, is_ours=True)
    shelf.do(lambda session: rotation.begin(session, plan))
    shelf.do(lambda session: rotation.finish(session, plan))
    shelf.restart()


def rehash(shelf: Shelf) -> None:
    rehashing.rehash(shelf.session, shelf.path, shelf.chance, lambda _table, _rows: None)
    shelf.restart()


def plans(shelf: Shelf, work: Callable[[Session], object]) -> list[str]:
    """How the database finds what each statement of this work asks for."""
    ran: list[str] = []
    shelf.session.connection.set_trace_callback(ran.append)
    shelf.do(work)
    shelf.session.connection.set_trace_callback(None)
    asked = [sql for sql in ran if sql.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))]
    return [row[3] for sql in asked for row in shelf.session.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()]


class TestFirstAnswer:
    @pytest.mark.parametrize("happening", [nothing, restart, vacuum, reseal, rotate, rehash])
    def test_is_given_again_byte_for_byte(self, shelf: Shelf, happening: Callable[[Shelf], None]) -> None:
        """The sender's program compares it with what it had; another answer would be another fact."""
        shelf.keep(push(1, lifetime_s=None), answer=GIVEN)
        happening(shelf)
        known = shelf.keep(push(1, lifetime_s=None))
        assert isinstance(known, Known)
        assert known.answer == GIVEN

    @pytest.mark.parametrize("happening", [restart, vacuum, reseal, rotate, rehash])
    def test_to_what_was_passed_on_is_given_again(self, shelf: Shelf, happening: Callable[[Shelf], None]) -> None:
        """Nothing of the message itself is kept, only what was answered."""
        shelf.begin(push(1, lifetime_s=30 * DAY_S))
        shelf.do(lambda session: admission.finish(session, push(1), GIVEN, shelf.at))
        happening(shelf)
        known = shelf.begin(push(1))
        assert isinstance(known, Known)
        assert known.answer == GIVEN


class TestConstantTime:
    @pytest.mark.parametrize("number", [1, 2])
    def test_no_table_is_walked_for_a_push(self, shelf: Shelf, number: int) -> None:
        """New or a copy: a million memories cost it nothing."""
        shelf.keep(push(1), answer=GIVEN)
        asked = admission.Asked(f"{number:032x}", shelf.at, lease=True, answer=GIVEN)
        found = plans(shelf, lambda session: admission.keep(session, push(number), asked))
        assert found
        assert [plan for plan in found if plan.startswith("SCAN") and "CONSTANT ROW" not in plan] == []

    def test_no_table_is_walked_to_forget(self, shelf: Shelf) -> None:
        """The housekeeper looks every few seconds."""
        shelf.begin(push(1))
        shelf.clock.advance(60 * DAY_S)
        found = plans(shelf, lambda session: pruning.prune(session, 10, shelf.at))
        assert shelf.count("duplicates") == 0
        assert [plan for plan in found if plan.startswith("SCAN") and "CONSTANT ROW" not in plan] == []


class TestForgetting:
    def test_is_done_a_few_at_a_time(self, shelf: Shelf) -> None:
        """A holiday's worth of ids that end together must not hold up one sender."""
        for number in range(10):
            shelf.begin(push(number, order=str(number)))
        shelf.clock.advance(60 * DAY_S)
        steps = [shelf.do(lambda session: pruning.prune(session, 4, shelf.at)) for _ in range(4)]
        assert steps == [4, 4, 2, 0]
        assert shelf.count("duplicates") == 0
