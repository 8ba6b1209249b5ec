"""What the listener for the switchboard serves.

Knows: that the peer was judged in the handshake, that only SOAP services are here.
Must not know: how a certificate is judged, how a message is judged.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from edge_node.model.exchange import Arrival, Reply
from edge_node.model.message import Direction
from edge_node.model.peer import SwitchboardCaller
from edge_node.wire.http1 import Head, Headers, Request, Response
from edge_node.wire.soap_http import Refusals, check_soap, payload, response

Receive = Callable[[Arrival], Awaitable[Reply]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchboardHandler:
    """Handles the requests of the switchboard."""

    receive: Receive
    refusals: Refusals
    new_correlation: Callable[[], str]

    def gate(self, head: Head) -> Response | None:
        """Refuse what is no request of a judged peer to a service."""
        if not isinstance(head.peer.extra, SwitchboardCaller):
            return self.refusals.response("EN-UNAUTHENTICATED", "no judged certificate")
        if not head.target.startswith("/"):
            return self.refusals.response("EN-NOT-FOUND", "no service here")
        wrong = check_soap(head)
        if wrong is None:
            return None
        allow: Headers = (("allow", "POST"),) if wrong[0] == "EN-METHOD" else ()
        return self.refusals.response(*wrong, allow)

    async def handle(self, request: Request) -> Response:
        """Answer a request whose body is there."""
        caller = request.head.peer.extra
        assert isinstance(caller, SwitchboardCaller)
        correlation_id = self.new_correlation()
        arrival = Arrival(
            direction=Direction.IN,
            payload=payload(request, request.head.target),
            caller=caller,
            correlation=correlation_id,
        )
        return response(await self.receive(arrival), correlation_id)
