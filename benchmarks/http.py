"""As much of HTTP/1.1 as asker and far end need: messages with a Content-Length on a blocking socket.

Knows: where a head ends, how long a body is.
Must not know: what is asked.
"""

import re
import socket
from dataclasses import dataclass
from typing import Final

_LENGTH: Final = re.compile(rb"\r\nContent-Length: *(\d+)", re.IGNORECASE)
_PIECE: Final = 65_536


@dataclass(frozen=True, slots=True)
class HttpMessage:
    """A request or an answer."""

    start: bytes
    body: bytes
    head: bytes = b""


class Stream:
    """Bytes as they come, the rest kept for the next message."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.held = b""

    def fill(self, size: int) -> None:
        """Read until that much is held."""
        pieces, held = [self.held], len(self.held)
        while held < size:
            piece = self._connection.recv(_PIECE)
            if not piece:
                raise ConnectionError("the connection ended in a body")
            pieces.append(piece)
            held += len(piece)
        self.held = b"".join(pieces)

    def more(self) -> bool:
        """Read some more; say whether there was any."""
        piece = self._connection.recv(_PIECE)
        self.held += piece
        return bool(piece)


def read_message(stream: Stream) -> HttpMessage | None:
    """Return the next message, None at the end of the connection."""
    while (end := stream.held.find(b"\r\n\r\n")) < 0:
        if not stream.more():
            return None
    head = stream.held[:end]
    found = _LENGTH.search(head)
    if found is None:
        raise ConnectionError("a message without Content-Length")
    total = end + 4 + int(found[1])
    stream.fill(total)
    body, stream.held = stream.held[end + 4 : total], stream.held[total:]
    return HttpMessage(head[: head.find(b"\r\n")], body, head)
