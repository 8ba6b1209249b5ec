"""The management listener, over a real loopback connection."""

# mypy: disallow-untyped-calls=False

import json
from typing import Any

from prometheus_client import CollectorRegistry
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

from edge_node.status.facts import Facts, LinkFact, StoreFact
from edge_node.status.management import management_site
from edge_node.status.metrics import Metrics
from edge_node.status.snapshot import Snapshot, snapshot

from .doubles import facts


class Whole(Protocol):
    """Sends one request and collects until the other side closes."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._got = b""
        self.ended: Deferred[bytes] = Deferred()

    def connectionMade(self) -> None:
        assert self.transport is not None
        self.transport.write(self._request)

    def dataReceived(self, data: bytes) -> None:
        self._got += data

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.ended.callback(self._got)


class TestManagement(TestCase):
    def setUp(self) -> None:
        self.facts: Facts | None = facts()
        self.waiting: Deferred[None] | None = None
        self.asked: Deferred[None] = Deferred()
        site = management_site(self.look, Metrics(CollectorRegistry()), reactor)
        self.port: Any = reactor.listenTCP(0, site, interface="127.0.0.1")  # type: ignore[arg-type]
        self.addCleanup(self.port.stopListening)

    async def look(self) -> Snapshot:
        if self.waiting is not None:
            self.asked.callback(None)
            await self.waiting
        if self.facts is None:
            raise ZeroDivisionError("a mistake")
        return snapshot(self.facts)

    async def ask(self, line: str, rest: str = "", body: bytes = b"") -> tuple[str, dict[str, str], bytes]:
        request = f"{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{rest}\r\n".encode() + body
        endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", self.port.getHost().port)
        answer = await (await connectProtocol(endpoint, Whole(request))).ended
        head, _, content = answer.partition(b"\r\n\r\n")
        status, *fields = head.decode().split("\r\n")
        return status, dict(field.lower().split(": ", 1) for field in fields if field), content

    async def test_is_alive_whatever_is_wrong(self) -> None:
        """A restart does not help a node whose disk is full: liveness says only that it turns."""
        self.facts = facts(store=StoreFact(is_recording=False))
        status, _, content = await self.ask("GET /healthz")
        assert (status, json.loads(content)) == ("HTTP/1.1 200 OK", {"alive": True})

    async def test_is_ready_while_the_centre_is_down_and_says_so(self) -> None:
        """The node still keeps pushes: taking it out of service would lose what it is there for."""
        self.facts = facts(links=(LinkFact(peer="zim", is_open=True, code="EN-SWITCHBOARD-UNREACHABLE"),))
        status, _, content = await self.ask("GET /readyz")
        assert "200" in status
        assert json.loads(content)["verdict"] == "centre down"

    async def test_is_unready_with_the_reason_when_it_cannot_record(self) -> None:
        """Whoever looks learns at once which side to look at."""
        self.facts = facts(store=StoreFact(is_recording=False, code="EN-STORE-FULL"))
        status, _, content = await self.ask("GET /readyz")
        assert "503" in status
        assert [each["code"] for each in json.loads(content)["reasons"]] == ["EN-STORE-FULL"]

    async def test_gives_the_figures(self) -> None:
        """Prometheus reads them at every site."""
        status, headers, content = await self.ask("GET /metrics")
        assert "200" in status
        assert headers["content-type"].startswith("text/plain; version=0.0.4")
        assert b"edge_node_ready 1.0" in content

    async def test_head_has_the_length_and_no_body(self) -> None:
        """Probes of load balancers often use HEAD."""
        status, headers, content = await self.ask("HEAD /readyz")
        assert "200" in status
        assert content == b""
        assert int(headers["content-length"]) > 10

    async def test_takes_no_other_method(self) -> None:
        """The management listener only reads."""
        status, headers, _ = await self.ask("POST /readyz", "Content-Length: 0\r\n")
        assert "405" in status
        assert headers["allow"] == "get, head"

    async def test_takes_no_body(self) -> None:
        """Nothing here needs one, so nobody fills the disk with one."""
        status, _, _ = await self.ask("POST /readyz", "Content-Length: 5\r\n", b"hello")
        assert status == ""

    async def test_shows_nothing_elsewhere(self) -> None:
        """No listing, no server name."""
        status, headers, content = await self.ask("GET /metrics/more")
        assert "404" in status
        assert "server" not in headers
        assert json.loads(content) == {"code": "EN-NOT-FOUND"}

    async def test_guards_browsers(self) -> None:
        """A page on the internet opened on the same machine must not read it."""
        _, headers, _ = await self.ask("GET /")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"

    async def test_says_500_when_looking_fails(self) -> None:
        """A mistake in the looking is an answer too, without its text."""
        self.facts = None
        status, _, content = await self.ask("GET /readyz")
        assert "500" in status
        assert b"mistake" not in content

    async def test_stops_looking_when_the_reader_went_away(self) -> None:
        """Probes that give up must not pile up work on a node that is slow already."""
        cancelled: Deferred[None] = Deferred()
        self.waiting = Deferred(lambda _: cancelled.callback(None))
        endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", self.port.getHost().port)
        reader = await connectProtocol(endpoint, Whole(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"))
        await self.asked
        reader.transport.abortConnection()
        await cancelled
        await reader.ended
