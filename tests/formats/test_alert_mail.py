"""An alert in a mailbox says in its first line what to do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from edge_node.formats.alert_mail import write
from edge_node.formats.notice_mail import Letterhead
from edge_node.model.alert import Alert, Circle, Occasion
from edge_node.model.notice import Words
from edge_node.model.sentence import Saying, Sentence

AT = datetime(2027, 3, 10, 12, tzinfo=UTC)
HEAD = Letterhead(node="gp-1", environment="production", language="nl", help_line="Servicedesk De Linde, 020 1234567")
DOWN = Alert(
    seq=1,
    at=AT,
    occasion=Occasion.BEGAN,
    circle=Circle.PRACTICE,
    sentence=Sentence(
        saying=Saying.LSP_DOWN, said_at=AT, since=AT, messages=2, help_line="Servicedesk De Linde (020 1234567)"
    ),
)
BACKUP = replace(
    DOWN,
    seq=2,
    sentence=Sentence(
        saying=Saying.ATTENTION, said_at=AT, since=AT, about="x", cause=Words(nl="er is geen kopie", en="no copy")
    ),
)
OVER = replace(
    DOWN,
    seq=3,
    occasion=Occasion.OVER,
    sentence=Sentence(
        saying=Saying.OVER, said_at=AT, about="link", since=AT, until=AT + timedelta(minutes=9), messages=2, left=1
    ),
)


class TestMail:
    def test_begins_with_the_sentence(self) -> None:
        """A telephone shows the first line of a mail, and many read no more."""
        mail = write([DOWN], HEAD)
        assert mail.subject == "Het LSP is niet bereikbaar sinds 13:00"
        assert mail.text.splitlines() == [
            "Het LSP is niet bereikbaar sinds 13:00; de storing ligt bij het LSP. Opvragen lukt nu niet: bel bij "
            "spoed de huisarts of apotheek van de patiënt. 2 berichten staan veilig in de wachtrij en gaan vanzelf "
            "weg.",
            "",
            "Aan zet: het LSP",
            "",
            "edge node gp-1 (production)",
            "Hulp: Servicedesk De Linde, 020 1234567",
            "Deze mail bevat geen patiëntgegevens.",
        ]

    def test_is_in_english_where_asked(self) -> None:
        """The same sentence."""
        mail = write([DOWN], replace(HEAD, language="en"))
        assert mail.subject == "The LSP cannot be reached since 13:00"
        assert "Whose turn: the switchboard (LSP)" in mail.text

    def test_worst_stands_first(self) -> None:
        """The subject is of what stops most work."""
        mail = write([BACKUP, DOWN], HEAD)
        assert mail.subject == "Het LSP is niet bereikbaar sinds 13:00 (en nog 1)"
        assert mail.text.index("Het LSP") < mail.text.index("er is geen kopie")

    def test_what_ended_meanwhile_is_told_as_ended_only(self) -> None:
        """The mail server was behind the same line: nobody is to run for what is over."""
        mail = write([DOWN, OVER], HEAD)
        assert mail.subject == "De storing van 13:00 tot 13:09 is voorbij"
        assert "niet bereikbaar" not in mail.text

    def test_what_was_not_delivered_can_be_found(self) -> None:
        """ "Look below" needs something below."""
        assert "De lijst: in de mails over deze berichten" in write([OVER], HEAD).text

    def test_what_comes_and_goes_says_so(self) -> None:
        """A loose cable is looked for otherwise than a cut one."""
        assert "Dit kwam en ging 4 keer." in write([replace(DOWN, times=4)], HEAD).text

    def test_reminder_says_that_it_is_one(self) -> None:
        """Who was called at four knows it is the same."""
        assert write([replace(DOWN, occasion=Occasion.STILL)], HEAD).subject.startswith("Nog steeds: Het LSP")

    def test_test_environment_is_in_the_subject(self) -> None:
        """Nobody runs for a test."""
        assert write([DOWN], replace(HEAD, environment="test")).subject.startswith("[TEST] Het LSP")


class TestDaily:
    DAILY = replace(DOWN, seq=4, occasion=Occasion.DAILY, sentence=Sentence(saying=Saying.WELL, said_at=AT, since=AT))

    def test_says_how_the_node_is_and_what_the_log_came_to(self) -> None:
        """The head of the log outside the machine is what shows later that nothing was cut off."""
        report = ((Words(nl="Kop van het log", en="Head of the log"), Words(nl="12:ab", en="12:ab")),)
        mail = write([self.DAILY], HEAD, report)
        assert mail.subject == "Dagbericht (10 maart 13:00): Alles werkt"
        assert "Kop van het log: 12:ab" in mail.text

    def test_of_several_days_only_the_last_is_told(self) -> None:
        """A mail server that was away over the weekend."""
        mail = write([self.DAILY, replace(self.DAILY, seq=5)], HEAD)
        assert mail.text.count("Alles werkt") == 1

    def test_report_stands_under_the_mail_of_the_day_only(self) -> None:
        """An alert is short."""
        report = ((Words(nl="Kop", en="Head"), Words(nl="12:ab", en="12:ab")),)
        assert "12:ab" not in write([DOWN], HEAD, report).text

    def test_holds_what_still_stands_and_says_how_much(self) -> None:
        """One mail a day instead of one for each."""
        still = replace(BACKUP, occasion=Occasion.STILL)
        mail = write([still, self.DAILY], HEAD)
        assert mail.subject == "Dagbericht (10 maart 13:00): Alles werkt (1 openstaand)"
        assert mail.text.index("Alles werkt") < mail.text.index("er is geen kopie")

    def test_says_what_is_first_in_the_status_once(self) -> None:
        """The same sentence twice in one mail is read as two things."""
        still = replace(BACKUP, occasion=Occasion.STILL)
        mail = write([still, replace(self.DAILY, sentence=BACKUP.sentence)], HEAD)
        assert mail.text.count("er is geen kopie") == 1


class TestSubject:
    @pytest.mark.parametrize("is_beside", [True, False])
    @pytest.mark.parametrize("saying", [Saying.ATTENTION, Saying.MINOR])
    @pytest.mark.parametrize("language", ["nl", "en"])
    def test_says_what_is_wrong(self, saying: Saying, language: Any, *, is_beside: bool) -> None:
        """ "Let op" alone is no subject."""
        sentence = replace(BACKUP.sentence, saying=saying, is_beside=is_beside)
        mail = write([replace(BACKUP, sentence=sentence)], replace(HEAD, language=language))
        assert mail.subject.endswith({"nl": "er is geen kopie", "en": "no copy"}[language])

    def test_holds_the_whole_name(self) -> None:
        """A stop in it ends no sentence."""
        down = replace(DOWN.sentence, saying=Saying.LOCAL_DOWN, name="Dr. Vink HIS B.V. (oud); nieuw")
        subject = write([replace(DOWN, sentence=down)], HEAD).subject
        assert subject == "Uw Dr. Vink HIS B.V. (oud); nieuw reageert niet sinds 13:00"
