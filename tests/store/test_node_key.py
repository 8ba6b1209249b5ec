"""The key with which the node signs what it says of itself."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edge_node.errors import EdgeNodeError
from edge_node.store.node_key import NodeKey, NodePublic, load_public

KEY = NodeKey.of(bytes(range(32)))


class TestASignature:
    def test_is_known_by_the_public_half(self) -> None:
        """Whoever checks has nothing else."""
        assert KEY.public.is_signed("log head", b"said", KEY.sign("log head", b"said"))

    @pytest.mark.parametrize(("purpose", "data"), [("report", b"said"), ("log head", b"sald")])
    def test_counts_for_nothing_else(self, purpose: str, data: bytes) -> None:
        """A report must never pass for a head of the log."""
        assert not KEY.public.is_signed(purpose, data, KEY.sign("log head", b"said"))

    def test_of_another_node_does_not_count(self) -> None:
        """Each node has its own key."""
        assert not KEY.public.is_signed("log head", b"said", NodeKey.of(bytes(32)).sign("log head", b"said"))

    @pytest.mark.parametrize("signature", [b"", b"x", bytes(64), bytes(100)])
    def test_that_is_none_does_not_count(self, signature: bytes) -> None:
        """A file that was bent holds anything."""
        assert not KEY.public.is_signed("log head", b"said", signature)


class TestThePublicHalf:
    def test_is_read_from_the_file_that_was_handed_out(self, tmp_path: Path) -> None:
        """An auditor got it when the node was set up."""
        path = tmp_path / "node-signing.pub"
        path.write_bytes(KEY.public.pem)
        assert load_public(path).id == KEY.public.id == NodePublic.of_raw(KEY.public.raw).id

    def test_of_another_kind_is_refused(self, tmp_path: Path) -> None:
        """The recovery key lies near."""
        path = tmp_path / "recovery.pem"
        other = X25519PrivateKey.generate().public_key()
        path.write_bytes(other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        with pytest.raises(EdgeNodeError, match="EN-LOG-KEY"):
            load_public(path)

    @pytest.mark.parametrize("content", [b"", b"not a key"])
    def test_that_is_none_is_refused(self, tmp_path: Path, content: bytes) -> None:
        """The wrong file was named."""
        path = tmp_path / "x.pub"
        path.write_bytes(content)
        with pytest.raises(EdgeNodeError, match="EN-LOG-KEY"):
            load_public(path)

    def test_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        """By its name."""
        with pytest.raises(EdgeNodeError, match="EN-LOG-KEY"):
            load_public(tmp_path / "missing.pub")

    def test_is_not_sought_in_what_never_ends(self) -> None:
        """A device that is named by mistake must not fill the memory of the machine."""
        with pytest.raises(EdgeNodeError, match="EN-LOG-KEY"):
            load_public(Path("/dev/zero"))
