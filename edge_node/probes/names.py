"""What name servers say of a name, and whom this machine asks.

Knows: DNS as Twisted speaks it, the file that names the servers.
Must not know: which answer is right.
"""

import ipaddress
from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import Any, Final, TypeVar

from twisted.internet.defer import Deferred, TimeoutError
from twisted.names import dns
from twisted.names.client import Resolver
from twisted.names.error import DNSQueryTimeoutError, DomainError, ResolverError

from edge_node.model.facts_network import NameSeen

T = TypeVar("T")

RESOLVERS: Final = Path("/etc/resolv.conf")
#: Whom systemd-resolved asks, which stands in the other file as one server on this machine.
RESOLVED: Final = Path("/run/systemd/resolve/resolv.conf")
_SILENT: Final = "no answer"
_STUBS: Final = frozenset({"127.0.0.53", "127.0.0.54"})


def resolvers(named: Path = RESOLVERS, behind: Path = RESOLVED) -> tuple[str, ...]:
    """Return the addresses of the servers that this machine asks; none where no file names them."""
    found = _servers(named)
    return _servers(behind) if found and set(found) <= _STUBS and behind.exists() else found


async def ask(name: str, server: tuple[str, int], reactor: Any, limit_s: float) -> NameSeen:
    """Ask one server for both kinds of address. Never raises for what it answers."""
    resolver: Any = Resolver(servers=[server], timeout=(limit_s,), reactor=reactor)  # type: ignore[no-untyped-call]
    both = [_ask(_apart(lookup(name, (limit_s,)))) for lookup in (resolver.lookupAddress, resolver.lookupIPV6Address)]
    v4, v6 = await together(both)
    addresses = (*v4[0], *v6[0])
    failure = "" if addresses else v4[1] or v6[1] or "no address"
    is_silent = failure == _SILENT
    return NameSeen(name=name, addresses=addresses, server=server[0], failure=failure, is_silent=is_silent)


async def together(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Do all at once. Where that is given up, what is under way ends by itself."""
    begun = [Deferred.fromCoroutine(each) for each in work]
    return [await each for each in begun]


async def _ask(lookup: "Deferred[Any]") -> tuple[tuple[str, ...], str]:
    try:
        answers, _, _ = await lookup
    except DomainError:
        return (), "no such name"
    except (DNSQueryTimeoutError, TimeoutError):
        return (), _SILENT
    except (ResolverError, OSError) as error:
        return (), type(error).__name__
    found = [_address(one.payload) for one in answers]
    return tuple(address for address in found if address), ""


def _apart(lookup: "Deferred[Any]") -> "Deferred[Any]":
    """Return what may be cancelled: over that Twisted's own would stumble when its time is over."""
    heard: Deferred[Any] = Deferred()

    def hear(result: Any) -> None:
        if not heard.called:
            heard.callback(result)  # a failure as well

    lookup.addBoth(hear)
    return heard


def _address(record: Any) -> str:
    """Of a record with one; empty for any other, such as the other name that leads to it."""
    if isinstance(record, dns.Record_A | dns.Record_AAAA) and record.address:
        return str(ipaddress.ip_address(record.address))
    return ""


def _servers(path: Path) -> tuple[str, ...]:
    if not path.exists():
        return ()
    words = [line.split() for line in path.read_text("utf-8", "replace").splitlines()]
    return tuple(line[1] for line in words if len(line) > 1 and line[0] == "nameserver")
