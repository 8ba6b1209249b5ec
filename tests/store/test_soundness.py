"""What must hold of every store, and that each breach of it is seen."""

from pathlib import Path

import pytest

from edge_node.store.soundness import fates, unsound
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

    @pytest.mark.parametrize(
        ("damage", "words"),
        [
            ("UPDATE counters SET n = n + 1", "a counter does not count what is there"),
            ("INSERT INTO counters VALUES ('in', 'DEAD', 1)", "a counter counts what is not there"),
            ("UPDATE messages SET head = 0 WHERE head = 1", "a lane has no head, or two"),
            (
                "UPDATE messages SET state = 'DELIVERED' WHERE head = 1",
                "a message is in its lane and over, or neither",
            ),
            ("DELETE FROM bodies WHERE seq = 2", "a message to be sent has no body"),
        ],
    )
    def test_finds_what_does_not_belong_together(self, shelf: Shelf, damage: str, words: str) -> None:
        """Each of these is a message that is never sent, or sent in the wrong order, without anybody knowing."""
        shelf.session.execute("PRAGMA foreign_keys = OFF")
        shelf.session.execute(damage)
        assert words in unsound(shelf.session.connection)


class TestFates:
    def test_tell_what_became_of_each_message(self, shelf: Shelf) -> None:
        """Promises are held against it."""
        assert fates(shelf.session.connection, ROOT) == {"1": "KEPT", "2": "KEPT", "3": "KEPT"}

    def test_are_of_one_root_only(self, shelf: Shelf) -> None:
        """Another system may number its messages the same way."""
        assert fates(shelf.session.connection, "1.2.3") == {}
