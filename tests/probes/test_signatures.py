"""Who signed a file, with real keys and the signatures that openssl writes."""

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edge_node.model.check import Unseen
from edge_node.probes.signatures import look

ANNA, PIET = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
PEM = Encoding.PEM, PublicFormat.SubjectPublicKeyInfo


@pytest.fixture
def signers(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "anna.pem", tmp_path / "piet.pem"]
    for path, key in zip(paths, (ANNA, PIET), strict=True):
        path.write_bytes(key.public_key().public_bytes(*PEM))
    return paths


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "site.yaml"
    path.write_text("version: 1\n")
    return path


def sign(file: Path, key: Ed25519PrivateKey, *, raw: bool = True) -> None:
    signature = key.sign(file.read_bytes())
    file.with_name("site.yaml.sig").write_bytes(signature if raw else base64.encodebytes(signature))


class TestAFile:
    @pytest.mark.parametrize("raw", [True, False])
    def test_is_signed_by_one_of_those_who_may(self, file: Path, signers: list[Path], raw: bool) -> None:
        """Raw as openssl writes it, or as text for a version control system."""
        sign(file, PIET, raw=raw)
        assert look([file], signers)[0].signer == "piet.pem"

    def test_that_changed_since_is_not(self, file: Path, signers: list[Path]) -> None:
        """One blank is enough."""
        sign(file, ANNA)
        file.write_text("version: 1 \n")
        assert "changed since" in look([file], signers)[0].failure

    def test_signed_by_somebody_else_is_not(self, file: Path, signers: list[Path]) -> None:
        """Everybody can make a signature."""
        sign(file, Ed25519PrivateKey.generate())
        assert "nobody who may" in look([file], signers)[0].failure

    def test_without_a_signature_is_not(self, file: Path, signers: list[Path]) -> None:
        """It may have been edited in haste."""
        assert look([file], signers)[0].failure.startswith("no signature")

    def test_beside_garbage_is_not(self, file: Path, signers: list[Path]) -> None:
        """A signature that cannot be read is none."""
        file.with_name("site.yaml.sig").write_text("not base64!")
        assert look([file], signers)[0].failure


class TestAKey:
    def test_of_another_kind_makes_it_unknown(self, tmp_path: Path, file: Path) -> None:
        """Nobody can tell who signed, which is not that nobody did."""
        path = tmp_path / "ec.pem"
        path.write_bytes(generate_private_key(SECP256R1()).public_key().public_bytes(*PEM))
        with pytest.raises(Unseen, match=r"ec\.pem is no public key"):
            look([file], [path])

    @pytest.mark.parametrize("name", ["gone.pem", "site.yaml"])
    def test_that_is_none_makes_it_unknown(self, tmp_path: Path, file: Path, name: str) -> None:
        """Its file is gone, or holds something else."""
        with pytest.raises(Unseen):
            look([file], [tmp_path / name])
