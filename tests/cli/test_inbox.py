"""`edge-node inbox`."""

import getpass
import json
import stat
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from edge_node.model.inbox import Fetcher, Wish
from edge_node.model.lifecycle import State
from edge_node.model.message import Direction, Payload
from edge_node.store import inbox
from tests.store.logged import lines

from ..status.doubles import UID
from ..store.shelf import PATIENT, Shelf, push
from .conftest import Run
from .doubles import Daemon

LETTER = b"<letter><text>Graag uw oordeel &lt;b&gt; over mevrouw.</text></letter>"
WHY = ("--why", "the HIS is down")


@pytest.fixture
def letter(tmp_path: Path) -> str:
    """The id of a message that waits in the store; nobody has it open."""
    payload = Payload(path="Letter", soap_action="a", body=LETTER)
    with closing(Shelf(tmp_path / "store.db")) as shelf:
        return shelf.kept(push(direction=Direction.IN, lifetime_s=None, payload=payload, patient=PATIENT))


class TestList:
    def test_shows_what_waits_and_who_has_it(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """Is somebody at it already?"""
        daemon.inbox.locked_by, daemon.inbox.lock_s = "his", 40.0
        header, line = run("inbox", "list", *place).stdout.splitlines()
        assert header.startswith("id\tstate\tinteraction\tsender\treceiver")
        assert line.startswith(f"{UID}\tWAITING\tREPC_IN990003NL\t9\t111\t1\this\t40 s")

    def test_of_one_receiver(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """A health centre has more than one."""
        assert json.loads(run("inbox", "list", "--receiver", "333", "--json", *place).stdout) == []

    def test_works_while_the_daemon_is_down(self, run: Run, place: list[str], letter: str) -> None:
        """What waits is there whether or not anything runs."""
        (row,) = json.loads(run("inbox", "list", "--json", *place).stdout)
        assert (row["uid"], row["state"], row["locked_by"]) == (letter, "KEPT", None)


class TestRead:
    def test_shows_the_message_in_words(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """The assistant reads it to the doctor."""
        result = run("inbox", "read", UID, *WHY, *place)
        assert result.exit_code == 0
        assert "soort: waarneembericht of verslag (REPC_IN990003NL)" in result.stdout
        assert "Tekst: Dag & welkom" in result.stdout

    def test_is_recorded_with_who_and_why(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """Whoever opens a letter by hand is known."""
        run("inbox", "read", UID, *WHY, *place)
        assert [(change.verb, change.target, change.by.why) for change in daemon.changes] == [
            ("inbox.read", UID, "the HIS is down")
        ]

    @pytest.mark.parametrize("why", [(), ("--why", " "), ("--why", "for 999900006")])
    def test_takes_a_reason_without_a_patient(
        self, run: Run, daemon: Daemon, place: list[str], why: tuple[str, ...]
    ) -> None:
        """Without one nothing is shown; the reason itself is no place for a patient number."""
        result = run("inbox", "read", UID, *why, *place)
        assert (result.exit_code, result.stdout, daemon.changes) == (1, "", [])

    def test_in_english_when_asked(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """A supplier's engineer reads along."""
        assert "kind: report" in run("inbox", "read", UID, "--lang", "en", *WHY, *place).stdout

    def test_a_large_message_comes_whole(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """A letter with a scan has ten megabytes."""
        body = b"<a><text>begin</text><pad>" + b"x" * 10_000_000 + b"</pad><text>end</text></a>"
        daemon.inbox.payload = replace(daemon.inbox.payload, body=body)
        shown = run("inbox", "read", UID, *WHY, *place).stdout
        assert len(shown) > 10_000_000
        assert "Tekst: end" in shown

    def test_a_message_cannot_steer_the_terminal(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """What another party wrote is text, and nothing else."""
        body = "<a><text>\u202eevil\u009b31m</text></a>".encode()
        daemon.inbox.payload = replace(daemon.inbox.payload, body=body)
        assert "Tekst: ?evil?31m" in run("inbox", "read", UID, *WHY, *place).stdout

    def test_an_unknown_message_is_1(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """Refused, with the code that says why."""
        result = run("inbox", "read", "0" * 32, *WHY, *place)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "EN-NOT-FOUND" in result.stderr


class TestReadWithoutTheDaemon:
    def test_opens_the_store_itself(self, run: Run, place: list[str], letter: str) -> None:
        """The node is broken as well: the letter is still there."""
        result = run("inbox", "read", letter, *WHY, *place)
        assert result.exit_code == 0
        assert "Tekst: Graag uw oordeel <b> over mevrouw." in result.stdout

    def test_is_in_the_access_log_with_the_patient(
        self, run: Run, place: list[str], tmp_path: Path, letter: str
    ) -> None:
        """Who read it is told to the patient who asks, also when no daemon ran."""
        run("inbox", "read", letter, *WHY, *place)
        with closing(Shelf(tmp_path / "store.db")) as shelf:
            read = lines(shelf.session)[-1]
        assert (read["event.type"], read["user.name"]) == ("reading", getpass.getuser())
        assert (read["event.reason"], "object.patient" in read["marks"]) == ("the HIS is down", True)

    def test_takes_nothing_from_the_local_system(
        self, run: Run, place: list[str], tmp_path: Path, letter: str
    ) -> None:
        """It gets the letter all the same."""
        run("inbox", "read", letter, *WHY, *place)
        asked = Fetcher(system="his", applications=frozenset({"400"})), Wish(most=1, lock_s=60)
        with closing(Shelf(tmp_path / "store.db")) as shelf:
            offers = shelf.do(lambda session: inbox.lock(session, asked, shelf.chance, shelf.at))
        assert [offer.key.uid for offer in offers] == [letter]

    def test_keeps_off_a_store_in_use(self, run: Run, place: list[str], tmp_path: Path, letter: str) -> None:
        """A daemon that does not answer may still be writing."""
        with closing(Shelf(tmp_path / "store.db")):
            result = run("inbox", "read", letter, *WHY, *place)
        assert (result.exit_code, result.stdout) == (75, "")


class TestPrint:
    def test_writes_a_page_that_only_its_reader_can_open(
        self, run: Run, daemon: Daemon, place: list[str], tmp_path: Path
    ) -> None:
        """The file holds patient data, on a machine that others use."""
        page = tmp_path / "letter.html"
        result = run("inbox", "print", UID, *WHY, "--output", str(page), *place)
        assert (result.exit_code, stat.S_IMODE(page.stat().st_mode)) == (0, 0o600)
        assert "Dag &amp; welkom" in page.read_text("utf-8")

    def test_overwrites_nothing(self, run: Run, daemon: Daemon, place: list[str], tmp_path: Path) -> None:
        """Nor follows a link that somebody put there; and then nothing was read."""
        page = tmp_path / "letter.html"
        page.write_text("other")
        result = run("inbox", "print", UID, *WHY, "--output", str(page), *place)
        assert (result.exit_code, page.read_text(), daemon.changes) == (64, "other", [])

    def test_leaves_no_empty_page_behind(self, run: Run, daemon: Daemon, place: list[str], tmp_path: Path) -> None:
        """A page without its letter would be put into a file as if it were one."""
        page = tmp_path / "letter.html"
        run("inbox", "print", "0" * 32, *WHY, "--output", str(page), *place)
        assert not page.exists()

    def test_to_standard_output(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """For a printer at the end of a pipe."""
        assert run("inbox", "print", UID, *WHY, "--output", "-", *place).stdout.startswith("<!DOCTYPE html>")


class TestConfirm:
    def test_counts_as_delivered(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """It was printed and put in the paper file."""
        result = run("inbox", "confirm", UID, "--why", "printed for Dr. Smit", *place)
        assert (result.exit_code, result.stdout, daemon.inbox.row.state) == (0, f"{UID} DELIVERED\n", State.DELIVERED)

    def test_works_without_the_daemon(self, run: Run, place: list[str], letter: str) -> None:
        """With name and reason in the history of the message."""
        run("inbox", "confirm", letter, "--why", "printed", *place)
        shown = json.loads(run("queue", "show", letter, "--json", *place).stdout)
        assert (shown["state"], shown["history"][-1]["who"], shown["history"][-1]["why"]) == (
            "DELIVERED",
            getpass.getuser(),
            "printed",
        )
