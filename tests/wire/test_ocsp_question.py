"""Questions to OCSP responders."""

from base64 import b64decode
from urllib.parse import unquote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp

from edge_node.wire.ocsp_question import Question, by_get
from tests.wire.ocsp_double import authority, say

CA = authority()
LEAF = CA.leaf()


class TestAQuestion:
    def test_names_the_certificate_as_responders_expect(self) -> None:
        """RFC 5019 has responders know SHA-1 only; nothing rests on that hash."""
        asked = ocsp.load_der_ocsp_request(Question(certificate=LEAF, issuer=CA.certificate).der)
        assert (asked.serial_number, asked.hash_algorithm.name) == (LEAF.serial_number, "sha1")

    def test_may_hold_a_nonce(self) -> None:
        """An old answer that somebody kept then shows as one."""
        question = Question(certificate=LEAF, issuer=CA.certificate, nonce=b"n" * 32)
        assert ocsp.load_der_ocsp_request(question.der).extensions[0].value == x509.OCSPNonce(b"n" * 32)

    @pytest.mark.parametrize("naming", [hashes.SHA1(), hashes.SHA256()])
    def test_knows_its_certificate_by_either_hash(self, naming: hashes.HashAlgorithm) -> None:
        """A responder may name it otherwise than it was asked."""
        other = Question(certificate=LEAF, issuer=CA.certificate, naming=naming)
        asked = ocsp.load_der_ocsp_request(other.der)
        assert Question(certificate=LEAF, issuer=CA.certificate).names(asked)

    def test_does_not_take_the_same_number_of_another_issuer(self) -> None:
        """Serial numbers are unique within one CA only."""
        other = authority("CA")
        twin = other.leaf(serial=LEAF.serial_number)
        (about_twin,) = ocsp.load_der_ocsp_response(say(twin, other.certificate, other)).responses
        assert not Question(certificate=LEAF, issuer=CA.certificate).names(about_twin)


class TestByGet:
    def test_the_address_holds_the_question(self) -> None:
        """Caches on the way may then have the answer (RFC 6960, appendix A.1)."""
        der = Question(certificate=LEAF, issuer=CA.certificate).der
        address = by_get("http://ocsp.example/", der)
        assert address is not None
        assert b64decode(unquote(address.removeprefix("http://ocsp.example/"))) == der

    def test_what_is_too_long_goes_otherwise(self) -> None:
        """RFC 5019 has 255 characters as the most."""
        assert by_get("http://ocsp.example/" + "x" * 200, b"x" * 60) is None
