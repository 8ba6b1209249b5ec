"""The way to the address that one application wants to be called at.

Knows: that only a 2xx means it was taken, that what is answered is not read further than needed.
Must not know: what is said, how it is signed, when to try again.
"""

from dataclasses import dataclass
from typing import Final

from edge_node.errors import EdgeNodeError, Unavailable
from edge_node.wire.http1 import Headers
from edge_node.wire.http1_client import HttpClient

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
            nbytes = 0
            while piece := await answer.read():
                nbytes += len(piece)
                if nbytes > _MAX_ANSWER_BYTES:
                    answer.abort()
                    break
        except EdgeNodeError as error:
            raise Unavailable(error.code, code=_CODE) from error
        if not 200 <= answer.status <= 299:
            raise Unavailable(f"HTTP status {answer.status}", code=_CODE)
