"""`edge-node log verify` on copies, on a machine that has nothing of the node but its public key."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from edge_node.cli import exits
from edge_node.cli.main import main
from edge_node.store import log_filing, log_segments, log_sources
from edge_node.store.node_key import NodeKey
from tests.store import bent as bending
from tests.store.bent import a_log, bent
from tests.store.shelf import Shelf

RECORDS = 100_000
SEQ = 54_321


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, str]:
    """A store with a hundred thousand records, the public key, and a head that was written down."""
    folder = tmp_path_factory.mktemp("node")
    key, head = a_log(folder / "store.db", RECORDS)
    (folder / "node-signing.pub").write_bytes(key.pem)
    return folder / "store.db", folder / "node-signing.pub", head


def verify(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["log", "verify", *map(str, arguments)])


class TestOneRecordInAHundredThousand:
    @pytest.mark.parametrize(
        ("bend", "told"),
        [
            (bending.change, f"changed: record {SEQ}; store"),
            (bending.delete, f"deleted: record {SEQ}; store"),
            (bending.insert, f"inserted: record {SEQ}; store; lies after record {SEQ - 1}"),
            (bending.swap, f"moved: record {SEQ}; store"),
        ],
    )
    def test_is_found_and_located(self, log: tuple[Path, Path, str], bend: Any, told: str) -> None:
        """Whose data somebody wanted to hide is the first question."""
        path, key, _ = log
        done = verify(bent(path, partial(bend, seq=SEQ)), "--public-key", key)
        verdict, _, *found = done.stdout.splitlines()
        assert (done.exit_code, verdict.split(":")[0], found) == (exits.FINDING, "NOT WHOLE", [told])


class TestACut:
    def test_is_found_with_a_head(self, log: tuple[Path, Path, str]) -> None:
        """Somebody wrote down where the log was."""
        path, key, head = log
        done = verify(bent(path, partial(bending.cut, after=SEQ)), "--public-key", key, "--head", head)
        assert done.exit_code == exits.FINDING
        assert done.stdout.splitlines()[-1] == f"end cut off: records {SEQ + 1} to {head.partition(':')[0]}"

    def test_without_one_is_said_not_to_be_excluded(self, log: tuple[Path, Path, str]) -> None:
        """It names the last head, and claims no more than it can know."""
        path, key, _ = log
        done = verify(bent(path, partial(bending.cut, after=SEQ)), "--public-key", key)
        assert done.exit_code == exits.GOOD
        assert "A cut after it is not excluded" in done.stderr


class TestAWholeLog:
    def test_holds_the_head_that_was_written_down(self, log: tuple[Path, Path, str]) -> None:
        """Then nothing is missing up to there."""
        path, key, head = log
        done = verify(path, "--public-key", key, "--head", head)
        assert (done.exit_code, done.stdout.splitlines()[-1]) == (exits.GOOD, f"it holds the head {head}")
        assert done.stderr == ""

    def test_as_json(self, log: tuple[Path, Path, str]) -> None:
        """For a program that does it every night."""
        path, key, head = log
        told = json.loads(verify(path, "--public-key", key, "--json").stdout)
        assert (told["is_sound"], told["head"], told["found"]) == (True, head, [])
        assert told["records"] == told["last"] >= RECORDS

    def test_of_another_node_is_not_believed(self, log: tuple[Path, Path, str], tmp_path: Path) -> None:
        """The key that was written down at the start is the one that counts."""
        key = tmp_path / "other.pub"
        key.write_bytes(NodeKey.of(bytes(32)).public.pem)
        done = verify(log[0], "--public-key", key)
        assert (done.exit_code, "signed by another key" in done.stdout) == (exits.FINDING, True)


class TestFiles:
    @pytest.fixture
    def copies(self, tmp_path: Path) -> Path:
        """A folder as somebody copied it: files of segments, the store, the key."""
        shelf = Shelf(tmp_path / "store.db")
        log: Any = shelf.session.log
        for _ in range(2):
            bending.fill(shelf, 100)
            shelf.do(lambda session: log.begin_segment(shelf.at.now))
        while (full := log_segments.in_state(shelf.session.connection, "full")) is not None:
            name = log_filing.write(shelf.session.connection, full, tmp_path, lambda _: None)
            shelf.do(lambda session, of=full, name=name: log_filing.settle(session, of.number, name))
        (tmp_path / "node-signing.pub").write_bytes(log.signer.public.pem)
        shelf.do(lambda session: log.sign(shelf.at.now))
        shelf.close()
        return tmp_path

    def test_of_a_folder_are_read_in_their_order(self, copies: Path) -> None:
        """Nobody has to know which segment came first."""
        done = verify(copies, "--public-key", copies / "node-signing.pub")
        assert (done.exit_code, done.stdout.startswith("whole: 203 records, 1 to 203")) == (exits.GOOD, True)

    def test_alone_are_a_log_too(self, copies: Path) -> None:
        """The newest records are on the node yet."""
        done = verify(*log_paths(copies), "--public-key", copies / "node-signing.pub")
        assert (done.exit_code, done.stdout.startswith("whole: 202 records")) == (exits.GOOD, True)

    def test_beside_their_store_are_found_where_a_node_has_them(self, copies: Path) -> None:
        """Whoever copies all of the node's folder names that folder."""
        (copies / "access-log").mkdir()
        for path in log_paths(copies):
            path.rename(copies / "access-log" / path.name)
        done = verify(copies, "--public-key", copies / "node-signing.pub")
        assert (done.exit_code, done.stdout.startswith("whole: 203 records, 1 to 203")) == (exits.GOOD, True)

    def test_that_are_named_twice_are_looked_at_once(self, copies: Path) -> None:
        """By name and by folder: nothing was inserted."""
        done = verify(copies, *log_paths(copies), "--public-key", copies / "node-signing.pub")
        assert (done.exit_code, done.stdout.startswith("whole: 203 records, 1 to 203")) == (exits.GOOD, True)

    def test_of_which_one_is_missing_are_not_whole(self, copies: Path) -> None:
        """A month that went is found out by what is around it."""
        log_paths(copies)[1].unlink()
        done = verify(copies, "--public-key", copies / "node-signing.pub")
        assert (done.exit_code, "deleted: records 102 to 202" in done.stdout) == (exits.FINDING, True)

    def test_without_a_key_prove_nothing(self, copies: Path) -> None:
        """Then anybody could have written them."""
        assert verify(copies).exit_code == exits.USAGE

    def test_with_a_head_that_is_none_are_not_looked_at(self, copies: Path) -> None:
        """A slip of the pen must not pass for a log that is whole."""
        done = verify(copies, "--public-key", copies / "node-signing.pub", "--head", "12")
        assert done.exit_code == exits.USAGE

    def test_that_are_no_log_are_refused(self, copies: Path, tmp_path: Path) -> None:
        """The wrong file was named."""
        other = tmp_path / "letter.txt"
        other.write_text("dear auditor")
        done = verify(other, "--public-key", copies / "node-signing.pub")
        assert (done.exit_code, "EN-LOG-UNREADABLE" in done.stderr) == (exits.FINDING, True)


class TestOnTheNode:
    def test_needs_a_reason(self, tmp_path: Path) -> None:
        """A look at the log is in the log, with why."""
        done = verify("--socket", tmp_path / "none", "--store", tmp_path / "store.db")
        assert (done.exit_code, "say why" in done.stderr) == (exits.FINDING, True)


def log_paths(folder: Path) -> list[Path]:
    return [each.path for each in log_sources.files_in(folder)]
