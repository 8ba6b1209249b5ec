"""The schema grows in numbered steps."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from edge_node.errors import EdgeNodeError
from edge_node.model.message import Payload
from edge_node.store import schema
from edge_node.store.database import open_exclusively
from tests.store.shelf import Shelf, push

LAST = schema.steps()[-1][0]
NUMBER = f"PRAGMA user_version = {LAST + 1};\n"
NEXT = (LAST + 1, f"{LAST + 1:04d}_next", f"CREATE TABLE extra (x TEXT);\n-- a comment; with a semicolon\n{NUMBER}")
BROKEN = (
    LAST + 1,
    f"{LAST + 1:04d}_broken",
    f"CREATE TABLE extra (x TEXT);\nCREATE TABLE extra (x TEXT);\n{NUMBER}",
)


LATER = f"PRAGMA user_version = {LAST + 2};\n"
THEN_BROKEN = (LAST + 2, f"{LAST + 2:04d}_broken", f"CREATE TABLE extra (x TEXT);\n{LATER}")
THEN = (LAST + 2, f"{LAST + 2:04d}_broken", f"CREATE TABLE other (x TEXT);\n{LATER}")


class Halfway:
    """A store of which the disk takes the first part only."""

    def backup(self, target: sqlite3.Connection) -> None:
        target.execute("CREATE TABLE messages (x TEXT)")
        raise sqlite3.OperationalError("database or disk is full")


#: A row as the first schema has it.
KEPT_BY_THE_FIRST = """
    INSERT INTO messages (seq, uid, direction, sender, receiver, root, extension, interaction, ordering, lane,
        priority, state, head, due, token, correlation, digest, size, kept_at)
    VALUES (1, '00000000000000000000000000000001', 'out', '300', '400', '2.16.840.1', '1', 'REPC_IN990003NL',
        'report', x'01', 1, 'KEPT', 1, 0, x'', 'c-00000001', x'02', 4, 1.0);
    INSERT INTO bodies VALUES (1, 'Report', 'urn:r', 'text/xml', CAST('<x/>' AS BLOB));
"""


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
        copy = sqlite3.connect(tmp_path / f"store.db.before-{LAST + 1:04d}")
        assert copy.execute("SELECT count(*) FROM messages").fetchone() == (1,)
        assert copy.execute("PRAGMA user_version").fetchone() == (LAST,)
        copy.close()

    def test_a_copy_survives_a_stop_between_two_steps(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A power cut halfway must not cost the way back: a half changed file is of no use to the old release."""
        first = schema.steps()
        Shelf(tmp_path / "store.db").close()
        upgrade(tmp_path / "store.db", [*first, NEXT, THEN_BROKEN], monkeypatch)
        assert version_of(tmp_path / "store.db") == LAST + 1
        upgrade(tmp_path / "store.db", [*first, NEXT, THEN], monkeypatch)
        assert version_of(tmp_path / "store.db") == LAST + 2
        assert version_of(tmp_path / f"store.db.before-{LAST + 2:04d}") == LAST

    def test_an_old_copy_gives_way_to_that_of_today(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Who went back to the old release and tries again weeks later needs what came since."""
        first = schema.steps()
        path = tmp_path / "store.db"
        Shelf(path).close()
        upgrade(path, [*first, BROKEN], monkeypatch)
        monkeypatch.undo()
        shelf = Shelf(path)
        shelf.kept(push(1))
        shelf.close()
        upgrade(path, [*first, NEXT], monkeypatch)
        copy = sqlite3.connect(path.with_name(f"store.db.before-{LAST + 1:04d}"))
        assert copy.execute("SELECT count(*) FROM messages").fetchone() == (1,)
        copy.close()

    def test_a_copy_has_its_name_when_it_is_whole(self, tmp_path: Path) -> None:
        """What a full disk leaves of one must not pass for the way back."""
        with pytest.raises(sqlite3.OperationalError):
            schema.back_up(Halfway(), tmp_path / "copy")  # type: ignore[arg-type]
        assert not (tmp_path / "copy").exists()

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
        assert schema.version(opened.connection) == LAST
        opened.close()

    def test_a_message_kept_by_the_first_release_goes_on(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What a practice handed in before the upgrade leaves after it, as the SOAP message it was."""
        known = schema.steps()
        monkeypatch.setattr(schema, "steps", lambda: known[:1])
        path = tmp_path / "store.db"
        open_exclusively(path).close()
        old = sqlite3.connect(path)
        old.executescript(KEPT_BY_THE_FIRST)
        old.close()
        monkeypatch.undo()
        (entry,) = Shelf(path).lease()
        assert entry.payload == Payload(path="Report", soap_action="urn:r", body=b"<x/>", content_type="text/xml")
        assert not entry.is_repeatable

    def test_a_file_without_an_end_is_refused(self) -> None:
        """A statement cut off must not be left out silently."""
        with pytest.raises(ValueError, match="no end"):
            list(schema.statements("CREATE TABLE a (x TEXT);\nCREATE TABLE b (x"))


def upgrade(path: Path, steps: list[tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Start with these steps, as often as not in vain."""
    monkeypatch.setattr(schema, "steps", lambda: steps)
    with contextlib.suppress(EdgeNodeError, OSError):
        open_exclusively(path).close()


def version_of(path: Path) -> int:
    opened = sqlite3.connect(path)
    found = schema.version(opened)
    opened.close()
    return found
