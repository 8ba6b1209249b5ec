"""The server over real sockets: plain, Unix and TLS."""

import os
from tempfile import TemporaryDirectory
from typing import Any

from OpenSSL import SSL
from structlog.testing import capture_logs
from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.endpoints import (
    TCP4ClientEndpoint,
    TCP4ServerEndpoint,
    UNIXClientEndpoint,
    UNIXServerEndpoint,
    connectProtocol,
    wrapClientTLS,
)
from twisted.internet.protocol import Protocol
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.trial.unittest import TestCase

from edge_node.errors import Refused
from edge_node.wire.budget import Budget
from edge_node.wire.http1 import Limits, Response
from edge_node.wire.http1_server import HttpServerFactory, ServerOptions
from tests.wire.http_doubles import POST, Recorder, Tls

CHUNKED = b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
HELLO = b"HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: 5\r\n\r\nhello"


class Talker(Protocol):
    """A client that sends bytes and gathers what comes back."""

    def __init__(self, data: bytes, until: bytes) -> None:
        self.got = b""
        self.done: Deferred[bytes] = Deferred()
        self._data, self._until = data, until

    def connectionMade(self) -> None:
        assert self.transport is not None
        self.transport.write(self._data)

    def dataReceived(self, data: bytes) -> None:
        self.got += data
        if self.got.endswith(self._until) and not self.done.called:
            self.done.callback(self.got)

    def connectionLost(self, reason: object = None) -> None:
        if not self.done.called:
            self.done.callback(self.got)


class TestSockets(TestCase):
    """Over real sockets on loopback."""

    timeout = 20

    def serve(self, handler: Recorder, options: ServerOptions | None = None) -> HttpServerFactory:
        return HttpServerFactory(handler, Limits(), Budget(), reactor, options=options or ServerOptions())

    async def test_serves_over_tcp(self) -> None:
        """A HIS on the same machine."""
        handler = Recorder()
        factory = self.serve(handler)
        port = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(factory)
        talker = Talker(POST, b"hello")
        await connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port), talker)
        assert await talker.done == HELLO
        assert handler.requests[0].head.peer.address.startswith("127.0.0.1:")
        await factory.drain(port, limit_s=5)

    async def test_tells_a_refused_sender_why(self) -> None:
        """A reset before the answer is read would leave a developer with `connection reset`."""
        handler = Recorder()
        handler.refusal = Response(status=401, body=b"who are you?")
        factory = self.serve(handler)
        port = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(factory)
        head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n"
        talker = Talker(head + b"a" * 2_000_000, b"who are you?")
        await connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port), talker)
        assert (await talker.done).endswith(b"who are you?")
        talker.transport.abortConnection()
        await factory.drain(port, limit_s=5)

    async def test_counts_the_refusals_of_a_host(self) -> None:
        """Each connection comes from another port; to the operator it is one system that tries on and on."""
        factory = self.serve(Recorder())
        port = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(factory)
        where = TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port)
        talkers = [Talker(b"noise\r\n\r\n", b"nothing") for _ in range(3)]
        with capture_logs() as logged:
            await gatherResults([connectProtocol(where, talker) for talker in talkers])
            await gatherResults([talker.done for talker in talkers])
            await factory.drain(port, limit_s=5)
        assert [line["count"] for line in logged if line["event"] == "http.refused"] == [1, 2]

    async def test_takes_the_end_of_what_a_client_sends_for_its_leaving(self) -> None:
        """A HIS that gave up must be noticed, and nothing on the wire tells it from one that only shuts one side."""
        stopped: list[Deferred[Response]] = []
        factory = self.serve(Recorder(lambda _: Deferred(stopped.append)))
        port = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(factory)
        talker = Talker(POST, b"hello")
        await connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port), talker)
        talker.transport.loseWriteConnection()
        assert await talker.done == b""
        assert len(stopped) == 1
        await factory.drain(port, limit_s=5)

    async def test_knows_the_process_at_a_unix_socket(self) -> None:
        """The kernel says who calls: no password to keep."""
        handler = Recorder()
        factory = self.serve(handler)
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = f"{folder.name}/node.sock"
        port = await UNIXServerEndpoint(reactor, path).listen(factory)
        talker = Talker(POST, b"hello")
        await connectProtocol(UNIXClientEndpoint(reactor, path), talker)
        await talker.done
        credentials = handler.requests[0].head.peer.credentials
        assert credentials == (_own_pid(), *_own_ids())
        await factory.drain(port, limit_s=5)

    async def test_judges_a_tls_peer_before_its_first_byte(self) -> None:
        """What the judge found out goes with every request."""
        handler = Recorder()
        got = await self.over_tls(handler, lambda connection: connection.get_servername())
        assert got == HELLO
        peer = handler.requests[0].head.peer
        assert (peer.is_tls, peer.server_name, peer.extra) == (True, "node.test", b"node.test")

    async def test_reads_nothing_of_a_peer_the_judge_refuses(self) -> None:
        """A revoked certificate with a resumed session gets no further than the handshake."""

        def refuse(connection: SSL.Connection) -> object:
            raise Refused("revoked", code="EN-TLS-CHAIN")

        handler = Recorder()
        got = await self.over_tls(handler, refuse)
        assert (got, handler.heads) == (b"", [])

    async def test_is_not_judged_again_once_it_is_gone(self) -> None:
        """A round past a thousand connections meets some that ended after it began."""
        factory = self.serve(Recorder())
        port = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(factory)
        talker = Talker(POST, b"hello")
        await connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port), talker)
        await talker.done
        (connection,) = factory._live
        talker.transport.abortConnection()
        await factory.drain(port, limit_s=5)
        connection.rejudge()

    async def over_tls(self, handler: Recorder, judge: Any) -> bytes:
        factory = self.serve(handler, ServerOptions(judge=judge))
        tls = Tls()
        secured = TLSMemoryBIOFactory(tls, False, factory)
        port = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(secured)
        talker = Talker(POST, b"hello")
        endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port)
        await connectProtocol(wrapClientTLS(tls, endpoint), talker)
        got = await talker.done
        talker.transport.abortConnection()
        await factory.drain(port, limit_s=5)
        return got


def _own_pid() -> int:
    return os.getpid()


def _own_ids() -> tuple[int, int]:
    return os.getuid(), os.getgid()
