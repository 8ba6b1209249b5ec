"""The profile of the UZI register: which part is wrong is said by its name."""

from dataclasses import replace

import pytest

from edge_node.errors import Refused
from edge_node.model.hierarchies import CARD_OID_CAS, SERVER_OID_CA
from edge_node.model.peer import PeerCertificate
from edge_node.wire.trust_certificate import read_certificate
from edge_node.wire.trust_profile import not_from_the_register, not_of_a_server, out_of_profile, unknown_oid_ca
from tests.wire.bad_certificates_uzi import GOOD_UZI, IN_PRODUCTION, IN_TEST, TEST_OID_CA, named, uzi
from tests.wire.forge import forge


def certificate(text: str = "", **other: str | None) -> PeerCertificate:
    """Read a good certificate, then let it say something else."""
    read = read_certificate(forge(GOOD_UZI).chain[0])
    return replace(read, uzi=text or read.uzi, **other)  # type: ignore[arg-type]


class TestTheProfile:
    @pytest.mark.parametrize("text", [uzi(), uzi(agb="00000000"), uzi().rpartition("-")[0]])
    def test_is_met_with_seven_parts_or_six(self, text: str) -> None:
        """Older certificates have no AGB code; that is a form of its own, not a fault."""
        assert list(out_of_profile(certificate(text), IN_PRODUCTION)) == []

    @pytest.mark.parametrize(
        ("text", "part"),
        [
            (uzi(oid_ca="2.16.528."), "OID-CA"),
            (uzi(version="01"), "version"),
            (uzi(number="9900001010"), "UZI number"),
            (uzi(ura="900001010"), "URA"),
            (uzi(role="00.0000"), "role"),
            (uzi(agb="0199990"), "AGB"),
        ],
    )
    def test_names_the_part_that_is_wrong(self, text: str, part: str) -> None:
        """Whoever must ask for another certificate has to say what is wrong with this one."""
        found = [one.detail for one in out_of_profile(certificate(text, holder_number=None), IN_PRODUCTION)]
        assert any(f"the {part} is not of its form" in detail for detail in found)

    def test_is_asked_of_nobody_in_test(self) -> None:
        """Certificates of test are made by hand, and the register's own have seven digits at times."""
        assert list(out_of_profile(certificate(uzi(version="9", role="x", agb="y")), IN_TEST)) == []


class TestAServer:
    @pytest.mark.parametrize("letter", ["Z", "N", "M", "s", "X"])
    def test_has_the_letter_of_servers(self, letter: str) -> None:
        """A card of a person in the place of a server is a stolen card."""
        assert [one.code for one in not_of_a_server(certificate(uzi(letter=letter)))] == ["EN-TLS-UZI-TYPE"]

    @pytest.mark.parametrize("oid_ca", CARD_OID_CAS)
    def test_has_not_the_oid_ca_of_cards(self, oid_ca: str) -> None:
        """Letter and OID-CA must agree."""
        assert [one.code for one in not_of_a_server(certificate(uzi(oid_ca=oid_ca)))] == ["EN-TLS-OID-CA"]

    @pytest.mark.parametrize(
        ("change", "code"),
        [({"issuer_common_name": "Another CA"}, "EN-TLS-UZI-TYPE"), ({"uzi": None}, "EN-TLS-UZI-PROFILE")],
    )
    def test_has_a_uzi_name_and_an_issuer_that_agree(self, change: dict[str, str | None], code: str) -> None:
        """Any CA could write the name, and the register writes it in each."""
        odd = replace(certificate(), **change)  # type: ignore[arg-type]
        assert [one.code for one in not_from_the_register(odd, IN_PRODUCTION)] == [code]


class TestTheOidCa:
    @pytest.mark.parametrize("oid_ca", [SERVER_OID_CA, *CARD_OID_CAS])
    def test_of_the_register_is_no_news(self, oid_ca: str) -> None:
        """Those of cards are refused elsewhere; nobody is told twice."""
        assert unknown_oid_ca(certificate(uzi(oid_ca=oid_ca)), IN_PRODUCTION) is None

    def test_that_nobody_knows_is_told(self) -> None:
        """That of G4 was not published when this release was made."""
        note = unknown_oid_ca(certificate(uzi(oid_ca="2.16.528.1.1003.1.3.5.5.9")), IN_PRODUCTION)
        assert note is not None
        assert (note.code, "2.16.528.1.1003.1.3.5.5.9" in note.detail) == ("EN-TLS-OID-CA-UNKNOWN", True)

    def test_of_test_is_no_news_there(self) -> None:
        """A sandbox would warn at each handshake."""
        assert unknown_oid_ca(certificate(uzi(oid_ca=TEST_OID_CA)), IN_TEST) is None


class TestDigits:
    def test_of_another_script_are_none(self) -> None:
        """They look alike on a screen, and no register writes them."""
        text = uzi(number="٩٩٠٠٠٠١٠١")
        shown = forge(replace(GOOD_UZI, leaf=named(text, tag=0x0C)))
        with pytest.raises(Refused, match="EN-TLS-UZI-PROFILE"):
            read_certificate(shown.chain[0])
