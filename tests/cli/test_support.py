"""`edge-node support-bundle`, with a daemon and without one."""

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge_node.cli import exits
from edge_node.status import support_verbs

from ..settings.written import SMALL, write
from ..status import test_support_verbs as desk
from ..store.shelf import Shelf, push
from .conftest import Run
from .doubles import Daemon

ALERTS = "alerts: {help_name: Jan de Tester, help_phone: '06-12345678'}\n"


def files(path: Path) -> dict[str, Any]:
    """What is in a bundle."""
    with tarfile.open(path) as archive:
        found = {member.name: archive.extractfile(member) for member in archive.getmembers()}
        return {name: file.read().decode() for name, file in found.items() if file is not None}


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    known = {name: verb for name, verb in desk.known().items() if not name.startswith("status")}
    running = Daemon(tmp_path / "control.sock", known | support_verbs.verbs(desk.sources(), desk.known()))
    yield running
    running.stop()


@pytest.fixture
def site(tmp_path: Path) -> list[str]:
    """A site whose daemon is down, with messages in its store; the options that name it."""
    shelf = Shelf(tmp_path / "state" / "store.db")
    for number in range(3):
        shelf.kept(push(number, order=str(number)))
    shelf.close()
    socket = f"management: {{control_socket: {tmp_path / 'control.sock'}}}\n"
    return ["--config", str(write(tmp_path, SMALL + ALERTS + socket))]


@pytest.fixture
def log(tmp_path: Path) -> list[str]:
    """The option that names a log."""
    path = tmp_path / "node.log"
    path.write_text('Traceback of something\n{"event": "store.failed", "code": "EN-STORE-UNAVAILABLE"}\n')
    return ["--log", str(path)]


class TestOfADaemon:
    def test_is_a_file_that_only_its_owner_reads(
        self, tmp_path: Path, daemon: Daemon, place: list[str], run: Run
    ) -> None:
        """It tells how a hospital is set up."""
        result = run("support-bundle", *place, "--out", str(tmp_path / "b.tar.gz"), "--why", "link down")
        assert result.exit_code == exits.GOOD, result.output
        assert (tmp_path / "b.tar.gz").stat().st_mode & 0o777 == 0o600
        assert [one.by.why for one in daemon.changes] == ["link down"]

    def test_is_never_written_over_another(self, tmp_path: Path, daemon: Daemon, place: list[str], run: Run) -> None:
        """The one of before is what it will be compared with."""
        (tmp_path / "b.tar.gz").write_text("before")
        result = run("support-bundle", *place, "--out", str(tmp_path / "b.tar.gz"), "--why", "link down")
        assert result.exit_code == exits.USAGE
        assert (tmp_path / "b.tar.gz").read_text() == "before"
        assert daemon.changes == []

    def test_is_shown_with_all_that_is_in_it(
        self, tmp_path: Path, daemon: Daemon, place: list[str], run: Run
    ) -> None:
        """Whoever sends it must be able to say what was sent."""
        result = run("support-bundle", *place, "--out", str(tmp_path), "--why", "link down", "--json")
        told = json.loads(result.stdout)
        assert {it["name"] for it in told["contents"]} | {"contents.json"} == set(files(Path(told["file"])))
        assert Path(told["file"]).parent == tmp_path

    def test_needs_a_reason(self, tmp_path: Path, daemon: Daemon, place: list[str], run: Run) -> None:
        """As every command that shows something."""
        assert run("support-bundle", *place, "--out", str(tmp_path)).exit_code == exits.FINDING
        assert daemon.changes == []


class TestWithoutADaemon:
    def bundle(self, run: Run, *options: str) -> dict[str, Any]:
        """Make one; return what is in it."""
        result = run("support-bundle", *options, "--why", "it does not start", "--json")
        assert result.exit_code == exits.GOOD, result.output
        return files(Path(json.loads(result.stdout)["file"]))

    def test_holds_what_can_be_read(self, tmp_path: Path, site: list[str], log: list[str], run: Run) -> None:
        """A node that does not start needs help most."""
        found = self.bundle(run, *site, *log, "--out", str(tmp_path))
        assert json.loads(found["queue.json"])[0]["messages"] == 3
        assert json.loads(found["settings.json"])["settings"]["node"]["id"] == "gp-1"
        assert '"store.failed"' in found["log.ndjson"]
        assert "Traceback of something" not in found["log.ndjson"]

    def test_says_what_is_not_in_it(self, tmp_path: Path, site: list[str], log: list[str], run: Run) -> None:
        """So nobody takes a missing metric for a good one."""
        contents = json.loads(self.bundle(run, *site, *log, "--out", str(tmp_path))["contents.json"])
        assert contents["made_by"] == "command"
        assert set(contents["left_out"]) >= {"status", "metrics"}

    def test_names_nobody(self, tmp_path: Path, site: list[str], log: list[str], run: Run) -> None:
        """The settings name who helps."""
        found = self.bundle(run, *site, *log, "--out", str(tmp_path))
        assert [name for name, text in found.items() if "Jan de Tester" in text or "06-12345678" in text] == []

    def test_tells_what_is_wrong_with_the_settings(self, tmp_path: Path, log: list[str], run: Run) -> None:
        """That is the most common reason why a node does not start."""
        config = write(tmp_path, SMALL.replace("environment: test", "environment: tset"))
        options = ["--config", str(config), "--store", str(tmp_path / "no.db"), "--socket", str(tmp_path / "no.sock")]
        found = self.bundle(run, *options, *log, "--out", str(tmp_path))
        assert "environment" in json.loads(found["settings.json"])["complaints"][0]
        assert json.loads(found["contents.json"])["left_out"]["queue"] == "EN-NOT-FOUND"
