"""The other ends of a node, doing what a story tells them: the switchboard, and the local systems.

Knows: twisted.web, as another implementation of HTTP than the node's; how a server misbehaves on its socket.
Must not know: the node, or what a message says.
"""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.x509 import Certificate
from cryptography.x509.oid import NameOID
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from twisted.web.http import HTTPChannel, Request
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Site
from zope.interface import implementer

from edge_node.sandbox.reading import Seen, read

reactor: Any = _reactor


class Turn:
    """One request that came, and what can be done to it."""

    def __init__(self, request: Request) -> None:
        self._request: Any = request
        transport = request.transport
        self.method = request.method.decode()
        self.path = request.path.decode()
        self.target = request.uri.decode()  # with its query
        self.headers = {
            name.decode().lower(): values[-1].decode() for name, values in request.requestHeaders.getAllRawHeaders()
        }
        self.lines = [(n.lower(), v) for n, vs in request.requestHeaders.getAllRawHeaders() for v in vs]
        self.body: bytes = request.content.read()
        self.peer: Certificate | None = None
        self.server_name: str | None = None
        if hasattr(transport, "negotiatedProtocol"):  # over TLS
            handle = transport.getHandle()
            self.peer = handle.get_peer_certificate(as_cryptography=True)
            self.server_name = (handle.get_servername() or b"").decode()
        self.is_gone = False
        self.said = b""
        self.answered: Mapping[str, str] = {}
        request.notifyFinish().addBoth(self._ended)

    def _ended(self, _: object) -> None:
        self.is_gone = True

    @property
    def seen(self) -> Seen:
        """What the message says, by another reader than the node's."""
        return read(self.body)

    @property
    def organisation(self) -> str | None:
        """Who showed a certificate."""
        if self.peer is None:
            return None
        return str(self.peer.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value)

    def answer(
        self,
        body: bytes,
        status: int = 200,
        content_type: str = "text/xml; charset=utf-8",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answer, if the asker is still there."""
        if self.is_gone:
            return
        self.said, self.answered = body, {"content-type": content_type, **(headers or {})}
        self._request.setResponseCode(status)
        self._request.setHeader("content-type", content_type)
        for name, value in (headers or {}).items():
            self._request.setHeader(name, value)
        if status not in {204, 304}:
            self._request.setHeader("content-length", str(len(body)))
            self._request.write(body)
        self._request.finish()

    def reset(self) -> None:
        """Break the connection off."""
        self._request.transport.abortConnection()

    def break_off(self, body: bytes, content_type: str = "text/xml; charset=utf-8") -> None:
        """Promise a whole body, send a part, and go."""
        self._request.setHeader("content-type", content_type)
        self._request.setHeader("content-length", str(len(body) + 100))
        self._request.write(body)
        self._request.channel.loseConnection()

    def answer_as_of_old(self, status: int = 200) -> None:
        """Answer HTTP/1.0 without a length, and go: that is where the body ends."""
        self._request.transport.write(b"HTTP/1.0 %d As Of Old\r\nServer: BaseHTTP/0.6\r\n\r\nthanks" % status)
        self._request.transport.loseConnection()


Move = Callable[[Turn], None]


class _Everything(Resource):
    isLeaf = True

    def __init__(self, heard: Callable[[Turn], None]) -> None:
        super().__init__()
        self._heard = heard

    def render(self, request: Request) -> int | bytes:
        if (request.method, request.path) == (b"OPTIONS", b"/"):  # a certificate that is tried; it asks nothing
            request.setResponseCode(405)
            return b""
        self._heard(Turn(request))
        return NOT_DONE_YET


class _Channel(HTTPChannel):
    def connectionMade(self) -> None:
        super().connectionMade()
        self.factory.open.add(self)

    def connectionLost(self, reason: Any) -> None:
        super().connectionLost(reason)
        self.factory.open.discard(self)
        self.factory.note()


@implementer(IOpenSSLServerConnectionCreator)
class _Present:
    """The TLS of this moment."""

    def __init__(self, present: Callable[[], Any]) -> None:
        self._present = present

    def serverConnectionForTLS(self, protocol: object) -> Any:
        return self._present().serverConnectionForTLS(protocol)


class FarEnd:
    """A server that makes one move for each request: the next one it was told, else its usual one."""

    def __init__(self, usual: Move, tls: object | None = None) -> None:
        self.heard: list[Turn] = []
        self.port = 0
        self.usual = usual
        self._tls = tls
        self._next: deque[Move] = deque()
        self._waiting: list[tuple[int, Deferred[None]]] = []
        self._site = Site(_Everything(self._take), timeout=None)
        self._site.noisy = False
        self._site.protocol = _Channel
        self._site.open = set()
        self._site.note = self._note_closed
        self._closed: Deferred[None] | None = None
        self._listening: Any = None

    def up(self) -> None:
        """Listen; at the same port as before."""
        where = {"interface": "127.0.0.1"}
        if self._tls is None:
            self._listening = reactor.listenTCP(self.port, self._site, **where)
        else:
            self._listening = reactor.listenSSL(self.port, self._site, _Present(lambda: self._tls), **where)
        self.port = self._listening.getHost().port

    async def down(self) -> None:
        """Stop listening and break every connection off: the line is cut."""
        if self._listening is None:
            return
        await self._listening.stopListening()
        self._listening = None
        await self.hang_up()

    async def hang_up(self) -> None:
        """Break every connection off, and go on listening."""
        if self._site.open:
            closed = self._closed = Deferred()
            for channel in tuple(self._site.open):
                channel.transport.abortConnection()
            await closed

    def use(self, tls: object) -> None:
        """Show another certificate from the next connection on."""
        self._tls = tls

    def will(self, *moves: Move) -> None:
        """Make these moves for the next requests."""
        self._next.extend(moves)

    async def has_heard(self, count: int) -> None:
        """Wait until that many requests came in all."""
        if len(self.heard) < count:
            waiting: Deferred[None] = Deferred()
            self._waiting.append((count, waiting))
            await waiting

    @property
    def ids(self) -> list[str]:
        """The message ids that came, in order."""
        return [turn.seen.id.extension for turn in self.heard]

    def _take(self, turn: Turn) -> None:
        if turn.method == "OPTIONS":  # a trial of a certificate, which is nobody's message
            turn.answer(b"", 405)
            return
        self.heard.append(turn)
        move = self._next.popleft() if self._next else self.usual
        move(turn)
        for count, waiting in tuple(self._waiting):
            if len(self.heard) >= count:
                self._waiting.remove((count, waiting))
                waiting.callback(None)

    def _note_closed(self) -> None:
        if self._closed is not None and not self._site.open:
            closed, self._closed = self._closed, None
            reactor.callLater(0, closed.callback, None)
