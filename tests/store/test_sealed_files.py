"""Secrets beside the store, that what opens the store opens and nothing else."""

from dataclasses import replace
from pathlib import Path

import pytest

from edge_node.errors import EdgeNodeError
from edge_node.store import master, recovery, regaining, rotation, sealed_files
from edge_node.store.master import Master
from edge_node.store.opening import open_run
from edge_node.store.recovery import RecoveryPrivate
from edge_node.store.sealing import Ring
from edge_node.store.surroundings import SealingKeys, Surroundings
from tests.store.shelf import Counting, Shelf

SECRET = b"-----BEGIN PRIVATE KEY-----\nnobody reads this\n"
ONE, OTHER = Master(b"1" * 32), Master(b"2" * 32)


class Killed(BaseException):
    """The process ends here."""


def kill_at(point: str):
    def fail_point(name: str) -> None:
        if name == point:
            raise Killed

    return fail_point


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "identities" / "practice" / "1.key.sealed"


@pytest.fixture
def pair(tmp_path: Path) -> RecoveryPrivate:
    recovery.make(tmp_path / "safe.pem", tmp_path / "node.pem")
    return recovery.load_private(tmp_path / "safe.pem")


class TestSealAndUnseal:
    def test_opens_with_the_key_of_the_store(self, path: Path) -> None:
        """The key of a certificate must be there after a restart."""
        sealed_files.seal(path, SECRET, Ring(master=ONE), Counting())
        assert sealed_files.unseal(path, (OTHER, ONE)) == SECRET

    def test_shows_nothing_of_it_on_the_disk(self, path: Path) -> None:
        """Who finds the disk, or a copy of the folder, must not be able to pass for the practice."""
        sealed_files.seal(path, SECRET, Ring(master=ONE), Counting())
        assert SECRET not in path.read_bytes()
        assert path.stat().st_mode & 0o777 == 0o400
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert [one.name for one in path.parent.iterdir()] == [path.name]

    def test_names_the_key_it_needs(self, path: Path) -> None:
        """After a move to another machine a person has to know which key of the store belongs to it."""
        sealed_files.seal(path, SECRET, Ring(master=ONE), Counting())
        with pytest.raises(EdgeNodeError, match=ONE.id) as caught:
            sealed_files.unseal(path, (OTHER,))
        assert caught.value.code == "EN-SEALED-KEY"

    def test_opens_under_its_own_name_only(self, path: Path) -> None:
        """The key of one organisation put in the place of another's must not be used."""
        sealed_files.seal(path, SECRET, Ring(master=ONE), Counting())
        other = path.parents[1] / "pharmacy" / path.name
        other.parent.mkdir()
        path.rename(other)
        with pytest.raises(EdgeNodeError, match="EN-SEALED-KEY"):
            sealed_files.unseal(other, (ONE,))

    @pytest.mark.parametrize(
        "content",
        [b"", b"[]", b'{"form": 2}', b'{"form": 1, "openers": [], "sealed": ""}', b"[" * 100_000, b"\xff"],
        ids=["empty", "no object", "of a later form", "no openers", "deep", "no text"],
    )
    def test_refuses_what_is_none(self, path: Path, content: bytes) -> None:
        """A file that a full disk cut short gives a code, never a traceback."""
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        with pytest.raises(EdgeNodeError, match="EN-SEALED-KEY"):
            sealed_files.unseal(path, (ONE,))

    def test_seals_nothing_without_a_key(self, path: Path) -> None:
        """A command that was not lent the key must not leave a key in clear instead."""
        with pytest.raises(EdgeNodeError, match="EN-SEALING-KEY"):
            sealed_files.seal(path, SECRET, Ring(master=None), Counting())
        assert not path.exists()


class TestAlign:
    def test_opens_with_the_keys_of_the_store_and_no_other(self, path: Path, pair: RecoveryPrivate) -> None:
        """The key that somebody may have seen opens nothing any more."""
        sealed_files.seal(path, SECRET, Ring(master=ONE, recovery=(pair.public,)), Counting())
        sealed_files.align(path.parents[1], Ring(master=ONE, coming=OTHER), Counting(99))
        assert sealed_files.unseal(path, (OTHER,)) == SECRET
        assert pair.id not in path.read_text()

    def test_leaves_what_it_cannot_open(self, path: Path) -> None:
        """The file of another store may be wanted there yet."""
        sealed_files.seal(path, SECRET, Ring(master=ONE), Counting())
        sealed_files.align(path.parents[1], Ring(master=OTHER), Counting(99))
        assert sealed_files.unseal(path, (ONE,)) == SECRET

    def test_writes_nothing_where_all_is_well(self, path: Path) -> None:
        """It is done at each start."""
        sealed_files.seal(path, SECRET, Ring(master=ONE), Counting())
        before = path.stat().st_ino
        sealed_files.align(path.parents[1], Ring(master=ONE), Counting(99))
        assert path.stat().st_ino == before


@pytest.fixture
def shelf(tmp_path: Path, path: Path, pair: RecoveryPrivate):
    """A store with a sealed file beside it, both open to a recovery key."""
    shelf = Shelf(tmp_path / "store.db")
    shelf.close()
    shelf.around = Surroundings(
        clock=shelf.clock,
        chance=shelf.chance,
        sealing=SealingKeys(recovery=(pair.public,)),
        sealed_files=path.parents[1],
    )
    shelf.opened = open_run(shelf.path, shelf.around)
    shelf.session = shelf.opened.session
    sealed_files.seal(path, SECRET, shelf.session.sealer.ring, shelf.chance)
    return shelf


def masters(shelf: Shelf) -> tuple[Master, ...]:
    return (master.load(shelf.path.with_name("sealing.key")),)


def rotate(shelf: Shelf) -> None:
    plan = rotation.plan(shelf.path, shelf.around)
    shelf.do(lambda session: rotation.begin(session, plan))
    shelf.do(lambda session: rotation.finish(session, plan))


class TestRotation:
    def test_takes_the_files_along(self, shelf: Shelf, path: Path) -> None:
        """The yearly change of a key must not take the certificate with it."""
        before = masters(shelf)
        rotate(shelf)
        shelf.close()
        assert sealed_files.unseal(path, masters(shelf)) == SECRET
        with pytest.raises(EdgeNodeError, match="EN-SEALED-KEY"):
            sealed_files.unseal(path, before)

    @pytest.mark.parametrize(
        "point",
        ["rotate-written", "rotate-files", "before-commit", "after-commit", "rotate-announced", "rotate-placed"],
    )
    def test_survives_a_kill_anywhere(self, shelf: Shelf, path: Path, point: str) -> None:
        """Whichever key the store has then, the files have it too."""
        shelf.session.fail_point = kill_at(point)
        with pytest.raises(Killed):
            rotate(shelf)
        shelf.die()
        open_run(shelf.path, shelf.around).database.close()
        assert sealed_files.unseal(path, masters(shelf)) == SECRET
        assert path.read_text().count('": "') == 3  # the store's, the recovery key's, and what is sealed


class TestRegain:
    def test_takes_the_files_along(self, shelf: Shelf, path: Path, pair: RecoveryPrivate) -> None:
        """The main board died with the key of the store: the certificate need not be asked for anew."""
        shelf.close()
        shelf.path.with_name("sealing.key").unlink()
        done = regaining.regain(shelf.path, pair, Counting(10_000), path.parents[1])
        assert sealed_files.unseal(path, (done.key,)) == SECRET
        assert done.lost == ()

    def test_tells_what_it_does_not_open(self, shelf: Shelf, path: Path, pair: RecoveryPrivate) -> None:
        """For those a new certificate is needed, and a person has to know at once."""
        sealed_files.seal(path, SECRET, replace(shelf.session.sealer.ring, recovery=()), shelf.chance)
        shelf.close()
        shelf.path.with_name("sealing.key").unlink()
        assert regaining.regain(shelf.path, pair, Counting(10_000), path.parents[1]).lost == (path,)
