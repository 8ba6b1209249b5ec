"""The two ways out: to the switchboard, and to the local systems.

Knows: which pool goes where, the address of a service, the headers of a handover.
Must not know: what a message is, whether it may go, when to try again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from edge_node.errors import NotSent
from edge_node.model.exchange import Outgoing
from edge_node.model.identifiers import ApplicationId
from edge_node.model.message import Payload
from edge_node.wire.http1 import Headers
from edge_node.wire.http1_client import ClientAnswer, HttpClient
from edge_node.wire.soap_http import CORRELATION, request_headers

REDELIVERY: Final = "edge-node-redelivery"


@dataclass(frozen=True, slots=True)
class Route:
    """Where the services of one destination are."""

    client: HttpClient
    base_path: str  # without a slash at the end


#: The routes as the settings have them now.
Routes = Callable[[], Mapping[ApplicationId, Route]]


class SwitchboardDoor:
    """Sends to the switchboard, with the certificate of the identity that speaks."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes

    async def ask(self, outgoing: Outgoing, *, timeout_s: float, connect_s: float) -> ClientAnswer:
        """Send as the sender's identity. Raises `NotSent` or `OutcomeUnknown`."""
        # Without a route the application left the settings while its message waited.
        absent = NotSent(f"application {outgoing.sender} is not served here", code="EN-SENDER-FOREIGN")
        way = _Way(self._routes, outgoing.sender, absent)
        return await way.send(outgoing.payload, request_headers(outgoing.payload), (timeout_s, connect_s))


class LocalDoor:
    """Hands messages to the local systems."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes

    async def ask(self, outgoing: Outgoing, *, timeout_s: float, connect_s: float) -> ClientAnswer:
        """Send to the receiver's local system. Raises `NotSent` or `OutcomeUnknown`."""
        absent = NotSent(f"application {outgoing.receiver} has no address", code="EN-LOCAL-UNREACHABLE")
        headers: Headers = (*request_headers(outgoing.payload), (CORRELATION, outgoing.correlation))
        if outgoing.redelivery:
            headers = (*headers, (REDELIVERY, "1"))
        way = _Way(self._routes, outgoing.receiver, absent)
        return await way.send(outgoing.payload, headers, (timeout_s, connect_s))


@dataclass(frozen=True, slots=True)
class _Way:
    """The way out for one application, as the settings have it when it is gone."""

    routes: Routes
    application: ApplicationId
    absent: NotSent

    async def send(self, payload: Payload, headers: Headers, times_s: tuple[float, float]) -> ClientAnswer:
        timeout_s, connect_s = times_s
        while True:
            route = self._route()
            target = f"{route.base_path}/{payload.path}"
            try:
                return await route.client.request(
                    "POST", target, headers, payload.body, timeout_s=timeout_s, connect_s=connect_s
                )
            except NotSent:
                if self._route().client is route.client:
                    raise
                # New settings closed this pool while the request waited in it: nothing left, so it goes the new way.

    def _route(self) -> Route:
        route = self.routes().get(self.application)
        if route is None:
            raise self.absent
        return route
