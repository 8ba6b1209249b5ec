"""One bad certificate of each code, at the HTTP listener and the HTTP client as the daemon runs them."""

from dataclasses import dataclass
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
from tests.wire.forge import Shown, forge
from tests.wire.forge_lists import lists_of
from tests.wire.http_doubles import POST, Recorder
from tests.wire.node_side import OURS, Node, Wall, far_side
from tests.wire.test_bad_certificates import ALL, VERSIONS
from tests.wire.test_http1_sockets import Talker


def one_of_each(way: Way) -> dict[str, Row]:
    """Choose the last row of each code."""
    return {row.code: row for row in ALL if way in row.ways}


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Who comes, or is called: the bad one of a row, or the good one beside it; with which version of TLS."""

    row: Row
    is_bad: bool
    version: int

    @property
    def site(self) -> Site:
        return self.row.bad_site or self.row.site if self.is_bad else self.row.site

    def shown(self) -> Shown:
        return forge(self.row.bad if self.is_bad else self.row.good)

    def wall(self, shown: Shown) -> Wall:
        return Wall(revocation=lists_of(shown, self.row.known if self.is_bad else self.row.good_known))


@implementer(IOpenSSLClientConnectionCreator, IOpenSSLServerConnectionCreator)
class Outsider:
    """The other end, with Twisted underneath; it comes back with the session of its last visit."""

    def __init__(self, shown: Shown, way: Way, version: int) -> None:
        self._context = far_side(shown, version, way)
        self._last: SSL.Connection | None = None

    def clientConnectionForTLS(self, protocol: object) -> SSL.Connection:
        connection = SSL.Connection(self._context, None)
        connection.set_tlsext_host_name(OURS.encode())
        session = self._last.get_session() if self._last else None
        if session is not None:
            connection.set_session(session)
        self._last = connection
        return connection

    def serverConnectionForTLS(self, protocol: object) -> SSL.Connection:
        return SSL.Connection(self._context, None)


class EachVersion(TestCase):
    timeout = 120
    way: Way

    async def seen(self, *, is_bad: bool) -> dict[tuple[str, int], Any]:
        """What came of a guest of each code in each version, by both."""
        return {
            (code, version): await self.visited(Guest(row=row, is_bad=is_bad, version=version))
            for version in VERSIONS.values()
            for code, row in one_of_each(self.way).items()
            if not (row.is_no_server and self.way is Way.OUT and version == SSL.TLS1_2_VERSION)
        }

    async def visited(self, guest: Guest) -> Any:
        """How it went, twice."""
        raise AssertionError("each side visits in its own way")


class TestTheListener(EachVersion):
    way = Way.IN

    async def test_hears_no_request_of_a_bad_peer(self) -> None:
        """Behind it is everything a hospital knows of its patients; nor at a second try, with what the first left."""
        found = await self.seen(is_bad=True)
        rows = one_of_each(Way.IN)
        assert found == {name: ([name[0], rows[name[0]].then or name[0]], 0) for name in found}

    async def test_hears_those_of_the_good_ones_beside_them(self) -> None:
        """Whoever belongs must get in, and get in again."""
        found = await self.seen(is_bad=False)
        assert found == dict.fromkeys(found, ([], 2))

    async def visited(self, guest: Guest) -> tuple[list[str], int]:
        """Send the listener two requests; return what its log got, and how many requests it heard."""
        shown, handler = guest.shown(), Recorder()
        wall, outsider = guest.wall(shown), Outsider(shown, Way.IN, guest.version)
        tls: Any = Node(guest.site, shown, Way.IN, wall).tls
        factory = HttpServerFactory(handler, Limits(), Budget(), reactor, options=ServerOptions(judge=tls.judge))
        port = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(
            TLSMemoryBIOFactory(tls, False, factory)
        )
        for _ in range(2):
            await _asked(outsider, port.getHost().port)
        await factory.drain(port, limit_s=5)
        return [code for code, _ in wall.refusals], len(handler.requests)


async def _asked(outsider: Outsider, port: int) -> None:
    talker = Talker(POST, b"hello")
    tcp = TCP4ClientEndpoint(reactor, "127.0.0.1", port)
    await connectProtocol(wrapClientTLS(outsider, tcp), talker)
    await talker.done
    talker.transport.abortConnection()


class TestTheClient(EachVersion):
    way = Way.OUT

    async def test_sends_nothing_to_a_bad_server(self) -> None:
        """A question holds a patient's number; it is not for whoever answers."""
        found = await self.seen(is_bad=True)
        assert found == {name: ([name[0]] * 2, 0) for name in found}

    async def test_sends_to_the_good_ones_beside_them(self) -> None:
        """Whoever belongs must be reached, and reached again."""
        found = await self.seen(is_bad=False)
        assert found == dict.fromkeys(found, (["200", "200"], 2))

    async def visited(self, guest: Guest) -> tuple[list[str], int]:
        """Send two requests, each on a connection of its own; return status or code, and how many were heard."""
        shown, handler = guest.shown(), Recorder()
        factory = HttpServerFactory(handler, Limits(), Budget(), reactor, options=ServerOptions())
        port = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(
            TLSMemoryBIOFactory(Outsider(shown, Way.OUT, guest.version), False, factory)
        )
        tls: Any = Node(guest.site, shown, Way.OUT, guest.wall(shown)).tls
        said = [await _answered(tls, port.getHost().port) for _ in range(2)]
        await factory.drain(port, limit_s=5)
        return said, len(handler.requests)


async def _answered(tls: Any, port: int) -> str:
    tcp = TCP4ClientEndpoint(reactor, "127.0.0.1", port)
    client = HttpClient(
        Destination(endpoint=wrapClientTLS(tls, tcp), authority="lsp.example", judge=tls.judge), reactor
    )
    said = await _said(client)
    await client.close(limit_s=1)
    return said


async def _said(client: HttpClient) -> str:
    try:
        answer = await client.request("POST", "/a", (), b"question", timeout_s=5)
    except NotSent as error:
        return error.code
    await answer.read()
    return str(answer.status)
