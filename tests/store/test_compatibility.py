"""Each release runs on the store of the next one: steps add first, and take away a release later."""

import re
from pathlib import Path

import pytest

from edge_node.errors import EdgeNodeError
from edge_node.model.lifecycle import Event
from edge_node.store import compatibility, pruning, schema
from edge_node.store.compatibility import USABLE_FROM
from edge_node.store.database import open_exclusively
from tests.store.shelf import Shelf, push

KNOWN = schema.steps()
LAST = KNOWN[-1][0]
#: What the next release may well do: a column with a default on each busy table, a table, an index.
EXPANDING = f"""
ALTER TABLE messages ADD COLUMN colour TEXT NOT NULL DEFAULT 'none';
ALTER TABLE bodies ADD COLUMN language TEXT NOT NULL DEFAULT 'nl';
ALTER TABLE duplicates ADD COLUMN origin TEXT NOT NULL DEFAULT '';
ALTER TABLE history ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE counters ADD COLUMN nbytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE answers ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE used_tokens ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE journal ADD COLUMN place TEXT NOT NULL DEFAULT '';
ALTER TABLE meta ADD COLUMN note TEXT NOT NULL DEFAULT '';
CREATE TABLE places (name TEXT PRIMARY KEY) STRICT;
CREATE INDEX messages_colour ON messages (colour) WHERE colour <> 'none';
PRAGMA user_version = {LAST + 1};
"""
NEXT = (LAST + 1, f"{LAST + 1:04d}_next", EXPANDING)
#: What a step may say while the release before it is still gone back to.
ADDING = re.compile(
    r"CREATE (?:TABLE|INDEX) |ALTER TABLE \w+ ADD COLUMN (?!.*NOT NULL(?!.*DEFAULT))"
    r"|INSERT INTO |UPDATE |PRAGMA user_version",
    re.DOTALL,
)


def opened_by_the_next(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the next release run on this store for a moment."""
    with monkeypatch.context() as patch:
        patch.setattr(schema, "steps", lambda: [*KNOWN, NEXT])
        open_exclusively(path).close()


def statements(text: str) -> list[str]:
    bare = re.sub(r"--[^\n]*", "", text)
    return [each.strip() for each in schema.statements(bare) if each.strip()]


class TestANewerFile:
    def test_is_used_by_the_release_before_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """An upgrade that disappoints is taken back the same evening, with all that came in meanwhile."""
        shelf = Shelf(tmp_path / "store.db")
        shelf.kept(push(1))
        shelf.close()
        opened_by_the_next(shelf.path, monkeypatch)
        shelf.open()
        shelf.kept(push(2))
        entry, *_ = shelf.lease()
        shelf.settle(entry, Event.ACKNOWLEDGED)
        shelf.clock.advance(100 * 86_400)
        assert shelf.do(lambda session: pruning.prune(session, 100, shelf.at)) > 0
        shelf.close()
        opened_by_the_next(shelf.path, monkeypatch)  # and the upgrade is tried again

    def test_keeps_its_number(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Otherwise the newer release would apply its steps twice."""
        shelf = Shelf(tmp_path / "store.db")
        shelf.close()
        opened_by_the_next(shelf.path, monkeypatch)
        shelf.open()
        assert schema.version(shelf.session.connection) == LAST + 1
        shelf.close()

    def test_that_was_contracted_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What this release needs is no longer in it: it would lose messages."""
        shelf = Shelf(tmp_path / "store.db")
        shelf.close()
        with monkeypatch.context() as patch:
            patch.setattr(schema, "steps", lambda: [*KNOWN, NEXT])
            patch.setattr(compatibility.write_down, "__defaults__", (LAST + 1,))
            open_exclusively(shelf.path).close()
        with pytest.raises(EdgeNodeError, match="EN-STORE-NEWER") as refused:
            open_exclusively(shelf.path)
        assert refused.value.detail == f"schema {LAST + 1}, usable from {LAST + 1} on; this release knows {LAST}"

    def test_that_does_not_say_is_refused(self, tmp_path: Path) -> None:
        """Nobody knows what was done to it."""
        opened = open_exclusively(tmp_path / "store.db")
        opened.connection.execute("DELETE FROM meta WHERE key = 'usable from'")
        opened.connection.execute(f"PRAGMA user_version = {LAST + 1}")
        opened.close()
        with pytest.raises(EdgeNodeError, match="EN-STORE-NEWER"):
            open_exclusively(tmp_path / "store.db")


class TestTheSteps:
    def test_promise_no_release_that_is_not_there(self) -> None:
        """A promise beyond the last step would keep every older release out for nothing."""
        assert USABLE_FROM <= LAST

    def test_after_the_promise_only_add(self) -> None:
        """A step that takes away must raise the promise in the same change."""
        later = [text for number, _, text in KNOWN if number > USABLE_FROM]
        assert [each for text in later for each in statements(text) if not ADDING.match(each)] == []

    @pytest.mark.parametrize(
        ("statement", "adds"),
        [
            ("ALTER TABLE a ADD COLUMN b TEXT", True),
            ("ALTER TABLE a ADD COLUMN b TEXT NOT NULL DEFAULT ''", True),
            ("ALTER TABLE a ADD COLUMN b TEXT NOT NULL", False),
            ("CREATE INDEX a ON b (c)", True),
            ("CREATE UNIQUE INDEX a ON b (c)", False),
            ("DROP TABLE a", False),
            ("ALTER TABLE a RENAME COLUMN b TO c", False),
            ("CREATE TRIGGER a AFTER INSERT ON b BEGIN SELECT 1", False),
        ],
    )
    def test_add_or_do_not(self, statement: str, adds: bool) -> None:
        """What the guard above takes for adding, and what not."""
        assert bool(ADDING.match(statement)) is adds

    def test_of_the_next_release_in_these_tests_add(self) -> None:
        """Otherwise the tests above would prove nothing."""
        assert [each for each in statements(EXPANDING) if not ADDING.match(each)] == []
