"""The client over real sockets on loopback: TLS, judges, peers that go."""

from typing import Any

from OpenSSL import SSL
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP4ServerEndpoint, wrapClientTLS
from twisted.internet.protocol import Factory, Protocol
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.trial.unittest import TestCase

from edge_node.errors import NotSent, Refused
from edge_node.wire.budget import Budget
from edge_node.wire.http1 import Limits, Response
from edge_node.wire.http1_client import Destination, HttpClient
from edge_node.wire.http1_server import HttpServerFactory
from tests.wire.http_doubles import Recorder, Tls

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 5\r\n\r\nhello"


class Answerer(Protocol):
    """A peer that answers everything with the same."""

    def dataReceived(self, data: bytes) -> None:
        assert self.transport is not None
        self.transport.write(OK)


class Peer(Factory):
    noisy = False

    def __init__(self) -> None:
        self.made: list[Protocol] = []

    def buildProtocol(self, addr: Any) -> Protocol:
        protocol = Answerer()
        self.made.append(protocol)
        return protocol


class TestSockets(TestCase):
    """Over real sockets on loopback."""

    timeout = 20

    async def call(self, endpoint: Any, judge: Any = None, body: bytes = b"question") -> tuple[int, bytes]:
        client = HttpClient(Destination(endpoint=endpoint, authority="node.test", judge=judge), reactor)
        try:
            answer = await client.request("POST", "/", (), body, timeout_s=10)
            got = b""
            while piece := await answer.read():
                got += piece
            return answer.status, got
        finally:
            await client.close()

    async def test_never_uses_a_connection_its_peer_closed(self) -> None:
        """Its end may lie unread in the kernel: a request sent there would have an unknown outcome."""
        peer = Peer()
        port = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(peer)
        endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port)
        client = HttpClient(Destination(endpoint=endpoint, authority="a"), reactor)
        await (await client.request("GET", "/", (), b"", timeout_s=5)).read()
        # The end is on the wire; the reactor has not seen it yet when the next request is made.
        peer.made[0].transport.socket.shutdown(1)
        answer = await client.request("GET", "/", (), b"", timeout_s=5)
        self.assertEqual((answer.status, len(peer.made)), (200, 2))
        await answer.read()
        await client.close()
        await port.stopListening()

    async def test_carries_a_large_body_both_ways(self) -> None:
        """Back-pressure on both sides, through TLS, byte for byte."""
        body = bytes(range(256)) * 12_000
        status, got = await self.over_tls(lambda endpoint, tls: self.call(wrapClientTLS(tls, endpoint), body=body))
        self.assertEqual((status, got == body), (200, True))

    async def test_sends_nothing_to_a_peer_it_does_not_trust(self) -> None:
        """A wrong certificate is a matter of the line: sure not to have been sent."""
        error = await self.assertFailure(
            Deferred.fromCoroutine(self.over_tls(lambda endpoint, tls: self.call(wrapClientTLS(Tls(), endpoint)))),
            NotSent,
        )
        self.assertEqual(error.code, "EN-TLS-HANDSHAKE")
        self.assertIn("certificate verify failed", error.detail)

    async def test_sends_nothing_to_a_peer_its_judge_refuses(self) -> None:
        """A resumed session is judged again."""

        def refuse(connection: SSL.Connection) -> object:
            raise Refused("revoked", code="EN-TLS-CHAIN")

        error = await self.assertFailure(
            Deferred.fromCoroutine(
                self.over_tls(lambda endpoint, tls: self.call(wrapClientTLS(tls, endpoint), refuse))
            ),
            NotSent,
        )
        self.assertEqual(error.code, "EN-TLS-CHAIN")

    async def test_knows_that_a_peer_who_refused_our_certificate_processed_nothing(self) -> None:
        """In TLS 1.3 that alert comes after our first request; an expired certificate must not spoil every token."""

        async def call(endpoint: Any, tls: Tls) -> tuple[int, bytes]:
            tls.ask_for_certificates_of(Tls())
            return await self.call(wrapClientTLS(tls, endpoint))

        error = await self.assertFailure(Deferred.fromCoroutine(self.over_tls(call)), NotSent)
        self.assertEqual(error.code, "EN-TLS-HANDSHAKE")

    async def test_reads_an_answer_given_before_its_request_was_written(self) -> None:
        """A switchboard that refuses a large message at its head is heard, not taken for a broken line."""
        refusal = Response(status=413, body=b"too big")
        got = await self.over_tls(
            lambda endpoint, tls: self.call(wrapClientTLS(tls, endpoint), body=b"a" * 5_000_000), refusal
        )
        self.assertEqual(got, (413, b"too big"))

    async def over_tls(self, call: Any, refusal: Response | None = None) -> tuple[int, bytes]:
        tls = Tls()
        handler = Recorder()
        handler.refusal = refusal
        factory = HttpServerFactory(handler, Limits(), Budget(), reactor)
        port = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(
            TLSMemoryBIOFactory(tls, False, factory)
        )
        try:
            got: tuple[int, bytes] = await call(TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port), tls)
            return got
        finally:
            await factory.drain(port, limit_s=5)
