"""Answers for what a local system can do in FHIR, without asking it each time.

Knows: that a CapabilityStatement may be a minute old (design section 1).
Must not know: what stands in it.
"""

from dataclasses import dataclass
from typing import Final

from twisted.internet.interfaces import IReactorTime

from edge_node.flow.relay import Asking, Relay
from edge_node.model.exchange import Reply

CAPABILITIES: Final = "capabilities:1.0:request"
#: A statement counts this long.
STATEMENT_S: Final = 60.0
#: Statements held at most: versions, formats and applications are few, addresses with parameters are not.
_MAX_HELD: Final = 32


@dataclass(frozen=True, slots=True)
class _Held:
    reply: Reply
    at_s: float


class Capabilities:
    """CapabilityStatements of the local systems. While one is asked for, its system is shown to answer."""

    def __init__(self, relay: Relay, clock: IReactorTime) -> None:
        self._relay = relay
        self._clock = clock
        self._held: dict[tuple[str, ...], _Held] = {}

    async def answer(self, asking: Asking) -> Reply:
        """The statement, at most a minute old; or why there is none."""
        key = _key(asking)
        held = self._held.get(key)
        if held is not None and self._clock.seconds() - held.at_s < STATEMENT_S:
            return held.reply
        self._held.pop(key, None)
        reply = await self._relay.ask(asking)
        if reply.status == 200 and reply.stream is None:
            if len(self._held) >= _MAX_HELD:
                self._held.clear()
            self._held[key] = _Held(reply, self._clock.seconds())
        return reply


def _key(asking: Asking) -> tuple[str, ...]:
    outgoing = asking.outgoing
    accepted = sorted(value for name, value in outgoing.payload.headers if name == "accept")
    return (str(outgoing.receiver), outgoing.payload.path, *accepted)
