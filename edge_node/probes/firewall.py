"""Whether the firewall of this machine stops what is not allowed, and whether it passes packets on.

Knows: what `nft` and `iptables` write, the files of the kernel for forwarding.
Must not know: what should be allowed.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from edge_node.model.check import Unseen
from edge_node.model.facts_network import FirewallFacts, ForwardingFacts
from edge_node.probes.commands import garbage, said

KERNEL: Final = Path("/proc/sys/net")
INTERFACES: Final = Path("/sys/class/net")
IPV6_ADDRESSES: Final = Path("/proc/net/if_inet6")
_SWITCHES: Final = (("ipv4", "ipv4/ip_forward"), ("ipv6", "ipv6/conf/all/forwarding"))
_SWITCH_VALUES: Final = frozenset({0, 1, 2})
_FAMILIES: Final = {"ip": ("ipv4",), "ip6": ("ipv6",), "inet": ("ipv4", "ipv6")}
_ENDS: Final = frozenset({"drop", "reject"})
_UNCONDITIONAL: Final = _ENDS | {"counter", "log"}
_ADDRESS_WORDS: Final = 6
_IPV6_BYTES: Final = 16
#: Scope in the list of addresses: of the whole world, or of a site; the others reach no further than the wire.
_REACHABLE: Final = frozenset({"00", "40"})


def forwarding(interface: str, kernel: Path = KERNEL, interfaces: Path = INTERFACES) -> ForwardingFacts:
    """Return what the kernel says. Raises `OSError` where that cannot be seen, `ValueError` where it is no number."""
    switches = [(name, kernel / path) for name, path in _SWITCHES]
    # A kernel without IPv6 has no such file.
    found = [(name, path) for name, path in switches if name == "ipv4" or path.exists()]
    is_bridged = bool(interface) and (interfaces / interface / "brport").exists()
    return ForwardingFacts(
        forwards=tuple((name, _is_on(path)) for name, path in found),
        bridged=interface if is_bridged else "",
    )


def _is_on(switch: Path) -> bool:
    value = int(switch.read_text("ascii"))
    if value not in _SWITCH_VALUES:
        raise ValueError("no switch of the kernel stands so")
    return value != 0


def look(limit_s: float, addresses: Path = IPV6_ADDRESSES) -> FirewallFacts:
    """Return what its rules say. Raises `Unseen` where no program may look."""
    denied: set[str] = set()
    told_by: list[str] = []
    reasons: list[Unseen] = []
    for name, ask in _PROGRAMS:
        try:
            denied |= ask(limit_s / len(_PROGRAMS))
            told_by.append(name)
        except Unseen as unseen:
            reasons.append(unseen)
    if not told_by:
        raise reasons[0]
    return FirewallFacts(
        told_by=", ".join(told_by),
        denies_ipv4="ipv4" in denied,
        denies_ipv6="ipv6" in denied,
        has_ipv6=_has_ipv6(addresses),
    )


def _by_nft(limit_s: float) -> frozenset[str]:
    return _nft(said(("nft", "-j", "list", "ruleset"), limit_s))


def _by_iptables(limit_s: float) -> frozenset[str]:
    return _iptables("iptables", "ipv4", limit_s)


def _by_ip6tables(limit_s: float) -> frozenset[str]:
    return _iptables("ip6tables", "ipv6", limit_s)


#: The older tables are apart, and some machines have only those.
_PROGRAMS: Final = (("nft", _by_nft), ("iptables", _by_iptables), ("ip6tables", _by_ip6tables))


def _iptables(name: str, kind: str, limit_s: float) -> frozenset[str]:
    is_closed = _is_closed(said((name, "-S", "INPUT"), limit_s), name)
    return frozenset({kind} if is_closed else ())


def _is_closed(told: str, name: str) -> bool:
    rules = [line.split() for line in told.splitlines() if line.strip()]
    policies = [rule for rule in rules if rule[:2] == ["-P", "INPUT"]]
    if len(policies) != 1:
        raise garbage(name)
    last = rules[-1]
    ends = last[:3] == ["-A", "INPUT", "-j"] and last[3] in {"DROP", "REJECT"}
    return policies[0][2] in {"DROP", "REJECT"} or ends


def _nft(told: str) -> frozenset[str]:
    try:
        listed = json.loads(told)["nftables"]
        if not isinstance(listed, list):
            raise garbage("nft")
        return frozenset(_closed(listed))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise garbage("nft") from error


def _closed(listed: list[dict[str, Any]]) -> Iterator[str]:
    """A packet is stopped when one of the chains that see it comes in stops it."""
    rules = [one["rule"] for one in listed if "rule" in one]
    for chain in (one["chain"] for one in listed if "chain" in one):
        if chain.get("hook") != "input" or chain.get("type") != "filter":
            continue
        place = (chain["family"], chain["table"], chain["name"])
        own = [rule for rule in rules if (rule["family"], rule["table"], rule["chain"]) == place]
        if chain.get("policy") == "drop" or (own and _stops_all(own[-1])):
            yield from _FAMILIES.get(chain["family"], ())


def _stops_all(rule: dict[str, Any]) -> bool:
    kinds = {kind for expression in rule["expr"] for kind in expression}
    return bool(kinds & _ENDS) and kinds <= _UNCONDITIONAL


def _has_ipv6(addresses: Path) -> bool:
    if not addresses.exists():
        return False
    lines = [line.split() for line in addresses.read_text("ascii").splitlines()]
    for line in lines:
        if len(line) != _ADDRESS_WORDS or len(bytes.fromhex(line[0])) != _IPV6_BYTES:
            raise ValueError("no list of addresses")
    return any(line[3] in _REACHABLE and line[5] != "lo" for line in lines)
