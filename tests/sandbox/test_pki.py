"""The certificates of a sandbox: as the register's, judged by OpenSSL's own tool as an outside opinion."""

import stat
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from edge_node.sandbox.pki import BAD, LOCAL, Pki, make_pki


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki") / "out", now=datetime.now(UTC))


def leaf(pki: Pki, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificates(pki.files(name).chain.read_bytes())[0]


def openssl_verify(pki: Pki, name: str, *more: str) -> str:
    chain = str(pki.files(name).chain)
    command = ["openssl", "verify", "-x509_strict", "-CAfile", str(pki.anchors), "-untrusted", chain, *more, chain]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


class TestGoodCertificates:
    @pytest.mark.parametrize("name", ["practice", "pharmacy", "institution", "switchboard"])
    @pytest.mark.parametrize("purpose", ["sslserver", "sslclient"])
    def test_lead_to_the_root_for_both_directions(self, pki: Pki, name: str, purpose: str) -> None:
        """One certificate serves both directions, as the register issues them; strict checking passes as well."""
        more = ("-purpose", purpose, "-crl_check_all", "-CRLfile", str(pki.crls))
        assert openssl_verify(pki, name, *more).endswith("OK\n")

    def test_carry_the_seven_part_uzi_name(self, pki: Pki) -> None:
        """The organisation's number is read from this name, so the sandbox must write it as the register does."""
        names = leaf(pki, "practice").extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        others = {one.type_id.dotted_string: one.value for one in names.get_values_for_type(x509.OtherName)}
        assert others["2.5.5.5"][2:] == b"2.16.528.1.1007.99.2110-1-990000101-S-90000101-00.000-01999901"
        assert others["1.3.6.1.5.5.7.8.3"] == bytes.fromhex("3014 0c08 3930303030313031 0608 60841001876f0303")

    def test_are_signed_as_the_present_generation(self, pki: Pki) -> None:
        """G4 signs with RSA-PSS; a node that cannot read that would go dark at its next renewal."""
        certificate = leaf(pki, "switchboard")
        assert isinstance(certificate.signature_algorithm_parameters, padding.PSS)
        assert isinstance(certificate.public_key(), rsa.RSAPublicKey)

    def test_belong_to_different_organisations(self, pki: Pki) -> None:
        """A health centre has two; a story proves that neither can speak as the other."""
        assert leaf(pki, "practice").subject != leaf(pki, "pharmacy").subject

    @pytest.mark.parametrize("name", [f"local/{name}" for name in LOCAL])
    def test_of_local_systems_are_of_another_ca(self, pki: Pki, name: str) -> None:
        """A local system's certificate must be worth nothing at the switchboard."""
        assert "unable to get local issuer" in openssl_verify(pki, name)
        assert openssl_verify(pki, name, "-CAfile", str(pki.local_anchors)).endswith("OK\n")


class TestBadCertificates:
    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("bad/expired", "certificate has expired"),
            ("bad/not-yet-valid", "certificate is not yet valid"),
            ("bad/other-ca", "self-signed certificate|unable to get|signature failure"),
            ("bad/revoked", "certificate revoked"),
        ],
    )
    def test_are_refused_by_openssl_too(self, pki: Pki, name: str, reason: str) -> None:
        """A bad case that is bad only by our own reading would prove nothing."""
        output = openssl_verify(pki, name, "-crl_check_all", "-CRLfile", str(pki.crls))
        assert any(part in output for part in reason.split("|"))

    def test_have_just_one_thing_wrong(self, pki: Pki) -> None:
        """The forged hierarchy bears the right names, so only its signature tells."""
        assert leaf(pki, "bad/other-ca").issuer == leaf(pki, "switchboard").issuer

    def test_are_left_out_when_not_wanted(self, tmp_path: Path) -> None:
        """A demo needs no bad cases."""
        made = make_pki(tmp_path / "pki", now=datetime.now(UTC), bad=False)
        assert not any(made.files(name).chain.exists() for name in BAD)


class TestFiles:
    def test_keys_are_readable_by_their_owner_only(self, pki: Pki) -> None:
        """The node refuses a key others can read, also in a sandbox."""
        modes = {stat.S_IMODE(path.stat().st_mode) for path in pki.out.rglob("key.pem")}
        assert modes == {0o400}

    def test_a_directory_in_use_is_left_alone(self, pki: Pki) -> None:
        """A second run never mixes two hierarchies, nor overwrites a key."""
        with pytest.raises(FileExistsError):
            make_pki(pki.out, now=datetime.now(UTC))

    def test_the_directory_explains_itself(self, pki: Pki) -> None:
        """Whoever finds it sees that it is worth nothing, and what is what."""
        assert "worth nothing" in (pki.out / "README").read_text()
