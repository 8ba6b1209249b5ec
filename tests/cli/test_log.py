"""`edge-node log`: what is found is recorded first, and goes where only its reader sees it."""

import csv
import getpass
import json
import stat
from pathlib import Path

import pytest

from edge_node.cli import exits
from tests.store.logged import lines

from ..store.shelf import OTHER_PATIENT, PATIENT, Shelf, push
from .conftest import Run

WHY = ("--why", "asked by the privacy officer")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store that nobody has open, with a push for each of two patients."""
    shelf = Shelf(tmp_path / "store.db")
    shelf.kept(push(1))
    shelf.kept(push(2, patient=OTHER_PATIENT))
    shelf.close()
    return shelf.path


@pytest.mark.usefixtures("store")
class TestSearch:
    def test_finds_by_patient(self, run: Run, place: list[str]) -> None:
        """Somebody asks who had the data of this one patient."""
        wanted = ("--patient", OTHER_PATIENT.value, "--event", "push")
        found = run("log", "search", *wanted, "--json", *WHY, *place).stdout.splitlines()
        assert [json.loads(line)["correlation.message"].rpartition("/")[2] for line in found] == ["2"]

    def test_shows_rows_without_a_number_of_a_patient(self, run: Run, place: list[str]) -> None:
        """A screen is seen by who stands behind."""
        shown = run("log", "search", "--event", "push", *WHY, *place).stdout
        assert ("2.16.840.1.113883.2.4.6.6.1.1/1" in shown, PATIENT.value in shown) == (True, False)

    def test_is_recorded_before(self, run: Run, place: list[str], store: Path) -> None:
        """Who looked, and why, is asked for as well."""
        run("log", "search", *WHY, *place)
        shelf = Shelf(store)
        (read,) = [line for line in lines(shelf.session) if line.get("event.code") == "log.search"]
        shelf.close()
        assert (read["user.name"], read["event.reason"]) == (getpass.getuser(), "asked by the privacy officer")

    def test_without_a_reason_is_refused(self, run: Run, place: list[str]) -> None:
        """And nothing is shown."""
        done = run("log", "search", *place)
        assert (done.exit_code, done.stdout) == (exits.FINDING, "")

    @pytest.mark.parametrize("wrong", [("--patient", "123456789"), ("--since", "yesterday")])
    def test_for_what_cannot_be_is_refused(self, run: Run, place: list[str], wrong: tuple[str, str]) -> None:
        """Nothing found for a number with a slip in it would be a false answer."""
        assert run("log", "search", *wrong, *WHY, *place).exit_code == exits.USAGE


@pytest.mark.usefixtures("store")
class TestExport:
    def test_as_a_table_has_every_field(self, run: Run, place: list[str], tmp_path: Path) -> None:
        """An auditor sorts and counts."""
        out = tmp_path / "found.csv"
        run("log", "export", "--format", "csv", "--event", "push", "--output", str(out), *WHY, *place)
        with out.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert [row["object.patient"] for row in rows] == [PATIENT.value, OTHER_PATIENT.value]

    def test_is_for_its_reader_alone(self, run: Run, place: list[str], tmp_path: Path) -> None:
        """What was sealed stands open in it."""
        out = tmp_path / "found.ndjson"
        run("log", "export", "--output", str(out), *WHY, *place)
        assert stat.S_IMODE(out.stat().st_mode) == 0o600

    def test_writes_over_nothing(self, run: Run, place: list[str], tmp_path: Path) -> None:
        """The file that is there is somebody's."""
        out = tmp_path / "found.ndjson"
        out.write_text("mine")
        assert run("log", "export", "--output", str(out), *WHY, *place).exit_code == exits.USAGE
        assert out.read_text() == "mine"


@pytest.mark.usefixtures("store")
class TestPatient:
    def test_gets_a_page_to_print(self, run: Run, place: list[str], tmp_path: Path) -> None:
        """It is handed over at the desk."""
        out = tmp_path / "overview.html"
        run("log", "patient", "--patient", PATIENT.value, "--output", str(out), *WHY, *place)
        assert "verstuurd aan een andere zorgverlener" in out.read_text(encoding="utf-8")

    def test_is_to_be_named(self, run: Run, place: list[str]) -> None:
        """An overview of everybody is for nobody."""
        assert run("log", "patient", *WHY, *place).exit_code == exits.USAGE


class TestHead:
    def test_is_shown_without_a_daemon(self, run: Run, place: list[str], store: Path) -> None:
        """It is to be written down, also of a node that is stopped."""
        told = json.loads(run("log", "head", "--json", *place).stdout)
        assert told["head"].startswith("1:")

    def test_of_no_store_is_no_answer(self, run: Run, place: list[str]) -> None:
        """The wrong machine."""
        assert run("log", "head", *place).exit_code == exits.UNREACHABLE


@pytest.mark.usefixtures("store")
class TestSeen:
    def test_says_how_many_there_were(self, run: Run, place: list[str]) -> None:
        """Of a log that nobody bent: none."""
        assert run("log", "seen", *WHY, *place).stdout.strip() == "0 seen"
