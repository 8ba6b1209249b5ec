"""`edge-node backup`, `restore` and `restored`, at the files themselves and at a daemon."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge_node.cli import exits
from edge_node.model.backup import Safety
from edge_node.store import recovery, remembered, restored, rotation
from edge_node.store.database import open_readonly

from ..settings.written import SMALL, write
from ..store.shelf import Shelf, push
from .conftest import Run
from .doubles import Daemon


class Site:
    """A site whose daemon is down: settings, a store with messages, a recovery key, a folder for backups."""

    def __init__(self, folder: Path, run: Run) -> None:
        self.folder = folder
        self.store = folder / "state" / "store.db"
        public = recovery.make(folder / "safe.pem", folder / "public.pem")
        shelf = Shelf(self.store)
        shelf.do(lambda session: rotation.recover_for(session, (public,)))
        for number in range(5):
            shelf.kept(push(number, order=str(number)))
        shelf.close()
        (folder / "backups").mkdir()
        backups = f"backup: {{folder: {folder / 'backups'}}}"
        self.config = self.settings(
            f"store: {{path: {self.store}, recovery_keys: [{folder / 'public.pem'}], {backups}}}\n"
        )
        self._run = run

    def settings(self, store: str) -> str:
        socket = f"management: {{control_socket: {self.folder / 'control.sock'}}}\n"
        return str(write(self.folder, SMALL + store + socket))

    def run(self, *arguments: str) -> Any:
        return self._run(*arguments, "--config", self.config)

    def restore(self, file: Path, *more: str, key: str = "safe.pem") -> Any:
        return self.run("restore", str(file), "--recovery-key", str(self.folder / key), *more)

    def backed_up(self) -> Path:
        assert self.run("backup").exit_code == 0
        (file,) = (self.folder / "backups").iterdir()
        return file


@pytest.fixture
def site(tmp_path: Path, run: Run) -> Site:
    return Site(tmp_path, run)


def known(site: Site) -> Safety:
    """What the store remembers."""
    with open_readonly(site.store) as connection:
        return remembered.safety(connection)


class TestBackup:
    def test_without_a_daemon_is_made_by_the_command(self, site: Site) -> None:
        """Before a machine is taken down for good."""
        result = site.run("backup", "--json")
        assert result.exit_code == 0
        made = json.loads(result.stdout)
        assert Path(made["file"]).stat().st_size == made["nbytes"]
        assert made["counts"] == [["out", "KEPT", 5]]

    def test_goes_where_it_is_told(self, site: Site) -> None:
        """Onto the stick in somebody's hand."""
        (site.folder / "stick").mkdir()
        site.run("backup", "--to", str(site.folder / "stick"))
        assert len(list((site.folder / "stick").iterdir())) == 1

    def test_without_a_daemon_is_remembered(self, site: Site) -> None:
        """Monitoring looks at the age of the last good one, whoever made it."""
        site.backed_up()
        assert known(site).good_at is not None

    def test_that_failed_without_a_daemon_is_remembered_until_one_is_good(self, site: Site) -> None:
        """The next start says so, and a good one ends it."""
        (site.folder / "backups").rename(site.folder / "away")
        assert site.run("backup").exit_code == exits.FINDING
        failed = known(site).failure
        (site.folder / "away").rename(site.folder / "backups")
        site.backed_up()
        assert (failed, known(site).failure) == ("EN-BACKUP-FAILED", "")

    def test_to_a_wrong_place_is_no_failure_of_the_node(self, site: Site) -> None:
        """Who mistyped a folder is told; nobody beside is called."""
        assert site.run("backup", "--to", str(site.folder / "nothing")).exit_code == exits.FINDING
        assert known(site).failure == ""

    def test_without_a_recovery_key_says_what_to_do(self, site: Site) -> None:
        """What only this machine can open is no backup."""
        site.config = site.settings(f"store: {{path: {site.store}}}\n")
        result = site.run("backup", "--to", str(site.folder / "backups"))
        assert result.exit_code == exits.SETTINGS
        assert "edge-node recovery-key make" in result.stderr
        assert list((site.folder / "backups").iterdir()) == []

    def test_without_a_folder_says_what_to_do(self, site: Site) -> None:
        """Neither in the settings nor on the line."""
        site.config = site.settings(f"store: {{path: {site.store}, recovery_keys: [{site.folder / 'public.pem'}]}}\n")
        result = site.run("backup")
        assert (result.exit_code, "EN-BACKUP-NONE" in result.stderr) == (exits.SETTINGS, True)

    def test_of_nothing_is_refused(self, site: Site, run: Run) -> None:
        """No daemon and no settings: there is nothing to back up."""
        assert run("backup", "--socket", str(site.folder / "no.sock")).exit_code == exits.UNREACHABLE


class TestRestore:
    def test_over_a_store_is_refused(self, site: Site) -> None:
        """The wrong window, the wrong machine."""
        result = site.restore(site.backed_up())
        assert (result.exit_code, "EN-RESTORE-PRESENT" in result.stderr) == (exits.FINDING, True)

    def test_brings_the_store_back_and_tells_what_to_do(self, site: Site) -> None:
        """Read aloud on the telephone, at night."""
        file = site.backed_up()
        site.store.parent.rename(site.folder / "gone")
        result = site.restore(file)
        assert result.exit_code == 0
        assert "5 messages are held" in result.stdout
        assert "Messages may be missing from 2026-09-21T14:13:20Z" in result.stdout
        assert "Door een storing zijn berichten" in result.stderr
        with open_readonly(site.store) as connection:
            assert restored.held(connection) == 5

    def test_with_a_locked_key_needs_its_passphrase(self, site: Site, run: Run) -> None:
        """The key on paper is often locked once more."""
        file = site.backed_up()
        site.store.parent.rename(site.folder / "gone")
        private = recovery.load_private(site.folder / "safe.pem")
        locked = private.key.private_bytes(
            recovery.Encoding.PEM, recovery.PrivateFormat.PKCS8, recovery.BestAvailableEncryption(b"een lange zin")
        )
        (site.folder / "locked.pem").write_bytes(locked)
        assert site.restore(file, key="locked.pem").exit_code != 0
        assert not site.store.exists()

    @pytest.mark.parametrize(
        "spoil", [lambda file: file[:-9], lambda file: file[:-1] + bytes([file[-1] ^ 1]), lambda _: b"no backup"]
    )
    def test_of_a_bad_file_changes_nothing(self, site: Site, spoil: Callable[[bytes], bytes]) -> None:
        """Its code says which way it is bad."""
        file = site.backed_up()
        site.store.parent.rename(site.folder / "gone")
        file.write_bytes(spoil(file.read_bytes()))
        result = site.restore(file)
        assert (result.exit_code, "EN-BACKUP-" in result.stderr) == (exits.FINDING, True)
        assert not site.store.exists()


class TestDrill:
    def test_proves_a_backup_and_leaves_nothing(self, site: Site) -> None:
        """Once a quarter; the store itself is not touched."""
        file = site.backed_up()
        before = site.store.read_bytes()
        result = site.restore(file, "--drill", "--json")
        told = json.loads(result.stdout)
        assert (result.exit_code, told["good"], told["opened"], told["unreadable"]) == (0, True, 5, 0)
        assert site.store.read_bytes() == before
        assert [path.name for path in site.store.parent.glob("restore-drill-*")] == []

    def test_of_a_store_that_does_not_fit_together_finds_it(self, site: Site) -> None:
        """Every byte is as it was, and still messages would be missed."""
        shelf = Shelf(site.store)
        shelf.session.execute("UPDATE counters SET n = n + 1")
        shelf.close()
        result = site.restore(site.backed_up(), "--drill")
        assert result.exit_code == exits.FINDING
        assert "the counts are not those of the messages" in result.stdout

    def test_of_bytes_that_do_not_open_finds_them(self, site: Site) -> None:
        """Sealed bytes that rotted before the backup was made."""
        shelf = Shelf(site.store)
        shelf.session.execute("UPDATE bodies SET body = zeroblob(length(body)) WHERE seq = 1")
        shelf.close()
        result = site.restore(site.backed_up(), "--drill", "--json")
        assert (result.exit_code, json.loads(result.stdout)["unreadable"]) == (exits.FINDING, 1)


class TestRestored:
    @pytest.mark.parametrize(
        "arguments",
        [
            (),
            ("--all", "--older-than", "1h"),
            ("--older-than", "soon"),
            ("--older-than", "1h", "--direction", "up"),
        ],
    )
    def test_needs_to_be_told_which(self, run: Run, place: list[str], arguments: tuple[str, ...]) -> None:
        """A slip of the pen must not send thousands of messages."""
        result = run("restored", "release", *place, "--why", "seen", *arguments)
        assert result.exit_code == exits.USAGE

    @pytest.mark.parametrize("ending", ["release", "discard"])
    def test_asks_first(self, run: Run, daemon: Daemon, place: list[str], ending: str) -> None:
        """The most dangerous verb there is: it may send everything twice, or nothing ever."""
        result = run("restored", ending, *place, "--why", "seen", "--all")
        assert (result.exit_code, daemon.restored.held, daemon.changes) == (exits.FINDING, 3, [])
        assert "3 held messages, the oldest kept 2 h ago" in result.stderr

    def test_does_it_when_a_person_says_yes(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """Scripts say so beforehand."""
        result = run("restored", "release", *place, "--why", "seen", "--all", "--limit", "2", "--yes")
        assert (result.exit_code, result.stdout) == (exits.GOOD, "2 released, 1 still held\n")

    @pytest.mark.parametrize("age", ["90s", "15m", "15min", "4h", "2d"])
    def test_takes_ages_as_every_command_does(self, run: Run, daemon: Daemon, place: list[str], age: str) -> None:
        """One way to write them, also at night."""
        given = ("--older-than", age, "--why", "seen", "--yes")
        assert run("restored", "discard", *place, *given).exit_code == exits.GOOD

    def test_needs_a_reason(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """Refused, as everywhere."""
        assert run("restored", "release", *place, "--all", "--yes").exit_code == exits.FINDING
        assert daemon.changes == []

    def test_needs_a_daemon(self, run: Run, place: list[str]) -> None:
        """It is the daemon that sends what is released."""
        assert run("restored", "release", *place, "--why", "seen", "--all").exit_code == exits.UNREACHABLE
