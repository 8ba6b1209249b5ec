"""A monitor of 6,000 sites reads alerts as JSON, the machine's log as lines."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from edge_node.formats.alert_document import document, journal_entry, priority, syslog_line
from edge_node.model.alert import Alert, Circle, Occasion
from edge_node.model.sentence import Saying, Sentence

AT = datetime(2027, 3, 10, 12, tzinfo=UTC)
DOWN = Alert(
    seq=1,
    at=AT,
    occasion=Occasion.BEGAN,
    circle=Circle.PRACTICE,
    sentence=Sentence(saying=Saying.LOCAL_DOWN, said_at=AT, about="application 80000001", since=AT, name="Medicom"),
)


class TestDocument:
    def test_has_what_a_program_needs_and_what_people_read(self) -> None:
        """A rule in a monitor matches on the state, an operator reads the sentence."""
        told = document(DOWN, "gp-1")
        assert told.pop("text")["nl"].startswith("Uw Medicom reageert niet sinds 13:00.")
        assert told == {
            "type": "alert.began",
            "node": "gp-1",
            "at": "2027-03-10T12:00:00Z",
            "state": "local-down",
            "about": "application 80000001",
            "side": "local system",
            "since": "2027-03-10T12:00:00Z",
            "until": None,
            "urgent": True,
            "times": 1,
        }


class TestTheEnd:
    """What was wrong is told in the words in which it was wrong, so it must be said that it is over."""

    OVER = replace(
        DOWN, occasion=Occasion.OVER, sentence=replace(DOWN.sentence, saying=Saying.ATTENTION, about="disk-space")
    )

    def test_is_said_in_the_text_itself(self) -> None:
        """A monitor puts the text on a screen, and nothing else."""
        told = document(self.OVER, "gp-1")["text"]
        assert told["nl"].startswith("Voorbij: Berichten gaan heen en weer, maar ")
        assert told["en"].startswith("Over: Messages go back and forth, but ")

    def test_is_said_in_the_log_of_the_machine(self) -> None:
        """Whoever reads one line reads no trouble into it."""
        assert b": Voorbij: Berichten " in syslog_line(self.OVER, "gp-1", "daemon", "nl")
        assert b"MESSAGE=Over: Messages " in journal_entry(self.OVER, "gp-1", "en")

    def test_of_a_breakdown_has_a_sentence_of_its_own(self) -> None:
        """It says by itself that it is over."""
        ended = replace(self.OVER, sentence=replace(DOWN.sentence, saying=Saying.OVER, until=AT))
        assert document(ended, "gp-1")["text"]["nl"].startswith("De storing van 13:00 tot 13:00 is voorbij")


class TestLines:
    def test_syslog_is_one_line_with_its_number(self) -> None:
        """daemon.err, as every syslog daemon sorts it."""
        line = syslog_line(DOWN, "gp-1", "daemon", "nl").decode()
        assert line.startswith("<27>edge-node: Uw Medicom reageert niet sinds 13:00.")
        assert line.endswith("[began state=local-down side=local-system about=application-80000001 node=gp-1]")

    def test_journal_has_fields_of_its_own(self) -> None:
        """journalctl EDGE_NODE_STATE=local-down."""
        fields = dict(line.split("=", 1) for line in journal_entry(DOWN, "gp-1", "en").decode().splitlines())
        assert fields["MESSAGE"].startswith("Your Medicom does not respond since 13:00.")
        assert (fields["PRIORITY"], fields["EDGE_NODE_STATE"], fields["EDGE_NODE_ID"]) == ("3", "local-down", "gp-1")

    def test_a_name_with_a_line_end_is_one_line(self) -> None:
        """A field more in the journal could be another event."""
        split = replace(DOWN, sentence=replace(DOWN.sentence, name="Medi\ncom", about="x\nPRIORITY=0"))
        entry = journal_entry(split, "gp-1", "nl").decode()
        assert "\nPRIORITY=0" not in entry
        assert "\n" not in syslog_line(split, "gp-1", "local0", "nl").decode()

    @pytest.mark.parametrize(
        ("saying", "occasion", "loud"),
        [
            (Saying.LSP_DOWN, Occasion.BEGAN, 3),
            (Saying.ATTENTION, Occasion.BEGAN, 4),
            (Saying.LSP_DOWN, Occasion.OVER, 5),
            (Saying.OVER, Occasion.OVER, 5),
        ],
    )
    def test_is_as_loud_as_it_is_bad(self, saying: Saying, occasion: Occasion, loud: int) -> None:
        """A pager listens from err on."""
        said = replace(DOWN, occasion=occasion, sentence=replace(DOWN.sentence, saying=saying))
        assert priority(said) == loud
