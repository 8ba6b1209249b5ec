"""What is said of a certificate: its fields, the generation of its CA, and which end comes before its own."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from edge_node.errors import Refused
from edge_node.sandbox.pki import PRACTICE, PRACTICE_UZI, Pki, make_pki
from edge_node.wire.trust_inventory import describe_chain, describe_content, findings_of, generation_of

NOW = datetime(2026, 6, 1, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"), now=NOW, bad=False)


def made(subject: str, issuer: str, ends: datetime) -> x509.Certificate:
    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    builder = x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer)).serial_number(7)
    builder = builder.public_key(KEY.public_key()).not_valid_before(NOW - timedelta(days=1)).not_valid_after(ends)
    return builder.sign(KEY, hashes.SHA256())


class TestDescribed:
    def test_with_all_that_people_ask_for(self, pki: Pki) -> None:
        """The register asks for UZI number and URA on the telephone; the network for the fingerprint."""
        said = describe_chain(x509.load_pem_x509_certificates(pki.files("practice").chain.read_bytes()), NOW)
        assert said["uzi"]["number"] == PRACTICE_UZI.number
        assert (said["ura"], said["names"], said["key"]) == (PRACTICE_UZI.ura, [PRACTICE[1]], "RSA 2048")
        assert (said["purposes"], said["is_ca"], len(said["chain"])) == (["server", "client"], False, 2)

    def test_never_with_a_key(self, pki: Pki) -> None:
        """A list that is mailed around must be fit for it."""
        said = str(describe_chain(x509.load_pem_x509_certificates(pki.files("practice").chain.read_bytes()), NOW))
        assert "PRIVATE" not in said

    @pytest.mark.parametrize(
        ("part", "instead"),
        [
            (bytes.fromhex("06072a8648ce3d0201"), bytes.fromhex("06072a8648ce3d027f")),
            (bytes.fromhex("06082a8648ce3d040302"), bytes.fromhex("06082a8648ce3d04037f")),
        ],
        ids=["a kind of key", "a kind of signature"],
    )
    def test_not_at_all_with_what_nobody_knows(self, part: bytes, instead: bytes) -> None:
        """Somebody looks at a file that came by mail: what cannot be read is told, and is no mistake of the node."""
        der = made("a", "CA G1", NOW).public_bytes(Encoding.DER)
        with pytest.raises(Refused, match="EN-TLS-UNREADABLE"):
            describe_content(der.replace(part, instead), NOW)


class TestGeneration:
    @pytest.mark.parametrize(
        ("issuer", "generation"),
        [
            ("UZI-register Private Server CA G1", "G1"),
            ("TEST UZI-register Private Server CA G1", "test G1"),
            ("UZI Server - G4 PKIo Priv G-TLS SYS - 2025", "G4"),
            ("ACCEPTATIE UZI Server - G4 Priv G-TLS SYS - 2025", "test G4"),
            ("Example CA", ""),
        ],
    )
    def test_is_that_of_the_issuer(self, issuer: str, generation: str) -> None:
        """During the overlap people must see at a glance which one is shown."""
        assert generation_of((made("gp.example", issuer, NOW + timedelta(days=9)),)) == generation


class TestFindings:
    def test_name_a_ca_that_ends_sooner(self) -> None:
        """Nobody looks at the dates of a CA, and on that day the certificate is worth nothing."""
        leaf = made("gp.example", "Example CA", datetime(2029, 1, 1, tzinfo=UTC))
        ca = made("Example CA", "Example Root", datetime(2028, 6, 1, tzinfo=UTC))
        (finding,) = findings_of((leaf, ca))
        assert (finding.code, "2028-06-01" in finding.detail) == ("EN-CERTIFICATE-CHAIN", True)

    @pytest.mark.parametrize(
        ("issuer", "ends", "count"),
        [
            ("UZI-register Private Server CA G1", datetime(2029, 1, 1, tzinfo=UTC), 1),
            ("TEST UZI-register Private Server CA G1", datetime(2029, 1, 1, tzinfo=UTC), 1),
            ("UZI-register Private Server CA G1", datetime(2028, 11, 1, tzinfo=UTC), 0),
            ("UZI Server - G4 PKIo Priv G-TLS SYS - 2025", datetime(2029, 1, 1, tzinfo=UTC), 0),
        ],
    )
    def test_name_the_end_of_g1(self, issuer: str, ends: datetime, count: int) -> None:
        """G1 ends on 12 November 2028, whatever a certificate under it says."""
        assert len(list(findings_of((made("gp.example", issuer, ends),)))) == count


class TestFiles:
    @pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
    def test_are_read_in_both_forms(self, encoding: Encoding) -> None:
        """Registers send either."""
        content = made("gp.example", "Example CA", NOW + timedelta(days=9)).public_bytes(encoding)
        assert describe_content(content, NOW)[0]["days_left"] == 9

    @pytest.mark.parametrize(
        "content", [b"", b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n", b"0"]
    )
    def test_that_hold_none_are_refused(self, content: bytes) -> None:
        """A request, a key or a page of text."""
        with pytest.raises(Refused, match="holds no certificate"):
            describe_content(content, NOW)
