"""What a renewal finds to work with: the key of a certificate, wherever it lies, and another to go back to."""

from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from edge_node.certificates import Beyond, Certificates, read_certificates
from edge_node.model.renewal import Asked, Installation, Offered, Result
from edge_node.sandbox.pki import PRACTICE, Pki
from edge_node.sealed_keys import opener
from edge_node.settings.schema import Settings
from edge_node.wire.trust_request import Subject, make_request
from tests import test_renewing
from tests.test_renewing import LATER, given, issued, now, serial

pki, settings = test_renewing.pki, test_renewing.settings


class Site(test_renewing.Site):
    """One whose switchboard may refuse a certificate."""

    refused: frozenset[str] = frozenset()

    def _held(self) -> Certificates:
        beyond = Beyond(open_sealed=opener(self.settings, None), refused=self.refused)
        return read_certificates(self.settings, Path, LATER, beyond)


@pytest.fixture
def site(settings: Settings) -> Site:
    return Site(settings)


def install(site: Site, certificates: tuple[bytes, ...], key: bytes | None = None) -> Installation:
    offered = Offered(identity="practice", certificates=certificates, key=key, untested=True)
    done: Installation = now(site.renewing().install(offered))
    return done


def in_settings(site: Site) -> tuple[bytes, ...]:
    """The certificate that the settings name."""
    chain = x509.load_pem_x509_certificates(Path(site.settings.identities[0].certificate).read_bytes())
    return tuple(one.public_bytes(Encoding.DER) for one in chain)


def codes(done: Installation) -> list[str]:
    return [one.code for one in (*done.wrong, *done.notes)]


class TestGivenTwice:
    def test_changes_nothing(self, site: Site, pki: Pki) -> None:
        """Did it work? Once more: that must not cost the practice the way back."""
        old = site.shown()
        install(site, new := issued(pki, site))
        assert codes(install(site, new)) == ["EN-CERT-IN-USE"]
        assert now(site.renewing().back("practice")).result is Result.IN_USE
        assert site.shown() == old

    def test_with_its_key_leaves_another_to_go_back_to(self, site: Site, pki: Pki) -> None:
        """To have the key of the settings sealed here, so that its file may go."""
        install(site, new := issued(pki, site))
        key = Path(site.settings.identities[0].key).read_bytes()
        for _ in range(2):
            assert install(site, in_settings(site), key=key).result is Result.IN_USE
        now(site.renewing().back("practice"))
        assert site.shown() == serial(new)

    def test_while_it_is_shown_because_the_newest_is_refused_makes_it_the_first(self, site: Site, pki: Pki) -> None:
        """A person decides that the old one stays for now; the refused one is at hand."""
        old, new = site.shown(), issued(pki, site)
        install(site, new)
        site.refused = frozenset({x509.load_der_x509_certificate(new[0]).fingerprint(SHA256()).hex()})
        assert codes(install(site, in_settings(site))) == []
        site.refused = frozenset()
        assert site.shown() == old
        now(site.renewing().back("practice"))
        assert site.shown() == serial(new)


def pem_of_key(key: Any, passphrase: bytes | None = None) -> bytes:
    closed = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    pem: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, closed)
    return pem


def lock(site: Site, folder: Path) -> None:
    """Have the key of the settings be under a passphrase."""
    key, said = folder / "locked.key", folder / "passphrase"
    identity = site.settings.identities[0]
    key.touch(mode=0o600)
    said.touch(mode=0o600)
    said.write_bytes(b"in the safe")
    key.write_bytes(pem_of_key(load_pem_private_key(Path(identity.key).read_bytes(), None), b"in the safe"))
    locked = identity.model_copy(update={"key": str(key), "key_passphrase": str(said)})
    site.settings = site.settings.model_copy(update={"identities": (locked,)})


class TestKey:
    def test_of_the_settings_is_found_after_another_was_installed(self, site: Site, pki: Pki) -> None:
        """The new one was revoked: the old one, whose files are still there, must serve again."""
        old = site.shown()
        for _ in range(2):
            install(site, issued(pki, site))
        assert install(site, in_settings(site)).result is Result.IN_USE
        assert site.shown() == old

    def test_of_the_settings_may_have_a_passphrase(self, site: Site, pki: Pki, tmp_path: Path) -> None:
        """It stays where it is, and is opened as the settings say."""
        old = site.shown()
        lock(site, tmp_path)
        install(site, new := issued(pki, site))
        assert site.shown() == serial(new)
        now(site.renewing().back("practice"))
        assert site.shown() == old

    def test_given_with_a_passphrase_is_told_how_to_be_given(self, site: Site, pki: Pki, tmp_path: Path) -> None:
        """There is no setting for the passphrase of a file that is only handed over."""
        lock(site, tmp_path)
        done = install(site, in_settings(site), key=Path(site.settings.identities[0].key).read_bytes())
        assert codes(done) == ["EN-KEY-PASSPHRASE"]
        assert "openssl pkey" in done.wrong[0].detail

    def test_that_tls_does_not_use_is_found_out_before_a_peer_sees_it(self, site: Site, pki: Pki) -> None:
        """Else the help desk of the network is called for what is wrong here."""
        subject = Subject(organisation=PRACTICE[0], fqdn=PRACTICE[1], state="Utrecht", locality="Teststad")
        key = pem_of_key(ec.generate_private_key(ec.SECP256K1()))
        done = install(site, given(pki, make_request(key, subject)), key=key)
        assert codes(done) == ["EN-KEY-KIND"]


class TestTwoForOneRequest:
    def test_have_one_key(self, site: Site, pki: Pki) -> None:
        """The register mends a field, for the same request."""
        made = now(site.renewing().request(Asked(identity="practice", kind="P-256")))
        first, second = given(pki, made.pem.encode()), given(pki, made.pem.encode())
        install(site, first)
        assert install(site, second).result is Result.IN_USE
        assert site.shown() == serial(second) != serial(first)
