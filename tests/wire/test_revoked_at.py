"""When a card was revoked, as the list says that is kept of its CA."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from edge_node.model.token import Revoked
from edge_node.sandbox.cards import PROFESSIONALS
from edge_node.sandbox.samples.tokens import saml_moment
from edge_node.wire.revocation_list import key_of
from edge_node.wire.revocation_shelf import Lists
from edge_node.wire.revoked_at import RevokedAt
from edge_node.wire.token_card import read_card
from tests.formats.token_bench import NOW, Bench, Beside, register, trust

CA = register().cards.issuers[PROFESSIONALS]
REVOKED = (register().card("bad/revoked").certificate,)


def kept(folder: Path, content: bytes) -> RevokedAt:
    (folder / f"{key_of(CA.certificate)}.pem").write_bytes(content)
    return RevokedAt(folder)


def kept_in_scopes(folder: Path) -> RevokedAt:
    """The list of the CA as one that has a list for each kind of certificate brings it out."""
    plain = CA.crl(NOW - timedelta(minutes=5))
    builder = x509.CertificateRevocationListBuilder(
        CA.certificate.subject, plain.last_update_utc, plain.next_update_utc, list(plain.extensions), list(plain)
    )
    point = x509.IssuingDistributionPoint(None, None, True, False, None, False, False)
    scoped = builder.add_extension(point, critical=True).sign(CA.key, hashes.SHA256())
    lists = Lists(folder)
    lists.know(CA.certificate)
    lists.take(scoped.public_bytes(Encoding.DER), "a test", NOW)
    return RevokedAt(folder)


def everything_in(folder: Path) -> RevokedAt:
    """The lists of all CAs, kept as the node keeps them."""
    lists = Lists(folder)
    for authority in register().cards.authorities:
        lists.know(authority.certificate)
        lists.take(authority.crl(NOW - timedelta(minutes=5)).public_bytes(Encoding.DER), "a test", NOW)
    return RevokedAt(folder)


def enrolled(days_ago: float) -> bytes:
    begins = NOW - timedelta(days=days_ago)
    window = {"issued": saml_moment(begins), "ends": saml_moment(begins + timedelta(days=400))}
    return Bench().by_server(enrolment=Beside(card="bad/revoked", changes=window))


class TestTheMomentOfARevocation:
    def test_is_what_the_list_says(self, tmp_path: Path) -> None:
        """An enrolment signed before it stays good (domain reference GBZ 5.4)."""
        lookup = kept(tmp_path, CA.crl(NOW).public_bytes(Encoding.PEM))
        serial = register().card("bad/revoked").certificate.serial_number
        assert lookup(CA.certificate, serial) == NOW - timedelta(days=10)

    def test_is_what_a_list_of_some_certificates_says(self, tmp_path: Path) -> None:
        """A CA may have one for people and one for CAs; a card that is only named would pass as good else."""
        serial = register().card("bad/revoked").certificate.serial_number
        assert kept_in_scopes(tmp_path)(CA.certificate, serial) == NOW - timedelta(days=10)

    def test_is_none_of_a_card_that_is_in_no_list(self, tmp_path: Path) -> None:
        """Most are in none."""
        lookup = kept(tmp_path, CA.crl(NOW).public_bytes(Encoding.PEM))
        assert lookup(CA.certificate, register().card("gp").certificate.serial_number) is None

    def test_is_none_where_no_list_can_be_read(self, tmp_path: Path) -> None:
        """Then only the fact is known, and nothing signed with it is good."""
        assert kept(tmp_path, b"no list")(CA.certificate, 1) is None
        assert RevokedAt(tmp_path / "nowhere")(CA.certificate, 1) is None

    def test_is_of_a_number_of_that_ca_alone(self, tmp_path: Path) -> None:
        """Each CA numbers its own; a number that another one revoked is a good doctor's here."""
        lookup = everything_in(tmp_path)
        serial = register().card("bad/revoked").certificate.serial_number
        moments = {name: lookup(ca.certificate, serial) for name, ca in register().cards.issuers.items()}
        assert {name for name, at in moments.items() if at is not None} == {PROFESSIONALS}


class TestARevokedCard:
    def test_says_when_where_a_list_is_kept(self, tmp_path: Path) -> None:
        """The files are those that the node keeps of every CA itself."""
        card = read_card(REVOKED, replace(trust(), revoked_at=everything_in(tmp_path)), NOW)
        assert (card.revoked, card.revoked_at) == (Revoked.YES, NOW - timedelta(days=10))

    def test_stays_revoked_where_none_is(self, tmp_path: Path) -> None:
        """Such as where an answer of its CA revoked it."""
        card = read_card(REVOKED, replace(trust(), revoked_at=RevokedAt(tmp_path)), NOW)
        assert (card.revoked, card.revoked_at) == (Revoked.YES, None)


class TestAnEnrolment:
    @pytest.mark.parametrize(("days_ago", "codes"), [(20, []), (9, ["EN-TOKEN-CARD-REVOKED"])])
    def test_counts_as_of_that_moment(self, tmp_path: Path, days_ago: float, codes: list[str]) -> None:
        """A patient enrolled last year stays so when his doctor's card is stolen today (GBZ 5.4)."""
        known = replace(trust(), revoked_at=everything_in(tmp_path))
        assert Bench(trust=lambda: known).codes(enrolled(days_ago)) == codes

    def test_never_counts_where_the_moment_is_not_known(self, tmp_path: Path) -> None:
        """Nobody can tell that it was signed before."""
        known = replace(trust(), revoked_at=RevokedAt(tmp_path))
        assert Bench(trust=lambda: known).codes(enrolled(20)) == ["EN-TOKEN-CARD-REVOKED"]
