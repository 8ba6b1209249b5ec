"""Where a token says that a party is, believed only when the settings know that party.

Knows: an https address, the peers of the settings and their names, the well-known address of RFC 8414.
Must not know: which token said so, what is asked there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from edge_node.wire.authorisation_fetch import unusable
from edge_node.wire.authorisation_signed import untrusted
from edge_node.wire.http1_client import HttpClient

_PATH: Final = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~!$&'()*+,;=:@-]+)*/?")
_WELL_KNOWN: Final = "/.well-known/oauth-authorization-server"
_FHIR: Final = "/fhir"
_OLDEST: Final = "STU3"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerWay:
    """A party on the switchboard side, as one application of ours reaches it."""

    name: str
    role: str  # zim, broker, authorisation-server
    host: str
    port: int
    names: frozenset[str]  # host names by which it may be called, host itself among them
    base_path: str  # of the settings, without a slash at the end
    client: HttpClient = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An address of a party that the settings know."""

    way: PeerWay
    path: str  # without a slash at the end


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAddress:
    """Where FHIR requests of one version go. What a request asks for, from `fhir` on, is put behind the path."""

    peer: str  # name in the settings
    host: str
    port: int
    base_path: str  # before `/fhir`; without a slash at the end


def way_of(ways: tuple[PeerWay, ...], role: str) -> PeerWay:
    """Return the party with this role. Raises `NotSent` when the settings have none."""
    for way in ways:
        if way.role == role:
            return way
    raise untrusted(f"the settings have no peer of role {role}")


def place(url: object, ways: tuple[PeerWay, ...], role: str) -> Place:
    """Return the party at this address. Raises `NotSent` when the settings have no such peer of that role."""
    parts, port = _parts(url)
    known = next((way for way in ways if way.role == role and parts.hostname in way.names and way.port == port), None)
    if known is None:
        raise untrusted(f"{parts.hostname} port {port} is no peer of role {role} in the settings")
    return Place(way=known, path=parts.path.rstrip("/"))


def well_known(issuer: Place) -> str:
    """Return the path of an authorisation server's metadata (RFC 8414, section 3.1)."""
    return _WELL_KNOWN + issuer.path


def broker_address(said: object, version: str, ways: tuple[PeerWay, ...]) -> BrokerAddress:
    """Return where FHIR of this version goes, by the address of a broker or the addresses by version.

    An address may end before `/fhir` or after it, version included.
    """
    url = said.get(version) if isinstance(said, Mapping) else said
    if url is None:
        raise unusable(f"there is no broker for FHIR {version}")
    found = place(url, ways, "broker")
    path = found.path
    for end in (f"{_FHIR}/{version}", _FHIR):
        if path.endswith(end):
            path = path.removesuffix(end)
            break
    return BrokerAddress(peer=found.way.name, host=found.way.host, port=found.way.port, base_path=path)


def claim(claims: Mapping[str, Any], dotted: str) -> object:
    """Return what stands at a claim, or deeper: `broker.za-in`. A name that has dots itself is found as it is."""
    if dotted in claims:
        return claims[dotted]
    found: object = claims
    for name in dotted.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _parts(url: object) -> tuple[SplitResult, int]:
    if not isinstance(url, str) or len(url) > 2048 or not url.isprintable():
        raise unusable("an address is missing or has not the form of one")
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError as error:
        raise unusable("an address has not the form of one") from error
    is_plain = parts.username is None and parts.password is None and not parts.query and not parts.fragment
    if parts.scheme != "https" or not parts.hostname or not is_plain or not _PATH.fullmatch(parts.path):
        raise unusable("an address is not https://host[:port][/path]")
    return parts, port
