"""Whether the keys fit is seen before a start needs them, or a repair takes the store for good."""

import sqlite3
from pathlib import Path

import pytest

from edge_node.store import fitting
from edge_node.store.soundness import Looked
from tests.store.shelf import Shelf, push


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store in which a message waits, closed."""
    shelf = Shelf(tmp_path / "store.db")
    shelf.kept(push(1))
    shelf.close()
    return shelf.path


def looked(store: Path) -> list[Looked]:
    connection = sqlite3.connect(store)
    found = list(fitting.check(connection, store.with_name("sealing.key"), store.with_name("patient.key")))
    connection.close()
    return found


def broken(store: Path) -> list[int | None]:
    return [each.broken for each in looked(store)]


def put(path: Path, secret: bytes) -> None:
    path.unlink(missing_ok=True)
    path.write_bytes(secret)


class TestKeys:
    def test_of_this_store_fit(self, store: Path) -> None:
        """An alarm without a cause is not read the next time."""
        assert broken(store) == [0, 0]

    @pytest.mark.parametrize("secret", [b"x" * 32, b"x" * 31, b""])
    @pytest.mark.parametrize(("name", "found"), [("sealing.key", [1, 0]), ("patient.key", [0, 1])])
    def test_of_another_do_not(self, store: Path, name: str, found: list[int], secret: bytes) -> None:
        """The key of the machine beside it was put back: nothing would open, and no patient be found again."""
        put(store.with_name(name), secret)
        assert broken(store) == found

    def test_the_right_one_is_named(self, store: Path) -> None:
        """Who has three files in the safe must know which."""
        put(store.with_name("sealing.key"), b"x" * 32)
        (case,) = looked(store)[0].cases
        assert "this store needs key " in case

    def test_that_are_not_there_are_not_looked_into(self, store: Path) -> None:
        """The key may be lent to the service alone; that nobody looked is said, and no fault."""
        store.with_name("sealing.key").unlink()
        assert broken(store) == [None, 0]

    def test_of_a_change_that_was_broken_off_fit(self, store: Path) -> None:
        """The next start puts it in its place."""
        store.with_name("sealing.key").rename(store.with_name("sealing.key.next"))
        assert broken(store) == [0, 0]
