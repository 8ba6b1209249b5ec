"""What signal 9 leaves of a backup and of a restore: another process, real files."""

import subprocess
import sys
from pathlib import Path

import pytest

from edge_node.errors import EdgeNodeError
from edge_node.store import backup_folder, recovery, restored, rotation
from tests.store.shelf import Shelf, push

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with messages and recovery keys, a folder for backups, a new machine."""
    shelf = Shelf(tmp_path / "state" / "store.db")
    public = recovery.make(tmp_path / "private.pem", tmp_path / "public.pem")
    shelf.do(lambda session: rotation.recover_for(session, (public,)))
    for number in range(10):
        shelf.kept(push(number, order=str(number)))
    shelf.close()
    (tmp_path / "backups").mkdir()
    (tmp_path / "new").mkdir(mode=0o700)
    return tmp_path


def run(folder: Path, verb: str, point: str) -> int:
    command = [sys.executable, "-m", "tests.store.backing", verb, str(folder), point]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, timeout=60, check=False).returncode


def backups(folder: Path) -> list[Path]:
    return backup_folder.of_site(folder / "backups", "post")


class TestBackup:
    @pytest.mark.parametrize("point", ["copying", "copied", "sealed", "verified"])
    def test_killed_is_no_backup_and_the_next_one_is(self, folder: Path, point: str) -> None:
        """Nothing that is called a backup is half; what is left is cleared at the next start."""
        assert run(folder, "backup", point) == -9
        assert backups(folder) == []
        assert len(backup_folder.clear_leftovers(folder / "state" / "store.db", folder / "backups", "post")) > 0
        assert [path.name for path in (folder / "backups").iterdir()] == []
        assert run(folder, "backup", "never") == 0
        assert run(folder, "restore", "never") == 0

    def test_killed_when_it_was_in_place_is_one(self, folder: Path) -> None:
        """It was read again before it got its name."""
        assert run(folder, "backup", "placed") == -9
        assert len(backups(folder)) == 1
        assert run(folder, "restore", "never") == 0


class TestRestore:
    @pytest.mark.parametrize(
        "point",
        ["restore-unpacking", "restore-ready", "restore-placing", "restore-aside", "restore-keys", "restore-placed"],
    )
    def test_killed_is_whole_or_not_there(self, folder: Path, point: str) -> None:
        """The next one ends it, or finds that it was done."""
        run(folder, "backup", "never")
        assert run(folder, "restore", point) == -9
        store = folder / "new" / "store.db"
        is_done = point == "restore-placed"
        assert store.exists() is is_done
        assert run(folder, "restore", "never") == int(is_done)  # a restore over a store is refused
        shelf = Shelf(store)
        assert restored.held(shelf.session.connection) == 10
        shelf.close()

    @pytest.mark.parametrize("point", ["restore-unpacking", "restore-ready", "restore-keys"])
    def test_killed_halfway_keeps_the_daemon_from_an_empty_store(self, folder: Path, point: str) -> None:
        """Messages of today in an empty store beside the one of yesterday: two queues nobody can join."""
        run(folder, "backup", "never")
        run(folder, "restore", point)
        with pytest.raises(EdgeNodeError, match="EN-RESTORE-UNFINISHED"):
            Shelf(folder / "new" / "store.db")
