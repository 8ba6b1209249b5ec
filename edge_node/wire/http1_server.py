"""The HTTP/1.1 server of the message path: one listener and its connections.

Knows: how many connections there may be, and how to drain them.
Must not know: what a message means, how a TLS context is made.
"""

from dataclasses import replace
from typing import Any, Final

from twisted.internet.defer import Deferred, gatherResults, maybeDeferred, succeed
from twisted.internet.interfaces import IAddress, IListeningPort, IReactorTime
from twisted.internet.protocol import Factory, Protocol

from edge_node.wire.budget import Budget
from edge_node.wire.http1 import Handler, Limits, response_head
from edge_node.wire.http1_connection import HttpConnection, ServerOptions
from edge_node.wire.http1_places import Places, source_of
from edge_node.wire.http1_round import Round
from edge_node.wire.http1_transport import tls_of
from edge_node.wire.refusal_log import Refusal, RefusalLog

__all__ = ["HttpServerFactory", "ServerOptions"]

_PLAIN_OPTIONS: Final = ServerOptions()


class HttpServerFactory(Factory):
    """Serves one listener; give it to any stream endpoint."""

    noisy = False

    def __init__(
        self,
        handler: Handler,
        limits: Limits,
        budget: Budget,
        clock: IReactorTime,
        *,
        options: ServerOptions = _PLAIN_OPTIONS,
    ) -> None:
        self.handler = handler
        self.limits = limits
        self.budget = budget
        self.clock = clock
        self.options = options
        self.refused = RefusalLog(clock)
        self.is_draining = False
        self._places = Places(limits.connections, limits.connections_per_peer)
        self._live: dict[HttpConnection, str | None] = {}
        self._drained: Deferred[None] | None = None
        self._round = Round(clock, lambda: tuple(self._live))

    @property
    def connections(self) -> int:
        """How many are open now."""
        return len(self._live)

    def buildProtocol(self, addr: IAddress | None) -> Protocol:
        """Take a connection, unless there are as many as there may be, in all or from one address."""
        source = source_of(addr)
        if self.is_draining or not self._takes(source):
            return TurnedAway(self)
        connection = HttpConnection(self)
        self._live[connection] = source
        return connection

    def _takes(self, source: str | None) -> bool:
        if not self._places.take(source):
            self._tell_full(source)
            return False
        if not self.budget.connect():
            self._places.leave(source)
            self._tell_full(source)
            return False
        return True

    def _tell_full(self, source: str | None) -> None:
        words = {"status": 503, "peer": source or "unix", "detail": "no more connections"}
        self.refused.tell(Refusal(event="http.refused", code="EN-BUSY", words=words, source=source or ""))

    def rejudge(self) -> None:
        """Judge every TLS peer once more; who is refused now is broken off, nobody else notices."""
        self._round.begin()

    def gone(self, connection: HttpConnection) -> None:
        """Forget a connection that ended."""
        self._places.leave(self._live.pop(connection))
        self.budget.disconnect()
        self._note_drained()

    def drain(self, port: IListeningPort | None, *, limit_s: float) -> Deferred[None]:
        """Stop accepting, finish what is in hand; fires when done. What is left at the limit is broken off."""
        self.is_draining = True
        stopped: Deferred[Any] = maybeDeferred(port.stopListening) if port is not None else succeed(None)
        done: Deferred[Any] = Deferred()
        self._drained = done
        late = self.clock.callLater(limit_s, self._break_off)
        done.addCallback(lambda _: late.cancel() if late.active() else None)
        for connection in tuple(self._live):
            connection.drain()
        self._note_drained()
        return gatherResults([stopped, done]).addCallback(lambda _: None)

    def _note_drained(self) -> None:
        if self._drained is not None and not self._live:
            self.refused.stop()
            drained, self._drained = self._drained, None
            drained.callback(None)

    def _break_off(self) -> None:
        for connection in tuple(self._live):
            connection.abort()


class TurnedAway(Protocol):
    """A connection over the limit: told so and closed, without reading."""

    def __init__(self, server: HttpServerFactory) -> None:
        self._server = server

    def connectionMade(self) -> None:
        """A TLS peer is not worth a handshake now."""
        transport: Any = self.transport
        if tls_of(transport) is not None:
            transport.abortConnection()
            return
        code = "EN-DRAINING" if self._server.is_draining else "EN-BUSY"
        response = replace(self._server.options.render(code, "no more connections now", None), status=503)
        transport.write(response_head(response, chunked=False, close=True) + response.body)
        transport.loseConnection()
