"""The listeners of a node: where it is reached, and how that ends.

Knows: which handler serves which listener, how TLS of a new version of the settings is taken up.
Must not know: what a message is.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from OpenSSL import SSL
from twisted.internet.defer import DeferredList
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IListeningPort, IOpenSSLServerConnectionCreator
from twisted.protocols.tls import TLSMemoryBIOFactory
from zope.interface import implementer

from edge_node.accepting import RestingPorts
from edge_node.building import Wired
from edge_node.errors import EdgeNodeError
from edge_node.settings.local import Listener
from edge_node.settings.schema import Settings
from edge_node.status.control import take_over
from edge_node.wire.budget import Budget
from edge_node.wire.fhir_http import Words
from edge_node.wire.http1 import Handler, Limits
from edge_node.wire.http1_server import HttpServerFactory, ServerOptions

#: How long a connection that is drained may take to end once its answer is written.
_END_S = 5.0


@implementer(IOpenSSLServerConnectionCreator)
class LiveTls:
    """The TLS of one listener as the settings have it now. `present` finds it; connections made before stay."""

    def __init__(self, present: Callable[[], Any]) -> None:
        self._present = present

    def serverConnectionForTLS(self, protocol: Any) -> SSL.Connection:
        """Make the connection of one accepted socket."""
        connection: SSL.Connection = self._present().serverConnectionForTLS(protocol)
        return connection

    def judge(self, transport: Any) -> object:
        """Judge the peer after its handshake."""
        judged: object = self._present().judge(transport)
        return judged


def live_local_tls(wired: Callable[[], Wired], place: tuple[str, int]) -> LiveTls:
    """The TLS of the local listener at that host and port.

    Only a restart opens and closes listeners: one that is not in new settings keeps what it had.
    """
    first = wired().local_tls[place]
    return LiveTls(lambda: wired().local_tls.get(place, first))


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """What the listeners serve."""

    wired: Callable[[], Wired]
    local: Handler
    switchboard: Handler
    words: Words
    budget: Budget


@dataclass(frozen=True, slots=True)
class _Open:
    name: str
    port: IListeningPort
    factory: HttpServerFactory


class Listeners:
    """Every listener on the message path."""

    def __init__(self, serving: Serving, reactor: Any) -> None:
        self._serving = serving
        self._reactor = reactor
        self._ports = RestingPorts(reactor)
        self._open: list[_Open] = []

    def begin(self) -> None:
        """Open them all. Raises `EdgeNodeError` with EN-LISTEN."""
        settings = self._serving.wired().settings
        for index, listener in enumerate(settings.local.listeners):
            self._open.append(self._local(index, listener, settings))
        self._open.append(self._switchboard(settings))

    @property
    def addresses(self) -> dict[str, str]:
        """Where the first local listener and the switchboard's are, for the ready line."""
        return {"local": _address(self._open[0].port), "switchboard": _address(self._open[-1].port)}

    def connections(self) -> dict[str, int]:
        """How many callers are connected, by listener."""
        return {listener.name: listener.factory.connections for listener in self._open}

    def rejudge(self) -> None:
        """Judge every TLS peer that is connected once more."""
        for listener in self._open:
            listener.factory.rejudge()

    async def drain(self, limit_s: float) -> None:
        """Take nothing new, finish what is in hand."""
        await DeferredList([listener.factory.drain(listener.port, limit_s=limit_s) for listener in self._open])

    def _local(self, index: int, listener: Listener, settings: Settings) -> _Open:
        limits = Limits(body_bytes=settings.local.max_body_bytes, **settings.local.limits.model_dump())
        if listener.unix_path is not None:
            factory = self._factory(self._serving.local, limits, None)
            take_over(listener.unix_path)
            with listening(str(listener.unix_path)):
                port = self._ports.listenUNIX(str(listener.unix_path), factory, mode=int(listener.mode, 8))
            return _Open(f"local-{index}", port, factory)
        host, port_number = str(listener.host), listener.port or 0
        tls = None if listener.tls is None else live_local_tls(self._serving.wired, (host, port_number))
        factory = self._factory(self._serving.local, limits, tls)
        return _Open(f"local-{index}", self._tcp(host, port_number, factory, tls), factory)

    def _switchboard(self, settings: Settings) -> _Open:
        listen = settings.switchboard.listen
        limits = Limits(body_bytes=settings.local.max_body_bytes, **listen.limits.model_dump())
        tls = LiveTls(lambda: self._serving.wired().server_tls)
        factory = self._factory(self._serving.switchboard, limits, tls)
        return _Open("switchboard", self._tcp(listen.host, listen.port, factory, tls), factory)

    def _factory(self, handler: Handler, limits: Limits, tls: LiveTls | None) -> HttpServerFactory:
        options = ServerOptions(render=self._serving.words.response, judge=tls.judge if tls else None)
        return HttpServerFactory(handler, limits, self._serving.budget, self._reactor, options=options)

    def _tcp(self, host: str, port: int, factory: HttpServerFactory, tls: LiveTls | None) -> IListeningPort:
        served = factory if tls is None else TLSMemoryBIOFactory(tls, False, factory, self._reactor)
        with listening(f"{host} port {port}"):
            return self._ports.listenTCP(port, served, interface=host, backlog=256)


@contextmanager
def listening(where: str) -> Iterator[None]:
    """Translate a place that is taken."""
    try:
        yield
    except CannotListenError as error:
        raise EdgeNodeError(f"{where}: {error.socketError}", code="EN-LISTEN") from error


def _address(port: IListeningPort) -> str:
    where: Any = port.getHost()
    if hasattr(where, "name"):
        name = where.name
        return f"unix:{name.decode() if isinstance(name, bytes) else name}"
    return f"[{where.host}]:{where.port}" if ":" in where.host else f"{where.host}:{where.port}"
