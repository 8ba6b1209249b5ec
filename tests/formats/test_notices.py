"""What people read about a message that did not arrive, in both languages."""

import base64
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest

from edge_node.formats import interactions, notice_mail, notices, webhook
from edge_node.formats.notice_mail import Language, Letterhead
from edge_node.model.identifiers import MessageId
from edge_node.model.lifecycle import State
from edge_node.model.message import Direction
from edge_node.model.notice import Notice, NoticeKind

ROWS = interactions.load()
NAMES = {"300": "HIS"}
ACUTE = "ZTAZ_IN000001NL01"
EXPIRED = Notice(
    seq=7,
    at=datetime(2026, 3, 2, 12, 0, tzinfo=UTC),
    kind=NoticeKind.EXPIRED,
    application="300",
    uid="0123456789abcdef0123456789abcdef",
    direction=Direction.OUT,
    message_id=MessageId("2.16.840.1.113883.2.4.6.6.1.1", "999911120"),
    interaction="PORX_IN932000NL",
    sender="300",
    receiver="400",
    state=State.EXPIRED,
    code="EN-LIFETIME-ENDED",
    unknown=False,
    kept_at=datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
)
LATE = replace(EXPIRED, kind=NoticeKind.LATE, direction=Direction.IN, sender="400", receiver="300")
OF_IN = (NoticeKind.LATE, NoticeKind.DEAD, NoticeKind.HELD, NoticeKind.DELIVERED)
HEAD = Letterhead(node="gp-1", environment="production", language="nl", help_line="Servicedesk, 020 1234567")


def tell(notice: Notice = EXPIRED) -> notices.Told:
    return notices.tell(notice, ROWS, NAMES)


class TestWords:
    @pytest.mark.parametrize(
        ("direction", "kind"),
        [*product([Direction.OUT], sorted(set(NoticeKind) - {NoticeKind.LATE})), *product([Direction.IN], OF_IN)],
    )
    def test_every_notice_says_what_and_what_to_do_in_both_languages(
        self, direction: Direction, kind: NoticeKind
    ) -> None:
        """A screen without advice leaves its reader alone."""
        told = tell(replace(EXPIRED, direction=direction, kind=kind))
        assert all((told.what.nl, told.what.en, told.do.nl, told.do.en))

    @pytest.mark.parametrize("kind", [NoticeKind.EXPIRED, NoticeKind.DEAD, NoticeKind.HELD])
    def test_acute_care_says_telephone(self, kind: NoticeKind) -> None:
        """The patient is on the way, and the receiver knows nothing."""
        told = tell(replace(EXPIRED, kind=kind, interaction=ACUTE, code="RTUDEST"))
        assert told.do.nl.startswith("BEL DE ONTVANGER")
        assert told.do.en.startswith("TELEPHONE THE RECEIVER")

    def test_acute_care_that_may_have_arrived_is_called_uncertain(self) -> None:
        """Who telephones must not say that it is not there when it may be."""
        told = tell(replace(EXPIRED, interaction=ACUTE, unknown=True))
        assert "niet zeker" in told.do.nl
        assert "kan wel zijn aangekomen" in told.what.nl

    def test_reason_of_the_switchboard_is_explained_with_its_own_advice(self) -> None:
        """RTUDEST says nothing to a doctor's assistant."""
        told = tell(replace(EXPIRED, kind=NoticeKind.DEAD, code="RTUDEST"))
        assert "(RTUDEST)" in told.what.nl
        assert "adresboek" in told.do.nl

    def test_acute_care_that_waits_inside_is_to_be_read_now(self) -> None:
        """It lies in the house already."""
        assert "edge-node inbox" in tell(replace(LATE, interaction=ACUTE)).do.nl

    def test_interaction_that_left_the_table_is_told_all_the_same(self) -> None:
        """New settings do not silence what was kept under the old ones."""
        assert tell(replace(EXPIRED, interaction="POXX_IN000000NL")).meaning == ""

    def test_side_is_one_that_the_texts_know(self) -> None:
        """Whose turn it is, in the reader's language."""
        assert notices.side_words(tell().side).nl == "het zorgnetwerk"


class TestJson:
    def test_says_the_same_at_the_address_and_in_a_webhook(self) -> None:
        """One document for a maker to read."""
        document = notices.document(tell())
        assert (document["id"], document["type"], document["acute"]) == (7, "message.expired", False)
        assert document["message"] == f"/v1/messages/{EXPIRED.uid}"
        assert document["do"].keys() == {"nl", "en"}


class TestMail:
    def test_acute_care_stands_first_and_in_the_subject(self) -> None:
        """The one line that everybody reads."""
        mail = notice_mail.write([tell(), tell(replace(EXPIRED, interaction=ACUTE))], HEAD)
        assert mail.subject == "BEL: LSP-bericht niet aangekomen (HIS)"
        assert mail.text.index(ACUTE) < mail.text.index("PORX_IN932000NL")

    def test_hides_an_id_that_may_be_a_patient(self) -> None:
        """Some systems number messages by the patient; a mail is no place for that."""
        assert "999911120" not in notice_mail.write([tell()], HEAD).text

    def test_names_parties_since_when_and_whose_turn(self) -> None:
        """Everything to act on, without opening another screen."""
        text = notice_mail.write([tell()], HEAD).text
        for line in ("Van: HIS (300)", "Aan: applicatie 400", "01-03-2026 13:00", "Aan zet: het zorgnetwerk"):
            assert line in text
        assert "Servicedesk, 020 1234567" in text

    def test_is_written_in_english_where_the_site_wants_that(self) -> None:
        """A node is also tried by people who read no Dutch."""
        mail = notice_mail.write([tell()], replace(HEAD, language="en"))
        assert mail.subject == "LSP: 1 message(s) need attention (HIS)"

    @pytest.mark.parametrize(("language", "there"), [("en", True), ("nl", False)])
    def test_gives_the_words_of_the_table_in_their_language_only(self, language: Language, there: bool) -> None:
        """They are English: in the middle of a Dutch mail they tell a doctor's assistant nothing."""
        told = tell()
        assert told.meaning
        assert (told.meaning in notice_mail.write([told], replace(HEAD, language=language)).text) == there

    def test_of_a_test_environment_says_so(self) -> None:
        """Nobody is to run for a message that no patient waits for."""
        assert notice_mail.write([tell()], replace(HEAD, environment="test")).subject.startswith("[TEST] ")

    def test_of_a_storm_names_some_and_counts_the_rest(self) -> None:
        """A night with the line down is one mail that can be read."""
        text = notice_mail.write([tell()] * 200, HEAD).text
        assert (text.count("Bericht-id:"), "175 x niet bezorgd: te laat" in text) == (25, True)

    def test_good_news_alone_alarms_nobody(self) -> None:
        """The subject tells that nothing is to be done."""
        mail = notice_mail.write([tell(replace(EXPIRED, kind=NoticeKind.DELIVERED))], HEAD)
        assert mail.subject == "LSP: 1 bericht(en) verder (HIS)"


class TestSignature:
    def test_is_that_of_the_specification(self) -> None:
        """The example of the Standard Webhooks libraries, so that any of them verifies it."""
        secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        headers = dict(webhook.headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', [secret]))
        assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    def test_is_made_with_each_secret_while_one_is_replaced(self) -> None:
        """No call is refused during the change."""
        signatures = dict(webhook.headers("a", 1, b"", [b"old", b"new"]))["webhook-signature"].split()
        assert len(set(signatures)) == 2
