"""A source of files over HTTP on loopback, that answers what a test says, however odd.

Knows: requests as they come in, raw answers.
Must not know: revocation lists, OCSP.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure

reactor: Any = _reactor


@dataclass(frozen=True, slots=True)
class Heard:
    """One request."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def target(self) -> str:
        return self.line.split(" ")[1]


def answer(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """A whole answer; `etag="x"` becomes a header, `last_modified` too."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    length = "" if status.startswith("304") else f"content-length: {len(body)}\r\n"
    return f"HTTP/1.1 {status}\r\n{lines}{length}\r\n".encode() + body


class Source:
    """Listens, remembers, answers. `says` may be changed at any time; None leaves the asker waiting."""

    def __init__(self, says: Callable[[Heard], bytes | None]) -> None:
        self.says = says
        self.heard: list[Heard] = []
        self.wires: set[Any] = set()
        self.cut = False  # close behind each answer
        self._waiting: list[Deferred[Heard]] = []
        self._gone: Deferred[None] | None = None
        self._port: Any = None

    def up(self, port: int = 0) -> "Source":
        factory = Factory.forProtocol(lambda: _Line(self))
        self._port = reactor.listenTCP(port, factory, interface="127.0.0.1")
        return self

    @property
    def port(self) -> int:
        found: int = self._port.getHost().port
        return found

    async def down(self) -> None:
        """Stop listening, and break off what is open."""
        await self._port.stopListening()
        if self.wires:
            self._gone = Deferred()
            for wire in tuple(self.wires):
                wire.transport.abortConnection()
            await self._gone

    def endpoint(self, host: str, port: int) -> Any:
        """The way here, whatever host was asked for: names of a test are in no register."""
        return TCP4ClientEndpoint(reactor, "127.0.0.1", self.port)

    def asked(self) -> Deferred[Heard]:
        """Fires at the next request."""
        waiting: Deferred[Heard] = Deferred()
        self._waiting.append(waiting)
        return waiting

    def hear(self, wire: "_Line", heard: Heard) -> None:
        self.heard.append(heard)
        said = self.says(heard)
        if said is not None:
            wire.transport.write(said)
            if self.cut:
                wire.transport.loseConnection()
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            one.callback(heard)

    def lost(self, wire: "_Line") -> None:
        self.wires.discard(wire)
        if not self.wires and self._gone is not None and not self._gone.called:
            self._gone.callback(None)


class _Line(Protocol):
    transport: Any

    def __init__(self, source: Source) -> None:
        self._source = source
        self._read = b""

    def connectionMade(self) -> None:
        self._source.wires.add(self)

    def dataReceived(self, data: bytes) -> None:
        self._read += data
        head, end, body = self._read.partition(b"\r\n\r\n")
        if not end:
            return
        line, *rest = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)}
        if len(body) >= int(headers.get("content-length", "0")):
            self._read = b""
            self._source.hear(self, Heard(line, headers, body))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._source.lost(self)
