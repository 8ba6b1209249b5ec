"""A name server on loopback that knows what the test wants."""

from collections.abc import Mapping, Sequence
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred, fail, succeed
from twisted.names import dns, server
from twisted.names.error import DomainError

_reactor: Any = reactor
_dns: Any = dns  # which has no types
_names: Any = server


class NameServer:
    """Answers until it is stopped. What it does not know is no name at all; a name without addresses has none."""

    def __init__(self, known: Mapping[str, Sequence[str]], *, is_silent: bool = False) -> None:
        self.known = dict(known)
        self._is_silent = is_silent
        factory = _names.DNSServerFactory(clients=[self])
        self._port = _reactor.listenUDP(0, _dns.DNSDatagramProtocol(factory), interface="127.0.0.1")
        self.port: int = self._port.getHost().port

    async def stop(self) -> None:
        await self._port.stopListening()

    def query(self, asked: Any, timeout: Any = None) -> "Deferred[Any]":
        if self._is_silent:
            return Deferred()
        name = str(asked.name)
        if name not in self.known:
            return fail(DomainError())
        return succeed(([_dns.RRHeader(name, one.TYPE, payload=one) for one in self._records(asked)], [], []))

    def _records(self, asked: Any) -> list[Any]:
        made = [_dns.Record_AAAA(one) if ":" in one else _dns.Record_A(one) for one in self.known[str(asked.name)]]
        return [one for one in made if asked.type == one.TYPE]
