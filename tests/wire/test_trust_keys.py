"""Private keys: where they may lie, who may read them, which kinds are used, and what is never said of them."""

import errno
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from edge_node.errors import Refused
from edge_node.wire.trust_keys import KeySources, SoundKeys, finding_of, kind_of, load_key, place_of, read_key

PASSPHRASE = b"vier woorden naast elkaar"
RSA_2048 = rsa.generate_private_key(65537, 2048)
P256 = ec.generate_private_key(ec.SECP256R1())


def pem(key: object, encryption: KeySerializationEncryption | None = None) -> bytes:
    made: bytes = key.private_bytes(  # type: ignore[attr-defined]
        Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()
    )
    return made


def put(path: Path, content: bytes, mode: int = 0o400) -> str:
    path.write_bytes(content)
    path.chmod(mode)
    return str(path)


def refusal(reference: str, sources: KeySources | None = None, passphrase: str | None = None) -> Refused:
    with pytest.raises(Refused) as caught:
        load_key(reference, sources or KeySources(), passphrase)
    return caught.value


class TestWhereAKeyLies:
    def test_on_a_path_that_the_service_alone_reads(self, tmp_path: Path) -> None:
        """Mode 0400, as every practice has it."""
        assert kind_of(load_key(put(tmp_path / "key.pem", pem(P256)))) == "EC secp256r1"

    def test_in_a_credential_of_systemd(self, tmp_path: Path) -> None:
        """systemd names the folder; the settings name the credential."""
        put(tmp_path / "practice-key", pem(P256))
        lent = KeySources(path_of=lambda it: tmp_path / it.removeprefix("credential:"))
        assert load_key("credential:practice-key", lent).key_size == 256

    def test_sealed_under_a_name(self) -> None:
        """What the node made itself lies sealed: no file on this disk shows it."""
        sealed = {"practice-2027": pem(RSA_2048)}
        assert load_key("sealed:practice-2027", KeySources(open_sealed=sealed.__getitem__)).key_size == 2048

    def test_sealed_where_nobody_can_open_it_is_refused(self) -> None:
        """At check the daemon's own key is not at hand; that is said, not guessed."""
        assert refusal("sealed:practice-2027").code == "EN-KEY-UNREADABLE"

    def test_sealed_and_gone_says_what_the_disk_says(self) -> None:
        """A file that somebody removed is another repair than a wrong key."""

        def gone(name: str) -> bytes:
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))

        assert refusal("sealed:x", KeySources(open_sealed=gone)).detail == "No such file or directory"

    @pytest.mark.parametrize(
        ("reference", "place"), [("/k.pem", "path"), ("credential:k", "credential"), ("sealed:k", "sealed")]
    )
    def test_is_said_in_one_word(self, reference: str, place: str) -> None:
        """The inventory tells where, never what."""
        assert place_of(reference) == place


class TestWhoMayReadIt:
    @pytest.mark.parametrize("mode", [0o404, 0o460, 0o444, 0o602, 0o604, 0o666])
    def test_a_key_open_to_others_is_refused(self, tmp_path: Path, mode: int) -> None:
        """Whoever reads the key can be this practice."""
        refused = refusal(put(tmp_path / "key.pem", pem(P256), mode))
        assert (refused.code, f"{mode:04o}" in refused.detail) == ("EN-KEY-EXPOSED", True)

    def test_a_passphrase_open_to_others_is_refused(self, tmp_path: Path) -> None:
        """A lock whose key hangs beside it is none."""
        key = put(tmp_path / "key.pem", pem(P256, BestAvailableEncryption(PASSPHRASE)))
        word = put(tmp_path / "word", PASSPHRASE, 0o644)
        assert refusal(key, passphrase=word).code == "EN-KEY-EXPOSED"

    @pytest.mark.parametrize("name", ["gone.pem", "."])
    def test_what_is_no_file_is_refused(self, tmp_path: Path, name: str) -> None:
        """A pipe or a folder in its place must not hold the node up."""
        assert refusal(str(tmp_path / name)).code == "EN-KEY-UNREADABLE"

    def test_a_file_without_end_is_refused(self, tmp_path: Path) -> None:
        """Somebody's disk image under the name of a key."""
        path = put(tmp_path / "key.pem", pem(P256) + b"\n" * 70_000)
        assert refusal(path).detail == "is larger than 65536 bytes"


class TestThePassphrase:
    @pytest.fixture
    def key(self, tmp_path: Path) -> str:
        return put(tmp_path / "key.pem", pem(P256, BestAvailableEncryption(PASSPHRASE)))

    def test_opens_the_key(self, key: str, tmp_path: Path) -> None:
        """An editor puts a line end behind it; that is not part of it."""
        assert load_key(key, passphrase=put(tmp_path / "word", PASSPHRASE + b"\n")).key_size == 256

    def test_that_is_missing_is_asked_for(self, key: str) -> None:
        """The error names the setting."""
        refused = refusal(key)
        assert (refused.code, "key_passphrase" in refused.detail) == ("EN-KEY-PASSPHRASE", True)

    @pytest.mark.parametrize("word", [b"another one", b"\n", PASSPHRASE + b" "])
    def test_that_is_wrong_is_told_without_its_words(self, key: str, tmp_path: Path, word: bytes) -> None:
        """Nobody learns from a log how near a guess was."""
        refused = refusal(key, passphrase=put(tmp_path / "word", word))
        told = str(refused)
        assert (refused.code, "another" in told, "elkaar" in told) == ("EN-KEY-PASSPHRASE", False, False)

    def test_for_a_key_that_has_none_is_told(self, tmp_path: Path) -> None:
        """A key that lies in clear must not be thought locked."""
        clear = put(tmp_path / "clear.pem", pem(P256))
        refused = refusal(clear, passphrase=put(tmp_path / "word", PASSPHRASE))
        assert (refused.code, "is not encrypted" in refused.detail) == ("EN-KEY-PASSPHRASE", True)

    def test_that_is_not_there_is_named(self, key: str, tmp_path: Path) -> None:
        """Two files are involved; the error says which one is gone."""
        assert str(tmp_path / "gone") in refusal(key, passphrase=str(tmp_path / "gone")).detail


class TestKinds:
    @pytest.mark.parametrize(
        ("key", "name"),
        [
            (ed25519.Ed25519PrivateKey.generate(), "Ed25519"),
            (ed448.Ed448PrivateKey.generate(), "Ed448"),
            (dsa.generate_private_key(2048), "DSA"),
            (ec.generate_private_key(ec.SECP256K1()), "EC secp256k1"),
            (ec.generate_private_key(ec.SECP224R1()), "EC secp224r1"),
        ],
    )
    def test_not_used_are_refused_by_name(self, tmp_path: Path, key: object, name: str) -> None:
        """The registers certify none of them; who made one should read so, not “bad PEM”."""
        refused = refusal(put(tmp_path / "key.pem", pem(key)))
        assert (refused.code, refused.detail.startswith(f"is {name};")) == ("EN-KEY-KIND", True)

    @pytest.mark.parametrize("bits", [1024, 2040])
    def test_small_rsa_is_refused(self, tmp_path: Path, bits: int) -> None:
        """Such keys are broken by money, not by luck."""
        refused = refusal(put(tmp_path / "key.pem", pem(rsa.generate_private_key(65537, bits))))
        assert (refused.code, str(bits) in refused.detail) == ("EN-KEY-KIND", True)

    def test_rsa_2048_is_used_and_found(self, tmp_path: Path) -> None:
        """It is to be phased out: the next key is to be longer, and somebody has to know."""
        finding = finding_of(load_key(put(tmp_path / "key.pem", pem(RSA_2048))))
        assert finding is not None
        assert finding.code == "EN-KEY-SHORT"

    @pytest.mark.parametrize("key", [rsa.generate_private_key(65537, 3072), P256])
    def test_good_ones_give_no_finding(self, key: rsa.RSAPrivateKey) -> None:
        """Nobody is called for nothing."""
        assert finding_of(key) is None

    @pytest.mark.parametrize("content", [b"", b"no key", pem(P256)[:-60], pem(P256)[30:]])
    def test_half_written_is_told_without_its_words(self, content: bytes) -> None:
        """A library's words about a key might say too much of it."""
        with pytest.raises(Refused) as caught:
            read_key(content)
        assert (caught.value.code, caught.value.detail) == ("EN-KEY-UNREADABLE", "holds no private key in PEM")


class TestTheTestOfAKey:
    """Of RSA 4096 it stops the whole process for a quarter of a second: no request is answered meanwhile."""

    def test_is_made_once_for_the_same_file(self, tmp_path: Path) -> None:
        """A certificate is swapped while 50 requests a second go on."""
        sources, path = KeySources(), put(tmp_path / "key.pem", pem(RSA_2048))
        load_key(path, sources)
        load_key(path, sources)
        assert sources.sound.tested == 1

    def test_is_made_for_another_key_in_the_same_file(self, tmp_path: Path) -> None:
        """What was replaced on disk is another key, whatever its name."""
        sources, path = KeySources(), tmp_path / "key.pem"
        load_key(put(path, pem(RSA_2048)), sources)
        path.unlink()
        load_key(put(path, pem(P256)), sources)
        assert sources.sound.tested == 2

    def test_is_not_made_for_one_that_the_node_sealed(self) -> None:
        """It was tested or made here, and nobody can have changed it since."""
        sources = KeySources(open_sealed={"practice.1": pem(RSA_2048)}.__getitem__)
        assert (load_key("sealed:practice.1", sources).key_size, sources.sound.tested) == (2048, 0)

    def test_that_fails_is_not_remembered(self, tmp_path: Path) -> None:
        """A damaged key must be refused at the second look too."""
        numbers = RSA_2048.private_numbers()
        wrong = rsa.RSAPrivateNumbers(
            p=numbers.p,
            q=numbers.q,
            d=numbers.d + 2,
            dmp1=numbers.dmp1,
            dmq1=numbers.dmq1,
            iqmp=numbers.iqmp,
            public_numbers=numbers.public_numbers,
        ).private_key(unsafe_skip_rsa_key_validation=True)
        sources, path = KeySources(), put(tmp_path / "key.pem", pem(wrong))
        codes = [refusal(path, sources).code, refusal(path, sources).code]
        assert codes == ["EN-KEY-UNREADABLE", "EN-KEY-UNREADABLE"]

    def test_keeps_no_key(self, tmp_path: Path) -> None:
        """A key that is replaced leaves the memory of the process."""
        sound = SoundKeys()
        read_key(pem(P256), None, sound)
        assert {len(digest) for digest in sound._digests} == {32}
