"""`edge-node recovery-key`."""

import json
from pathlib import Path

from click.testing import CliRunner

from edge_node.cli import exits
from edge_node.cli.main import main
from edge_node.store import recovery

from .conftest import Run


class TestMake:
    def test_makes_a_pair_and_says_where_each_half_goes(self, run: Run, tmp_path: Path) -> None:
        """The person who makes it does so once in some years, and must not have to look it up."""
        private, public = tmp_path / "safe.pem", tmp_path / "node.pem"
        told = run("recovery-key", "make", "--private", str(private), "--public", str(public))
        assert told.exit_code == exits.GOOD
        assert told.stdout == f"recovery key {recovery.load_private(private).id}\n"
        assert "in the safe" in told.stderr
        assert "store.recovery_keys" in told.stderr

    def test_tells_scripts_the_id(self, run: Run, tmp_path: Path) -> None:
        """A network provider makes one for each practice, and keeps the list of ids."""
        paths = {"private": str(tmp_path / "a"), "public": str(tmp_path / "b")}
        told = run("recovery-key", "make", "--private", paths["private"], "--public", paths["public"], "--json")
        assert json.loads(told.stdout) == {"id": recovery.load_public(tmp_path / "b").id, **paths}

    def test_never_writes_over_a_key(self, run: Run, tmp_path: Path) -> None:
        """A second run of the same command must not cost last year's backups."""
        (tmp_path / "a").write_text("mine")
        told = run("recovery-key", "make", "--private", str(tmp_path / "a"), "--public", str(tmp_path / "b"))
        assert told.exit_code != exits.GOOD
        assert "EN-RECOVERY-KEY" in told.stderr

    def test_locks_the_half_for_the_safe_with_a_passphrase(self, tmp_path: Path) -> None:
        """For a site whose safe is a drawer."""
        private, public = tmp_path / "a", tmp_path / "b"
        arguments = ["recovery-key", "make", "--private", str(private), "--public", str(public), "--passphrase"]
        told = CliRunner().invoke(main, arguments, input="correct horse\ncorrect horse\n", prog_name="edge-node")
        assert told.exit_code == exits.GOOD, told.output
        assert recovery.load_private(private, b"correct horse").id == recovery.load_public(public).id

    def test_refuses_a_short_passphrase(self, tmp_path: Path) -> None:
        """Four letters are guessed in a second."""
        arguments = ["recovery-key", "make", "--private", str(tmp_path / "a"), "--public", str(tmp_path / "b")]
        told = CliRunner().invoke(main, [*arguments, "--passphrase"], input="cat\ncat\n", prog_name="edge-node")
        assert told.exit_code == exits.USAGE
        assert not (tmp_path / "a").exists()
