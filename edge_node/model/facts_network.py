"""What is seen of routes, names, listeners, forwarding, the firewall and links.

Knows: the fields that the checks of topic C ask about, and what a site says of its network.
Must not know: how any of it is asked.
"""

import ipaddress
from dataclasses import dataclass

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class CareNetwork:
    """The care network, as the settings of a site have it."""

    prefixes: tuple[Network, ...] = ()
    interface: str = ""
    address: str = ""  # of this machine
    name_servers: tuple[str, ...] = ()

    def holds(self, address: str) -> bool:
        """Whether an address is in it."""
        try:
            at = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        return any(at.version == prefix.version and at in prefix for prefix in self.prefixes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """The way of a packet to one address of a peer."""

    peer: str
    address: str
    source: str = ""  # from which address of this machine; empty: there is no way
    interface: str = ""  # empty: nobody tells
    failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameSeen:
    """What a name leads to."""

    name: str
    addresses: tuple[str, ...] = ()
    server: str = ""  # who said so; empty: this machine, in its own way
    failure: str = ""  # why there are none
    is_silent: bool = False  # nobody answered: that says nothing of the name


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteFacts:
    """The ways to the switchboard side."""

    network: CareNetwork
    ways: tuple[Way, ...]
    names: tuple[NameSeen, ...] = ()  # of the peers, as this machine looks them up
    asked: tuple[NameSeen, ...] = ()  # the same, as the name servers of the care network say
    resolvers: tuple[str, ...] = ()  # whom this machine asks


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnNameFacts:
    """What the own names lead to."""

    network: CareNetwork
    names: tuple[NameSeen, ...]
    own: frozenset[str] = frozenset()  # addresses among them that this machine has


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerFacts:
    """Where this process listens."""

    network: CareNetwork
    listening: tuple[tuple[str, int], ...]
    local: tuple[str, ...] = ()  # addresses of the listeners for local systems and management, as set


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardingFacts:
    """Whether packets may pass through this machine."""

    forwards: tuple[tuple[str, bool], ...]  # the protocol, and whether it is passed on
    bridged: str = ""  # the interface of the care network, where it is joined to others


@dataclass(frozen=True, slots=True, kw_only=True)
class FirewallFacts:
    """Whether the firewall stops what is not allowed."""

    told_by: str
    denies_ipv4: bool
    denies_ipv6: bool
    has_ipv6: bool  # an address that others can reach


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTried:
    """A connection to the switchboard over one link."""

    name: str
    address: str
    took_s: float = 0.0
    failure: str = ""
