"""The checks of topic C on routes, names, listeners, forwarding, the firewall and links.

Knows: what must be in the care network, and what must not pass through this machine.
Must not know: how a route is asked, which program tells of a firewall.
"""

import ipaddress
from collections.abc import Iterator
from typing import Final

from edge_node.model.check import Evidence, Limits, Outcome, Result
from edge_node.model.facts_network import (
    CareNetwork,
    FirewallFacts,
    ForwardingFacts,
    LinkTried,
    ListenerFacts,
    NameSeen,
    OwnNameFacts,
    RouteFacts,
    Way,
)
from edge_node.model.notice import Words
from edge_node.policy.check_engine import unknown

UNNAMED: Final = Words(
    nl="Er is niet ingesteld wat het zorgnetwerk is (network.prefixes, network.name_servers).",
    en="The settings do not say what the care network is (network.prefixes, network.name_servers).",
)
_NO_PEER: Final = Words(
    nl="Van geen naam aan de kant van het LSP is een adres bekend.",
    en="No name at the side of the switchboard has an address.",
)
_SILENT: Final = Words(nl="Geen naamserver antwoordt.", en="No name server answers.")
_NO_WAY: Final = Words(
    nl="Er is nu geen weg naar het LSP, dus ook geen verkeerde.",
    en="There is no way to the switchboard now, so there is no wrong one.",
)
_ALL_DOWN: Final = Words(
    nl="Langs geen enkele verbinding is het LSP te bereiken: dat ligt niet aan één ervan.",
    en="No link reaches the switchboard: that is not the fault of one of them.",
)
_NO_INTERFACE: Final = Words(
    nl="Deze machine zegt niet langs welke netwerkkaart een pakket gaat.",
    en="This machine does not say by which interface a packet leaves.",
)
_NO_RESOLVER: Final = Words(
    nl="Deze machine zegt niet aan welke naamservers zij namen vraagt.",
    en="This machine does not say which name servers it asks.",
)
_NOWHERE: Final = Words(nl="Dit programma luistert nergens.", en="This process listens nowhere.")
_ONE_LINK: Final = Words(
    nl="Er is één verbinding; een tweede is niet ingesteld (network.links).",
    en="There is one link; a second one is not set (network.links).",
)


def route(facts: RouteFacts, limits: Limits) -> Outcome:
    """Each packet to the switchboard side leaves from the care network."""
    network = facts.network
    if not network.prefixes and not network.interface:
        return unknown(UNNAMED)
    if not facts.ways:
        return unknown(_NO_PEER)
    evidence = tuple(
        (f"{way.peer} {way.address}", way.failure or _by(way.source, way.interface)) for way in facts.ways
    )
    there = [way for way in facts.ways if not way.failure]
    if not there:  # a line that is down is told of by the stages of the way; no message goes astray
        return Outcome(result=Result.UNKNOWN, value=facts.ways[0].failure, evidence=evidence, reason=_NO_WAY)
    wrong = [way for way in there if _is_astray(way, network)]
    if not wrong and not network.prefixes and not all(way.interface for way in there):
        return Outcome(result=Result.UNKNOWN, evidence=evidence, reason=_NO_INTERFACE)
    shown = (wrong or there)[0]
    result = Result.VIOLATED if wrong else Result.GOOD
    return Outcome(result=result, value=_by(shown.source, shown.interface), evidence=evidence)


def names(facts: RouteFacts, limits: Limits) -> Outcome:
    """The names of the switchboard side come from the care network, and lead into it."""
    network = facts.network
    if not network.prefixes and not network.name_servers:
        return unknown(UNNAMED)
    evidence = (*_named((*facts.names, *facts.asked)), ("resolvers", ", ".join(facts.resolvers) or "none"))
    wrong = list(_wrong_names(facts))
    if not wrong and not facts.resolvers:
        return Outcome(result=Result.UNKNOWN, evidence=evidence, reason=_NO_RESOLVER)
    value = wrong[0] if wrong else ", ".join(facts.resolvers)
    return Outcome(result=Result.VIOLATED if wrong else Result.GOOD, value=value, evidence=evidence)


def own_names(facts: OwnNameFacts, limits: Limits) -> Outcome:
    """The name under which the switchboard calls leads to this machine."""
    network = facts.network
    if not network.prefixes and not network.name_servers:
        return unknown(UNNAMED)
    heard = [seen for seen in facts.names if not seen.is_silent]
    if not heard:
        return unknown(_SILENT)
    wrong = [seen for seen in heard if not _leads_here(seen, facts)]
    shown = (wrong or heard)[0]
    value = f"{shown.name}: {shown.failure or ', '.join(shown.addresses)}"
    result = Result.VIOLATED if wrong else Result.GOOD
    return Outcome(result=result, value=value, evidence=tuple(_named(facts.names)))


def listeners(facts: ListenerFacts, limits: Limits) -> Outcome:
    """The listener for the switchboard is on the care network only, the others are not on it."""
    network = facts.network
    if not facts.listening:
        return unknown(_NOWHERE)
    evidence = tuple((f"{host} port {port}", _place(host, network)) for host, port in facts.listening)
    everywhere = [
        f"{host} port {port}" for host, port in facts.listening if ipaddress.ip_address(host).is_unspecified
    ]
    if everywhere:
        # Without a word on the care network nobody can tell how many networks there are.
        result = Result.VIOLATED if network.prefixes else Result.WARNED
        return Outcome(result=result, value=f"on every network: {', '.join(everywhere)}", evidence=evidence)
    if not network.prefixes:
        return unknown(UNNAMED)
    astray = [host for host in facts.local if network.holds(host) and not ipaddress.ip_address(host).is_loopback]
    if astray:
        return Outcome(result=Result.VIOLATED, value=f"local, on the care network: {astray[0]}", evidence=evidence)
    on_it = [host for host, _ in facts.listening if network.holds(host)]
    value = ", ".join(dict.fromkeys(on_it)) or "none on the care network"
    return Outcome(result=Result.GOOD if on_it else Result.VIOLATED, value=value, evidence=evidence)


def forwarding(facts: ForwardingFacts, limits: Limits) -> Outcome:
    """Nothing passes from one network to the other through this machine."""
    passed = [name for name, is_on in facts.forwards if is_on]
    evidence: Evidence = tuple((name, "forwarded" if is_on else "not forwarded") for name, is_on in facts.forwards)
    if facts.bridged:
        evidence = (*evidence, (facts.bridged, "bridged"))
    value = ", ".join([*passed, *([f"bridge of {facts.bridged}"] if facts.bridged else [])])
    return Outcome(result=Result.VIOLATED if value else Result.GOOD, value=value or "off", evidence=evidence)


def firewall(facts: FirewallFacts, limits: Limits) -> Outcome:
    """What is not allowed does not come in, by either protocol."""
    stops = (("ipv4", facts.denies_ipv4), ("ipv6", facts.denies_ipv6))
    evidence = (("told by", facts.told_by), *((name, "denied" if denies else "open") for name, denies in stops))
    is_open = [name for name, denies in stops if not denies and (name == "ipv4" or facts.has_ipv6)]
    value = f"open: {', '.join(is_open)}" if is_open else "denies by default"
    return Outcome(result=Result.VIOLATED if is_open else Result.GOOD, value=value, evidence=evidence)


def links(facts: tuple[LinkTried, ...], limits: Limits) -> Outcome:
    """Each link reaches the switchboard."""
    if not facts:
        return Outcome(result=Result.NOT_USED, reason=_ONE_LINK)
    down = [one for one in facts if one.failure]
    evidence = tuple(
        (f"{one.name} from {one.address}", one.failure or f"{one.took_s * 1000:.0f} ms") for one in facts
    )
    value = f"{len(facts) - len(down)} of {len(facts)}"
    if len(down) == len(facts):
        return Outcome(result=Result.UNKNOWN, value=value, evidence=evidence, reason=_ALL_DOWN)
    return Outcome(result=Result.VIOLATED if down else Result.GOOD, value=value, evidence=evidence)


def _is_astray(way: Way, network: CareNetwork) -> bool:
    if network.prefixes and not network.holds(way.source):
        return True
    return bool(network.interface and way.interface and way.interface != network.interface)


def _wrong_names(facts: RouteFacts) -> Iterator[str]:
    network = facts.network
    for server in facts.resolvers:
        is_known = server in network.name_servers or network.holds(server) or ipaddress.ip_address(server).is_loopback
        if not is_known:
            yield f"{server} is no name server of the care network"
    said = {seen.name: seen.addresses for seen in facts.asked if seen.addresses}
    for seen in facts.names:
        if not seen.addresses:
            yield f"{seen.name}: {seen.failure}"
        if network.prefixes and (outside := [one for one in seen.addresses if not network.holds(one)]):
            yield f"{seen.name}: {outside[0]} is not in the care network"
        if seen.addresses and seen.name in said and not set(said[seen.name]) & set(seen.addresses):
            yield f"{seen.name}: {seen.addresses[0]} here, {said[seen.name][0]} in the care network"
    heard = {seen.name for seen in facts.asked if not seen.is_silent}
    for name in sorted({seen.name for seen in facts.asked} - heard):
        yield f"{name}: no name server answers"


def _leads_here(seen: NameSeen, facts: OwnNameFacts) -> bool:
    network = facts.network
    if not seen.addresses:
        return False
    if network.address:
        return set(seen.addresses) == {network.address}
    return all(one in facts.own and (not network.prefixes or network.holds(one)) for one in seen.addresses)


def _named(seen: tuple[NameSeen, ...]) -> Iterator[tuple[str, str]]:
    for one in seen:
        by = f" at {one.server}" if one.server else ""
        yield f"{one.name}{by}", one.failure or ", ".join(one.addresses)


def _by(source: str, interface: str) -> str:
    return f"from {source}" + (f" by {interface}" if interface else "")


def _is_everywhere(host: str) -> bool:
    return ipaddress.ip_address(host).is_unspecified


def _place(host: str, network: CareNetwork) -> str:
    at = ipaddress.ip_address(host)
    if at.is_unspecified:
        return "every network"
    if at.is_loopback:
        return "this machine only"
    return "care network" if network.holds(host) else "another network"
