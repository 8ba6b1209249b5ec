"""A backup is one moment of the store, sealed, read again, and put in place: all of it or nothing."""

import errno
import os
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge_node.errors import EdgeNodeError
from edge_node.model.backup import Made
from edge_node.store import backup, backup_copy, backup_folder, rotation
from edge_node.store.backup import Plan, Tools
from edge_node.store.recovery import RecoveryPrivate
from tests.store.shelf import Shelf, push

SAFE = RecoveryPrivate(X25519PrivateKey.generate())
PLENTY = 10**12


class Desk:
    """A store with some messages, and a folder for its backups."""

    def __init__(self, folder: Path) -> None:
        self.shelf = Shelf(folder / "state" / "store.db")
        self.folder = folder / "backups"
        self.folder.mkdir()
        self.shelf.do(lambda session: rotation.recover_for(session, (SAFE.public,)))
        for number in range(20):
            self.shelf.kept(push(number, order=str(number), body=b"x" * 20_000))
        self.plan = Plan(
            store=self.shelf.path,
            folder=self.folder,
            keys=(SAFE.public,),
            site="post",
            release="1",
            settings_hash="h",
        )

    def make(self, *, tools: dict[str, Any] | None = None, **other: Any) -> Made:
        given = {"clock": self.shelf.clock, "chance": self.shelf.chance, "free_bytes": lambda _: PLENTY}
        return backup.make(replace(self.plan, **other), Tools(**{**given, **(tools or {})}))  # type: ignore[arg-type]

    def refused(self, **other: Any) -> str:
        with pytest.raises(EdgeNodeError) as error:
            self.make(**other)
        return error.value.code

    def files(self) -> list[str]:
        """What lies in the folder of backups, and beside the store what does not belong there."""
        usual = {"store.db", "store.db-wal", "store.db-shm", "store.db.lock", "patient.key", "sealing.key"}
        beside = {path.name for path in self.shelf.path.parent.iterdir()} - usual
        return sorted({path.name for path in self.folder.iterdir()} | beside)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def failing(at: str, error: BaseException) -> Callable[[str], None]:
    def fail_point(name: str) -> None:
        if name == at:
            raise error

    return fail_point


class TestMade:
    def test_leaves_one_file_and_nothing_else(self, desk: Desk) -> None:
        """No copy in the clear stays beside the store."""
        made = desk.make()
        assert desk.files() == [Path(made.path).name]
        assert Path(made.path).stat().st_size == made.nbytes

    def test_is_readable_by_its_owner_only(self, desk: Desk) -> None:
        """It is sealed, and still nobody's business."""
        assert Path(desk.make().path).stat().st_mode & 0o777 == 0o600

    def test_says_what_is_in_it(self, desk: Desk) -> None:
        """Whoever restores it compares."""
        manifest = desk.make().manifest
        assert manifest.counts == (("out", "KEPT", 20),)
        assert (manifest.site, manifest.release, manifest.journal_seq) == ("post", "1", 21)
        assert manifest.last_line_at == "2026-09-21T14:13:20Z"

    def test_holds_the_store_of_the_moment_it_began(self, desk: Desk) -> None:
        """What was promised before is in it; what comes while it is made is not, and does not make it begin anew."""
        number = iter(range(1000, 2000))
        steps: list[str] = []

        def busy(name: str) -> None:
            steps.append(name)
            desk.shelf.kept(push(next(number), order="later"))

        made = desk.make(tools={"fail_point": busy})
        assert made.manifest.counts == (("out", "KEPT", 20),)
        assert steps.count("copying") < 20

    def test_is_copied_in_small_steps(self, desk: Desk) -> None:
        """The disk is shared with the messages of this moment."""
        told: list[tuple[str, int, int]] = []
        desk.make(tools={"told": lambda *told_now: told.append(told_now)})
        copied = [done for step, done, _ in told if step == "copied"]
        assert len(copied) > 1
        assert max(after - before for before, after in zip([0, *copied], copied, strict=False)) <= 32 * 16384

    def test_rests_as_long_as_it_works(self, desk: Desk) -> None:
        """Half of the disk is for the messages of this moment, however long a backup takes."""
        rests: list[float] = []
        desk.make(tools={"pause": rests.append, "fail_point": lambda _: desk.shelf.clock.advance(0.05)})
        assert max(rests) == pytest.approx(0.05)
        assert min(rests) == 0.0  # where no time went by

    def test_has_no_key_of_the_node(self, desk: Desk) -> None:
        """Who steals the file and the disk it lies on has neither the store's key nor a TLS key."""
        made = Path(desk.make().path).read_bytes()
        key = desk.shelf.path.with_name("sealing.key").read_bytes()
        patient = desk.shelf.path.with_name("patient.key").read_bytes()
        assert key not in made
        assert patient not in made


class TestKept:
    def test_are_so_many(self, desk: Desk) -> None:
        """The oldest go; what another node or a person put there stays."""
        (desk.folder / "note.txt").touch()
        (desk.folder / "post2-20200101T000000Z-0000000000000000.edge-backup").touch()
        made = []
        for _ in range(4):
            desk.shelf.clock.advance(60)
            made.append(Path(desk.make(keep=2).path).name)
        assert desk.files() == sorted([*made[2:], "note.txt", "post2-20200101T000000Z-0000000000000000.edge-backup"])

    def test_with_the_newest_when_the_clock_went_back(self, desk: Desk) -> None:
        """A clock that was a year ahead must not make each new backup the first to go."""
        desk.shelf.clock.advance(365 * 86_400)
        desk.make(keep=1)
        desk.shelf.clock.advance(-365 * 86_400)
        made = desk.make(keep=1)
        assert desk.files() == [Path(made.path).name]

    def test_when_the_next_one_fails(self, desk: Desk) -> None:
        """Nothing goes before the new one is there and was read again."""
        made = desk.make(keep=1)
        assert desk.refused(keep=1, tools={"fail_point": failing("sealed", OSError(errno.EIO, "disk"))}) != ""
        assert desk.files() == [Path(made.path).name]


class TestRefused:
    def test_without_a_recovery_key(self, desk: Desk) -> None:
        """A backup that only this machine can open is none."""
        assert desk.refused(keys=()) == "EN-BACKUP-NO-KEY"
        assert desk.files() == []

    def test_for_a_key_that_opens_nothing_yet(self, desk: Desk) -> None:
        """It would be restored to a store of which no message can be read."""
        assert desk.refused(keys=(RecoveryPrivate(X25519PrivateKey.generate()).public,)) == "EN-BACKUP-FAILED"
        assert desk.files() == []

    def test_below_the_reserve_of_the_disk(self, desk: Desk) -> None:
        """Room for messages comes before room for backups."""
        size = backup_copy.size_of(desk.shelf.path)
        assert desk.refused(reserve_bytes=1000, tools={"free_bytes": lambda _: 2 * size + 999}) == "EN-BACKUP-NO-ROOM"
        assert desk.make(reserve_bytes=1000, tools={"free_bytes": lambda _: 2 * size + 1000}).nbytes > size

    def test_when_the_room_goes_meanwhile(self, desk: Desk) -> None:
        """Others fill the disk too."""
        free = iter([PLENTY, 5])
        assert desk.refused(reserve_bytes=10, tools={"free_bytes": lambda _: next(free)}) == "EN-BACKUP-NO-ROOM"
        assert desk.files() == []

    @pytest.mark.parametrize("at", ["copying", "copied", "sealed", "verified"])
    @pytest.mark.parametrize(
        ("number", "code"), [(errno.ENOSPC, "EN-BACKUP-NO-ROOM"), (errno.EIO, "EN-BACKUP-FAILED")]
    )
    def test_by_the_disk_it_leaves_nothing(self, desk: Desk, at: str, number: int, code: str) -> None:
        """Half a backup would be taken for one some day."""
        assert desk.refused(tools={"fail_point": failing(at, OSError(number, os.strerror(number)))}) == code
        assert desk.files() == []

    def test_into_a_folder_that_is_not_there(self, desk: Desk) -> None:
        """A disk that was not mounted: nothing is written where it should have been."""
        assert desk.refused(folder=desk.folder / "usb") == "EN-BACKUP-FAILED"

    def test_of_a_store_that_is_damaged(self, desk: Desk) -> None:
        """The good backups of earlier days must not be replaced by copies of the damage."""
        desk.shelf.close()
        spoil(desk.shelf.path, 5 * 16_384)  # the head of a page
        assert desk.refused() == "EN-STORE-DAMAGED"
        assert desk.files() == []

    def test_when_something_else_was_written(self, desk: Desk) -> None:
        """A disk that lies: what is read again must be what was sealed."""

        def spoiling(name: str) -> None:
            if name == "sealed":
                (written,) = desk.folder.iterdir()
                spoil(written, 100_000)

        assert desk.refused(tools={"fail_point": spoiling}) == "EN-BACKUP-TAMPERED"
        assert desk.files() == []


class TestLeftovers:
    def test_of_a_killed_one_are_cleared(self, desk: Desk) -> None:
        """A copy in the clear does not stay for ever because the power failed."""
        with pytest.raises(KeyboardInterrupt):
            desk.make(tools={"fail_point": failing("copied", KeyboardInterrupt())})
        store, name = desk.shelf.path, backup_folder.name("post", 0, "0" * 16)
        (store.parent / f"{store.name}.{'0' * 16}.copy").touch()
        (desk.folder / f"{name}.partial").touch()
        cleared = backup_folder.clear_leftovers(store, desk.folder, "post")
        assert len(cleared) == 2
        assert desk.files() == []

    def test_are_only_this_node_s(self, desk: Desk) -> None:
        """Two nodes may share a folder."""
        (desk.folder / f"{backup_folder.name('other', 0, '0' * 16)}.partial").touch()
        assert backup_folder.clear_leftovers(desk.shelf.path, desk.folder, "post") == ()


def spoil(path: Path, place: int) -> None:
    """Turn bytes in the middle of a file."""
    with path.open("r+b") as file:
        file.seek(place)
        file.write(b"\xff" * 64)


class TestCopy:
    def test_can_be_opened_by_itself(self, desk: Desk, tmp_path: Path) -> None:
        """It is whole without the log of the store it came from."""
        target = tmp_path / "copy.db"
        backup_copy.copy(desk.shelf.path, target, lambda _done, _of: None)
        with backup_copy.opened(target) as connection:
            assert connection.execute("SELECT count(*) FROM messages").fetchone() == (20,)

    def test_does_not_hold_up_the_writer(self, desk: Desk, tmp_path: Path) -> None:
        """A commit between two steps is made at once."""

        def commit(_done: int, _of: int) -> None:
            try:
                desk.shelf.session.execute("PRAGMA busy_timeout = 0")
                desk.shelf.kept(push(5000 + _done, order=str(_done)))
            except sqlite3.OperationalError as error:
                pytest.fail(str(error))

        backup_copy.copy(desk.shelf.path, tmp_path / "copy.db", commit)
