"""The words of OpenSSL in ours: what an operator reads of a chain that did not hold."""

import pytest

from edge_node.errors import PAGES
from edge_node.wire.trust_codes import CODES, code_of, reason_of


class TestCodes:
    @pytest.mark.parametrize("code", sorted(CODES))
    def test_have_a_page(self, code: str) -> None:
        """Who reads a code at night must find what to do."""
        assert code in PAGES

    @pytest.mark.parametrize(
        ("error", "of_peer", "above"),
        [
            (10, "EN-TLS-EXPIRED", "EN-TLS-CA-EXPIRED"),
            (9, "EN-TLS-NOT-YET", "EN-TLS-CA-EXPIRED"),
            (23, "EN-TLS-REVOKED", "EN-TLS-CA-REVOKED"),
            (20, "EN-TLS-INCOMPLETE", "EN-TLS-CHAIN"),
        ],
    )
    def test_tell_the_peer_from_its_cas(self, error: int, of_peer: str, above: str) -> None:
        """A peer that must renew is called; a CA that has ended is news for every care provider."""
        assert (code_of(error, 0), code_of(error, 1)) == (of_peer, above)

    def test_of_an_error_not_known_is_that_of_the_chain(self) -> None:
        """A later OpenSSL has more errors; none of them lets anybody in, and the number is told."""
        assert (code_of(9999), reason_of(9999)) == ("EN-TLS-CHAIN", "OpenSSL verification error 9999")
