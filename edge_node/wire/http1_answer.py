"""Writes one response to a transport.

Knows: framing of bodies and streams, back-pressure, what has no body.
Must not know: requests, limits on them, what a message means.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from edge_node.wire.http1 import NO_BODY, PIECE_BYTES, Response, response_head
from edge_node.wire.http1_transport import Outflow


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """How this answer goes out: `bare` leaves the body away (HEAD), `chunks` says that the client reads chunks."""

    bare: bool
    chunks: bool
    close: bool


@dataclass(frozen=True, slots=True)
class AnswerWriter:
    """Writes to one transport, no faster than the client takes it."""

    outflow: Outflow
    whole_bytes: int  # a stream for a client without chunks is gathered up to here

    async def write(self, response: Response, framing: Framing) -> None:
        """Write a response whole; the stream is closed whatever happens.

        Raises `UnfitHeader` before the first byte when a header cannot be sent.
        """
        stream = response.stream
        try:
            if framing.bare or response.status in NO_BODY:
                await self.outflow.write(response_head(response, chunked=False, close=framing.close))
            elif stream is None:
                await self._write_whole(response, close=framing.close)
            elif framing.chunks:
                await self._write_chunks(response, stream, close=framing.close)
            else:
                body = await _gathered(stream, self.whole_bytes)
                await self._write_whole(replace(response, stream=None, body=body), close=framing.close)
        finally:
            await _end(stream)

    async def _write_whole(self, response: Response, *, close: bool) -> None:
        head = response_head(response, chunked=False, close=close)
        if len(response.body) <= PIECE_BYTES:
            await self.outflow.write(head + response.body)
        else:
            await self.outflow.write(head)
            await self.outflow.write_body(response.body)

    async def _write_chunks(self, response: Response, stream: AsyncIterator[bytes], *, close: bool) -> None:
        await self.outflow.write(response_head(response, chunked=True, close=close))
        async for piece in stream:
            if piece:  # an empty chunk would end the body
                await self.outflow.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        await self.outflow.write(b"0\r\n\r\n")


async def _gathered(stream: AsyncIterator[bytes], max_bytes: int) -> bytes:
    """An HTTP/1.0 client reads no chunks, and an answer ended by closing could be cut short unseen."""
    body = bytearray()
    async for piece in stream:
        body += piece
        if len(body) > max_bytes:
            raise OverflowError("the answer is too large for a client of HTTP/1.0")
    return bytes(body)


async def _end(stream: AsyncIterator[bytes] | None) -> None:
    aclose = getattr(stream, "aclose", None)
    if aclose is not None:
        await aclose()
