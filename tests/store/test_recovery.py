"""The keys that open what a node sealed when the node is gone."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from edge_node.errors import EdgeNodeError
from edge_node.store import recovery
from edge_node.store.recovery import RecoveryPrivate

SECRET = bytes(range(32))
PASSPHRASE = b"correct horse battery"


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "safe.pem", tmp_path / "node.pem"


@pytest.fixture
def pair(paths: tuple[Path, Path]) -> RecoveryPrivate:
    recovery.make(*paths)
    return recovery.load_private(paths[0])


class TestWrapping:
    def test_the_half_in_the_safe_opens_what_the_half_on_the_node_sealed(
        self, pair: RecoveryPrivate, paths: tuple[Path, Path]
    ) -> None:
        """The machine is gone; the paper in the safe is all there is."""
        blob = recovery.wrap(recovery.load_public(paths[1]), SECRET, b"day 3")
        assert recovery.unwrap(pair, blob, b"day 3") == SECRET
        assert SECRET not in blob

    def test_never_wraps_the_same_twice(self, pair: RecoveryPrivate) -> None:
        """Equal blobs would tell that two days have one key."""
        assert recovery.wrap(pair.public, SECRET, b"") != recovery.wrap(pair.public, SECRET, b"")

    def test_opens_for_its_own_context_only(self, pair: RecoveryPrivate) -> None:
        """The key of one day put in the place of another is seen."""
        with pytest.raises(EdgeNodeError, match=r"EN-RECOVERY-KEY.*belongs elsewhere"):
            recovery.unwrap(pair, recovery.wrap(pair.public, SECRET, b"day 3"), b"day 4")

    @pytest.mark.parametrize("place", [0, 3, 12, -1])
    def test_sees_each_changed_byte(self, pair: RecoveryPrivate, place: int) -> None:
        """A damaged backup must not be taken for a good one."""
        blob = bytearray(recovery.wrap(pair.public, SECRET, b""))
        blob[place] ^= 1
        with pytest.raises(EdgeNodeError, match="EN-RECOVERY-KEY"):
            recovery.unwrap(pair, bytes(blob), b"")

    @pytest.mark.parametrize("length", [0, 1, 9, 20])
    def test_sees_what_was_cut_off(self, pair: RecoveryPrivate, length: int) -> None:
        """A torn file ends with our code, not with a failure of the program."""
        with pytest.raises(EdgeNodeError, match="EN-RECOVERY-KEY"):
            recovery.unwrap(pair, recovery.wrap(pair.public, SECRET, b"")[:length], b"")

    def test_names_the_key_that_is_needed(self, pair: RecoveryPrivate, tmp_path: Path) -> None:
        """With three sticks in the safe, the message says which one to take."""
        other = recovery.make(tmp_path / "a", tmp_path / "b")
        with pytest.raises(EdgeNodeError, match=f"sealed to the key {other.id}, this one is {pair.id}"):
            recovery.unwrap(pair, recovery.wrap(other, SECRET, b""), b"")


class TestFiles:
    def test_the_private_half_is_for_its_owner_alone(self, pair: RecoveryPrivate, paths: tuple[Path, Path]) -> None:
        """It opens everything."""
        assert [path.stat().st_mode & 0o777 for path in paths] == [0o400, 0o444]

    def test_the_public_half_does_not_hold_the_private_one(
        self, pair: RecoveryPrivate, paths: tuple[Path, Path]
    ) -> None:
        """Only what can lock goes on the node."""
        assert recovery.load_public(paths[1]).id == pair.id
        with pytest.raises(EdgeNodeError, match="not the private half"):
            recovery.load_private(paths[1])

    @pytest.mark.parametrize("there", [0, 1])
    def test_never_writes_over_a_file(self, paths: tuple[Path, Path], there: int) -> None:
        """The key that opens last year's backups would be gone; nor is half a pair left behind."""
        paths[there].write_text("mine")
        with pytest.raises(EdgeNodeError, match="File exists"):
            recovery.make(*paths)
        assert [path.exists() for path in paths] == [there == 0, there == 1]
        assert paths[there].read_text() == "mine"

    @pytest.mark.parametrize("given", [None, b"wrong horse battery"])
    def test_needs_the_passphrase_it_was_made_with(self, paths: tuple[Path, Path], given: bytes | None) -> None:
        """A stick that was lost opens nothing by itself."""
        made = recovery.make(*paths, PASSPHRASE)
        assert recovery.load_private(paths[0], PASSPHRASE).id == made.id
        with pytest.raises(EdgeNodeError, match="EN-PASSPHRASE"):
            recovery.load_private(paths[0], given)

    def test_says_when_there_is_no_passphrase(self, pair: RecoveryPrivate, paths: tuple[Path, Path]) -> None:
        """Whoever types one in must hear that it protects nothing."""
        with pytest.raises(EdgeNodeError, match=r"EN-PASSPHRASE.*has no passphrase"):
            recovery.load_private(paths[0], PASSPHRASE)

    def test_refuses_a_key_of_another_kind(self, tmp_path: Path) -> None:
        """The TLS key named by mistake would seal what nobody can open."""
        key = Ed25519PrivateKey.generate()
        public, private = tmp_path / "public", tmp_path / "private"
        public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        with pytest.raises(EdgeNodeError, match="another kind"):
            recovery.load_public(public)
        with pytest.raises(EdgeNodeError, match="another kind"):
            recovery.load_private(private)

    @pytest.mark.parametrize(
        "content", [b"", b"words", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"]
    )
    def test_refuses_what_is_no_key(self, tmp_path: Path, content: bytes) -> None:
        """The file is named, so that the operator knows which one."""
        path = tmp_path / "node.pem"
        path.write_bytes(content)
        with pytest.raises(EdgeNodeError, match=r"EN-RECOVERY-KEY.*node\.pem"):
            recovery.load_public(path)

    def test_says_that_a_file_is_not_there(self, tmp_path: Path) -> None:
        """A name typed wrong is the commonest fault."""
        with pytest.raises(EdgeNodeError, match=r"EN-RECOVERY-KEY.*cannot be read: No such file"):
            recovery.load_public(tmp_path / "none.pem")
