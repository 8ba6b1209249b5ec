"""The file is opened safely, or not at all."""

import os
import sqlite3
from pathlib import Path

import pytest

from edge_node.errors import EdgeNodeError
from edge_node.store import compatibility
from edge_node.store.database import open_exclusively, open_readonly


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "store.db"


def code_of(path: Path) -> str:
    with pytest.raises(EdgeNodeError) as refused:
        open_exclusively(path)
    return refused.value.code


class TestOpen:
    def test_only_its_owner_can_read_it(self, path: Path) -> None:
        """Other accounts of the machine have no business with patients' messages."""
        opened = open_exclusively(path)
        modes = {each.name: each.stat().st_mode & 0o777 for each in path.parent.iterdir()}
        assert set(modes.values()) == {0o600}
        assert path.parent.stat().st_mode & 0o777 == 0o700
        opened.close()

    @pytest.mark.parametrize(
        ("pragma", "value"),
        [("journal_mode", "wal"), ("synchronous", 2), ("page_size", 16384), ("secure_delete", 1)],
    )
    def test_what_durability_rests_on_is_set(self, path: Path, pragma: str, value: object) -> None:
        """A commit must be on the disk when it returns."""
        opened = open_exclusively(path)
        found = opened.connection.execute(f"PRAGMA {pragma}").fetchone()
        opened.close()
        assert found == (value,)

    def test_a_second_process_is_kept_out(self, path: Path) -> None:
        """Two daemons on one queue would send everything twice."""
        opened = open_exclusively(path)
        assert code_of(path) == "EN-STORE-IN-USE"
        opened.close()
        open_exclusively(path).close()

    @pytest.mark.parametrize("content", [b"not a database, but long enough to be read as a header of one" * 20])
    def test_a_damaged_file_is_refused_and_left_as_it_is(self, path: Path, content: bytes) -> None:
        """What is on it may still be saved by people."""
        path.parent.mkdir()
        path.write_bytes(content)
        assert (code_of(path), path.read_bytes()) == ("EN-STORE-DAMAGED", content)

    def test_somebody_elses_database_is_refused(self, path: Path) -> None:
        """A wrong path in the settings must not destroy another program's data."""
        path.parent.mkdir()
        other = sqlite3.connect(path)
        other.execute("CREATE TABLE theirs (x)")
        other.close()
        assert code_of(path) == "EN-STORE-DAMAGED"

    def test_a_newer_schema_is_refused(self, path: Path) -> None:
        """An old release must not write what it does not understand."""
        opened = open_exclusively(path)
        compatibility.write_down(opened.connection, 9999)
        opened.connection.execute("PRAGMA user_version = 9999")
        opened.close()
        assert code_of(path) == "EN-STORE-NEWER"

    def test_a_start_that_was_cut_off_before_the_schema_is_made_good(self, path: Path) -> None:
        """Power may fail during the very first start."""
        path.parent.mkdir()
        half = sqlite3.connect(path)
        half.execute("PRAGMA journal_mode = WAL")
        half.close()
        open_exclusively(path).close()


class TestReadOnly:
    @pytest.mark.parametrize("daemon_runs", [True, False])
    def test_it_reads_with_and_without_a_daemon(self, path: Path, daemon_runs: bool) -> None:
        """People can look when the daemon does not start: just then they need to."""
        opened = open_exclusively(path)
        [opened.close, lambda: None][daemon_runs]()
        with open_readonly(path) as connection:
            assert connection.execute("SELECT count(*) FROM messages").fetchone() == (0,)
        [lambda: None, opened.close][daemon_runs]()

    def test_it_cannot_write(self, path: Path) -> None:
        """A look changes nothing."""
        open_exclusively(path).close()
        with pytest.raises(EdgeNodeError), open_readonly(path) as connection:
            connection.execute("DELETE FROM messages")

    def test_a_missing_file_is_not_made(self, path: Path) -> None:
        """A mistyped path must not leave an empty store behind."""
        with pytest.raises(EdgeNodeError), open_readonly(path):
            pass
        assert not os.path.lexists(path)
