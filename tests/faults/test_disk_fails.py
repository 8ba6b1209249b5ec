"""The disk gives errors: nothing that was promised is lost, and one bad place stops one message."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge_node.cli.main import main
from edge_node.errors import EdgeNodeError
from edge_node.store.database import open_readonly
from edge_node.store.repair import repair
from edge_node.store.surroundings import Moment
from tests.cli.test_backup import Site
from tests.faults.keeping import LOST
from tests.faults.machine import Process, ext4, needs, process, run, tmpfs


def strace(*rules: str) -> list[str]:
    """The command that makes system calls of the process fail, in all its threads."""
    needs("strace")
    command = ["strace", "-f", "-qqq", "-o", "/dev/null"]
    for rule in rules:
        command += ["-e", f"inject={rule}"]
    return command


class TestAFailingSync:
    @pytest.mark.parametrize("nth", [1, 5, 20])
    def test_ends_the_process_and_loses_nothing_that_was_promised(self, tmp_path: Path, nth: int) -> None:
        """After it nobody knows what is on the disk but a new start: going on would be guessing."""
        path = tmp_path / "store.db"
        with process(path) as first:
            first.ask("keep", **{"from": 1, "n": 10})
            first.end()
        kept = 10
        with process(path, before=strace(f"fdatasync,fsync:error=EIO:when={nth + 12}+")) as failing:
            number = 100
            while failing.ready and failing.ask("keep", **{"from": number, "n": 1}) == {"kept": 1}:
                kept += 1
                number += 1
                assert number < 1000
            code = failing.code()
        with process(path) as again:
            delivered = again.ask("deliver", n=2000)["delivered"]
        assert (code in {LOST, 1}, len(delivered) >= kept) == (True, True)


class TestAnErrorAtReading:
    def test_concerns_that_read_only(self, tmp_path: Path) -> None:
        """A bad sector under one page: the process lives, and the next read that works is good."""
        path = tmp_path / "store.db"
        with process(path) as first:
            first.ask("keep", **{"from": 1, "n": 50, "bytes": 60_000})
            first.end()
        with process(path, before=strace("pread64:error=EIO:when=120..123")) as store:
            store.ask("deliver", n=100)
            still_serves = store.ask("keep", **{"from": 100, "n": 1})
            store.end()
        with process(path) as again:
            again.ask("deliver", n=100)
            found = again.ask("look")
        assert still_serves == {"kept": 1}
        assert found["counts"]["DELIVERED"] + found["set_aside"] == 51
        assert found["set_aside"] <= 2


class TestAReadOnlyDisk:
    def test_refuses_at_run_time_and_says_why(self, tmp_path: Path) -> None:
        """The kernel stops the file system at an error of the disk: the local systems get an answer they can read."""
        with ext4(tmp_path, 96) as (disk, device), process(disk / "store.db") as store:
            assert store.ask("keep", **{"from": 1, "n": 5}) == {"kept": 5}
            stop(device)
            assert store.ask("keep", **{"from": 100, "n": 3}) == {"EN-STORE-READONLY": 3}
            assert store.ask("record", n=2) == {"EN-STORE-READONLY": 2}
            assert store.ask("look")["failure"] == "EN-STORE-READONLY"

    def test_a_start_is_refused_with_the_reason(self, tmp_path: Path) -> None:
        """Not a stack trace: which file, and that it is read-only."""
        with ext4(tmp_path, 96) as (disk, device):
            with process(disk / "store.db") as store:
                store.ask("keep", **{"from": 1, "n": 5})
                stop(device)
                store.kill()
            refused = Process(disk / "store.db")
            assert (refused.ready["error"], refused.code()) == ("EN-STORE-READONLY", 1)

    def test_what_waits_can_be_seen_though_nothing_runs(self, tmp_path: Path) -> None:
        """Who replaces the disk must know what is on it; SQLite would make files beside what it reads."""
        with tmpfs(tmp_path / "disk", 96) as disk:
            path = a_store_at_rest(disk, messages=5)
            run("mount", "-o", "remount,ro", str(disk))
            with open_readonly(path) as connection:
                assert connection.execute("SELECT count(*) FROM messages").fetchone() == (5,)

    def test_what_was_killed_there_can_be_seen_too(self, tmp_path: Path) -> None:
        """The newest of it stands in the log alone."""
        with tmpfs(tmp_path / "disk", 96) as disk:
            with process(disk / "store.db") as store:
                assert store.ask("keep", **{"from": 1, "n": 5}) == {"kept": 5}
                store.kill()
            run("mount", "-o", "remount,ro", str(disk))
            with open_readonly(disk / "store.db") as connection:
                assert connection.execute("SELECT count(*) FROM messages").fetchone() == (5,)

    def test_a_log_without_its_index_is_not_left_out(self, tmp_path: Path) -> None:
        """Half of what was kept, shown as if it were all, is worse than a no."""
        with tmpfs(tmp_path / "disk", 96) as disk:
            with process(disk / "store.db") as store:
                store.ask("keep", **{"from": 1, "n": 5})
                store.kill()
            (disk / "store.db-shm").unlink()
            run("mount", "-o", "remount,ro", str(disk))
            with pytest.raises(EdgeNodeError, match="cannot be read here"), open_readonly(disk / "store.db"):
                pass

    def test_the_last_backup_can_be_made(self, tmp_path: Path) -> None:
        """Of a disk that the kernel stopped, before it is thrown away."""
        with tmpfs(tmp_path / "disk", 96) as disk:
            site = Site(disk, lambda *arguments: CliRunner().invoke(main, arguments, prog_name="edge-node"))
            (tmp_path / "stick").mkdir()
            run("mount", "-o", "remount,ro", str(disk))
            made = site.run("backup", "--to", str(tmp_path / "stick"))
            assert made.exit_code == 0, made.output
            (file,) = (tmp_path / "stick").iterdir()
            assert str(file) in made.output


class TestADamagedFile:
    @pytest.mark.parametrize("at", [0, 16384 * 3])
    def test_that_concerns_every_message_is_refused_at_the_start(self, tmp_path: Path, at: int) -> None:
        """Half a start would promise what it cannot keep; the page of the error names the verb that repairs."""
        path = tmp_path / "store.db"
        with process(path) as store:
            store.ask("keep", **{"from": 1, "n": 5})
            store.end()
        with path.open("r+b") as file:
            file.seek(at)
            file.write(b"\xff" * 16384)
        refused = Process(path)
        assert (refused.ready["error"], refused.code()) == ("EN-STORE-DAMAGED", 1)


def stop(device: str) -> None:
    """Have the kernel see an error of the file system."""
    trigger = Path("/sys/fs/ext4") / Path(device).name / "trigger_fs_error"
    if not trigger.exists():
        pytest.skip("cannot be made here: the kernel has no trigger for an error of ext4")
    trigger.write_text("1", encoding="ascii")


class TestAFileThatIsNotWhole:
    def test_what_lost_its_end_is_repaired_up_to_there(self, tmp_path: Path) -> None:
        """A few pages are gone: the rest is better than the backup of yesterday."""
        path = a_store_at_rest(tmp_path)
        os.truncate(path, path.stat().st_size - 16384)
        refused = Process(path)
        assert (refused.ready["error"], refused.code()) == ("EN-STORE-DAMAGED", 1)
        repair(path, Moment(1_790_000_000.0, 0), lambda _table, _rows: None)
        with process(path) as again:
            assert len(again.ask("deliver", n=300)["delivered"]) >= 100

    @pytest.mark.parametrize("damage", [lambda path: os.truncate(path, 0), os.unlink], ids=["emptied", "removed"])
    def test_what_is_gone_is_not_begun_anew(self, tmp_path: Path, damage: Callable[[Path], None]) -> None:
        """An empty queue looks well, and takes every copy for a new message."""
        path = a_store_at_rest(tmp_path)
        damage(path)
        refused = Process(path)
        assert (refused.ready["error"], refused.code()) == ("EN-STORE-GONE", 1)


def a_store_at_rest(folder: Path, messages: int = 200) -> Path:
    path = folder / "store.db"
    with process(path) as store:
        assert store.ask("keep", **{"from": 1, "n": messages}) == {"kept": messages}
        store.end()
    return path
