"""TLS over loopback through Twisted: the judge says yes before a protocol hears a byte, or there is no byte."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from twisted.internet import defer, endpoints, reactor
from twisted.internet.interfaces import IHandshakeListener
from twisted.internet.protocol import Factory, Protocol
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase
from zope.interface import implementer

from edge_node.model.hierarchies import TEST_REALM
from edge_node.sandbox.pki import ORGANISATION_ISSUER, PRACTICE, PRACTICE_UZI, SWITCHBOARD, UZI_ISSUER, Pki, make_pki
from edge_node.wire import trust
from tests.wire.revocations import listed

NOW = datetime.now(UTC)


@implementer(IHandshakeListener)
class Ear(Protocol):
    """One end: judges after the handshake, says one word, and listens."""

    def __init__(self, judge: Callable[[Any], Any], word: bytes) -> None:
        self.judge, self.word = judge, word
        self.heard: list[object] = []
        self.done: defer.Deferred[list[object]] = defer.Deferred()

    def handshakeCompleted(self) -> None:
        self.heard.append(self.judge(self.transport.getHandle()).name)
        self.transport.write(self.word)

    def dataReceived(self, data: bytes) -> None:
        self.heard.append(data)
        self.transport.loseConnection()

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]
        self.done.callback(self.heard)


class OneEar(Factory):
    """Gives every connection of a test the same end."""

    noisy = False

    def __init__(self, ear: Ear) -> None:
        self.ear = ear

    def buildProtocol(self, address: object) -> Ear:
        return self.ear


class TestOverLoopback(TestCase):
    """The node listens, the switchboard calls; both are built as in production."""

    def setUp(self) -> None:
        self.refusals: list[str] = []
        directory = TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.pki = make_pki(Path(directory.name), now=NOW)
        around = trust.Surroundings(
            now=lambda: NOW, refused=lambda code, *_: self.refusals.append(code), revocation=listed(self.pki, NOW)
        )
        self.around = around
        node = self.identity(self.pki, "practice", PRACTICE[1], PRACTICE_UZI.ura)
        self.tls = trust.server_tls((node,), (self.peer(SWITCHBOARD, ORGANISATION_ISSUER),), around)
        self.server = Ear(self.tls.judge, b"answer")

    def identity(self, pki: Pki, name: str, fqdn: str | None, ura: str | None) -> trust.OwnIdentity:
        files = pki.files(name)
        return trust.load_identity(
            trust.IdentityFiles(name=name, certificate=files.chain, key=files.key, fqdn=fqdn, ura=ura)
        )

    def peer(self, holder: tuple[str, str], issuer: str) -> trust.TrustedPeer:
        return trust.TrustedPeer(
            name=holder[1],
            role="zim",
            host=holder[1],
            client_names=(holder[1],),
            issuers=(issuer,),
            organisation=holder[0],
            anchors=trust.load_anchors(self.pki.anchors),
            realm=TEST_REALM,
        )

    async def call(self, name: str) -> Ear:
        """Call the node with one certificate and wait until both ends are done."""
        factory = TLSMemoryBIOFactory(self.tls, False, OneEar(self.server))
        port = reactor.listenTCP(0, factory, interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        caller = self.identity(self.pki, name, None, None)
        way = trust.client_tls(caller, self.peer(PRACTICE, UZI_ISSUER), self.around)
        tcp = endpoints.TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port)
        client = Ear(way.judge, b"question")
        await endpoints.wrapClientTLS(way, tcp).connect(OneEar(client))
        await defer.DeferredList([client.done, self.server.done])
        return client

    async def test_each_knows_the_other_before_the_first_byte(self) -> None:
        """A question may be answered only to somebody who is known."""
        client = await self.call("switchboard")
        assert self.server.heard == [SWITCHBOARD[1], b"question"]
        assert client.heard[0] == PRACTICE[1]
        assert self.refusals == []

    async def test_a_bad_certificate_is_heard_nothing_of(self) -> None:
        """The listener's protocol never starts, so nothing behind it can be reached."""
        await self.call("bad/other-organisation")
        assert self.server.heard == []
        assert self.refusals[0] == "EN-TLS-ORGANISATION"
