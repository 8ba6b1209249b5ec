"""Which way a packet to an address would take.

Knows: how to ask the kernel, without sending anything; the program `ip`, which names the interface.
Must not know: which way is right.
"""

import ipaddress
import json
import socket
from collections.abc import Callable, Sequence
from typing import Final

from edge_node.model.check import Unseen
from edge_node.model.facts_network import LinkTried, NameSeen, Way
from edge_node.probes.commands import said

_ANY_PORT: Final = 443


def ways(names: Sequence[NameSeen], limit_s: float) -> tuple[Way, ...]:
    """Return the way to each address of each name."""
    pairs = [(seen.name, address) for seen in names for address in seen.addresses]
    each_s = limit_s / max(len(pairs), 1)
    return tuple(_way(name, address, each_s) for name, address in pairs)


def look_up(name: str) -> NameSeen:
    """Look a name up as this machine does, in its own files as well."""
    try:
        found = socket.getaddrinfo(name, _ANY_PORT, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return NameSeen(name=name, failure=getattr(error, "strerror", None) or type(error).__name__)
    return NameSeen(name=name, addresses=tuple(dict.fromkeys(str(each[4][0]) for each in found)))


def has_way(address: str) -> bool:
    """Whether the kernel knows any way to an address. Nothing is sent, and no name is looked up."""
    try:
        with socket.socket(_family(address), socket.SOCK_DGRAM) as asking:
            asking.connect((address, _ANY_PORT))
    except (OSError, ValueError):
        return False
    return True


def is_own(address: str) -> bool:
    """Whether this machine has that address: only then a socket can be bound to it."""
    try:
        with socket.socket(_family(address), socket.SOCK_DGRAM) as bound:
            bound.bind((address, 0))
    except (OSError, ValueError):
        return False
    return True


def try_link(name: str, source: str, to: tuple[str, int], ask: tuple[Callable[[], float], float]) -> LinkTried:
    """Connect from an address of this machine, and hang up at once."""
    monotonic, limit_s = ask
    begun_s = monotonic()
    try:
        socket.create_connection(to, limit_s, source_address=(source, 0)).close()
    except OSError as error:
        return LinkTried(name=name, address=source, failure=error.strerror or type(error).__name__)
    return LinkTried(name=name, address=source, took_s=monotonic() - begun_s)


def _way(peer: str, address: str, limit_s: float) -> Way:
    try:
        with socket.socket(_family(address), socket.SOCK_DGRAM) as asking:
            asking.connect((address, _ANY_PORT))  # of UDP: nothing is sent
            source = str(asking.getsockname()[0])
    except (OSError, ValueError) as error:
        return Way(peer=peer, address=address, failure=getattr(error, "strerror", None) or "no address")
    return Way(peer=peer, address=address, source=source, interface=_interface(address, limit_s))


def _interface(address: str, limit_s: float) -> str:
    try:
        (route,) = json.loads(said(("ip", "-json", "route", "get", address), limit_s))
        return str(route["dev"])
    except (Unseen, ValueError, LookupError, TypeError):
        return ""


def _family(address: str) -> socket.AddressFamily:
    version = ipaddress.ip_address(address.partition("%")[0]).version
    return socket.AF_INET if version == 4 else socket.AF_INET6
