"""Mails about certificates: what stops, by when, what to do now; in Dutch unless the site chose English."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from edge_node.formats.certificate_mail import load, write
from edge_node.formats.notice_mail import Letterhead
from edge_node.model.certificate import CertificateNotice, Counted, Part, Telling

HEAD = Letterhead(node="gp-1", environment="production", language="nl", help_line="Zorgnet Noord, 030 123 4567")
ENGLISH = replace(HEAD, language="en")
NOTICE = CertificateNotice(
    seq=1,
    at=datetime(2027, 5, 25, tzinfo=UTC),
    telling=Telling.ENDS,
    days=7,
    certificate=Counted(
        fingerprint="ab" * 32,
        part=Part.OWN,
        name="Huisartsenpraktijk De Linde",
        subject="gp.example",
        ends_at=datetime(2027, 6, 1, 10, tzinfo=UTC),
    ),
)


def of(part: Part, days: int = 7) -> CertificateNotice:
    return replace(NOTICE, days=days, certificate=replace(NOTICE.certificate, part=part))


class TestMail:
    def test_says_what_stops_by_when_and_what_to_do(self) -> None:
        """The reader is a practice assistant: she needs these three, and a telephone number."""
        text = write([NOTICE], HEAD).text
        for word in ("LSP", "01-06-2027 12:00", "nog 7 dag(en)", "edge-node cert csr", "030 123 4567"):
            assert word in text

    @pytest.mark.parametrize(
        ("notice", "first"),
        [
            (NOTICE, "Uw UZI-servercertificaat van Huisartsenpraktijk De Linde verloopt over 7 dagen, op 1 juni."),
            (
                of(Part.OWN, 0),
                "Er gaan geen berichten heen en weer sinds 1 juni 12:00: uw UZI-servercertificaat van ",
            ),
            (replace(NOTICE, telling=Telling.REVOKED), "Er gaan geen berichten heen en weer sinds 02:00: "),
            (of(Part.ANCHOR), "edge node gp-1 (production)"),
        ],
    )
    def test_begins_with_the_sentence_of_the_status(self, notice: CertificateNotice, first: str) -> None:
        """Without its "all works": nobody looked at that for this mail."""
        assert write([notice], HEAD).text.startswith(first)

    def test_is_dutch_without_english(self) -> None:
        """One language a mail."""
        text = write([NOTICE], HEAD).text
        assert "switchboard" not in text
        assert "Doe nu" in text

    def test_is_english_where_the_site_chose_it(self) -> None:
        """The same in English."""
        text = write([NOTICE], ENGLISH).text
        assert "Do now" in text
        assert "2027-06-01 12:00" in text

    @pytest.mark.parametrize(
        ("days", "subject"),
        [
            (7, "Certificaat eindigt over 7 dag(en): Huisartsenpraktijk De Linde"),
            (0, "CERTIFICAAT GEËINDIGD: Huisartsenpraktijk De Linde"),
        ],
    )
    def test_says_it_in_the_subject(self, days: int, subject: str) -> None:
        """Many read no further."""
        assert write([replace(NOTICE, days=days)], HEAD).subject == subject

    def test_of_several_begins_with_what_ends_first(self) -> None:
        """Certificates are often made together; that is one mail."""
        mail = write([of(Part.CA, 90), NOTICE], HEAD)
        assert mail.subject.endswith("De Linde, en nog 1")
        assert mail.text.index("nog 7 dag(en)") < mail.text.index("nog 90 dag(en)")

    def test_says_that_it_is_a_test(self) -> None:
        """Nobody is to run for a test system."""
        assert write([NOTICE], replace(HEAD, environment="test")).subject.startswith("[TEST] ")

    def test_of_a_refusal_calls_the_network_provider(self) -> None:
        """All goes on with the old one, and the practice itself can do nothing."""
        text = write([replace(NOTICE, telling=Telling.REFUSED, days=0)], HEAD).text
        assert "netwerkleverancier" in text
        assert "Nu gaat alles door" in text

    def test_of_a_revoked_certificate_says_that_nothing_works(self) -> None:
        """It cannot wait until somebody looks at the status."""
        mail = write([replace(NOTICE, telling=Telling.REVOKED, days=0)], HEAD)
        assert mail.subject == "CERTIFICAAT INGETROKKEN: Huisartsenpraktijk De Linde"
        assert "werkt vanaf nu niets meer via het LSP" in mail.text

    def test_of_a_dead_source_says_since_when_and_why(self) -> None:
        """Who reads it must see which line or file it is."""
        of_source = replace(
            NOTICE.certificate, name="http://crl.example/ca.crl", subject="EN-CRL-UNREACHABLE refused"
        )
        mail = write([replace(NOTICE, telling=Telling.SOURCE, days=0, certificate=of_source)], HEAD)
        assert mail.subject == "Geen intrekkingslijst van: http://crl.example/ca.crl"
        assert "sinds 01-06-2027 12:00" in mail.text
        assert "Oorzaak: EN-CRL-UNREACHABLE" in mail.text

    def test_begins_with_what_stops_work_now(self) -> None:
        """A dead source can wait until the rest was read."""
        told = [replace(NOTICE, telling=telling, days=0) for telling in Telling]
        assert write(told, HEAD).subject.startswith("CERTIFICAAT INGETROKKEN")

    @pytest.mark.parametrize("telling", [one for one in Telling if one is not Telling.ENDS])
    @pytest.mark.parametrize("head", [HEAD, ENGLISH])
    def test_fills_every_text_of_what_is_no_end(self, telling: Telling, head: Letterhead) -> None:
        """No reader meets a brace."""
        text = write([replace(NOTICE, telling=telling, days=0)], head).text
        assert not {"{", "}"} & set(text)

    @pytest.mark.parametrize("part", Part)
    @pytest.mark.parametrize("days", [0, 7])
    @pytest.mark.parametrize("head", [HEAD, ENGLISH])
    def test_fills_every_text(self, part: Part, days: int, head: Letterhead) -> None:
        """No reader meets a brace."""
        text = write([of(part, days)], head).text
        assert not {"{", "}"} & set(text)

    def test_has_both_languages_for_everything(self) -> None:
        """A text without its other half would break the mail on the day it is needed."""
        assert all(words.nl and words.en for rows in load().values() for words in rows.values())
