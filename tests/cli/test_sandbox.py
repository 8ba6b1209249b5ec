"""`edge-node sandbox`."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from edge_node.sandbox.pki import Pki, make_pki

from .conftest import Run


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("lists") / "pki", now=datetime.now(UTC), bad=False)


class TestPki:
    def test_makes_what_a_sandbox_needs(self, run: Run, tmp_path: Path) -> None:
        """A developer of a local system tries the node without any certificate of the register."""
        result = run("sandbox", "pki", "--out", str(tmp_path / "pki"))
        assert (result.exit_code, result.stdout) == (0, f"{tmp_path / 'pki'}\n")
        assert (tmp_path / "pki" / "practice" / "key.pem").stat().st_mode & 0o077 == 0

    def test_overwrites_nothing(self, run: Run, tmp_path: Path) -> None:
        """Keys that are in use would be gone."""
        (tmp_path / "kept").touch()
        result = run("sandbox", "pki", "--out", str(tmp_path))
        assert (result.exit_code, list(tmp_path.iterdir())) == (64, [tmp_path / "kept"])


class TestLists:
    def test_revoke_what_one_of_its_cas_issued(self, run: Run, pki: Pki) -> None:
        """A practice tries what happens on the day its certificate is revoked."""
        chain = pki.files("practice").chain
        assert run("sandbox", "crl", "--pki", str(pki.out), "--revoke", str(chain)).exit_code == 0
        serial = x509.load_pem_x509_certificate(chain.read_bytes()).serial_number
        crl = x509.load_der_x509_crl((pki.out / "crl" / "uzi-register-private-server-ca-g1.crl").read_bytes())
        assert crl.get_revoked_certificate_by_serial_number(serial) is not None

    def test_blame_the_file_that_is_no_certificate(self, run: Run, pki: Pki, tmp_path: Path) -> None:
        """Not the sandbox, which is whole."""
        (tmp_path / "site.yaml").write_text("version: 1")
        result = run("sandbox", "crl", "--pki", str(pki.out), "--revoke", str(tmp_path / "site.yaml"))
        assert (result.exit_code, "--revoke" in result.stderr, "--pki:" in result.stderr) == (64, True, False)

    def test_refuse_what_another_sandbox_issued(self, run: Run, pki: Pki, tmp_path: Path) -> None:
        """Its CA has the same name; on the list it would revoke nobody."""
        other = make_pki(tmp_path / "other", now=datetime.now(UTC), bad=False).files("practice").chain
        result = run("sandbox", "crl", "--pki", str(pki.out), "--revoke", str(other))
        assert (result.exit_code, "no CA of this" in result.stderr) == (64, True)
