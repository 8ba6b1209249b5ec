"""The simulated switchboard as a client: where each application is, and how a message gets there.

Knows: routes from application id to a node's address and name; connections kept open per node.
Must not know: what is sent, or why.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from twisted.internet.endpoints import TCP4ClientEndpoint, wrapClientTLS
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator, IStreamClientEndpoint
from twisted.web.client import URI, Agent, HTTPConnectionPool
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer

from edge_node.sandbox.fhir_exchange import FhirAsked
from edge_node.sandbox.http import Call, Told, Unreached, call

#: Makes the TLS of one connection to a node of that name; the second argument picks a bad certificate.
Credentials = Callable[[str, str | None], IOpenSSLClientConnectionCreator]
_IDLE_S = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where an application is: behind which node, and by which name that node knows itself."""

    host: str
    port: int
    name: str


@implementer(IAgentEndpointFactory)
class _Endpoints:
    """Connects to the node that a URL names, whatever its DNS says."""

    def __init__(
        self, reactor: Any, routes: Mapping[str, Route], tls: Callable[[str], IOpenSSLClientConnectionCreator]
    ):
        self._reactor = reactor
        self._by_name = {route.name: route for route in routes.values()}
        self._tls = tls

    def endpointForURI(self, uri: URI) -> IStreamClientEndpoint:  # noqa: N802
        """Return where to connect."""
        route = self._by_name[uri.host.decode("ascii")]
        return wrapClientTLS(
            self._tls(route.name), TCP4ClientEndpoint(self._reactor, route.host, route.port, timeout=5)
        )


class Nodes:
    """Every node the switchboard can reach."""

    def __init__(
        self, reactor: Any, routes: Mapping[str, Route], credentials: Credentials, *, timeout_s: float = 30
    ) -> None:
        self._reactor = reactor
        self._routes = dict(routes)
        self._credentials = credentials
        self._timeout_s = timeout_s
        pool: Any = HTTPConnectionPool  # Twisted leaves it untyped
        self._pool = pool(reactor)
        self._pool.maxPersistentPerHost = 16
        self._pool.cachedConnectionTimeout = _IDLE_S
        self._pool.retryAutomatically = False
        self.is_cut = False

    def __contains__(self, application: str) -> bool:
        return application in self._routes

    async def post(
        self, application: str, *, path: str, soap_action: str, body: bytes, bad: str | None = None
    ) -> Told:
        """Send a message to the node that serves the application; raises `Unreached`."""
        headers = {"content-type": "text/xml; charset=utf-8", "soapaction": f'"{soap_action}"'}
        asked = FhirAsked(method="POST", target=f"/{path}", headers=headers, body=body)
        return await self.ask(application, asked, bad=bad)

    async def ask(self, application: str, asked: FhirAsked, *, bad: str | None = None) -> Told:
        """Send any request to that node; raises `Unreached`."""
        if self.is_cut:
            raise Unreached("the line is cut")
        url = f"https://{self._routes[application].name}{asked.target}"
        made = Call(method=asked.method, url=url, headers=asked.headers, body=asked.body)
        return await call(self._agent(bad), made, clock=self._reactor, timeout_s=self._timeout_s)

    async def drop(self) -> None:
        """Close every connection that is kept open."""
        await self._pool.closeCachedConnections()

    def _agent(self, bad: str | None) -> Agent:
        endpoints = _Endpoints(self._reactor, self._routes, lambda name: self._credentials(name, bad))
        # A bad certificate must be shown on a connection of its own.
        agents: Any = Agent
        made: Agent = agents.usingEndpointFactory(self._reactor, endpoints, None if bad else self._pool)
        return made
