"""Every keyed hash of the store gets another key, and everything is found again."""

from dataclasses import replace
from pathlib import Path

import pytest

from edge_node.errors import EdgeNodeError
from edge_node.model.keeping import IdReused, Known, LaneClosed, TokenReused
from edge_node.model.lifecycle import Event
from edge_node.model.message import TokenUse
from edge_node.store import aside, backup_copy, keys, rehashing
from edge_node.store.opening import open_run
from edge_node.store.rehashing import WALKS, Walk
from tests.store.shelf import OTHER_PATIENT, Shelf, push

SIGNED = push(3, patient=OTHER_PATIENT, token=b"t1", token_uses=(TokenUse(b"t1", 2e9),))
#: Columns of bytes that are no keyed hash: what was sealed, and digests of random ids.
NOT_HASHED = {
    ("bodies", "body"),
    ("answers", "body"),
    ("wrapped_keys", "blob"),
    ("reserve_pages", "filler"),
    ("messages", "token"),
    ("used_tokens", "token"),
    ("log_records", "hash"),
    ("log_strangers", "hash"),
    ("log_heads", "signature"),
    ("log_segments", "hash"),
    ("log_keys", "blob"),
}


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rehashing, "_UNIT", 2)
    shelf = Shelf(tmp_path / "store.db")
    entry = shelf.leased(push(1))
    shelf.settle(entry, Event.ACKNOWLEDGED)
    shelf.kept(push(2))
    shelf.kept(SIGNED)
    shelf.begin(push(4, order="other"))
    for number in range(5, 9):
        shelf.kept(push(number, order=str(number)))
    shelf.do(lambda session: aside.set_aside(session, 7, "body: broken", shelf.at))
    yield shelf
    shelf.close()


def hashes(shelf: Shelf) -> set[bytes]:
    queries = [f"SELECT {column} FROM {walk.table}" for walk in WALKS[:-1] for column in walk.hashed]
    queries.append("SELECT value FROM set_aside_cells WHERE name IN ('patient', 'lane', 'digest')")
    return {value for sql in queries for (value,) in shelf.session.execute(sql) if value is not None}


def rehash(shelf: Shelf) -> list[str]:
    told: list[str] = []
    rehashing.rehash(shelf.session, shelf.path, shelf.chance, lambda table, _: told.append(table))
    return told


def assert_all_is_found_again(shelf: Shelf) -> None:
    copies = [shelf.keep(push(number)) for number in (1, 2)] + [shelf.keep(SIGNED)]
    assert all(isinstance(each, Known) for each in copies)
    assert shelf.begin(push(4, order="other", digest=b"of other content")) == IdReused()
    other = push(9, patient=OTHER_PATIENT, token=b"t1", token_uses=SIGNED.token_uses)
    assert shelf.keep(other) == TokenReused()
    assert isinstance(shelf.begin(push(10)), LaneClosed)  # behind the second one, of the same patient
    assert [entry.message_id.extension for entry in shelf.lease()] == ["2", "3", "5", "6", "7"]


class TestRehash:
    def test_leaves_no_hash_of_the_old_key(self, shelf: Shelf) -> None:
        """Somebody saw the key: with it all patient numbers can be tried in an hour."""
        before = hashes(shelf)
        rehash(shelf)
        assert not before & hashes(shelf)

    def test_finds_everything_again(self, shelf: Shelf) -> None:
        """Copies, tokens, lanes and patients: nothing is doubled or overtaken because of it."""
        rehash(shelf)
        assert_all_is_found_again(shelf)

    def test_finds_everything_again_after_a_restart(self, shelf: Shelf) -> None:
        """The key file has its new link."""
        rehash(shelf)
        shelf.restart()
        assert_all_is_found_again(shelf)

    def test_can_be_done_again(self, shelf: Shelf) -> None:
        """Each year, or each time somebody leaves."""
        rehash(shelf)
        rehash(shelf)
        shelf.restart()
        assert len(shelf.path.with_name("patient.key").read_bytes()) == 3 * keys.KEY_BYTES
        assert_all_is_found_again(shelf)

    def test_tells_how_far_it_is(self, shelf: Shelf) -> None:
        """Five years of access log take a while."""
        told = rehash(shelf)
        assert list(dict.fromkeys(told)) == [walk.table for walk in WALKS]
        assert told.count("messages") > 2

    def test_covers_every_column_of_bytes(self, shelf: Shelf) -> None:
        """A table of a later release must not keep its hashes behind our back."""
        tables = [name for (name,) in shelf.session.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        blobs = {
            (table, column)
            for table in tables
            for _, column, kind, *_ in shelf.session.execute(f"PRAGMA table_info({table})")
            if kind == "BLOB"
        }
        hashed = {(walk.table, column) for walk in WALKS for column in walk.hashed} - {("set_aside_cells", "value")}
        assert blobs - NOT_HASHED == hashed

    def test_takes_a_token_of_an_older_release_for_what_it_was(self, shelf: Shelf) -> None:
        """What it was used for cannot be hashed anew; it ends in some hours, and stays used until then."""
        shelf.session.execute("UPDATE used_tokens SET message = x'00112233445566778899aabbccddeeff'")
        rehash(shelf)
        assert isinstance(shelf.keep(SIGNED), Known)


class TestKilled:
    @pytest.mark.parametrize("nth", [1, 2, 5, 11])
    @pytest.mark.parametrize("point", ["before-commit", "after-commit", "rehash-step"])
    def test_in_a_step_it_is_finished_at_the_next_start(self, shelf: Shelf, point: str, nth: int) -> None:
        """Half of the hashes under each key would find half of the copies."""
        self.kill(shelf, point, nth)
        shelf.restart()
        assert_all_is_found_again(shelf)

    @pytest.mark.parametrize("point", ["rehash-written", "rehash-ended", "rehash-placed"])
    def test_between_file_and_store_they_still_belong_together(self, shelf: Shelf, point: str) -> None:
        """The key file changes by one rename, and the store says which one it needs."""
        self.kill(shelf, point, 1)
        shelf.restart()
        assert_all_is_found_again(shelf)
        assert [path.name for path in shelf.path.parent.glob("patient.key*")] == ["patient.key"]

    def test_twice_it_goes_on_where_it_was(self, shelf: Shelf) -> None:
        """A start that is killed in it takes it up again."""
        self.kill(shelf, "rehash-step", 3)
        shelf.die()
        with pytest.raises(Killed):
            open_run(shelf.path, replace(shelf.around, fail_point=_killer("rehash-step", 2)))
        shelf.open()
        assert_all_is_found_again(shelf)

    def test_without_its_new_key_the_start_is_refused(self, shelf: Shelf) -> None:
        """Serving would take each copy for a new message."""
        self.kill(shelf, "rehash-step", 3)
        shelf.die()
        coming = shelf.path.with_name("patient.key.next")
        hidden = coming.rename(coming.with_name("elsewhere"))
        with pytest.raises(EdgeNodeError, match=r"EN-STORE-DAMAGED.*patient\.key\.next is missing"):
            shelf.open()
        hidden.rename(coming)
        shelf.open()

    def test_it_is_in_no_backup(self, shelf: Shelf, tmp_path: Path) -> None:
        """Half of the hashes of one would find nothing again, and its second key is not in it."""
        self.kill(shelf, "rehash-step", 3)
        backup_copy.copy(shelf.path, tmp_path / "copy", lambda _done, _of: None)
        with pytest.raises(EdgeNodeError, match=r"EN-BACKUP-FAILED.*finish edge-node store rehash"):
            backup_copy.examine(tmp_path / "copy", ())
        shelf.restart()

    def kill(self, shelf: Shelf, point: str, nth: int) -> None:
        shelf.session.fail_point = _killer(point, nth)
        with pytest.raises(Killed):
            rehash(shelf)


class TestStep:
    @pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.table)
    def test_reads_no_table_whole(self, shelf: Shelf, walk: Walk) -> None:
        """A step in the middle of ten million lines takes as long as the first one."""
        rehash(shelf)
        steps = [(walk.next, (*walk.first, 1)), (walk.step, (*walk.first, *walk.first))]
        plans = [shelf.session.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall() for sql, values in steps]
        assert [row[3] for plan in plans for row in plan if not row[3].startswith("SEARCH")] == []


def _killer(point: str, nth: int):
    seen = [0]

    def fail_point(name: str) -> None:
        seen[0] += name == point
        if name == point and seen[0] == nth:
            raise Killed

    return fail_point
