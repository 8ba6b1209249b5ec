"""One who calls the node, over Twisted's own HTTP client: another implementation than the node's.

Knows: how to post and get, and how to speak when only bytes will do.
Must not know: what is said.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from cryptography.x509.oid import NameOID
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, UNIXClientEndpoint, connectProtocol, wrapClientTLS
from twisted.internet.interfaces import IHandshakeListener
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure
from twisted.web.client import Agent, FileBodyProducer, HTTPConnectionPool, ResponseDone
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer

from edge_node.sandbox.reading import Seen, parse, read

reactor: Any = _reactor


@dataclass(frozen=True, slots=True)
class Told:
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Broken(Exception):
    """The answer did not come to its end. Holds what had come."""


class _Whole(Protocol):
    """Takes the body of an answer to its end."""

    def __init__(self) -> None:
        self.body = b""
        self.done: Deferred[bytes] = Deferred()

    def dataReceived(self, data: bytes) -> None:
        self.body += data

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]
        if reason.check(ResponseDone):
            self.done.callback(self.body)
        else:
            self.done.errback(Broken(self.body))


@implementer(IAgentEndpointFactory)
class _One:
    """Goes to one endpoint, whatever the address says."""

    def __init__(self, endpoint: Any) -> None:
        self._endpoint = endpoint

    def endpointForURI(self, uri: object) -> Any:
        return self._endpoint


@implementer(IHandshakeListener)
class Wire(Protocol):
    """Bytes, and how they end."""

    def __init__(self) -> None:
        self.heard = b""
        self.error: object = None
        self.is_over = False
        self.ready: Deferred[None] = Deferred()
        self._waiting: list[tuple[bytes | None, Deferred[bytes]]] = []

    def connectionMade(self) -> None:
        if not hasattr(self.transport, "negotiatedProtocol"):  # without TLS
            self.ready.callback(None)

    def handshakeCompleted(self) -> None:
        self.ready.callback(None)

    def dataReceived(self, data: bytes) -> None:
        self.heard += data
        self._wake()

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]
        self.is_over, self.error = True, reason.value
        if not self.ready.called:
            self.ready.callback(None)
        self._wake()

    @property
    def organisation(self) -> str:
        """Who answers, by its certificate."""
        certificate = self._wire.getHandle().get_peer_certificate(as_cryptography=True)
        return str(certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value)

    def say(self, data: bytes) -> None:
        """Send bytes."""
        self._wire.write(data)

    def close(self) -> None:
        """Break off."""
        self._wire.abortConnection()

    @property
    def _wire(self) -> Any:
        return self.transport

    async def until(self, mark: bytes | None) -> bytes:
        """Wait for those bytes; without them for the end."""
        waiting: Deferred[bytes] = Deferred()
        self._waiting.append((mark, waiting))
        self._wake()
        return await waiting

    def _wake(self) -> None:
        for mark, waiting in tuple(self._waiting):
            if self.is_over or (mark is not None and mark in self.heard):
                self._waiting.remove((mark, waiting))
                waiting.callback(self.heard)


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls one address of the node."""

    endpoint: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def at(address: str, tls: object | None = None, headers: Mapping[str, str] | None = None) -> "Caller":
        """One who calls `host:port` or `unix:path`."""
        if address.startswith("unix:"):
            endpoint: Any = UNIXClientEndpoint(reactor, address.removeprefix("unix:"))
        else:
            host, _, port = address.rpartition(":")
            endpoint = TCP4ClientEndpoint(reactor, host, int(port), timeout=5)
        return Caller(endpoint if tls is None else wrapClientTLS(tls, endpoint), headers or {})

    async def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> Told:
        """Post and return the whole answer; raises `Broken` when it breaks off."""
        content_type = {"content-type": "text/xml; charset=utf-8"}
        return await self._ask("POST", path, {**content_type, **(headers or {})}, body)

    async def get(self, path: str) -> Told:
        """Get, with the credentials of this caller."""
        return await self._ask("GET", path, {}, None)

    async def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> Told:
        """Ask with any method; raises `Broken` when the answer breaks off."""
        return await self._ask(method, path, headers, body)

    async def _ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Told:
        agent = Agent.usingEndpointFactory(
            reactor, _One(self.endpoint), HTTPConnectionPool(reactor, persistent=False)
        )
        sent = Headers({name: [value] for name, value in {**self.headers, **headers}.items()})
        producer = None if body is None else FileBodyProducer(BytesIO(body))
        response = await agent.request(method.encode(), f"http://node{path}".encode(), sent, producer)
        whole = _Whole()
        response.deliverBody(whole)
        told = {name.decode().lower(): value[-1].decode() for name, value in response.headers.getAllRawHeaders()}
        return Told(response.code, told, await whole.done)

    async def wire(self) -> Wire:
        """A bare connection, after its handshake."""
        wire = await connectProtocol(self.endpoint, Wire())
        await wire.ready
        return wire


def seen(told: Told) -> Seen:
    """What an answer says."""
    return read(told.body)


def fault_of(told: Told) -> dict[str, str]:
    """The fields of our SOAP fault."""
    found = {}
    for element in parse(told.body).iter():
        if isinstance(element.tag, str) and element.text and element.text.strip():
            found[element.tag.rpartition("}")[2]] = element.text
    return found


def code_of(told: Told) -> str:
    """Our code: in the fault, or in the header of an answer that says no."""
    return told.headers.get("edge-node-error", "")
