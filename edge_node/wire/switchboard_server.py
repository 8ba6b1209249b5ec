"""What the listener for the switchboard serves.

Knows: that the peer was judged in the handshake, which of its roles an address is for.
Must not know: how a certificate is judged, how a message is judged.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from edge_node.model.exchange import Arrival, Reply
from edge_node.model.message import Direction
from edge_node.model.peer import SwitchboardCaller
from edge_node.wire.fhir_http import FhirFront, fhir_payload, is_fhir
from edge_node.wire.http1 import Head, Headers, Request, Response
from edge_node.wire.soap_http import Refusals, check_soap, payload, response

Receive = Callable[[Arrival], Awaitable[Reply]]
#: Who asks in which format.
_ZIM: Final = "zim"
_BROKER: Final = "broker"


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchboardHandler:
    """Handles the requests of the switchboard."""

    receive: Receive
    refusals: Refusals
    fhir: FhirFront
    new_correlation: Callable[[], str]

    def gate(self, head: Head) -> Response | None:
        """Refuse what is no request of a judged peer to a service."""
        caller = head.peer.extra
        if not isinstance(caller, SwitchboardCaller):
            return self.refusals.response("EN-UNAUTHENTICATED", "no judged certificate")
        if is_fhir(head.target):
            return self._fhir_gate(head, caller)
        if not head.target.startswith("/"):
            return self.refusals.response("EN-NOT-FOUND", "no service here")
        if _ZIM not in caller.roles:
            return self.refusals.response("EN-FORBIDDEN", f"{caller.name} is not the switchboard")
        wrong = check_soap(head)
        if wrong is None:
            return None
        allow: Headers = (("allow", "POST"),) if wrong[0] == "EN-METHOD" else ()
        return self.refusals.response(*wrong, allow)

    def _fhir_gate(self, head: Head, caller: SwitchboardCaller) -> Response | None:
        if _BROKER not in caller.roles:
            return self.fhir.refusal(head, head.target, ("EN-FORBIDDEN", f"{caller.name} is no broker"))
        return self.fhir.gate(head, head.target)

    async def handle(self, request: Request) -> Response:
        """Answer a request whose body is there."""
        caller = request.head.peer.extra
        assert isinstance(caller, SwitchboardCaller)
        correlation_id, target = self.new_correlation(), request.head.target
        arrival = Arrival(
            direction=Direction.IN,
            payload=(fhir_payload if is_fhir(target) else payload)(request, target),
            caller=caller,
            correlation=correlation_id,
            address=request.head.peer.address,
        )
        return response(await self.receive(arrival), correlation_id)
