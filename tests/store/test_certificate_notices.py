"""What was told of certificates is remembered, over restarts and repairs."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge_node.model.certificate import Counted, Part, Telling
from edge_node.store import certificate_notices
from edge_node.store.certificate_notices import add, after, told

from .shelf import Shelf

PRACTICE = Counted(
    fingerprint="ab" * 32,
    part=Part.OWN,
    name="De Linde",
    subject="CN=gp.example",
    ends_at=datetime(2027, 6, 1, 10, tzinfo=UTC),
)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path / "store.db")
    yield shelf
    shelf.close()


def tell(shelf: Shelf, days: int, telling: Telling = Telling.ENDS) -> bool:
    return shelf.do(lambda session: add(session, PRACTICE, telling, days, shelf.at))


def cursor(shelf: Shelf, way: str = "mail") -> int:
    return shelf.do(lambda session: certificate_notices.cursor(session, way))


class TestTold:
    def test_is_written_once(self, shelf: Shelf) -> None:
        """Two rounds at one moment, or two processes after each other: one line."""
        assert [tell(shelf, 30), tell(shelf, 30), tell(shelf, 14)] == [True, False, True]

    def test_is_known_after_a_restart(self, shelf: Shelf) -> None:
        """A node that restarts each night must not mail each morning."""
        tell(shelf, 30)
        shelf.restart()
        assert (told(shelf.session.connection), tell(shelf, 30)) == ({PRACTICE.fingerprint: frozenset({30})}, False)

    def test_of_another_kind_is_no_step(self, shelf: Shelf) -> None:
        """That the switch refused it once does not end its countdown."""
        tell(shelf, 0, Telling.REFUSED)
        assert (told(shelf.session.connection), tell(shelf, 0)) == ({}, True)

    def test_comes_back_as_it_was(self, shelf: Shelf) -> None:
        """The mail is written from it, perhaps days later."""
        tell(shelf, 30)
        (notice,) = after(shelf.session.connection, 0, 10)
        assert (notice.certificate, notice.days, notice.telling) == (PRACTICE, 30, Telling.ENDS)


class TestHowFarAWayCame:
    def test_begins_now(self, shelf: Shelf) -> None:
        """Who gets mail from today on is not told of what the status shows already."""
        tell(shelf, 30)
        assert cursor(shelf) == 1

    def test_is_remembered(self, shelf: Shelf) -> None:
        """A mail server that was down for a day misses nothing."""
        cursor(shelf)
        tell(shelf, 30)
        shelf.restart()
        assert [one.days for one in after(shelf.session.connection, cursor(shelf), 10)] == [30]

    def test_goes_on_where_numbers_are_given_again(self, shelf: Shelf) -> None:
        """A repair that lost the newest lines must not leave the next ones untold."""
        shelf.do(lambda session: certificate_notices.cursor(session, "mail"))
        shelf.do(lambda session: certificate_notices.advance(session, "mail", 7))
        assert cursor(shelf) == 0
