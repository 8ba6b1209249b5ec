"""The digest over part of the bytes."""

import hashlib

import pytest

from edge_node.formats.digest import RangeDigest


class TestTheDigest:
    @pytest.mark.parametrize("piece_bytes", [1, 3, 100])
    def test_covers_the_range_however_the_bytes_come(self, piece_bytes: int) -> None:
        """A copy of a message must be known again whatever the network made of its bytes."""
        body, digest = b"head<m>body</m >tail", RangeDigest()
        digest.begin(4)
        for at in range(0, 16, piece_bytes):
            digest.add(body[at : min(at + piece_bytes, 16)], min(at, 11))
        digest.end(11)
        digest.add(body[16:], 20)
        assert digest.digest() == hashlib.sha256(b"<m>body</m >").digest()
