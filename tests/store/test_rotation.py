"""The store gets another key of its own, while it serves."""

from dataclasses import replace
from pathlib import Path

import pytest

from edge_node.errors import EdgeNodeError
from edge_node.store import messages, rotation
from edge_node.store.keys import next_of
from edge_node.store.opening import open_run
from edge_node.store.rotation import Rotation
from edge_node.store.surroundings import SealingKeys, Surroundings
from tests.store.shelf import Shelf, push

DAY_S = 86_400


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def shelf(tmp_path: Path):
    shelf = Shelf(tmp_path / "store.db")
    yield shelf
    shelf.close()


@pytest.fixture
def key(shelf: Shelf) -> Path:
    return shelf.path.with_name("sealing.key")


def kill_at(point: str, nth: int = 1):
    seen = [0]

    def fail_point(name: str) -> None:
        seen[0] += name == point
        if name == point and seen[0] == nth:
            raise Killed

    return fail_point


def rotate(shelf: Shelf, *, is_ours: bool = True) -> None:
    plan = Rotation(shelf.path, shelf.chance, is_ours=is_ours)
    shelf.do(lambda session: rotation.begin(session, plan))
    shelf.do(lambda session: rotation.finish(session, plan))


def body(shelf: Shelf, uid: str) -> bytes:
    return shelf.do(lambda session: messages.bytes_of(session, uid)).body


def openers(shelf: Shelf) -> int:
    return int(shelf.session.execute("SELECT count(DISTINCT by) FROM wrapped_keys").fetchone()[0])


class TestRotate:
    def test_opens_what_was_sealed_before_and_after(self, shelf: Shelf, key: Path) -> None:
        """Nothing is sealed anew for it, and nothing is lost."""
        old = key.read_bytes()
        before = shelf.kept(push(1))
        rotate(shelf)
        after = shelf.kept(push(2))
        shelf.restart()
        assert key.read_bytes() != old
        assert [body(shelf, uid) for uid in (before, after)] == [push(1).payload.body, push(2).payload.body]

    def test_leaves_the_old_key_useless(self, shelf: Shelf, key: Path) -> None:
        """It is changed because somebody may have seen it."""
        shelf.kept(push(1))
        old = key.read_bytes()
        rotate(shelf)
        shelf.die()
        new = key.read_bytes()
        key.chmod(0o600)
        key.write_bytes(old)
        with pytest.raises(EdgeNodeError, match="EN-SEALING-KEY"):
            open_run(shelf.path, shelf.around)
        key.write_bytes(new)
        shelf.open()
        assert openers(shelf) == 1

    def test_can_be_done_each_year(self, shelf: Shelf) -> None:
        """The second time is like the first."""
        uid = shelf.kept(push(1))
        rotate(shelf)
        rotate(shelf)
        shelf.restart()
        assert body(shelf, uid) == push(1).payload.body

    @pytest.mark.parametrize(
        ("point", "nth"),
        [
            ("rotate-written", 1),
            ("before-commit", 1),
            ("after-commit", 1),
            ("rotate-announced", 1),
            ("rotate-placed", 1),
            ("before-commit", 2),
            ("after-commit", 2),
        ],
    )
    def test_survives_a_kill_anywhere(self, shelf: Shelf, point: str, nth: int) -> None:
        """Between any two steps the file beside the store is one that opens it."""
        uid = shelf.kept(push(1))
        shelf.session.fail_point = kill_at(point, nth)
        with pytest.raises(Killed):
            rotate(shelf)
        shelf.restart()
        assert body(shelf, uid) == push(1).payload.body
        rotate(shelf)
        shelf.restart()
        assert body(shelf, uid) == push(1).payload.body
        assert openers(shelf) == 1

    def test_may_cross_midnight(self, shelf: Shelf) -> None:
        """The key of a day that begins between the two steps opens with the new key as well."""
        plan = Rotation(shelf.path, shelf.chance, is_ours=True)
        shelf.do(lambda session: rotation.begin(session, plan))
        shelf.clock.advance(DAY_S)
        uid = shelf.kept(push(1))
        shelf.restart()
        assert body(shelf, uid) == push(1).payload.body


class TestLentKey:
    """The key is one that systemd lends: the node cannot put another in its place."""

    @pytest.fixture
    def lent(self, tmp_path: Path) -> Path:
        path = tmp_path / "lent"
        path.write_bytes(b"k" * 32)
        path.chmod(0o400)
        return path

    def start(self, shelf: Shelf, lent: Path) -> None:
        shelf.opened.database.abandon()
        sealing = SealingKeys(path=lent, is_credential=True)
        shelf.around = Surroundings(clock=shelf.clock, chance=shelf.chance, sealing=sealing)
        shelf.opened = open_run(shelf.path, shelf.around)
        shelf.session = shelf.opened.session

    @pytest.fixture
    def shelf(self, tmp_path: Path, lent: Path):
        (tmp_path / "other").mkdir()
        shelf = Shelf(tmp_path / "other" / "store.db")
        shelf.path = tmp_path / "store.db"
        self.start(shelf, lent)
        yield shelf
        shelf.close()

    def test_both_keys_open_until_a_person_changed_it(self, shelf: Shelf, lent: Path) -> None:
        """The machine may restart before anybody came by."""
        uid = shelf.kept(push(1))
        rotate(shelf, is_ours=False)
        self.start(shelf, lent)
        shelf.clock.advance(DAY_S)
        later = shelf.kept(push(2))
        self.start(shelf, next_of(shelf.path.with_name("sealing.key")))
        assert [body(shelf, each) for each in (uid, later)] == [push(1).payload.body, push(2).payload.body]
        assert openers(shelf) == 1

    def test_a_command_without_the_daemon_leaves_both_where_they_are(self, shelf: Shelf, lent: Path) -> None:
        """It does not have what systemd lends, and must not take the waiting file for the key of the store."""
        uid = shelf.kept(push(1))
        rotate(shelf, is_ours=False)
        shelf.opened.database.close()
        without = replace(shelf.around, sealing=SealingKeys(may_be_absent=True))
        open_run(shelf.path, without).database.close()
        shelf.opened = open_run(shelf.path, shelf.around)
        shelf.session = shelf.opened.session
        assert next_of(shelf.path.with_name("sealing.key")).exists()
        assert body(shelf, uid) == push(1).payload.body

    def test_the_new_key_is_the_same_when_asked_twice(self, shelf: Shelf) -> None:
        """Who did not trust the first answer must not make the file he copied useless."""
        rotate(shelf, is_ours=False)
        waiting = next_of(shelf.path.with_name("sealing.key"))
        first = waiting.read_bytes()
        rotate(shelf, is_ours=False)
        assert waiting.read_bytes() == first
