"""Whose a card is, and how it stands."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from edge_node.errors import Refused
from edge_node.model.token import CardType, Revoked, SignedToken
from edge_node.wire.token_card import Paths, SeenCards, find_certificates, read_card
from tests.formats.token_bench import NOW, register, trust

NAMELESS = SignedToken(kind="saml", id="_1", xml=b"", location="./", id_attribute="ID")


class TestACard:
    @pytest.mark.parametrize(
        ("name", "type_"),
        [
            ("gp", CardType.PROFESSIONAL),
            ("employee", CardType.EMPLOYEE),
            ("zorg-id", CardType.ZORG_ID),
            ("bad/unnamed", CardType.UNNAMED),
            ("practice", CardType.SERVER),
            ("bad/letter", CardType.EMPLOYEE),
        ],
    )
    def test_is_of_the_kind_its_issuer_stands_for(self, name: str, type_: CardType) -> None:
        """A letter anybody can write (domain reference GBZ 3.4)."""
        assert read_card((register().card(name).certificate,), trust(), NOW).type is type_

    def test_tells_when_it_was_revoked(self) -> None:
        """An enrolment it signed before that stays good."""
        card = read_card((register().card("bad/revoked").certificate,), trust(), NOW)
        assert (card.revoked, card.revoked_at) == (Revoked.YES, NOW - timedelta(days=10))

    def test_of_which_no_list_is_there_is_unknown(self) -> None:
        """Never good by default."""
        card = read_card((register().card("practice").certificate,), trust(), NOW)
        assert (card.revoked, bool(card.why)) == (Revoked.UNKNOWN, True)

    def test_that_is_refused_is_not_named(self) -> None:
        """The name on it is a person's: it belongs in no answer and no log."""
        with pytest.raises(Refused) as caught:
            read_card((register().card("bad/expired").certificate,), trust(), NOW)
        assert (caught.value.code, "Praktijkman" in str(caught.value)) == ("EN-TOKEN-CARD-EXPIRED", False)

    def test_that_was_led_to_its_anchor_before_still_ends(self) -> None:
        """What is remembered is a chain, never that it counts."""
        certificate = register().card("gp").certificate
        read_card((certificate,), trust(), NOW)
        with pytest.raises(Refused):
            read_card((certificate,), trust(), certificate.not_valid_after_utc + timedelta(days=1))


class TestAPath:
    def test_is_led_once_for_one_card(self) -> None:
        """Whoever signs all day shows the same card each time."""
        paths, shown, anchors = Paths(), (register().card("gp").certificate,), trust().anchors
        assert paths.lead(shown, anchors, NOW) is paths.lead(shown, anchors, NOW + timedelta(hours=1))


class TestACertificateThatIsNamed:
    @pytest.mark.parametrize("spaced", [",", ", ", " , "])
    def test_is_found_however_its_issuer_is_spaced(self, spaced: str) -> None:
        """Some write a space behind each comma."""
        certificate = register().card("gp").certificate
        issuer = certificate.issuer.rfc4514_string().replace(",", spaced)
        token = replace(NAMELESS, names=(issuer, certificate.serial_number))
        assert find_certificates(token, (), (certificate,)) == (certificate,)

    def test_with_another_number_is_not_found(self) -> None:
        """It is somebody else's."""
        certificate = register().card("gp").certificate
        token = replace(NAMELESS, names=(certificate.issuer.rfc4514_string(), 5))
        assert find_certificates(token, (), (certificate,)) == ()

    def test_of_another_issuer_with_the_same_number_is_not_found(self) -> None:
        """Each CA counts from one; a number alone is nobody's."""
        certificate = register().card("gp").certificate
        token = replace(NAMELESS, names=("CN=Another CA", certificate.serial_number))
        assert find_certificates(token, (), (certificate,)) == ()

    def test_otherwise_than_it_is_shown_is_refused(self) -> None:
        """Whoever names one and shows another hides something."""
        certificate = register().card("gp").certificate
        shown = (certificate.public_bytes(Encoding.DER),)
        token = replace(NAMELESS, names=(certificate.issuer.rfc4514_string(), 5), certificates=shown)
        with pytest.raises(Refused) as caught:
            find_certificates(token, (), ())
        assert caught.value.code == "EN-TOKEN-KEY"

    def test_under_a_name_that_is_none_is_not_found(self) -> None:
        """And stops nothing."""
        token = replace(NAMELESS, names=("nonsense", 5))
        assert find_certificates(token, (), (register().card("gp").certificate,)) == ()


class TestCardsThatWereSeen:
    def test_are_bounded(self) -> None:
        """A day of forged certificates must not fill the memory; only proven ones are remembered anyway."""
        seen = SeenCards()
        for name in ("gp", "pharmacist", "gp"):
            seen.remember(register().card(name).certificate)
        assert len(seen.all()) == 2
