"""One answer to the HTTP/1.1 client: its head is there, its body is read piece by piece.

Knows: how much is held before the wire must wait, that a broken answer gives nothing more.
Must not know: how the answer is read from the wire, what it says.
"""

from collections import deque
from typing import Final, Protocol

from twisted.internet.defer import Deferred

from edge_node.errors import EdgeNodeError, OutcomeUnknown
from edge_node.wire.http1 import PIECE_BYTES, Headers, first_value
from edge_node.wire.http1_parse import ResponseFrame


class Source(Protocol):
    """The connection that the answer comes by."""

    def go_on(self) -> None:
        """The reader took what there was."""
        ...

    def abort(self, reason: EdgeNodeError | None) -> None:
        """Break off; `reason` is what the one who waits is told."""
        ...


class ClientAnswer:
    """An answer whose head is there. Read it to the end, or abort it."""

    def __init__(self, frame: ResponseFrame, source: Source) -> None:
        self.status: Final = frame.status
        self.headers: Headers = frame.headers
        self._source = source
        self._pieces: deque[bytes] = deque()
        self._held = 0
        self._whole = False
        self._failure: EdgeNodeError | None = None
        self._waiting: Deferred[None] | None = None

    @property
    def content_type(self) -> str:
        """The Content-Type as it came, or nothing."""
        return first_value(self.headers, "content-type") or ""

    async def read(self) -> bytes:
        """Return the next piece of at most 64 kB, or nothing at the end.

        Raises `OutcomeUnknown` when the answer broke off.
        """
        while not self._pieces:
            if self._failure is not None:
                raise self._failure
            if self._whole:
                return b""
            self._waiting = Deferred()
            self._source.go_on()
            try:
                await self._waiting
            finally:
                self._waiting = None
        piece = self._pieces.popleft()
        if len(piece) > PIECE_BYTES:
            self._pieces.appendleft(piece[PIECE_BYTES:])
            piece = piece[:PIECE_BYTES]
        self._held -= len(piece)
        return piece

    def abort(self) -> None:
        """Read no further: the connection is broken off."""
        if not self._whole:
            self._source.abort(OutcomeUnknown("the answer was not read to its end"))

    def add(self, piece: bytes) -> bool:
        """Take a piece from the wire; False asks the wire to wait."""
        self._pieces.append(piece)
        self._held += len(piece)
        self._wake()
        return self._held < PIECE_BYTES

    def end(self, failure: EdgeNodeError | None) -> None:
        """The body is whole, or it broke off. A broken answer gives nothing more."""
        self._whole, self._failure = failure is None, failure
        if failure is not None:
            self._pieces.clear()
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.called:
            self._waiting.callback(None)
