"""`edge-node store`."""

import json
from pathlib import Path

import pytest

from edge_node.cli import exits
from edge_node.cli.offline import user
from edge_node.model.keeping import Known
from edge_node.store import recovery, rehashing, rotation
from tests.store.logged import told

from ..store.shelf import Shelf, push
from .conftest import Run
from .doubles import Daemon


class TestRotateKey:
    def test_says_that_the_new_key_is_in_place(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """Nothing is left to do."""
        told = run("store", "rotate-key", "--why", "yearly", *place)
        assert told.exit_code == exits.GOOD, told.output
        assert told.stdout == "sealing key 00ff\n"
        assert "the old one opens nothing any more" in told.stderr

    def test_says_what_to_do_with_a_key_that_is_lent(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """The daemon cannot put it in the place where systemd reads it."""
        daemon.keys.file = "/var/lib/edge-node/sealing.key.next"
        told = run("store", "rotate-key", "--why", "yearly", *place)
        assert "Lend the service /var/lib/edge-node/sealing.key.next from now on" in told.stderr

    def test_tells_scripts_the_same(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """A network provider rotates six thousand of them."""
        told = run("store", "rotate-key", "--why", "yearly", "--json", *place)
        assert json.loads(told.stdout) == {"key": "00ff", "file": None}

    def test_needs_the_daemon(self, run: Run, place: list[str]) -> None:
        """While it is down nobody can change a key under it."""
        assert run("store", "rotate-key", "--why", "yearly", *place).exit_code == exits.UNREACHABLE


class TestRehash:
    @pytest.fixture
    def shelf(self, tmp_path: Path) -> Shelf:
        shelf = Shelf(tmp_path / "store.db")
        shelf.kept(push(1))
        return shelf

    def test_gives_all_hashes_another_key(
        self, run: Run, shelf: Shelf, place: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It says how far it is; afterwards a copy is still a copy."""
        monkeypatch.setattr(rehashing, "_UNIT", 1)
        shelf.close()
        told = run("store", "rehash", *place, "--why", "a key was seen")
        assert told.exit_code == exits.GOOD, told.output
        shelf.open()
        assert told.stdout == f"patient key {shelf.session.key.id}\n"
        assert "messages: 1 rows so far" in told.stderr
        assert isinstance(shelf.keep(push(1)), Known)
        shelf.close()

    def test_is_in_the_access_log(self, run: Run, shelf: Shelf, place: list[str]) -> None:
        """It touches every hash of a patient: who had it done, and why, is asked for later."""
        shelf.close()
        assert run("store", "rehash", *place).exit_code != exits.GOOD
        run("store", "rehash", *place, "--why", "a key was seen")
        shelf.open()
        lines = told(shelf.session, "event.code", "user.name", "event.reason")
        shelf.close()
        assert lines[-1] == ("rehash", user(), "a key was seen")

    def test_waits_for_the_daemon_to_stop(self, run: Run, shelf: Shelf, place: list[str]) -> None:
        """Both at once would hash a part twice."""
        told = run("store", "rehash", *place, "--why", "a key was seen")
        assert "EN-STORE-IN-USE" in told.stderr
        shelf.close()

    def test_makes_no_store(self, run: Run, place: list[str]) -> None:
        """A path typed wrong is said to be wrong."""
        assert "EN-NOT-FOUND" in run("store", "rehash", *place, "--why", "a key was seen").stderr


class TestRegain:
    def test_opens_a_store_whose_key_is_lost(self, run: Run, tmp_path: Path, place: list[str]) -> None:
        """With the paper from the safe, and nothing else."""
        recovery.make(tmp_path / "safe.pem", tmp_path / "node.pem")
        shelf = Shelf(tmp_path / "store.db")
        shelf.do(lambda session: rotation.recover_for(session, (recovery.load_public(tmp_path / "node.pem"),)))
        shelf.kept(push(1))
        shelf.close()
        (tmp_path / "sealing.key").unlink()
        told = run("store", "regain", "--recovery-key", str(tmp_path / "safe.pem"), *place)
        assert told.exit_code == exits.GOOD, told.output
        shelf.open()
        assert [entry.payload for entry in shelf.lease()] == [push(1).payload]
        shelf.close()
