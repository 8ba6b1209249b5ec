"""The anchors under which each peer was proven, on the disk."""

from pathlib import Path

import pytest

from edge_node.sandbox.pki import Pki, make_pki
from edge_node.wire.anchor_shelf import Anchors, AnchorShelf
from edge_node.wire.trust_identity import load_anchors

from .test_trust import NOW


@pytest.fixture(scope="module")
def anchors(tmp_path_factory: pytest.TempPathFactory) -> Anchors:
    pki: Pki = make_pki(tmp_path_factory.mktemp("pki") / "out", now=NOW, bad=False)
    return (*load_anchors(pki.anchors), *load_anchors(pki.local_anchors))


class TestShelf:
    def test_has_nothing_of_a_peer_at_first(self, tmp_path: Path) -> None:
        """At the first start of a site there is nothing to fall back on."""
        assert AnchorShelf(tmp_path / "anchors").proven("zim") is None

    def test_keeps_what_was_proven_across_a_restart(self, tmp_path: Path, anchors: Anchors) -> None:
        """Who is in doubt restarts; the list that works must still be there."""
        AnchorShelf(tmp_path / "anchors").keep("zim", anchors)
        assert AnchorShelf(tmp_path / "anchors").proven("zim") == anchors

    def test_keeps_each_peer_apart(self, tmp_path: Path, anchors: Anchors) -> None:
        """The anchors of one peer say nothing about another."""
        shelf = AnchorShelf(tmp_path / "anchors")
        shelf.keep("zim", anchors[:1])
        shelf.keep("../zim", anchors[1:])
        assert (shelf.proven("zim"), shelf.proven("../zim")) == (anchors[:1], anchors[1:])
        assert {path.parent for path in tmp_path.rglob("*.pem")} == {tmp_path / "anchors"}

    @pytest.mark.parametrize("cut", [0, 30, 200, -1])
    def test_uses_no_half_of_a_file(self, tmp_path: Path, anchors: Anchors, cut: int) -> None:
        """A file that a full disk cut off counts for nothing, rather than for some of its anchors."""
        AnchorShelf(tmp_path).keep("zim", anchors)
        path = tmp_path / "zim.pem"
        path.write_bytes(path.read_bytes()[:cut])
        assert AnchorShelf(tmp_path).proven("zim") is None

    def test_uses_no_file_with_another_anchor_in_it(self, tmp_path: Path, anchors: Anchors) -> None:
        """A disk that lies must not decide who is trusted."""
        shelf = AnchorShelf(tmp_path)
        shelf.keep("zim", anchors[:1])
        shelf.keep("other", anchors[1:])
        head, _, _ = (tmp_path / "zim.pem").read_bytes().partition(b"\n")
        _, _, rest = (tmp_path / "other.pem").read_bytes().partition(b"\n")
        (tmp_path / "zim.pem").write_bytes(head + b"\n" + rest)
        assert AnchorShelf(tmp_path).proven("zim") is None

    def test_goes_on_when_the_disk_takes_nothing(self, tmp_path: Path, anchors: Anchors) -> None:
        """What works now goes on to work; only a restart would not know of it."""
        (tmp_path / "taken").touch()
        shelf = AnchorShelf(tmp_path / "taken")
        shelf.keep("zim", anchors)
        assert shelf.proven("zim") == anchors

    def test_lets_nobody_else_read_its_folder(self, tmp_path: Path, anchors: Anchors) -> None:
        """Not secret, and nobody's business."""
        AnchorShelf(tmp_path / "state" / "anchors").keep("zim", anchors)
        assert (tmp_path / "state" / "anchors").stat().st_mode & 0o077 == 0
