"""The ways out: to the switchboard and its broker, and to the local systems.

Knows: which pool goes where, the address of a service, the headers of a handover.
Must not know: what a message is, whether it may go, when to try again.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from edge_node.errors import NotSent
from edge_node.model.exchange import Outgoing
from edge_node.model.identifiers import ApplicationId
from edge_node.wire.fhir_http import fhir_base, fhir_request_headers
from edge_node.wire.http1 import Headers
from edge_node.wire.http1_client import ClientAnswer, HttpClient
from edge_node.wire.soap_http import CORRELATION, request_headers

REDELIVERY: Final = "edge-node-redelivery"
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Route:
    """Where the services of one destination are."""

    client: HttpClient
    base_path: str  # without a slash at the end


#: The routes as the settings have them now.
Routes = Callable[[], Mapping[ApplicationId, Route]]
#: The same for FHIR, whose versions may be served at several addresses.
FhirRoutes = Callable[[], Mapping[tuple[ApplicationId, str], Route]]
#: Finds the broker for an application and a version of FHIR. Raises `NotSent`.
BrokerRoute = Callable[[ApplicationId, str], Awaitable[Route]]


class SwitchboardDoor:
    """Sends to the switchboard, with the certificate of the identity that speaks."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes

    async def ask(self, outgoing: Outgoing, *, timeout_s: float, connect_s: float) -> ClientAnswer:
        """Send as the sender's identity. Raises `NotSent` or `OutcomeUnknown`."""
        # Without a route the application left the settings while its message waited.
        absent = NotSent(f"application {outgoing.sender} is not served here", code="EN-SENDER-FOREIGN")
        way = _Way(_present(self._routes, outgoing.sender, absent), f"/{outgoing.payload.path}")
        return await way.send(outgoing, request_headers(outgoing.payload), (timeout_s, connect_s))


class LocalDoor:
    """Hands messages to the local systems."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes

    async def ask(self, outgoing: Outgoing, *, timeout_s: float, connect_s: float) -> ClientAnswer:
        """Send to the receiver's local system. Raises `NotSent` or `OutcomeUnknown`."""
        absent = NotSent(f"application {outgoing.receiver} has no address", code="EN-LOCAL-UNREACHABLE")
        way = _Way(_present(self._routes, outgoing.receiver, absent), f"/{outgoing.payload.path}")
        headers = (*request_headers(outgoing.payload), *_of_handover(outgoing))
        return await way.send(outgoing, headers, (timeout_s, connect_s))


class BrokerDoor:
    """Sends FHIR requests to the broker, with the certificate of the identity that speaks."""

    def __init__(self, route: BrokerRoute) -> None:
        self._route = route

    async def ask(self, outgoing: Outgoing, *, timeout_s: float, connect_s: float) -> ClientAnswer:
        """Send as the sender's identity. Raises `NotSent` or `OutcomeUnknown`."""
        way = _Way(lambda: self._find(outgoing), f"/{outgoing.payload.path}")
        return await way.send(outgoing, fhir_request_headers(outgoing.payload), (timeout_s, connect_s))

    async def reach(self, outgoing: Outgoing, *, connect_s: float) -> None:
        """See that the broker is there. Raises `NotSent`."""
        route = await self._find(outgoing)
        await route.client.reach(connect_s=connect_s)

    async def _find(self, outgoing: Outgoing) -> Route:
        version, _ = fhir_base(outgoing.payload.path)
        return await self._route(outgoing.sender, version)


class LocalFhirDoor:
    """Hands FHIR requests to the local systems' own FHIR services."""

    def __init__(self, routes: FhirRoutes) -> None:
        self._routes = routes

    async def ask(self, outgoing: Outgoing, *, timeout_s: float, connect_s: float) -> ClientAnswer:
        """Send to the receiver's local system. Raises `NotSent` or `OutcomeUnknown`."""
        version, rest = fhir_base(outgoing.payload.path)
        absent = NotSent(f"application {outgoing.receiver} has no FHIR {version}", code="EN-LOCAL-UNREACHABLE")
        way = _Way(_present(self._routes, (outgoing.receiver, version), absent), rest)
        headers = (*fhir_request_headers(outgoing.payload), *_of_handover(outgoing))
        return await way.send(outgoing, headers, (timeout_s, connect_s))


def _present(routes: Callable[[], Mapping[K, Route]], key: K, absent: NotSent) -> Callable[[], Awaitable[Route]]:
    async def find() -> Route:
        route = routes().get(key)
        if route is None:
            raise absent
        return route

    return find


def _of_handover(outgoing: Outgoing) -> Headers:
    """What a local system is told beside the message."""
    headers: Headers = ((CORRELATION, outgoing.correlation),)
    return (*headers, (REDELIVERY, "1")) if outgoing.redelivery else headers


@dataclass(frozen=True, slots=True)
class _Way:
    """The way out for one request, as the settings have it when it is gone."""

    route: Callable[[], Awaitable[Route]]
    target: str  # behind the base

    async def send(self, outgoing: Outgoing, headers: Headers, times_s: tuple[float, float]) -> ClientAnswer:
        timeout_s, connect_s = times_s
        payload = outgoing.payload
        while True:
            route = await self.route()
            target = f"{route.base_path}{self.target}" or "/"
            try:
                return await route.client.request(
                    payload.method, target, headers, payload.body, timeout_s=timeout_s, connect_s=connect_s
                )
            except NotSent:
                if (await self.route()).client is route.client:
                    raise
                # New settings closed this pool while the request waited in it: nothing left, so it goes the new way.
