"""The last guard over what leaves the site."""

import base64
import json

import pytest

from edge_node.status.blanking import BLANK, Blanking

BSN = "999900006"


class TestText:
    @pytest.mark.parametrize(
        "text",
        [
            f"patient {BSN} refused",
            f"/fhir/R4/Task?identifier=http%3A%2F%2Ffhir.nl%2Ffhir%2FNamingSystem%2Fbsn%7C{BSN}",
            f"2.16.840.1.113883.2.4.6.3.{BSN}",
            "Bearer abcdefgh12345",
            "eyJhbGciOiJSUzI1NiJ9." + base64.urlsafe_b64encode(b'{"sub":"x"}').decode() + ".c2ln",
            '<saml:Assertion ID="_1"><saml:Subject>x</saml:Subject></saml:Assertion>',
            "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----",
            "ask jan@praktijk.example",
        ],
    )
    def test_is_blank_where_it_may_tell_of_somebody(self, text: str) -> None:
        """One mistake elsewhere must not become a data breach by way of a helper's mailbox."""
        blanking = Blanking()
        assert BLANK in blanking.text(text)
        assert blanking.count == 1
        assert BSN not in blanking.text(text)

    @pytest.mark.parametrize("text", ["0" * 32, "1234567890" * 4, "12345678" * 8, "12345678", "2026-11-22T10:00:00Z"])
    def test_keeps_names_of_messages_digests_and_moments(self, text: str) -> None:
        """They are what a helper searches for."""
        blanking = Blanking()
        assert blanking.text(text) == text
        assert blanking.count == 0

    def test_is_blank_where_the_settings_name_somebody(self) -> None:
        """The first line of the status says whom staff can call."""
        assert Blanking({"Jan de Tester"}).text("call jan de tester now") == f"call {BLANK} now"


class TestDocument:
    @pytest.mark.parametrize("key", ["owner", "given_by", "made_by", "who", "statement"])
    def test_names_no_person(self, key: str) -> None:
        """Who signed for what is the site's own business."""
        assert Blanking().document({"check": {key: "M. de Vries"}}) == {"check": {key: BLANK}}

    def test_holds_no_reason_of_a_person(self) -> None:
        """What people write in their own words may hold anything."""
        made = Blanking().document({"waiver": {"reason": "as agreed with Jan"}, "reason": {"en": "not seen"}})
        assert made == {"waiver": {"reason": BLANK}, "reason": {"en": "not seen"}}

    def test_holds_digests_of_ids_that_local_systems_gave(self) -> None:
        """One system had the patient's number in them."""
        blanking = Blanking()
        one, same, other = (blanking.document({"message_id": f"1.2:{it}"})["message_id"] for it in "aab")
        assert one == same != other
        assert one.startswith("sha256:")

    def test_keeps_numbers_of_servers(self) -> None:
        """They stand in certificates that everybody may see."""
        document = {"subject": "serialNumber=990000101,CN=gp", "uzi": {"number": "990000101"}}
        assert Blanking().document(document) == document

    def test_keeps_figures(self) -> None:
        """Bytes that are free on a disk have nine digits as well."""
        document = {"free_bytes": 123456789, "since": None, "list": [1.5, True]}
        assert Blanking().document(document) == document

    def test_stays_json(self) -> None:
        """It is read by programs."""
        assert json.loads(json.dumps(Blanking().document({BSN: [BSN]}))) == {BLANK: [BLANK]}


class TestFigures:
    def test_keep_their_values_and_lose_what_a_label_should_not_hold(self) -> None:
        """A figure may have nine digits; a label that has is a mistake."""
        text = f'# HELP a b\nbytes 123456789\nbad{{who="{BSN}"}} 1.0\n'
        assert Blanking().figures(text) == f'# HELP a b\nbytes 123456789\nbad{{who="{BLANK}"}} 1.0\n'
