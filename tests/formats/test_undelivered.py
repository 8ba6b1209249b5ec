"""What a mail about messages begins with: the same sentence as the status has."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from edge_node.formats import interactions, undelivered
from edge_node.formats.notices import tell
from edge_node.model.identifiers import MessageId
from edge_node.model.lifecycle import State
from edge_node.model.message import Direction
from edge_node.model.notice import Notice, NoticeKind, Told
from edge_node.model.sentence_words import words

AT = datetime(2027, 3, 10, 12, tzinfo=UTC)
DEAD = Notice(
    seq=1, at=AT, kind=NoticeKind.DEAD, application="300", uid="u", direction=Direction.OUT,
    message_id=MessageId("2.16.840.1.113883.2.4.6.6.1.1", "1"), interaction="PORX_IN932000NL", sender="300",
    receiver="400", state=State.DEAD, code="RTUDEST", unknown=False, kept_at=AT,
)  # fmt: skip
UNSIGNED = replace(DEAD, kind=NoticeKind.NEEDS_TOKEN, state=State.NEEDS_TOKEN, code="")


def told(*notices: Notice) -> list[Told]:
    return [tell(notice, interactions.load(), {"300": "Medicom"}) for notice in notices]


class TestSentence:
    def test_counts_what_was_not_delivered_and_says_why(self) -> None:
        """The list it speaks of stands below it."""
        said = undelivered.sentence(told(DEAD, DEAD, UNSIGNED))
        assert said is not None
        text = words(said).nl
        assert text.startswith("2 berichten zijn niet bezorgd. Bekijk de lijst hieronder en bel de ontvanger ")
        assert text.endswith("(RTUDEST).")

    def test_asks_for_the_card_where_only_that_is_needed(self) -> None:
        """Only the doctor can do it."""
        said = undelivered.sentence(told(UNSIGNED))
        assert said is not None
        assert words(said).nl.startswith(
            "1 bericht is nog niet verstuurd en wacht op uw handtekening. Open Medicom, "
        )

    @pytest.mark.parametrize(
        "calm",
        [
            replace(DEAD, kind=NoticeKind.DELIVERED, state=State.DELIVERED),
            replace(DEAD, kind=NoticeKind.LATE, direction=Direction.IN),
        ],
    )
    def test_says_nothing_of_other_news(self, calm: Notice) -> None:
        """It has words of its own."""
        assert undelivered.sentence(told(calm)) is None


class TestCause:
    def test_is_in_both_languages(self) -> None:
        """As the table of codes has it."""
        cause = undelivered.cause("RTUDEST", State.DEAD)
        assert cause is not None
        assert [cause.nl.endswith("(RTUDEST)"), cause.en.endswith("(RTUDEST)"), cause.nl != cause.en] == [True] * 3

    def test_of_one_that_was_too_late_is_time(self) -> None:
        """Whatever the last attempt said."""
        cause = undelivered.cause("EN-NOT-SENT", State.EXPIRED)
        assert cause is not None
        assert cause.nl == "de ontvanger was te lang niet bereikbaar"

    def test_never_repeats_what_no_table_knows(self) -> None:
        """A receiver may put anything there, a patient's number too."""
        cause = undelivered.cause("999911120", State.DEAD)
        assert cause is not None
        assert "999911120" not in cause.nl + cause.en
