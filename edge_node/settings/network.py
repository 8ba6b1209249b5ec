"""The network that the switchboard is reached over, as a site knows it, so that the node can see whether it is so.

Knows: the keys under `network`.
Must not know: how a route, a name or a clock is asked.
"""

import ipaddress
from typing import Annotated, Final

from annotated_types import MaxLen, MinLen
from pydantic import AfterValidator, Field

from edge_node.settings.values import HostName, IpAddress, Name, Section, Text, setting

_HIGHEST_PORT: Final = 65535
_CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


def _prefix(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise ValueError("is no range of addresses; write it as 10.20.0.0/16, its first address first") from None


def _server(text: str) -> str:
    host, _ = _split(text)
    try:
        ipaddress.ip_address(host)
    except ValueError:
        raise ValueError("is no IP address, or IP address:port; IPv6 with a port in brackets") from None
    return text


def _split(text: str) -> tuple[str, int | None]:
    """The address and the port; a port that is none is left in the address, which then is none."""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    host, colon, port = text.rpartition(":")
    if not colon or (":" in host and not host.endswith("]")):
        return bare, None
    if not (port.isascii() and port.isdigit() and 0 < int(port) <= _HIGHEST_PORT):
        return text, None
    return host.strip("[]"), int(port)


Prefix = Annotated[str, MaxLen(64), AfterValidator(_prefix)]
ServerAddress = Annotated[str, MinLen(1), MaxLen(64), AfterValidator(_server)]


def server(text: str, port: int) -> tuple[str, int]:
    """Return address and port of a server as it is written, with the usual port where none is."""
    host, written = _split(text)
    return host, port if written is None else written


class LinkSettings(Section):
    """One of several links of this site to the care network."""

    name: Name = setting("Short name of the link in these settings and in reports.")
    address: IpAddress = setting("Address of this machine from which it is used.")


class NetworkSettings(Section):
    """The care network, as agreed with its provider. What is left empty is not judged: the report says so."""

    prefixes: tuple[Prefix, ...] = setting(
        "Address ranges of the care network (GZN), the switchboard's among them, such as 10.20.0.0/16. Empty: nobody "
        "can tell whether messages go over it.",
        (),
    )
    interface: Text | None = setting("Name of the network interface on the care network; null: any.", None)
    address: IpAddress | None = setting(
        "Address at which the switchboard reaches this machine; null: any of its own within prefixes.", None
    )
    name_servers: tuple[ServerAddress, ...] = setting(
        "Name servers of the care network: address, or address:port. Empty: those of the machine, which are then "
        "held against prefixes.",
        (),
    )
    time_servers: tuple[ServerAddress, ...] = setting(
        "Time servers (NTP) that the clock is held against: address, or address:port. The node only asks them; "
        "chrony or its like sets the clock.",
        (),
    )
    links: tuple[LinkSettings, ...] = setting(
        "The links to the care network, where there is more than one; each is tried.", ()
    )
    countries: dict[HostName, _CountryCode] = setting(
        "In which country each host is that the node sends something to besides the care network (mail, webhooks, "
        "proxies, backups): by host name or address, as two capitals. The folder of the backups is called backup.",
        {},
    )
