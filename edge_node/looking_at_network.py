"""What there is to see of routes, names, listeners, forwarding, the firewall and links.

Knows: which of the settings say what the care network is, whom of the switchboard side it must reach.
Must not know: what makes any of it good.
"""

import ipaddress
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any, Final, TypeVar

from edge_node.looking_ground import Ground
from edge_node.model.facts_network import (
    CareNetwork,
    FirewallFacts,
    ForwardingFacts,
    LinkTried,
    ListenerFacts,
    NameSeen,
    OwnNameFacts,
    RouteFacts,
)
from edge_node.policy import check_network
from edge_node.policy.check_engine import Rule
from edge_node.probes import firewall, names, routes, sockets
from edge_node.probing import Look
from edge_node.settings.network import NetworkSettings, server
from edge_node.settings.schema import Settings

F = TypeVar("F")

_DNS: Final = 53
#: Of the time a look may take, so much is for what it asks of others.
_SHARE: Final = 0.4


def looks(ground: Ground) -> tuple[Look[Any], ...]:
    """Return them."""
    routed = {"route-via-gzn": check_network.route, "dns-via-gzn": check_network.names}
    return (
        Look(name="routes", see=partial(seen_routes, ground), rules=routed),
        _look("own names", partial(seen_own_names, ground), "dns-self", check_network.own_names),
        _look("listeners", partial(seen_listeners, ground), "listener-binding", check_network.listeners),
        _look("forwarding", partial(seen_forwarding, ground), "ip-forwarding", check_network.forwarding),
        _look("firewall", partial(seen_firewall, ground), "firewall-default-deny", check_network.firewall),
        _look("links", partial(seen_links, ground), "link-redundancy", check_network.links),
    )


def _look(name: str, see: Callable[[], Awaitable[F]], check: str, rule: Rule[F]) -> Look[F]:
    """Return one that a single check is judged by."""
    return Look(name=name, see=see, rules={check: rule})


def care_network(written: NetworkSettings) -> CareNetwork:
    """Return what the settings say of it."""
    return CareNetwork(
        prefixes=tuple(map(ipaddress.ip_network, written.prefixes)),
        interface=written.interface or "",
        address=written.address or "",
        name_servers=tuple(server(one, _DNS)[0] for one in written.name_servers),
    )


async def seen_routes(ground: Ground) -> RouteFacts:
    """Look the peers up, here and in the care network, and see which way leads there."""
    settings = ground.settings
    network = care_network(settings.network)
    if not (network.prefixes or network.interface or network.name_servers):
        return RouteFacts(network=network, ways=())  # nothing to hold it against: nothing is asked
    hosts = sorted({peer.host for peer in settings.switchboard.peers})
    limit_s = settings.checks.look_limit_s * _SHARE
    here = await ground.peek(lambda: tuple(map(routes.look_up, hosts)))
    ways, resolvers = await ground.peek(
        lambda: (routes.ways(here, limit_s), names.resolvers(names.RESOLVERS, names.RESOLVED))
    )
    asked = await _asked(ground, hosts, [server(one, _DNS) for one in settings.network.name_servers])
    return RouteFacts(network=network, ways=ways, names=here, asked=asked, resolvers=resolvers)


async def seen_own_names(ground: Ground) -> OwnNameFacts:
    """Ask the name servers of the care network; this machine itself may have a name of its own in a file."""
    settings = ground.settings
    network = care_network(settings.network)
    if not (network.prefixes or network.name_servers):
        return OwnNameFacts(network=network, names=())
    servers = [server(one, _DNS) for one in settings.network.name_servers]
    if not servers:
        servers = [(one, _DNS) for one in await ground.peek(lambda: names.resolvers(names.RESOLVERS, names.RESOLVED))]
    found = await _asked(ground, sorted({one.fqdn for one in settings.identities}), servers)
    addresses = {address for seen in found for address in seen.addresses}
    own = await ground.peek(lambda: frozenset(filter(routes.is_own, addresses)))
    return OwnNameFacts(network=network, names=found, own=own)


async def seen_listeners(ground: Ground) -> ListenerFacts:
    """Ask the kernel where this process listens."""
    settings = ground.settings
    found = await ground.peek(lambda: sockets.listening(sockets.PROCESS))
    return ListenerFacts(network=care_network(settings.network), listening=found, local=tuple(_local(settings)))


async def seen_forwarding(ground: Ground) -> ForwardingFacts:
    """Ask the kernel."""
    interface = ground.settings.network.interface or ""
    return await ground.peek(lambda: firewall.forwarding(interface, firewall.KERNEL, firewall.INTERFACES))


async def seen_firewall(ground: Ground) -> FirewallFacts:
    """Ask the programs that know."""
    limit_s = ground.settings.checks.look_limit_s * _SHARE
    return await ground.peek(lambda: firewall.look(limit_s, firewall.IPV6_ADDRESSES))


async def seen_links(ground: Ground) -> tuple[LinkTried, ...]:
    """Try each, to the switchboard."""
    settings = ground.settings
    links = settings.network.links
    zims = [(peer.host, peer.port) for peer in settings.switchboard.peers if peer.role == "zim"]
    limit_s = settings.checks.look_limit_s * _SHARE / max(len(links) * len(zims), 1)
    ask = (ground.machine.clock.monotonic, limit_s)
    return await ground.peek(
        lambda: tuple(routes.try_link(link.name, link.address, zim, ask) for link in links for zim in zims)
    )


async def _asked(ground: Ground, wanted: Iterable[str], servers: Iterable[tuple[str, int]]) -> tuple[NameSeen, ...]:
    limit_s = ground.settings.checks.look_limit_s * _SHARE
    asking = partial(names.ask, reactor=ground.machine.reactor, limit_s=limit_s)
    return tuple(await names.together(asking(name, each) for name in wanted for each in servers))


def _local(settings: Settings) -> Iterable[str]:
    yield settings.management.host
    yield from (one.host for one in settings.local.listeners if one.host is not None)
