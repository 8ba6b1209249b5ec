"""The proof on the customer's own disk, as a person asks for it."""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge_node.cli import selftesting
from edge_node.cli.main import main
from edge_node.cli.selftesting import Choice, Disk, Found, prove
from tests.crash.buggy_node import BUG

QUICK = Disk(kind="ext4", times_s=(0.000_002,) * 100)
USUAL = Disk(kind="ext4", times_s=(0.001,) * 99 + (0.02,))


def found(**other: object) -> Found:
    plain = {"kills": 9, "survived": 9, "seed": 4, "messages": 50, "copies": 3, "broken": "", "disk": USUAL}
    return Found(**{**plain, "seconds": 1.0, **other})  # type: ignore[arg-type]


def processes_in(session: int) -> list[str]:
    """Return the processes of a session that have not ended."""
    found = [path.read_text() for path in Path("/proc").glob("[0-9]*/stat")]
    fields = [text.rpartition(")")[2].split() for text in found]
    return [" ".join(one) for one in fields if int(one[3]) == session and one[0] != "Z"]


class TestCommand:
    def test_ends_with_0_when_every_kill_was_survived(self, tmp_path: Path) -> None:
        """A script that rolls out a node asks nothing else."""
        result = CliRunner().invoke(main, ["selftest", "--crash", "2", "--seed", "5", "--folder", str(tmp_path)])
        assert result.exit_code == 0, result.output
        assert result.stdout.splitlines()[-1] == "2/2 (seed 5)"

    def test_leaves_nothing_behind(self, tmp_path: Path) -> None:
        """It ran beside the real store."""
        (tmp_path / "store.db").write_bytes(b"real")
        CliRunner().invoke(main, ["selftest", "--crash", "1", "--json", "--folder", str(tmp_path)])
        assert [path.name for path in tmp_path.iterdir()] == ["store.db"]

    def test_tries_nothing_where_there_is_no_room(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A proof that fills the disk of the real store would be the fault it looks for."""
        monkeypatch.setattr(selftesting, "NEEDED_BYTES", 2**60)
        result = CliRunner().invoke(main, ["selftest", "--crash", "1", "--folder", str(tmp_path)])
        assert result.exit_code == 75
        assert "MiB are needed" in result.stderr

    def test_must_be_told_how_often(self, tmp_path: Path) -> None:
        """There is no harmless number of kills to assume."""
        assert CliRunner().invoke(main, ["selftest", "--folder", str(tmp_path)]).exit_code == 64


class TestProof:
    def test_of_a_bad_store_says_what_is_wrong(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """It must be able to fail, and clean up all the same."""
        monkeypatch.setenv(BUG, "memory-only")
        said = prove(Choice(folder=tmp_path, kills=6, seed=3, child="tests.crash.buggy_child"), lambda text: None)
        assert not said.is_good
        assert said.survived < said.kills
        assert list(tmp_path.iterdir()) == []


class TestFound:
    def test_good_is_said_in_dutch_and_english(self) -> None:
        """Who reads it may be the practice's own supplier, or somebody else's."""
        assert found().lines()[1:] == [
            "50 berichten: niets kwijt, niets dubbel, alles op volgorde.",
            "50 messages: nothing lost, nothing twice, everything in order.",
            "9/9 (seed 4)",
        ]

    def test_bad_is_said_with_what_was_found(self) -> None:
        """The words go into the report to us."""
        lines = found(survived=3, broken="kept and gone: 7").lines()
        assert "kept and gone: 7" in lines
        assert lines[-1] == "3/9 (seed 4)"

    def test_tells_how_long_a_sync_takes(self) -> None:
        """It bounds how many messages a second can be kept."""
        assert found().lines()[0] == "ext4: sync 1.00 ms, 1 in 100 over 20.00 ms"

    @pytest.mark.parametrize(
        ("disk", "words"),
        [
            (QUICK, "quicker than a disk can"),
            (Disk(kind="tmpfs", times_s=(0.001,)), "in memory (tmpfs)"),
            (Disk(kind="nfs4", times_s=(0.001,)), "network file system (nfs4)"),
        ],
    )
    def test_warns_where_a_power_cut_is_another_matter(self, disk: Disk, words: str) -> None:
        """Signal 9 proves nothing about a disk that lies."""
        assert any(words in line for line in found(disk=disk).lines())

    def test_is_one_json_object(self) -> None:
        """For whoever collects them from many sites."""
        document = json.loads(json.dumps(found().document()))
        assert (document["survived"], document["kills"], document["sync_median_ms"]) == (9, 9, 1.0)


class TestLeftovers:
    def test_of_a_trial_that_was_killed_are_removed(self, tmp_path: Path) -> None:
        """Twenty megabytes a time would fill the disk that was to be proven."""
        left = tmp_path / ".edge-node-selftest-abcd1234"
        left.mkdir()
        (left / "store.db").touch()
        selftesting.clear_leftovers(tmp_path)
        assert not left.exists()

    def test_of_one_that_is_at_work_are_left_alone(self, tmp_path: Path) -> None:
        """A second one beside it must not take its store away."""
        left = tmp_path / ".edge-node-selftest-abcd1234"
        left.mkdir()
        lock = os.open(left, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        selftesting.clear_leftovers(tmp_path)
        os.close(lock)
        assert left.exists()


class TestStopped:
    def test_it_leaves_no_folder_and_no_process(self, tmp_path: Path) -> None:
        """Who stops it on a live machine must not find it at work afterwards."""
        command = [sys.executable, "-m", "edge_node.cli.main", "selftest", "--crash", "20", "--folder", str(tmp_path)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True) as running:
            assert running.stderr is not None
            said = [running.stderr.readline() for _ in range(2)]  # the seed, and the first mark on the way
            running.terminate()
            running.wait(timeout=30)
        assert said[0].startswith(b"seed ")
        assert running.returncode != 0
        assert list(tmp_path.iterdir()) == []
        assert processes_in(running.pid) == []
