"""The schema grows in numbered steps."""

import sqlite3
from pathlib import Path

import pytest

from edge_node.errors import EdgeNodeError
from edge_node.store import schema
from edge_node.store.database import open_exclusively
from tests.store.shelf import Shelf, push

NEXT = (2, "0002_next", "CREATE TABLE extra (x TEXT);\n-- a comment; with a semicolon\nPRAGMA user_version = 2;\n")
BROKEN = (2, "0002_broken", "CREATE TABLE extra (x TEXT);\nCREATE TABLE extra (x TEXT);\nPRAGMA user_version = 2;\n")


class TestMigrate:
    def test_the_steps_are_numbered_without_a_gap(self) -> None:
        """Each release runs on the store of every earlier one."""
        assert [number for number, _, _ in schema.steps()] == list(range(1, len(schema.steps()) + 1))

    def test_each_file_sets_its_own_number(self) -> None:
        """A file that does not would be applied at every start."""
        assert all(f"PRAGMA user_version = {number};" in text for number, _, text in schema.steps())

    def test_an_old_store_is_copied_before_it_is_changed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Going back to the old release must be possible with everything that was there."""
        shelf = Shelf(tmp_path / "store.db")
        shelf.kept(push(1))
        shelf.close()
        first = schema.steps()
        monkeypatch.setattr(schema, "steps", lambda: [*first, NEXT])
        open_exclusively(shelf.path).close()
        copy = sqlite3.connect(tmp_path / "store.db.before-0002")
        assert copy.execute("SELECT count(*) FROM messages").fetchone() == (1,)
        assert copy.execute("PRAGMA user_version").fetchone() == (1,)
        copy.close()

    def test_a_step_that_fails_leaves_nothing_of_itself(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The old release can then still run."""
        path = tmp_path / "store.db"
        open_exclusively(path).close()
        first = schema.steps()
        monkeypatch.setattr(schema, "steps", lambda: [*first, BROKEN])
        with pytest.raises(EdgeNodeError):
            open_exclusively(path)
        monkeypatch.undo()
        opened = open_exclusively(path)
        assert schema.version(opened.connection) == 1
        opened.close()

    def test_a_file_without_an_end_is_refused(self) -> None:
        """A statement cut off must not be left out silently."""
        with pytest.raises(ValueError, match="no end"):
            list(schema.statements("CREATE TABLE a (x TEXT);\nCREATE TABLE b (x"))
