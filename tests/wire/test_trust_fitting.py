"""Whether a new certificate fits the organisation it is to be shown for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from edge_node.errors import Refused
from edge_node.model.hierarchies import PRODUCTION_REALM, TEST_REALM
from edge_node.sandbox.pki import PRACTICE, PRACTICE_UZI, Pki, make_pki
from edge_node.wire.revocation_judge import Revocations
from edge_node.wire.revocation_shelf import Lists
from edge_node.wire.trust_fitting import Fitting, Wanted, fit, read_certificates_file
from edge_node.wire.trust_judge import Chain, Purpose

NOW = datetime(2027, 3, 1, tzinfo=UTC)


class Revoked:
    """Whose list names the certificate, or is not there."""

    def __init__(self, code: str = "") -> None:
        self.code = code

    def check(self, chain: Chain, at: datetime, purpose: Purpose | None, roles: frozenset[str] = frozenset()) -> None:
        raise AssertionError("nobody has shown it yet")

    def proved(self, chain: Chain, at: datetime, roles: frozenset[str]) -> None:
        raise AssertionError("no handshake was made")

    def look(self, chain: Chain, at: datetime) -> None:
        if self.code:
            raise Refused("as told", code=self.code)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"), now=NOW, bad=False)


def certificates(path: Path) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(path.read_bytes())


def on_another_curve(leaf: x509.Certificate) -> x509.Certificate:
    """The same certificate with a key of a curve that OpenSSL knows and TLS here does not use."""
    key = ec.generate_private_key(ec.SECP256K1())
    made = x509.CertificateBuilder(leaf.issuer, leaf.subject, key.public_key(), 7, extensions=list(leaf.extensions))
    return made.not_valid_before(NOW).not_valid_after(NOW + timedelta(days=9)).sign(key, hashes.SHA256())


@pytest.fixture
def wanted(pki: Pki) -> Wanted:
    anchors = tuple(certificates(pki.anchors))
    return Wanted(
        fqdn=PRACTICE[1],
        ura=PRACTICE_UZI.ura,
        organisation=PRACTICE[0],
        known=anchors,
        anchors=anchors,
        at=NOW,
        revocation=Revoked(),
        realm=TEST_REALM,
    )


@pytest.fixture
def chain(pki: Pki) -> list[x509.Certificate]:
    return certificates(pki.files("practice").chain)


def codes(found: Fitting) -> list[str]:
    return [one.code for one in found.wrong]


class TestFit:
    def test_puts_the_chain_in_order(self, chain: list[x509.Certificate], wanted: Wanted) -> None:
        """Registers deliver the CAs apart, in any order, with the root."""
        found = fit([chain[2], *wanted.anchors, chain[0], chain[1]], wanted)
        assert (codes(found), list(found.chain)) == ([], chain)

    def test_finds_cas_it_knows(self, chain: list[x509.Certificate], wanted: Wanted) -> None:
        """At a renewal under the same CA only the certificate itself is new."""
        found = fit(chain[:1], replace(wanted, known=(*chain[1:], *wanted.anchors)))
        assert (codes(found), list(found.chain)) == ([], chain)

    def test_names_the_ca_that_is_missing(self, chain: list[x509.Certificate], wanted: Wanted) -> None:
        """Whoever asks the register for it must know which."""
        found = fit(chain[:1], wanted)
        assert codes(found) == ["EN-TLS-INCOMPLETE"]
        assert chain[0].issuer.rfc4514_string() in found.wrong[0].detail

    def test_tells_everything_at_once(self, chain: list[x509.Certificate], wanted: Wanted) -> None:
        """One call to the register, not three."""
        other = replace(wanted, fqdn="other.example.test", ura="90000999", organisation="Een ander")
        assert codes(fit(chain, other)) == ["EN-TLS-NAME", "EN-TLS-URA", "EN-TLS-ORGANISATION"]

    @pytest.mark.parametrize(("days", "wrong"), [(-2, []), (400 * 3, ["EN-TLS-EXPIRED"])])
    def test_looks_at_its_dates(
        self, chain: list[x509.Certificate], wanted: Wanted, days: int, wrong: list[str]
    ) -> None:
        """One that begins later is good, and waits; one that has ended never will be."""
        found = fit(chain, replace(wanted, at=NOW + timedelta(days=days)))
        assert (codes(found), found.is_early) == (wrong, days < 0)

    def test_never_mixes_environments(self, chain: list[x509.Certificate], wanted: Wanted) -> None:
        """A certificate of test in production would stop the practice at once."""
        assert "EN-TLS-ENVIRONMENT" in codes(fit(chain, replace(wanted, realm=PRODUCTION_REALM)))

    def test_that_was_revoked_does_not_fit(self, chain: list[x509.Certificate], wanted: Wanted) -> None:
        """The old file was named by mistake."""
        assert codes(fit(chain, replace(wanted, revocation=Revoked("EN-TLS-REVOKED")))) == ["EN-TLS-REVOKED"]

    def test_of_which_nobody_can_tell_fits_with_a_note(self, chain: list[x509.Certificate], wanted: Wanted) -> None:
        """The lists of a new generation of CAs are fetched only once a certificate of it is here."""
        found = fit(chain, replace(wanted, revocation=Revoked("EN-TLS-UNCHECKED")))
        assert (codes(found), [one.code for one in found.notes]) == ([], ["EN-TLS-UNCHECKED"])

    def test_under_a_root_that_is_no_anchor_fits_with_a_note(
        self, chain: list[x509.Certificate], wanted: Wanted
    ) -> None:
        """While generations overlap, our own hierarchy need not be that of the switchboard."""
        found = fit([*chain, *wanted.anchors], replace(wanted, anchors=(), known=()))
        assert (codes(found), [one.code for one in found.notes]) == ([], ["EN-TLS-ANCHOR"])

    def test_of_strangers_makes_their_cas_no_known_ones(self, chain: list[x509.Certificate], wanted: Wanted) -> None:
        """Else a file that somebody sent would have lists of anybody taken."""
        lists = Lists(None)
        judge = Revocations(lists, lambda roles: 0.0)
        fit([*chain, *wanted.anchors], replace(wanted, anchors=(), known=(), revocation=judge))
        assert lists.know(*chain[1:])  # they are news

    def test_leaves_no_trace(self, chain: list[x509.Certificate], wanted: Wanted) -> None:
        """What was only looked at is nobody's who called; from its addresses nothing is fetched hourly."""
        judge = Revocations(Lists(None), lambda roles: 0.0)
        found = fit(chain, replace(wanted, revocation=judge))
        assert [one.code for one in found.notes] == ["EN-TLS-UNCHECKED"]
        assert judge.seen() == ()

    def test_on_a_curve_that_no_handshake_uses_does_not_fit(
        self, chain: list[x509.Certificate], wanted: Wanted
    ) -> None:
        """The switchboard would be blamed for what this node cannot offer."""
        (one,) = (it for it in fit([on_another_curve(chain[0])], wanted).wrong if it.code == "EN-KEY-KIND")
        assert one.detail.startswith("its key is EC secp256k1; TLS here uses")

    def test_with_a_key_of_a_kind_nobody_knows_does_not_fit(
        self, chain: list[x509.Certificate], wanted: Wanted
    ) -> None:
        """What came by mail may be anything; the answer is what is wrong with it."""
        der, rsa = chain[0].public_bytes(Encoding.DER), bytes.fromhex("06092a864886f70d010101")
        unknown = x509.load_der_x509_certificate(der.replace(rsa, rsa[:-1] + b"\x7f"))
        assert codes(fit([unknown, *chain[1:]], wanted)) == ["EN-TLS-UNREADABLE"]

    def test_of_two_servers_says_so(self, pki: Pki, chain: list[x509.Certificate], wanted: Wanted) -> None:
        """Which of them was meant, nobody should guess."""
        both = [chain[0], *certificates(pki.files("pharmacy").chain)]
        assert codes(fit(both, wanted)) == ["EN-TLS-CHAIN"]

    def test_of_cas_alone_says_so(self, chain: list[x509.Certificate], wanted: Wanted) -> None:
        """The files were mixed up."""
        assert codes(fit(chain[1:], wanted)) == ["EN-TLS-CHAIN"]


class TestReadCertificatesFile:
    def test_takes_what_registers_deliver(self, chain: list[x509.Certificate]) -> None:
        """A person must not have to convert files with openssl."""
        forms = [
            b"".join(one.public_bytes(Encoding.PEM) for one in chain),
            pkcs7.serialize_certificates(chain, Encoding.DER),
            pkcs7.serialize_certificates(chain, Encoding.PEM),
        ]
        assert [set(read_certificates_file(form)) for form in forms] == [set(chain)] * 3
        assert read_certificates_file(chain[0].public_bytes(Encoding.DER)) == (chain[0],)

    def test_takes_lengths_that_are_told_at_the_end(self, chain: list[x509.Certificate]) -> None:
        """Tools write PKCS#7 so (BER); the library's warning about it is no matter of who installs."""
        der = pkcs7.serialize_certificates(chain, Encoding.DER)
        assert set(read_certificates_file(b"\x30\x80" + der[4:] + b"\0\0")) == set(chain)

    @pytest.mark.parametrize("content", [b"", b"no", b"\x30\x03\x02\x01\x01"])
    def test_refuses_anything_else(self, content: bytes) -> None:
        """The request handed back instead of the certificate, for instance."""
        with pytest.raises(Refused) as caught:
            read_certificates_file(content)
        assert caught.value.code == "EN-CERT-UNFIT"
