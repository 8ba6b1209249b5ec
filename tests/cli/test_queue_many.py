"""`edge-node queue` on many messages: the same commands, with the daemon down, over a real store."""

import csv
import json
import os
import signal
import stat
import time
from collections.abc import Callable, Iterator
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge_node.cli import causes, stopping
from edge_node.cli.main import main
from edge_node.model.identifiers import Bsn
from edge_node.model.lifecycle import Event, State
from edge_node.model.overview import By, Choice
from edge_node.store import interventions
from tests.store.logged import told

from ..store.shelf import ROOT, Shelf, push
from .conftest import Run

PATIENTS = ("999911120", "999900092", "999990019", "999990020")


class Kept:
    """A store with messages that were refused, for two reasons, and what can be seen of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        shelf = Shelf(path)
        for number, code in enumerate(("RTUDEST", "RTUDEST", "SYN105", "RTUDEST"), start=1):
            entry = shelf.leased(push(number, patient=Bsn(PATIENTS[number - 1])))
            shelf.settle(entry, Event.REFUSED_FOR_GOOD, code)
        shelf.close()

    def try_first_again(self) -> None:
        """What the line does while a person thinks; the commands go by the clock of the machine."""
        shelf = Shelf(self.path)
        shelf.clock.wall_s = time.time() + 1
        uid = next(row.uid for row in shelf.reader.list(Choice()) if row.message_id.endswith("/1"))
        shelf.do(lambda session: interventions.retry(session, uid, By(who="b", why="y"), shelf.at))
        (entry,) = shelf.lease()
        shelf.settle(entry, Event.REFUSED_FOR_GOOD, "RTUDEST")
        shelf.close()

    @property
    def states(self) -> list[str]:
        shelf = Shelf(self.path)
        rows = shelf.reader.list(Choice())
        shelf.close()
        return [row.state.value for row in sorted(rows, key=lambda row: int(row.message_id.split("/")[1]))]


class Thinking(BytesIO):
    """A person who says yes, after something happened."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        super().__init__(b"y\n")
        self.meanwhile = meanwhile

    def read1(self, size: int | None = -1, /) -> bytes:
        self.meanwhile()
        return super().read1(size)


def run_while(*arguments: str, meanwhile: Callable[[], None]) -> Result:
    return CliRunner().invoke(main, arguments, prog_name="edge-node", input=Thinking(meanwhile))


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    return Kept(tmp_path / "store.db")


class TestMany:
    def test_are_counted_and_asked_about_first(self, run: Run, place: list[str], kept: Kept) -> None:
        """A person sees that it is three and not three thousand, and still can say no."""
        result = run("queue", "discard", "--cause", "RTUDEST", "--why", "x", *place)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "3 messages" in result.stderr
        assert kept.states == ["DEAD"] * 4

    def test_are_changed_when_a_person_says_yes(self, run: Run, place: list[str], kept: Kept) -> None:
        """Those that were meant, and no others."""
        result = run("queue", "discard", "--cause", "RTUDEST", "--why", "sent by post", "--yes", *place)
        assert (result.exit_code, result.stdout) == (0, "3 discarded\n")
        assert kept.states == ["DISCARDED", "DISCARDED", "DEAD", "DISCARDED"]

    def test_are_told_as_json(self, run: Run, place: list[str], kept: Kept) -> None:
        """A script wants the sum."""
        result = run("queue", "retry", "--state", "DEAD", "--why", "x", "--yes", "--json", *place)
        assert json.loads(result.stdout) == {"done": 4, "skipped": {}, "stopped": False, "changed": 0}

    def test_of_which_some_moved_on_are_1(self, run: Run, place: list[str], kept: Kept) -> None:
        """A removal came after one of them: it is told, and scripts see it."""
        shelf = Shelf(kept.path)
        shelf.settle(shelf.leased(push(9, priority=0, supersedes="report")), Event.ACKNOWLEDGED)
        shelf.close()
        result = run("queue", "retry", "--cause", "RTUDEST", "--why", "x", "--yes", *place)
        assert (result.exit_code, result.stdout) == (1, "2 due again\n1 not: EN-ILLEGAL-STEP\n")

    def test_that_changed_while_a_person_read_are_left_alone(self, place: list[str], kept: Kept) -> None:
        """It was sent again and refused anew for another reason, perhaps: that is not what was decided on."""
        told = run_while(
            "queue", "discard", "--cause", "RTUDEST", "--why", "x", *place, meanwhile=kept.try_first_again
        )
        assert (told.exit_code, told.stdout) == (1, "2 discarded\n1 not: changed since they were counted\n")
        assert kept.states == ["DEAD", "DISCARDED", "DEAD", "DISCARDED"]

    def test_that_are_none_are_no_error(self, run: Run, place: list[str], kept: Kept) -> None:
        """The work was done already."""
        result = run("queue", "release", "--state", "HELD", "--why", "x", *place)
        assert (result.exit_code, result.stdout) == (0, "no such messages\n")

    @pytest.mark.parametrize("chosen", [(), ("0" * 32, "--state", "DEAD")])
    def test_are_either_named_or_chosen(
        self, run: Run, place: list[str], kept: Kept, chosen: tuple[str, ...]
    ) -> None:
        """Neither is everything, and both is a doubt about which was meant."""
        assert run("queue", "discard", *chosen, "--why", "x", "--yes", *place).exit_code == 64
        assert kept.states == ["DEAD"] * 4

    @pytest.mark.parametrize("age", ["3", "h", "1w", "-1h", "1.5h"])
    def test_have_an_age_that_can_be_read(self, run: Run, place: list[str], kept: Kept, age: str) -> None:
        """Minutes taken for hours would discard the wrong ones."""
        result = run("queue", "discard", "--older-than", age, "--why", "x", "--yes", *place)
        assert (result.exit_code, kept.states) == (64, ["DEAD"] * 4)

    def test_are_chosen_by_age(self, run: Run, place: list[str], kept: Kept) -> None:
        """After a bad night only what came this morning is sent again."""
        found = run("queue", "list", "--younger-than", "0s", "--json", *place)
        assert json.loads(found.stdout) == []

    def test_in_a_state_that_forbids_it_are_refused(self, run: Run, place: list[str], kept: Kept) -> None:
        """Clear, before anything is asked."""
        result = run("queue", "release", "--state", "DEAD", "--why", "x", "--yes", *place)
        assert result.exit_code == 1
        assert "EN-ILLEGAL-STEP" in result.stderr

    def test_need_a_reason(self, run: Run, place: list[str], kept: Kept) -> None:
        """More than one of them will be asked about."""
        assert run("queue", "discard", "--state", "DEAD", "--yes", *place).exit_code == 1


class TestNames:
    def test_a_message_is_found_by_the_id_its_sender_gave_it(self, run: Run, place: list[str], kept: Kept) -> None:
        """That is what stands in the log of the doctor's own system."""
        shown = json.loads(run("queue", "show", f"{ROOT}/3", "--json", *place).stdout)
        assert shown["code"] == "SYN105"

    def test_and_changed_by_it(self, run: Run, place: list[str], kept: Kept) -> None:
        """Nobody has to look up a second id first."""
        assert run("queue", "discard", f"{ROOT}/3", "--why", "x", *place).exit_code == 0
        assert kept.states == ["DEAD", "DEAD", "DISCARDED", "DEAD"]

    def test_one_that_is_not_there_leaves_the_others_alone(self, run: Run, place: list[str], kept: Kept) -> None:
        """All are looked up before the first is changed."""
        assert run("queue", "discard", f"{ROOT}/3", f"{ROOT}/99", "--why", "x", *place).exit_code == 1
        assert kept.states == ["DEAD"] * 4

    @pytest.mark.parametrize("name", ["no-oid/3", f"{ROOT}/", "/"])
    def test_of_another_form_are_1(self, run: Run, place: list[str], kept: Kept, name: str) -> None:
        """A slip of the pen."""
        assert run("queue", "show", name, *place).exit_code == 1


class TestDead:
    def test_is_told_by_cause(self, run: Run, place: list[str], kept: Kept) -> None:
        """Four failures are two problems, the larger one first."""
        found = json.loads(run("queue", "dead", "--json", *place).stdout)
        assert [(cause["code"], cause["messages"]) for cause in found] == [("RTUDEST", 3), ("SYN105", 1)]

    @pytest.mark.parametrize(
        ("lang", "words"),
        [("nl", ("betekent: De bestemming is onbekend", "aan zet: uw eigen systeem", "te doen: Het applicatie-id")),
         ("en", ("means: The destination is unknown", "whose turn: your own system", "to do: Look the receiver's"))],
    )  # fmt: skip
    def test_says_what_it_means_and_what_to_do(
        self, run: Run, place: list[str], kept: Kept, lang: str, words: tuple[str, ...]
    ) -> None:
        """Whoever is called at night reads his own language, and no table of codes."""
        told = run("queue", "dead", "--lang", lang, *place).stdout
        assert all(word in told for word in words)
        assert "RTUDEST DEAD out: 3" in told

    def test_of_one_cause_is_tried_again(self, run: Run, place: list[str], kept: Kept) -> None:
        """The address book was mended: what it broke goes, what else is wrong stays."""
        result = run("queue", "dead", "retry", "--cause", "RTUDEST", "--why", "mended", "--yes", *place)
        assert (result.exit_code, result.stdout) == (0, "3 due again\n")
        assert kept.states == ["WAITING", "WAITING", "DEAD", "WAITING"]

    def test_of_one_cause_is_discarded(self, run: Run, place: list[str], kept: Kept) -> None:
        """The senders were told by telephone."""
        result = run("queue", "dead", "discard", "--cause", "SYN105", "--why", "telephoned", "--yes", *place)
        assert (result.exit_code, kept.states) == (0, ["DEAD", "DEAD", "DISCARDED", "DEAD"])

    @pytest.mark.parametrize("verb", ["retry", "discard"])
    def test_of_no_cause_is_64(self, run: Run, place: list[str], kept: Kept, verb: str) -> None:
        """Everything at once is seldom meant."""
        assert run("queue", "dead", verb, "--why", "x", "--yes", *place).exit_code == 64

    def test_lines_beyond_a_page_are_counted(self, run: Run, place: list[str], tmp_path: Path) -> None:
        """Thirty receivers with one message each: the explanation must not scroll away."""
        shelf = Shelf(tmp_path / "store.db")
        for number in range(30):
            entry = shelf.leased(push(number, receiver=type(push().receiver)(str(500 + number))))
            shelf.settle(entry, Event.REFUSED_FOR_GOOD, "RTUDEST")
        shelf.close()
        told = run("queue", "dead", *place).stdout
        assert "… 10 more lines" in told
        assert "RTUDEST DEAD out: 30" in told


class TestCauses:
    @pytest.mark.parametrize("state", [State.DEAD, State.EXPIRED, State.HELD, State.NEEDS_TOKEN])
    @pytest.mark.parametrize("direction", ["out", "in"])
    @pytest.mark.parametrize("code", ["", "EN-LIFETIME-ENDED", "EN-OF-A-LATER-RELEASE", "RTUDEST"])
    def test_are_always_explained_in_both_languages(self, code: str, direction: str, state: State) -> None:
        """A code without words is a telephone call."""
        told = causes.explained({"code": code, "direction": direction, "state": state.value})
        assert all(text[lang] for text in told.values() for lang in ("nl", "en"))


class TestShape:
    def test_shows_age_against_destination(self, run: Run, place: list[str], kept: Kept) -> None:
        """Who does not answer, and since when."""
        header, line, sum_ = run("queue", "shape", *place).stdout.splitlines()
        assert header.split("\t") == [
            "direction",
            "receiver",
            "state",
            "total",
            "0 s",
            "15 min",
            "1 h",
            "4 h",
            "1 d",
            "7 d",
        ]
        assert line.split("\t")[:4] == ["out", "400", "DEAD:4", "4"]
        assert sum_ == "4 messages to 1 receivers"

    def test_can_tell_states_apart(self, run: Run, place: list[str], kept: Kept) -> None:
        """What waits by itself and what waits for a person are two things."""
        run("queue", "retry", f"{ROOT}/1", "--why", "x", *place)
        lines = run("queue", "shape", "--by-state", *place).stdout.splitlines()[1:3]
        assert [line.split("\t")[2:4] for line in lines] == [["DEAD", "3"], ["WAITING", "1"]]


class TestExport:
    def test_writes_one_line_a_message(self, run: Run, place: list[str], kept: Kept) -> None:
        """For a spreadsheet, a ticket, a report; never what is in a message."""
        result = run("queue", "export", "--cause", "RTUDEST", *place)
        rows = [json.loads(line) for line in result.stdout.splitlines()]
        assert [row["message_id"] for row in rows] == [f"{ROOT}/1", f"{ROOT}/2", f"{ROOT}/4"]
        assert not any(patient in result.output for patient in PATIENTS)

    def test_writes_a_table(self, run: Run, place: list[str], kept: Kept) -> None:
        """With the names of the columns above."""
        rows = list(csv.DictReader(StringIO(run("queue", "export", "--format", "csv", *place).stdout)))
        assert [row["code"] for row in rows] == ["RTUDEST", "RTUDEST", "SYN105", "RTUDEST"]

    def test_writes_no_formula(self, run: Run, place: list[str], tmp_path: Path) -> None:
        """An id comes from another party, and is opened in a spreadsheet here."""
        shelf = Shelf(tmp_path / "store.db")
        shelf.kept(push(1, correlation="=1+1"))
        shelf.close()
        (row,) = csv.DictReader(StringIO(run("queue", "export", "--format", "csv", *place).stdout))
        assert row["correlation"] == "'=1+1"

    def test_writes_to_a_file_only_its_owner_may_read(self, run: Run, place: list[str], kept: Kept) -> None:
        """Who gets which messages is nobody else's business."""
        file = kept.path.with_name("export.ndjson")
        assert run("queue", "export", "--output", str(file), *place).exit_code == 0
        assert (len(file.read_text().splitlines()), stat.S_IMODE(file.stat().st_mode)) == (4, 0o600)

    def test_writes_over_nothing(self, run: Run, place: list[str], kept: Kept) -> None:
        """Yesterday's export may be evidence."""
        file = kept.path.with_name("export.ndjson")
        file.write_text("yesterday")
        assert run("queue", "export", "--output", str(file), *place).exit_code == 64
        assert file.read_text() == "yesterday"

    def test_writes_bodies_for_a_named_person(self, run: Run, place: list[str], kept: Kept) -> None:
        """A message that cannot be sent may still have to be read; who did so stands in the access log."""
        folder = kept.path.with_name("bodies")
        result = run("queue", "export", "--cause", "SYN105", "--bodies", str(folder), "--why", "dr. X asks", *place)
        (file,) = folder.iterdir()
        assert (result.exit_code, file.read_bytes()) == (0, b"<message>3</message>")
        assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(folder.stat().st_mode)) == (0o600, 0o700)
        assert self.read_by(kept) == ["dr. X asks"]

    def test_of_bodies_takes_no_folder_that_is_there(self, run: Run, place: list[str], kept: Kept) -> None:
        """A file of everybody's, or a link, may lie in it under the name of the message."""
        folder = kept.path.with_name("bodies")
        folder.mkdir()
        result = run("queue", "export", "--bodies", str(folder), "--why", "dr. X asks", *place)
        assert (result.exit_code, list(folder.iterdir()), self.read_by(kept)) == (64, [], [])
        assert "is there already" in result.stderr

    def test_of_bodies_follows_no_link(self, run: Run, place: list[str], kept: Kept) -> None:
        """Patient data would land where somebody else can read it."""
        folder, elsewhere = kept.path.with_name("bodies"), kept.path.with_name("elsewhere")
        elsewhere.mkdir()
        folder.symlink_to(elsewhere)
        result = run("queue", "export", "--bodies", str(folder), "--why", "dr. X asks", *place)
        assert (result.exit_code, list(elsewhere.iterdir()), self.read_by(kept)) == (64, [], [])

    def test_of_bodies_leaves_no_empty_folder(self, run: Run, place: list[str], kept: Kept) -> None:
        """The same command works when it is given again, right this time."""
        folder, file = kept.path.with_name("bodies"), kept.path.with_name("export.ndjson")
        file.touch()
        run("queue", "export", "--bodies", str(folder), "--output", str(file), "--why", "x", *place)
        assert not folder.exists()

    def test_of_bodies_needs_a_reason(self, run: Run, place: list[str], kept: Kept) -> None:
        """It shows patient data."""
        folder = kept.path.with_name("bodies")
        assert run("queue", "export", "--bodies", str(folder), *place).exit_code == 1
        assert (folder.exists(), self.read_by(kept)) == (False, [])

    def read_by(self, kept: Kept) -> list[str]:
        shelf = Shelf(kept.path)
        rows = told(shelf.session, "event.type", "event.reason")
        shelf.close()
        return [why for event, why in rows if event == "reading"]


class TestStopping:
    def test_asks_for_an_end_at_the_first_interrupt(self) -> None:
        """What is in hand is finished, and told."""
        asked: list[str] = []
        with stopping.on_interrupt(lambda: asked.append("stop")):
            os.kill(os.getpid(), signal.SIGINT)
        assert asked == ["stop"]

    def test_leaves_at_the_second(self) -> None:
        """A person who says it twice means it."""
        with stopping.on_interrupt(lambda: None):
            signal.raise_signal(signal.SIGINT)
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)

    def test_leaves_signals_as_they_were(self) -> None:
        """The next command is interrupted as always."""
        before = signal.getsignal(signal.SIGINT)
        with stopping.on_interrupt(lambda: None):
            pass
        assert signal.getsignal(signal.SIGINT) is before
