"""`edge-node queue`."""

import getpass
import json
from pathlib import Path

import pytest

from edge_node.model.lifecycle import State
from edge_node.model.overview import Rest

from ..status.doubles import OTHER_UID, UID, row
from ..store.shelf import PATIENT, Shelf, push
from .conftest import Run
from .doubles import Daemon


class TestList:
    def test_shows_rows_without_what_is_in_them(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """Whoever runs the machine need not know the patients."""
        result = run("queue", "list", *place)
        header, line = result.stdout.splitlines()
        assert header.startswith("id\tdirection\tstate")
        assert line.startswith(f"{UID}\tout\tWAITING\tPORX_IN932000NL\t222\t1\t2 s\tEN-NOT-SENT")

    def test_marks_an_unknown_outcome(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """Discarding such a message may mean that it arrived all the same."""
        daemon.queue.rows[UID] = row(unknown=True)
        assert "WAITING (outcome unknown)" in run("queue", "list", *place).stdout

    @pytest.mark.parametrize(
        ("rests", "words"),
        [
            (Rest.DESTINATION, "when its destination answers"),
            (Rest.LINE, "when the line is open"),
            (Rest.INBOX, "when it is fetched"),
        ],
    )
    def test_says_what_a_message_rests_for(
        self, run: Run, daemon: Daemon, place: list[str], rests: Rest, words: str
    ) -> None:
        """In an outage nobody can say when it is due; a moment would be an invention."""
        daemon.queue.rows[UID] = row(due_in_s=None, rests=rests)
        assert f"\t{words}\t" in run("queue", "list", *place).stdout

    def test_filters(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """In a long queue an operator looks for one kind."""
        assert json.loads(run("queue", "list", "--state", "HELD", "--json", *place).stdout) == []

    def test_shows_what_was_delivered_when_asked(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """Did it arrive?"""
        daemon.queue.rows[UID] = row(state=State.DELIVERED)
        assert UID not in run("queue", "list", *place).stdout
        assert UID in run("queue", "list", "--ended", *place).stdout

    def test_cannot_steer_the_terminal(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """An id comes from another party; it may hold anything printable, and more by a mistake."""
        daemon.queue.rows[UID] = row(code="\x1b[2J\tx")
        assert "?[2J?x" in run("queue", "list", *place).stdout


class TestShow:
    def test_shows_the_history_with_who_and_why(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """Who held it, and for what reason."""
        run("queue", "hold", UID, "--why", "pharmacy moved", *place)
        result = run("queue", "show", UID, *place)
        assert "HELD_BACK\tHELD\t\tanna\tpharmacy moved" in result.stdout

    @pytest.mark.parametrize(("unknown", "word"), [(True, "yes"), (False, "no")])
    def test_says_in_words_what_is_unknown(
        self, run: Run, daemon: Daemon, place: list[str], unknown: bool, word: str
    ) -> None:
        """ "unknown True" tells nobody that the message may have arrived."""
        daemon.queue.rows[UID] = row(unknown=unknown)
        shown = run("queue", "show", UID, *place).stdout.splitlines()
        assert f"outcome of an earlier handover unknown\t{word}" in shown

    def test_an_unknown_message_is_1(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """Refused, with the code that says why."""
        result = run("queue", "show", "0" * 32, *place)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "EN-NOT-FOUND" in result.stderr


class TestChanges:
    @pytest.mark.parametrize(("verb", "state"), [("hold", "HELD"), ("retry", "WAITING"), ("discard", "DISCARDED")])
    def test_are_done_by_the_daemon(self, run: Run, daemon: Daemon, place: list[str], verb: str, state: str) -> None:
        """It holds the store and knows what is under way."""
        result = run("queue", verb, UID, "--why", "asked by the doctor", *place)
        assert (result.exit_code, result.stdout) == (0, f"{UID} {state}\n")
        assert [(change.verb, change.by.why) for change in daemon.changes] == [
            (f"queue.{verb}", "asked by the doctor")
        ]

    def test_a_step_that_cannot_be_is_1(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """The table of the lifecycle decides."""
        result = run("queue", "release", UID, "--why", "x", *place)
        assert result.exit_code == 1
        assert "EN-ILLEGAL-STEP" in result.stderr

    def test_a_reason_with_a_patient_number_is_1(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """The reason is shown in lists."""
        assert run("queue", "discard", UID, "--why", "999911120 died", *place).exit_code == 1


class TestForm:
    """What was written wrong is said in the words of the command, before anything is asked or changed."""

    @pytest.mark.parametrize("verb", ["retry", "discard", "hold", "release"])
    def test_an_id_of_another_form_is_1(self, run: Run, daemon: Daemon, place: list[str], verb: str) -> None:
        """A slip of the pen is no reason to doubt the release."""
        result = run("queue", verb, "12AB", "--why", "x", *place)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "32 hexadecimal digits" in result.stderr
        assert "release as the daemon" not in result.stderr

    def test_show_says_it_too(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """An id copied without its last digit."""
        result = run("queue", "show", UID[:-1], *place)
        assert result.exit_code == 1
        assert "32 hexadecimal digits" in result.stderr

    def test_one_wrong_id_leaves_the_others_alone(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """Half of a command done is worse than none of it."""
        assert run("queue", "discard", UID, "12AB", "--why", "x", *place).exit_code == 1
        assert daemon.changes == []

    @pytest.mark.parametrize("other", ["0" * 32, OTHER_UID])
    def test_nor_does_one_that_is_not_there_or_cannot_be(
        self, run: Run, daemon: Daemon, place: list[str], other: str
    ) -> None:
        """All are looked at before the first is discarded, which nobody can undo."""
        daemon.queue.rows[OTHER_UID], daemon.queue.steps[OTHER_UID] = row(uid=OTHER_UID, state=State.DELIVERED), []
        assert run("queue", "discard", UID, other, "--why", "x", *place).exit_code == 1
        assert (daemon.changes, daemon.queue.rows[UID].state) == ([], State.WAITING)

    def test_does_not_repeat_what_was_written(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """Somebody may try a patient number; it shall not stay in a terminal's history of answers."""
        assert "999911120" not in run("queue", "show", "999911120", *place).stderr

    @pytest.mark.parametrize("why", ["", "  ", "999911120 died"])
    def test_a_reason_that_cannot_be_is_1(self, run: Run, daemon: Daemon, place: list[str], why: str) -> None:
        """It is recorded and shown in lists, so it must say something, without a patient number."""
        result = run("queue", "hold", UID, "--why", why, *place)
        assert (result.exit_code, daemon.changes) == (1, [])
        assert "release as the daemon" not in result.stderr

    @pytest.mark.parametrize("verb", ["retry", "discard", "hold", "release"])
    def test_no_reason_is_1(self, run: Run, daemon: Daemon, place: list[str], verb: str) -> None:
        """A refusal like any other, whose text says what is wanted."""
        result = run("queue", verb, UID, *place)
        assert (result.exit_code, daemon.changes) == (1, [])
        assert "say why: it is recorded with your name" in result.stderr


class TestWithoutDaemon:
    @pytest.fixture
    def uid(self, tmp_path: Path) -> str:
        shelf = Shelf(tmp_path / "store.db")
        uid = shelf.kept(push())
        shelf.close()
        return uid

    def test_lists_from_the_store_and_says_so(self, run: Run, place: list[str], uid: str) -> None:
        """What waits can be seen before anything is started."""
        result = run("queue", "list", "--json", *place)
        assert [each["uid"] for each in json.loads(result.stdout)] == [uid]
        assert "read from" in result.stderr
        assert PATIENT.value not in result.output

    def test_changes_in_the_store_under_its_lock(self, run: Run, place: list[str], uid: str, tmp_path: Path) -> None:
        """A message that makes the daemon stumble can be taken out before it starts, under the user's name."""
        result = run("queue", "hold", uid, "--why", "looks wrong", *place)
        assert (result.exit_code, result.stdout) == (0, f"{uid} HELD\n")
        history = json.loads(run("queue", "show", uid, "--json", *place).stdout)["history"]
        assert (history[-1]["who"], history[-1]["why"]) == (getpass.getuser(), "looks wrong")

    def test_does_not_change_a_store_that_is_in_use(
        self, run: Run, place: list[str], uid: str, tmp_path: Path
    ) -> None:
        """A daemon that only seems away would be overruled behind its back."""
        shelf = Shelf(tmp_path / "store.db")
        result = run("queue", "discard", uid, "--why", "x", *place)
        assert (result.exit_code, shelf.state(uid)) == (75, State.KEPT)
        shelf.close()

    def test_an_unknown_message_is_1(self, run: Run, place: list[str], uid: str) -> None:
        """As with the daemon."""
        assert run("queue", "show", "0" * 32, *place).exit_code == 1
        assert run("queue", "hold", "0" * 32, "--why", "x", *place).exit_code == 1

    def test_bad_fields_are_1(self, run: Run, place: list[str], uid: str) -> None:
        """As with the daemon."""
        assert run("queue", "show", "x", *place).exit_code == 1
