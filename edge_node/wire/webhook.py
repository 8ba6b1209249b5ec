"""The way to the address that one application wants to be called at.

Knows: that a 2xx alone means it was taken, that what is answered is not read further than needed.
Must not know: what is said, how it is signed, when to try again.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from edge_node.errors import EdgeNodeError, Unavailable
from edge_node.wire.http1 import Headers
from edge_node.wire.http1_client import ClientAnswer, HttpClient

_CODE: Final = "EN-WEBHOOK-FAILED"
_MAX_ANSWER_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDoor:
    """Calls one address. Its errors never hold the address: it may hold a key."""

    client: HttpClient
    target: str
    timeout_s: float

    async def call(self, headers: Headers, body: bytes) -> None:
        """Return when the call was taken. Raises `Unavailable` (EN-WEBHOOK-FAILED)."""
        try:
            answer = await self.client.request("POST", self.target, headers, body, timeout_s=self.timeout_s)
        except EdgeNodeError as error:
            raise Unavailable(error.code, code=_CODE) from error
        await _pass_over(answer)
        if not 200 <= answer.status <= 299:
            raise Unavailable(f"HTTP status {answer.status}", code=_CODE)


async def _pass_over(answer: ClientAnswer) -> None:
    """Read what follows the status, so that the connection can be used again; what it says or lacks is no matter."""
    nbytes = 0
    with suppress(EdgeNodeError):
        while piece := await answer.read():
            nbytes += len(piece)
            if nbytes > _MAX_ANSWER_BYTES:
                answer.abort()
                break
