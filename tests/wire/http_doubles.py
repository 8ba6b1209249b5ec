"""Small real things that stand in for the neighbours of the HTTP rooms.

Knows: the handler port, a transport in memory.
Must not know: sockets.
"""

from collections.abc import Awaitable, Callable

import trustme
from cryptography.x509 import load_pem_x509_certificate
from OpenSSL import SSL
from OpenSSL.crypto import X509
from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator, IOpenSSLServerConnectionCreator
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransportWithDisconnection
from zope.interface import implementer

from edge_node.wire.budget import Budget
from edge_node.wire.http1 import Head, Limits, Request, Response
from edge_node.wire.http1_server import HttpServerFactory, ServerOptions

POST = b"POST /Service HTTP/1.1\r\nHost: node\r\nContent-Length: 5\r\n\r\nhello"


def echo(request: Request) -> Response:
    """Give the body back."""
    return Response(status=200, headers=(("content-type", "text/xml"),), body=request.body)


class Recorder:
    """A handler that remembers what reached it."""

    def __init__(self, answer: Callable[[Request], Response | Awaitable[Response]] = echo) -> None:
        self.heads: list[Head] = []
        self.requests: list[Request] = []
        self.refusal: Response | None = None
        self._answer = answer

    def gate(self, head: Head) -> Response | None:
        self.heads.append(head)
        return self.refusal

    async def handle(self, request: Request) -> Response:
        self.requests.append(request)
        answer = self._answer(request)
        return answer if isinstance(answer, Response) else await answer


class Listener:
    """A server with a clock in the test's hand."""

    def __init__(
        self,
        handler: Recorder | None = None,
        limits: Limits | None = None,
        budget: Budget | None = None,
        options: ServerOptions | None = None,
    ) -> None:
        self.handler = handler or Recorder()
        self.clock = Clock()
        self.budget = budget or Budget()
        self.factory = HttpServerFactory(
            self.handler, limits or Limits(), self.budget, self.clock, options=options or ServerOptions()
        )

    def visit(self, host: str | None = None) -> "Visit":
        """Connect, from an address where that matters."""
        return Visit(self, None if host is None else IPv4Address("TCP", host, 50_000))


class Visit:
    """One connection in memory."""

    def __init__(self, listener: Listener, address: IPv4Address | None = None) -> None:
        self.wire = StringTransportWithDisconnection()
        self.protocol = listener.factory.buildProtocol(address)
        self.wire.protocol = self.protocol
        self.protocol.makeConnection(self.wire)

    def send(self, data: bytes) -> bytes:
        """Send, and return what came back since the last time."""
        if self.wire.connected:
            self.protocol.dataReceived(data)
        return self.received()

    def received(self) -> bytes:
        """Return what came back since the last time."""
        data: bytes = self.wire.value()
        self.wire.clear()
        return data

    def leave(self) -> None:
        """Go away."""
        self.wire.loseConnection()

    @property
    def is_reading(self) -> bool:
        """Does the server take bytes?"""
        return self.wire.producerState == "producing"


def status_of(answer: bytes) -> int:
    """Read the status of the first response."""
    return int(answer.split(b" ", 2)[1])


@implementer(IOpenSSLServerConnectionCreator, IOpenSSLClientConnectionCreator)
class Tls:
    """Both sides of TLS for a test, with a throw-away authority; the real contexts are made elsewhere."""

    def __init__(self, name: str = "node.test") -> None:
        self._name = name
        self._authority = trustme.CA()
        self.server = SSL.Context(SSL.TLS_METHOD)
        self._authority.issue_cert(name).configure_cert(self.server)

    def ask_for_certificates_of(self, other: "Tls") -> None:
        """Demand a client certificate that leads to the authority of another."""
        self.server.get_cert_store().add_cert(other.anchor)
        self.server.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT)

    @property
    def anchor(self) -> X509:
        return X509.from_cryptography(load_pem_x509_certificate(self._authority.cert_pem.bytes()))

    def serverConnectionForTLS(self, protocol: object) -> SSL.Connection:
        return SSL.Connection(self.server, None)

    def clientConnectionForTLS(self, protocol: object) -> SSL.Connection:
        context = SSL.Context(SSL.TLS_METHOD)
        context.get_cert_store().add_cert(self.anchor)
        context.set_verify(SSL.VERIFY_PEER)
        connection = SSL.Connection(context, None)
        connection.set_tlsext_host_name(self._name.encode())
        return connection
