"""What is held against a store after it was killed."""

from pathlib import Path

import pytest

from edge_node.store.promises import fates, unsound
from tests.store.shelf import ROOT, Shelf, push


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path / "store.db")
    for number in (1, 2, 3):
        shelf.keep(push(number))
    return shelf


class TestUnsound:
    def test_finds_nothing_in_a_store_at_work(self, shelf: Shelf) -> None:
        """A false alarm sends a hospital to its backup."""
        shelf.lease()
        assert unsound(shelf.session.connection) == []

    def test_says_in_words_what_does_not_fit(self, shelf: Shelf) -> None:
        """It goes into a report that a person reads."""
        shelf.session.execute("UPDATE messages SET head = 0 WHERE head = 1")
        assert "one head a lane: 1 times not so" in unsound(shelf.session.connection)


class TestFates:
    def test_tell_what_became_of_each_message(self, shelf: Shelf) -> None:
        """Promises are held against it."""
        assert fates(shelf.session.connection, ROOT) == {"1": "KEPT", "2": "KEPT", "3": "KEPT"}

    def test_are_of_one_root_only(self, shelf: Shelf) -> None:
        """Another system may number its messages the same way."""
        assert fates(shelf.session.connection, "1.2.3") == {}
