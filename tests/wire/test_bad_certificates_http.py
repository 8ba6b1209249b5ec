"""One bad certificate of each code, at the HTTP listener and the HTTP client as the daemon runs them."""

from typing import Any

from OpenSSL import SSL
from twisted.internet import reactor
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP4ServerEndpoint, connectProtocol, wrapClientTLS
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator, IOpenSSLServerConnectionCreator
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.trial.unittest import TestCase
from zope.interface import implementer

from edge_node.errors import NotSent
from edge_node.wire.budget import Budget
from edge_node.wire.http1 import Limits
from edge_node.wire.http1_client import Destination, HttpClient
from edge_node.wire.http1_server import HttpServerFactory, ServerOptions
from tests.wire.bad_certificates import Row, Site, Way
from tests.wire.forge import Shown, Spec, forge
from tests.wire.http_doubles import POST, Recorder
from tests.wire.node_side import OURS, Node, Wall, far_side
from tests.wire.test_bad_certificates import ALL
from tests.wire.test_http1_sockets import Talker


def one_of_each(way: Way) -> dict[str, Row]:
    """Choose the last row of each code."""
    return {row.code: row for row in ALL if way in row.ways}


@implementer(IOpenSSLClientConnectionCreator, IOpenSSLServerConnectionCreator)
class Outsider:
    """The other end, with Twisted underneath."""

    def __init__(self, shown: Shown, way: Way) -> None:
        self._context = far_side(shown, SSL.TLS1_3_VERSION, way)

    def clientConnectionForTLS(self, protocol: object) -> SSL.Connection:
        connection = SSL.Connection(self._context, None)
        connection.set_tlsext_host_name(OURS.encode())
        return connection

    def serverConnectionForTLS(self, protocol: object) -> SSL.Connection:
        return SSL.Connection(self._context, None)


class TestTheListener(TestCase):
    timeout = 60

    async def test_hears_no_request_of_a_bad_peer(self) -> None:
        """Behind it is everything a hospital knows of its patients."""
        rows = one_of_each(Way.IN)
        assert {code: await self.asked(row.bad, row.bad_site or row.site) for code, row in rows.items()} == {
            code: ([code], 0) for code in rows
        }

    async def test_hears_those_of_the_good_ones_beside_them(self) -> None:
        """Whoever belongs must get in."""
        rows = one_of_each(Way.IN)
        assert [await self.asked(row.good, row.site) for row in rows.values()] == [([], 1)] * len(rows)

    async def asked(self, spec: Spec, site: Site) -> tuple[list[str], int]:
        """Send the listener a request; return what its log got, and how many requests it heard."""
        shown, wall, handler = forge(spec), Wall(), Recorder()
        tls: Any = Node(site, shown, Way.IN, wall).tls
        factory = HttpServerFactory(handler, Limits(), Budget(), reactor, options=ServerOptions(judge=tls.judge))
        port = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(
            TLSMemoryBIOFactory(tls, False, factory)
        )
        tcp = TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port)
        talker = Talker(POST, b"hello")
        await connectProtocol(wrapClientTLS(Outsider(shown, Way.IN), tcp), talker)
        await talker.done
        talker.transport.abortConnection()
        await factory.drain(port, limit_s=5)
        return [code for code, _ in wall.refusals], len(handler.requests)


class TestTheClient(TestCase):
    timeout = 60

    async def test_sends_nothing_to_a_bad_server(self) -> None:
        """A question holds a patient's number; it is not for whoever answers."""
        rows = one_of_each(Way.OUT)
        assert {code: await self.answered(row.bad, row.bad_site or row.site) for code, row in rows.items()} == {
            code: (code, 0) for code in rows
        }

    async def test_sends_to_the_good_ones_beside_them(self) -> None:
        """Whoever belongs must be reached."""
        rows = one_of_each(Way.OUT)
        assert [await self.answered(row.good, row.site) for row in rows.values()] == [("200", 1)] * len(rows)

    async def answered(self, spec: Spec, site: Site) -> tuple[str, int]:
        """Send a request; return the status or the code of the error, and how many requests the server heard."""
        shown, handler = forge(spec), Recorder()
        factory = HttpServerFactory(handler, Limits(), Budget(), reactor, options=ServerOptions())
        port = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(
            TLSMemoryBIOFactory(Outsider(shown, Way.OUT), False, factory)
        )
        tls: Any = Node(site, shown, Way.OUT, Wall()).tls
        tcp = TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port)
        client = HttpClient(
            Destination(endpoint=wrapClientTLS(tls, tcp), authority="lsp.example", judge=tls.judge), reactor
        )
        said = await _said(client)
        await client.close(limit_s=1)
        await factory.drain(port, limit_s=5)
        return said, len(handler.requests)


async def _said(client: HttpClient) -> str:
    try:
        answer = await client.request("POST", "/a", (), b"question", timeout_s=5)
    except NotSent as error:
        return error.code
    await answer.read()
    return str(answer.status)
