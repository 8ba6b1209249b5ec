"""Which revocation lists are needed, and at which addresses they may be had.

Knows: distribution points in certificates, the sources a site names itself, the mirror of a network.
Must not know: when a list is fetched, what is in it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import NameOID

from edge_node.wire.revocation import list_addresses
from edge_node.wire.trust_judge import Chain

#: Addresses of one list that are tried; two are usual.
_ADDRESSES: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Sourcing:
    """What a site chooses about where lists come from."""

    named: Mapping[str, str] = field(default_factory=dict)  # address by the common name of the CA
    mirror: str | None = None  # base address, without a slash at the end
    from_certificates: bool = True  # False: only what is named


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSource:
    """One list: where it may be had, best address first, and the CAs it is of where they are known."""

    addresses: tuple[str, ...]
    cas: tuple[x509.Certificate, ...] = ()
    is_hoped_for: bool = False  # of an earlier run: perhaps nobody needs it any more, so nobody hears that it fails

    @property
    def address(self) -> str:
        """What the source is known by."""
        return self.addresses[0]


def list_sources(chains: Iterable[Chain], sourcing: Sourcing) -> tuple[ListSource, ...]:
    """Return the sources for chains (leaf first, anchor last), each once however many certificates name it."""
    found: dict[str, ListSource] = {}
    for address in sourcing.named.values():
        _add(found, ListSource(addresses=(address,)))
    for chain in chains:
        for certificate, issuer in pairwise(chain):
            addresses = addresses_of(certificate, issuer, sourcing)
            if addresses:
                _add(found, ListSource(addresses=addresses, cas=(issuer,)))
    return tuple(found.values())


def mirrored(address: str, mirror: str) -> str:
    """Return where a mirror has the file of an address: under the host's name, with the same path."""
    parts = urlsplit(address)
    query = f"?{parts.query}" if parts.query else ""
    return f"{mirror}/{parts.hostname}{parts.path or '/'}{query}"


def addresses_of(certificate: x509.Certificate, issuer: x509.Certificate, sourcing: Sourcing) -> tuple[str, ...]:
    """Return where the list on which a certificate would stand may be had; empty where nothing says so."""
    named = sourcing.named.get(_common_name(issuer))
    if named is not None:
        return (named,)
    if not sourcing.from_certificates:
        return ()
    own = list_addresses(certificate)[:_ADDRESSES]
    if sourcing.mirror is None:
        return own
    # The mirror first: in a care network the issuer itself is often out of reach.
    return (*(mirrored(one, sourcing.mirror) for one in own), *own)


def _add(found: dict[str, ListSource], source: ListSource) -> None:
    before = found.get(source.address, source)
    found[source.address] = ListSource(
        addresses=tuple(dict.fromkeys((*before.addresses, *source.addresses))),
        cas=tuple(dict.fromkeys((*before.cas, *source.cas))),
    )


def _common_name(certificate: x509.Certificate) -> str:
    try:
        names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    except ValueError:
        return ""
    return str(names[0].value) if len(names) == 1 else ""
