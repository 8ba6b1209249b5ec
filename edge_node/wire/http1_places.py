"""How many connections a listener has, in all and from one address.

Knows: that an IPv6 caller has a whole network of addresses.
Must not know: sockets, HTTP, who somebody is.
"""

from collections import Counter
from ipaddress import IPv6Address, IPv6Network, ip_address

from twisted.internet.interfaces import IAddress


def source_of(address: IAddress | None) -> str | None:
    """Tell where a caller comes from; nothing for a Unix socket, whose permissions say who may call."""
    host = getattr(address, "host", None)
    if not isinstance(host, str):
        return None
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(found, IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped) if mapped else str(IPv6Network((found, 64), strict=False))
    return host


class Places:
    """The places of one listener."""

    __slots__ = ("_by_source", "_per_peer", "_taken", "_total")

    def __init__(self, total: int, per_peer: int) -> None:
        self._total = total
        self._per_peer = per_peer
        self._taken = 0
        self._by_source: Counter[str] = Counter()

    def take(self, source: str | None) -> bool:
        """Take a place; False when there is none, or none for this source."""
        if self._taken >= self._total or (source and self._by_source[source] >= self._per_peer):
            return False
        self._taken += 1
        if source:
            self._by_source[source] += 1
        return True

    def leave(self, source: str | None) -> None:
        """Give a place back."""
        self._taken -= 1
        if source:
            self._by_source[source] -= 1
            if not self._by_source[source]:
                del self._by_source[source]
