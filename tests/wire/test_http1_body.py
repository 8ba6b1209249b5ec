"""Where a body ends, and what its chunks may cost."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_node.wire.http1 import BadHttp
from edge_node.wire.http1_body import FRAMING_BYTES, Chunks, Counted

WHOLE = b"5\r\nhello\r\n6;a=b\r\n world\r\n00\r\n\r\nGET"


def read(*pieces: bytes, max_bytes: int = 1_000_000) -> tuple[bytes, bytes]:
    """Read the pieces to the end; return the body, and what was behind it."""
    chunks, body, rest = Chunks(max_bytes), b"", b""
    for piece in pieces:
        part, behind = (b"", piece) if chunks.is_whole else chunks.feed(piece)
        body, rest = body + part, rest + behind
    assert chunks.is_whole
    return body, rest


class TestChunks:
    @settings(deadline=None, derandomize=True)
    @given(cuts=st.lists(st.integers(0, len(WHOLE)), max_size=12))
    def test_are_the_same_however_the_network_cuts_them(self, cuts: list[int]) -> None:
        """A slow line must not change what a message says, nor where the next one begins."""
        edges = [0, *sorted(cuts), len(WHOLE)]
        assert read(*(WHOLE[start:end] for start, end in pairwise(edges))) == (b"hello world", b"GET")

    @pytest.mark.parametrize(
        "data",
        [b"0" * 17, b"f" * 17, b"-5", b" 5", b"5g", b"0x5", b"\r\n", b"5 \r\n", b"5;\x00", b"5;a\rb", b"5\r\nhelloX"],
    )
    def test_of_no_form_are_refused_at_once(self, data: bytes) -> None:
        """Waiting for the rest of what cannot become a chunk would hold a place for nothing."""
        with pytest.raises(BadHttp) as refused:
            Chunks(1_000).feed(data)
        assert refused.value.status == 400

    @pytest.mark.parametrize("data", [b"5\n", b"5\r\nhello\n", b"0\n", b"0\r\n\n", b"0\r\nX: y\r\n", b"0\r\nX"])
    def test_end_with_whole_line_ends_and_without_trailers(self, data: bytes) -> None:
        """Where one program sees a line end and the next does not, a second request can hide."""
        with pytest.raises(BadHttp):
            Chunks(1_000).feed(data)

    def test_too_large_are_refused_by_their_size_line(self) -> None:
        """Ten megabytes need not come first."""
        with pytest.raises(BadHttp) as refused:
            read(b"ffffffffffffffff\r\n")
        assert refused.value.status == 413

    @pytest.mark.parametrize("data", [b"5;" + b"a" * FRAMING_BYTES, b"1\r\na\r\n" * FRAMING_BYTES])
    def test_that_cost_more_than_they_bring_are_refused(self, data: bytes) -> None:
        """Extensions without end, or a chunk a byte, keep the node busy with nothing."""
        with pytest.raises(BadHttp) as refused:
            read(data)
        assert "cost more" in refused.value.detail

    def test_of_a_line_each_are_fine(self) -> None:
        """A program that writes its message line by line is slow, not hostile."""
        line = b"<id extension='1'/>"
        assert read(b"13\r\n%b\r\n" % line * 1_000 + b"0\r\n\r\n")[0] == line * 1_000


class TestCounted:
    def test_ends_after_its_length(self) -> None:
        """What is behind it is the next request."""
        body = Counted(5)
        assert (body.feed(b"hel"), body.is_whole) == ((b"hel", b""), False)
        assert (body.feed(b"loGET"), body.is_whole) == ((b"lo", b"GET"), True)
