"""When a card was revoked, as the list says that is kept of its CA."""

from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from edge_node.sandbox.cards import PROFESSIONALS
from edge_node.wire.revocation_list import key_of
from edge_node.wire.revoked_at import RevokedAt
from tests.formats.token_bench import NOW, register

CA = register().cards.issuers[PROFESSIONALS]


def kept(folder: Path, content: bytes) -> RevokedAt:
    (folder / f"{key_of(CA.certificate)}.pem").write_bytes(content)
    return RevokedAt(folder)


class TestTheMomentOfARevocation:
    def test_is_what_the_list_says(self, tmp_path: Path) -> None:
        """An enrolment signed before it stays good (domain reference GBZ 5.4)."""
        lookup = kept(tmp_path, CA.crl(NOW).public_bytes(Encoding.PEM))
        serial = register().card("bad/revoked").certificate.serial_number
        assert lookup(CA.certificate, serial) == NOW - timedelta(days=10)

    def test_is_none_of_a_card_that_is_in_no_list(self, tmp_path: Path) -> None:
        """Most are in none."""
        lookup = kept(tmp_path, CA.crl(NOW).public_bytes(Encoding.PEM))
        assert lookup(CA.certificate, register().card("gp").certificate.serial_number) is None

    def test_is_none_where_no_list_can_be_read(self, tmp_path: Path) -> None:
        """Then only the fact is known, and nothing signed with it is good."""
        assert kept(tmp_path, b"no list")(CA.certificate, 1) is None
        assert RevokedAt(tmp_path / "nowhere")(CA.certificate, 1) is None
