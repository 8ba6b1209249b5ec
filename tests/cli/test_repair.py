"""The commands on the store itself can be stopped, and leave it as it was."""

import json
import os
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge_node.cli import repair
from edge_node.cli.offline import user
from edge_node.cli.repair import check_store
from edge_node.cli.repair import repair as repair_store
from edge_node.store import repair as repairing
from edge_node.store import soundness
from edge_node.store.database import open_readonly
from tests.store.test_repair import a_store

FAR = "WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a) SELECT max(n) FROM a"

WHY = ("--why", "the disk failed")


def bytes_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in {".db", ".repaired"}}


class TestCtrlC:
    def test_stops_a_check_in_the_middle_of_a_question(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A large store is looked at for minutes; who has seen enough need not wait."""
        a_store(tmp_path / "store.db", 3)
        before = bytes_in(tmp_path)
        monkeypatch.setitem(soundness._RULES, "counters", FAR)
        monkeypatch.setattr(repair, "_say_looked", lambda _: os.kill(os.getpid(), signal.SIGINT))
        done = CliRunner().invoke(check_store, ["--store", str(tmp_path / "store.db")], standalone_mode=False)
        assert (done.return_value, "Nothing was changed" in done.output) == (1, True)
        assert bytes_in(tmp_path) == before

    def test_stops_a_repair_and_leaves_the_store(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A half saved store in its place would be worse than the damaged one."""
        a_store(tmp_path / "store.db", 3)
        before = bytes_in(tmp_path)
        copy = repairing._copy_table

        def interrupted(*all_of_it: object) -> object:
            os.kill(os.getpid(), signal.SIGINT)
            return copy(*all_of_it)  # type: ignore[arg-type]

        monkeypatch.setattr(repairing, "_copy_table", interrupted)
        done = CliRunner().invoke(repair_store, ["--store", str(tmp_path / "store.db"), *WHY])
        assert (done.exit_code, bytes_in(tmp_path)) == (1, before)


class TestARepair:
    def test_is_in_the_access_log(self, tmp_path: Path) -> None:
        """It takes the place of every message: who had it done, and why, is asked for later."""
        store = tmp_path / "store.db"
        a_store(store, 3)
        CliRunner().invoke(repair_store, ["--store", str(store), *WHY])
        with open_readonly(store) as connection:
            (written,) = connection.execute("SELECT line FROM log_waiting").fetchone()
        line = json.loads(written)
        assert line["open"]["event.code"] == "repaired"
        assert line["sealed"] == {"user.name": user(), "event.reason": "the disk failed"}

    def test_without_a_reason_is_refused(self, tmp_path: Path) -> None:
        """And nothing is changed."""
        a_store(tmp_path / "store.db", 3)
        before = bytes_in(tmp_path)
        done = CliRunner().invoke(repair_store, ["--store", str(tmp_path / "store.db")])
        assert (done.exit_code == 0, bytes_in(tmp_path)) == (False, before)


class TestTheKeys:
    def look(self, folder: Path) -> Result:
        return CliRunner().invoke(check_store, ["--store", str(folder / "store.db")], standalone_mode=False)

    def test_that_are_right_are_called_good(self, tmp_path: Path) -> None:
        """What is sealed is there for the node only with its key."""
        a_store(tmp_path / "store.db", 3)
        done = self.look(tmp_path)
        assert (done.return_value, "the sealing key is the one of this store: good" in done.output) == (0, True)

    def test_that_are_wrong_are_a_finding_that_no_repair_mends(self, tmp_path: Path) -> None:
        """Every message would be there, and none could be opened."""
        a_store(tmp_path / "store.db", 3)
        (tmp_path / "sealing.key").unlink()
        (tmp_path / "sealing.key").write_bytes(b"x" * 32)
        done = self.look(tmp_path)
        told = ["EN-SEALING-KEY" in done.output, "queue repair" in done.output]
        assert (done.return_value, told) == (1, [True, False])

    def test_that_are_elsewhere_are_not_called_good(self, tmp_path: Path) -> None:
        """Nobody looked."""
        a_store(tmp_path / "store.db", 3)
        (tmp_path / "sealing.key").unlink()
        done = self.look(tmp_path)
        assert (done.return_value, "this store: not looked into" in done.output) == (0, True)
