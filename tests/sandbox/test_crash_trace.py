"""The preloaded layer: what a real process does to its files is noted, all of it and in order."""

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edge_node.sandbox.crash_disk import Disk, Image, image_of
from edge_node.sandbox.crash_trace import Layer, TraceBroken, build, notes

pytestmark = pytest.mark.skipif(
    shutil.which("cc") is None or not sys.platform.startswith("linux"), reason="needs a C compiler on Linux"
)

#: Says yes to a number when it is written; syncs it when told to.
ACKNOWLEDGES = """
import os, sys
handle = os.open(sys.argv[1] + "/promises", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
folder = os.open(sys.argv[1], os.O_RDONLY)
os.fsync(folder)
for number in range(20):
    os.write(handle, b"%d\\n" % number)
    if sys.argv[2] == "sync":
        os.fdatasync(handle)
"""
USES_SQLITE = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1] + "/a.db", isolation_level=None)
database.execute("PRAGMA journal_mode = WAL")
database.execute("PRAGMA synchronous = FULL")
database.execute("CREATE TABLE t (n)")
for number in range(20):
    database.execute("INSERT INTO t VALUES (?)", (number,))
import os; os.kill(os.getpid(), 9)
"""
USES_MANY_CALLS = """
import os, shutil, sys, tempfile
from pathlib import Path
root = Path(sys.argv[1])
(root / "one").write_bytes(b"x" * 10000)
shutil.copy(root / "one", root / "two")
os.truncate(root / "two", 5000)
os.replace(root / "two", root / "three")
(root / "folder").mkdir()
os.chdir(root / "folder")
with open("relative", "wb", buffering=0) as file:
    file.write(b"abc"); file.seek(1); file.write(b"-"); os.pwrite(file.fileno(), b"!", 5)
    os.posix_fallocate(file.fileno(), 0, 20)
    os.writev(file.fileno(), [b"ef"])
os.link("relative", root / "linked")
os.unlink("relative")
with tempfile.NamedTemporaryFile(dir=root, delete=False) as file:
    file.write(b"temporary")
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("layer"))


def traced(library: Path, folder: Path, program: str, *arguments: str) -> tuple[Disk, Path]:
    """Run a program under the layer; return the disk it wrote to."""
    layer = Layer(library=library, root=folder / "state", traces=folder / "traces")
    layer.root.mkdir()
    command = [sys.executable, "-c", program, str(layer.root), *arguments]
    subprocess.run(command, env={**os.environ, **layer.environment(1)}, check=False)
    disk = Disk(layer.root, {})
    for note in layer.notes():
        disk.play(note)
    return disk, layer.root


def after_cuts(disk: Disk) -> list[Image]:
    return [disk.after_cut(random.Random(seed)) for seed in range(20)]


class TestLayer:
    @pytest.mark.parametrize("program", [USES_MANY_CALLS, USES_SQLITE], ids=["calls", "sqlite"])
    def test_sees_all_that_is_written(self, library: Path, tmp_path: Path, program: str) -> None:
        """What is written past it would outlive every cut, and prove what is not so."""
        disk, root = traced(library, tmp_path, program)
        found = {name: data for name, data in image_of(root).items() if not name.endswith("-shm")}
        assert disk.as_written() == found

    def test_takes_a_promise_that_was_not_synced(self, library: Path, tmp_path: Path) -> None:
        """A program that says yes too early must be caught: else the harness is a check that cannot fail."""
        disk, _ = traced(library, tmp_path, ACKNOWLEDGES, "hasty")
        assert any(found["promises"] == b"" for found in after_cuts(disk))

    def test_never_takes_one_that_was(self, library: Path, tmp_path: Path) -> None:
        """And one that waits for the disk never."""
        disk, root = traced(library, tmp_path, ACKNOWLEDGES, "sync")
        assert {found["promises"] for found in after_cuts(disk)} == {(root / "promises").read_bytes()}

    def test_sees_sqlite_sync_its_log(self, library: Path, tmp_path: Path) -> None:
        """The library is called through the loader: were it built in, the layer would be blind to it."""
        disk, _ = traced(library, tmp_path, USES_SQLITE)
        assert disk.syncs["a.db-wal"] >= 20

    def test_leaves_other_folders_alone(self, library: Path, tmp_path: Path) -> None:
        """Only the folder of the node loses power."""
        disk, root = traced(library, tmp_path, ACKNOWLEDGES.replace("sys.argv[1]", "sys.argv[1] + '/..'"), "hasty")
        assert disk.as_written() == {}
        assert (root.parent / "promises").exists()


class TestNotes:
    def test_cut_short_by_the_kill_are_left_out(self, library: Path, tmp_path: Path) -> None:
        """The last write was made or not: nobody knows, and both may happen."""
        traced(library, tmp_path, ACKNOWLEDGES, "sync")
        whole = tmp_path / "traces" / "000001"
        whole.write_bytes(whole.read_bytes()[:-1])
        assert list(notes(whole))

    def test_that_are_none_are_refused(self, tmp_path: Path) -> None:
        """Half understood, a trace proves nothing."""
        (tmp_path / "trace").write_bytes(b"x" * 400)
        with pytest.raises(TraceBroken):
            list(notes(tmp_path / "trace"))
