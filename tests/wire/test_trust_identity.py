"""Own certificates from files: each complaint names the file and the reason, all at once."""

import base64
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from edge_node.errors import SettingsInvalid
from edge_node.model.hierarchies import TEST_REALM, Realm
from edge_node.sandbox.pki import PRACTICE, PRACTICE_UZI, Pki, make_pki
from edge_node.wire.trust_identity import (
    IdentityFiles,
    check_certificate,
    load_anchors,
    load_identity,
    out_of_date,
)
from edge_node.wire.trust_judge import Purpose
from edge_node.wire.trust_keys import is_exposed

NOW = datetime.now(UTC)
END = b"-----END CERTIFICATE-----\n"
RSA = bytes.fromhex("06092a864886f70d010101")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki") / "out", now=NOW)


@pytest.fixture
def files(made: Pki, tmp_path: Path) -> IdentityFiles:
    """A copy of the practice's files, to be spoilt."""
    shutil.copytree(made.out / "practice", tmp_path / "own")
    return IdentityFiles(
        name="practice",
        certificate=tmp_path / "own" / "chain.pem",
        key=tmp_path / "own" / "key.pem",
        fqdn=PRACTICE[1],
        ura=PRACTICE_UZI.ura,
    )


def complaints(files: IdentityFiles) -> tuple[str, ...]:
    with pytest.raises(SettingsInvalid) as caught:
        load_identity(files)
    return caught.value.complaints


def changed(files: IdentityFiles, **other: object) -> IdentityFiles:
    return replace(files, **other)  # type: ignore[arg-type]


def rewrite(path: Path, content: bytes, mode: int = 0o400) -> None:
    path.unlink()
    path.write_bytes(content)
    path.chmod(mode)


class TestGoodFiles:
    def test_give_chain_key_and_organisation(self, files: IdentityFiles) -> None:
        """The whole chain is needed: a peer may know only the root."""
        own = load_identity(files)
        assert (own.fqdn, own.ura, len(own.chain)) == (PRACTICE[1], PRACTICE_UZI.ura, 3)

    def test_never_show_the_key(self, files: IdentityFiles) -> None:
        """An identity in a log or a traceback must not carry its key."""
        assert "PrivateKey" not in repr(load_identity(files))

    def test_may_hold_the_root_which_is_not_sent(self, files: IdentityFiles, made: Pki) -> None:
        """A peer has the root already, or must not trust it."""
        rewrite(files.certificate, files.certificate.read_bytes() + made.anchors.read_bytes())
        assert len(load_identity(files).chain) == 3

    def test_of_a_local_listener_need_no_organisation(self, files: IdentityFiles, made: Pki) -> None:
        """A practice makes the certificate of its own network itself."""
        local = made.files("local/local-listener")
        own = load_identity(
            changed(files, certificate=local.chain, key=local.key, fqdn=None, ura=None, purposes=(Purpose.SERVER,))
        )
        assert own.ura is None


class TestWrongFiles:
    def test_that_are_missing_are_named(self, files: IdentityFiles) -> None:
        """Both in one go: an operator should not have to run check twice."""
        files.certificate.unlink()
        files.key.unlink()
        reason = "No such file or directory"
        assert complaints(files) == (f"{files.certificate}: {reason}", f"{files.key}: {reason}")

    def test_that_are_no_pem_are_named(self, files: IdentityFiles) -> None:
        """A DER file or a request for a certificate is easily put there instead."""
        rewrite(files.certificate, b"no certificate")
        rewrite(files.key, b"no key")
        assert [one.split(": ")[1] for one in complaints(files)] == [
            "holds no certificates in PEM",
            "holds no private key in PEM",
        ]

    @pytest.mark.parametrize("mode", [0o404, 0o460, 0o620, 0o644])
    def test_a_key_open_to_others_is_refused(self, files: IdentityFiles, mode: int) -> None:
        """Whoever reads the key can be this practice."""
        files.key.chmod(mode)
        assert complaints(files) == (
            f"{files.key}: can be read or written by others (mode {mode:04o}); make it 0400",
        )

    @pytest.mark.parametrize(
        ("mode", "owner", "exposed"),
        [(0o400, 0, False), (0o440, 0, False), (0o600, 998, False), (0o440, 998, True), (0o444, 0, True)],
    )
    def test_root_may_let_one_group_read_a_key(self, mode: int, owner: int, exposed: bool) -> None:
        """systemd from 254 hands a credential over as root's file with an ACL, which shows as mode 0440."""
        assert is_exposed(mode, owner=owner) is exposed

    def test_a_key_of_another_certificate_is_refused(self, files: IdentityFiles, made: Pki) -> None:
        """After a renewal new certificate and old key are easily mixed."""
        rewrite(files.key, made.files("pharmacy").key.read_bytes())
        assert complaints(files) == (f"{files.key}: is not the key of {files.certificate}",)

    def test_a_key_that_tls_here_does_not_use_is_refused(self, files: IdentityFiles) -> None:
        """The registers certify RSA; EC is for sandboxes and local networks."""
        key = ed25519.Ed25519PrivateKey.generate()
        rewrite(files.key, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        assert complaints(files) == (f"{files.key}: is Ed25519; TLS here uses RSA and EC (P-256, P-384, P-521)",)

    @pytest.mark.parametrize(
        ("at", "word"), [(NOW - timedelta(days=2), "begins"), (NOW + timedelta(days=1200), "ended")]
    )
    def test_a_certificate_not_of_this_time_is_told_apart(
        self, files: IdentityFiles, at: datetime, word: str
    ) -> None:
        """It stops its own organisation; the other one behind the node goes on."""
        said = out_of_date(load_identity(files).certificate, at)
        assert said is not None
        assert said.startswith(f"{word} ")

    def test_a_certificate_of_this_time_is_not_out_of_date(self, files: IdentityFiles) -> None:
        """Nobody is called for nothing."""
        assert out_of_date(load_identity(files).certificate, NOW) is None

    def test_a_certificate_is_looked_at_though_its_key_cannot_be_seen(self, files: IdentityFiles) -> None:
        """At check only the service sees its credentials; a wrong name is wrong all the same."""
        wrong = changed(files, key=files.key.parent / "not-there", fqdn="elsewhere.test")
        assert check_certificate(wrong) == (f"{files.certificate}: is for {PRACTICE[1]}, not for elsewhere.test",)

    def test_every_reason_is_told_at_once(self, files: IdentityFiles) -> None:
        """Name, organisation and key are three different repairs."""
        files.key.chmod(0o444)
        assert complaints(changed(files, fqdn="elsewhere.test", ura="12345678")) == (
            f"{files.key}: can be read or written by others (mode 0444); make it 0400",
            f"{files.certificate}: is for {PRACTICE[1]}, not for elsewhere.test",
            f"{files.certificate}: is of URA {PRACTICE_UZI.ura}, not of 12345678",
        )

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("bad/no-client-auth", "client use is not among its purposes"),
            ("bad/no-server-auth", "server use is not among its purposes"),
            ("bad/not-a-server", "the UZI name is not of a server"),
        ],
    )
    def test_a_certificate_for_another_use_is_refused(
        self, files: IdentityFiles, made: Pki, name: str, reason: str
    ) -> None:
        """One certificate serves both directions; one that does not lets half the messages fail."""
        bad = made.files(name)
        found = complaints(changed(files, certificate=bad.chain, key=bad.key, fqdn=None, ura=None))
        assert any(reason in one for one in found)


class TestTheChain:
    def test_without_cas_is_refused(self, files: IdentityFiles) -> None:
        """The commonest mistake: the peer then cannot get from the leaf to its root."""
        rewrite(files.certificate, files.certificate.read_bytes().split(END)[0] + END)
        (only,) = complaints(files)
        assert "the whole chain must be sent" in only

    def test_in_the_wrong_order_is_refused(self, files: IdentityFiles) -> None:
        """Some peers accept a muddled chain, others do not."""
        leaf, first, second, _ = files.certificate.read_bytes().split(END)
        rewrite(files.certificate, leaf + END + second + END + first + END)
        assert any("is not issued by the certificate that follows it" in one for one in complaints(files))

    def test_with_a_ca_in_front_is_refused(self, files: IdentityFiles) -> None:
        """Then the CA would be shown as if it were the server."""
        leaf, first, second, _ = files.certificate.read_bytes().split(END)
        rewrite(files.certificate, first + END + second + END + leaf + END)
        assert any("begins with a CA" in one for one in complaints(files))


class TestAnchors:
    def test_are_read(self, made: Pki) -> None:
        """These, and never the machine's own list, decide who may be the switchboard."""
        assert len(load_anchors(made.anchors)) == 1

    @pytest.mark.parametrize(
        ("name", "reason"), [("practice/chain.pem", "is no CA"), ("practice/key.pem", "holds no certificates in PEM")]
    )
    def test_that_are_none_are_refused(self, made: Pki, name: str, reason: str) -> None:
        """A certificate of a server in this place would trust just nobody, or worse."""
        with pytest.raises(SettingsInvalid, match=reason):
            load_anchors(made.out / name)

    def test_without_a_root_are_refused(self, files: IdentityFiles, tmp_path: Path) -> None:
        """OpenSSL ends chains at roots; an intermediate alone would let nobody in, without saying why."""
        path = tmp_path / "anchors.pem"
        path.write_bytes(files.certificate.read_bytes().split(END)[2] + END)
        with pytest.raises(SettingsInvalid, match="holds no root"):
            load_anchors(path)


class TestWhatTheLibraryReadsLate:
    """One wrong byte in a name is met only when the name is asked for; it is told like all else that is wrong."""

    def test_in_the_certificate_is_told_with_its_file(self, files: IdentityFiles) -> None:
        """A start would end with a stack trace, and a reload without a word."""
        spoil(files.certificate, 0, PRACTICE[0].encode())
        assert next(said for said in complaints(files) if "read" in said).startswith(f"{files.certificate}: ")

    @pytest.mark.parametrize("realm", [None, TEST_REALM], ids=["local", "national"])
    def test_in_a_ca_above_it_too(self, files: IdentityFiles, realm: Realm | None) -> None:
        """So that another certificate that is good is shown in its place."""
        spoil(files.certificate, 1, b"EDGE NODE TEST UZI-register")
        assert complaints(changed(files, realm=realm))[0].startswith(f"{files.certificate}: ")

    @pytest.mark.parametrize(
        ("part", "last"), [(b"EDGE NODE TEST", b"\xff"), (RSA, b"\x7f")], ids=["name", "kind of key"]
    )
    def test_in_an_anchor_too(self, made: Pki, tmp_path: Path, part: bytes, last: bytes) -> None:
        """A list of anchors that was pushed to all sites must end none of them."""
        path = tmp_path / "anchors.pem"
        path.write_bytes(made.anchors.read_bytes())
        spoil(path, 0, part, last)
        with pytest.raises(SettingsInvalid) as caught:
            load_anchors(path)
        assert caught.value.complaints == (f"{path}: holds a certificate that cannot be read",)


def spoil(path: Path, number: int, name: bytes, last: bytes = b"\xff") -> None:
    """Have a name in one of the certificates of a file be no text, or a kind of key be none."""
    ders = [one.public_bytes(Encoding.DER) for one in x509.load_pem_x509_certificates(path.read_bytes())]
    assert name in ders[number]
    ders[number] = ders[number].replace(name, name[:-1] + last)
    written = [f"-----BEGIN CERTIFICATE-----\n{base64.b64encode(der).decode()}\n".encode() + END for der in ders]
    rewrite(path, b"".join(written))
