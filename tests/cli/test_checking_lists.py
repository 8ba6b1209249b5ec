"""What `check` says of revocation lists before a node starts with them."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from edge_node.certificates import read_certificates
from edge_node.cli.checking_lists import wrong_lists
from edge_node.sandbox.pki import Pki
from edge_node.sandbox.pki_lists import bring_out
from edge_node.settings.load import load
from tests.stories import certificates, site


@dataclass
class Site:
    """A site with a folder of lists of its own."""

    folder: Path
    register: Pki

    @property
    def issued(self) -> Path:
        return self.register.out / "crl" / "uzi-register-private-server-ca-g1.crl"

    def complaints(self, later: timedelta = timedelta()) -> list[tuple[tuple[object, ...], str]]:
        paths = site.write(self.folder, 1, {"his": 2, "portal": 3, "ais": 4})
        paths[1].write_text(f"revocation: {{crl_files: [{self.register.out / 'crl'}]}}\n", encoding="utf-8")
        settings, at = load(list(paths)), datetime.now(UTC) + later
        return list(wrong_lists(settings, read_certificates(settings, Path, datetime.now(UTC)), at))


@pytest.fixture
def here(tmp_path: Path) -> Site:
    register = Pki(out=tmp_path / "register")
    for folder in ("ca", "crl"):
        shutil.copytree(certificates.pki().out / folder, register.out / folder)
    return Site(tmp_path, register)


class TestLists:
    def test_that_are_good_are_passed_over(self, here: Site) -> None:
        """A check that cries wolf is not run again."""
        assert here.complaints() == []

    def test_that_are_half_are_told_at_their_key(self, here: Site) -> None:
        """Before the node starts is the cheapest moment to hear it."""
        here.issued.write_bytes(here.issued.read_bytes()[:-9])
        ((steps, told),) = here.complaints()
        assert steps == ("revocation", "crl_files", 0)
        assert told.startswith(f"{here.issued}: EN-CRL-UNREADABLE")

    def test_that_have_ended_are_told(self, here: Site) -> None:
        """With such a list every peer of that CA is refused."""
        told = [what for _, what in here.complaints(timedelta(days=3))]
        assert any("uzi-register-private-server-ca-g1.crl" in what and " ended " in what for what in told)

    def test_that_are_nowhere_are_told(self, here: Site) -> None:
        """A folder that was never made, or a letter too many."""
        shutil.rmtree(here.register.out / "crl")
        ((steps, told),) = here.complaints()
        assert (steps, "EN-CRL-UNREADABLE" in told) == (("revocation", "crl_files", 0), True)

    def test_that_name_our_own_certificate_are_told(self, here: Site) -> None:
        """Nobody on the care network takes it any more."""
        own = x509.load_pem_x509_certificate(certificates.pki().files("practice").chain.read_bytes())
        bring_out(here.register, datetime.now(UTC), [own])
        ((steps, told),) = here.complaints()
        assert (steps, told.startswith("it was revoked")) == (("identities", 0, "certificate"), True)
