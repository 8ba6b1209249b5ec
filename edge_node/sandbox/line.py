"""A listening port that can be cut and restored, as a line can.

Knows: how to stop listening, drop what is connected, and listen again on the same port.
Must not know: what is spoken on it.
"""

from typing import Any

from twisted.internet.defer import maybeDeferred
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from twisted.protocols.policies import WrappingFactory
from twisted.protocols.tls import TLSMemoryBIOFactory


class _Connections(WrappingFactory):
    """Knows the connections that are open, beneath TLS."""

    noisy = False

    def abort(self) -> None:
        """Drop every connection, without a word."""
        for protocol in tuple(self.protocols):
            protocol.abortConnection()


class Line:
    """One port on loopback with the factory behind it; over TLS when a creator of connections is given."""

    def __init__(self, reactor: Any, factory: Any, *, port: int = 0, host: str = "127.0.0.1") -> None:
        self._reactor = reactor
        self._behind = factory
        self._host = host
        self._listening: Any = None
        self._connections: Any = None
        self.port = port

    def listen(self, tls: IOpenSSLServerConnectionCreator | None = None) -> None:
        """Begin to listen; a port of 0 is chosen once and kept."""
        factory = self._behind
        if tls is not None:
            factory = TLSMemoryBIOFactory(tls, False, factory)
            factory.noisy = False
        made: Any = _Connections
        self._connections = made(factory)
        self._listening = self._reactor.listenTCP(self.port, self._connections, interface=self._host)
        self.port = self._listening.getHost().port

    @property
    def is_up(self) -> bool:
        """Whether it listens."""
        return self._listening is not None

    async def cut(self) -> None:
        """Stop listening and drop every connection."""
        listening, self._listening = self._listening, None
        if listening is None:
            return
        await maybeDeferred(listening.stopListening)
        self._connections.abort()
