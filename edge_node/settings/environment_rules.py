"""The rules that keep the names of test out of production, and those of production out of test.

Knows: which settings name what belongs to one environment, and the words by which that is seen.
Must not know: YAML, files, what is in a certificate.
"""

import re
from collections.abc import Iterator
from typing import Final

from edge_node.model.hierarchies import is_of_test
from edge_node.model.site import Environment
from edge_node.settings.register import realm_of
from edge_node.settings.schema import Settings
from edge_node.settings.switchboard import PeerSettings
from edge_node.settings.tree import Steps

Broken = tuple[Steps, str]

#: Words in a name, beside those that a CA's name has.
_FOREIGN: Final = {
    Environment.PRODUCTION: re.compile(r"(?i)(?<![a-z])(test|acceptatie|acceptance|sandbox)(?![a-z])"),
    Environment.TEST: re.compile(r"(?i)(?<![a-z])(productie|production)(?![a-z])"),
}
#: The switchboard's application id in production (domain reference 1.2 and GBZ 3.6); one of test may have any other.
_ZIM: Final = "1"
_COMMON_NAME: Final = re.compile(r"(?:^|,)CN=((?:\\.|[^,\\])*)")


def broken_environment(settings: Settings) -> Iterator[Broken]:
    """Yield everything that is not of the environment of this site."""
    if settings.node.environment == "production":
        yield from _not_production(settings)
    for steps, name in _names(settings):
        if _FOREIGN[Environment(settings.node.environment)].search(name):
            yield (
                steps,
                f"names another environment than {settings.node.environment}; test and production never mix",
            )
    yield from _issuers(settings)


def _not_production(settings: Settings) -> Iterator[Broken]:
    if settings.switchboard.zim != _ZIM:
        yield (
            ("switchboard", "zim"),
            f"is not {_ZIM}, the id of the switchboard of production, and node.environment is production",
        )
    if set(settings.checks.processing_codes) != {"P"}:
        yield ("checks", "processing_codes"), "production takes only P"
    if any(is_of_test(oid_ca) for oid_ca in settings.switchboard.uzi.oid_cas):
        yield ("switchboard", "uzi", "oid_cas"), "has an OID-CA of test certificates, and this is production"


def _issuers(settings: Settings) -> Iterator[Broken]:
    """What the name of a CA says of it; the chains themselves are looked at with the certificates."""
    realm = realm_of(settings.node.environment, settings.switchboard.uzi, settings.switchboard.hierarchies)
    for i, peer in enumerate(settings.switchboard.peers):
        reasons = (realm.foreign(_common_name(issuer)) for issuer in peer.issuers)
        for reason in filter(None, reasons):
            # The word alone has been told already.
            if not _FOREIGN[realm.environment].search(" ".join(peer.issuers)):
                yield ("switchboard", "peers", i, "issuers"), f"{reason}; test and production never mix"


def _common_name(issuer: str) -> str:
    """Return the common name of an issuer that may be written in full."""
    found = _COMMON_NAME.search(issuer)
    return re.sub(r"\\(.)", r"\1", found[1]) if found else issuer


def _names(settings: Settings) -> Iterator[tuple[Steps, str]]:
    for i, peer in enumerate(settings.switchboard.peers):
        for key, name in _names_of_peer(peer):
            yield ("switchboard", "peers", i, key), name
    for i, identity in enumerate(settings.identities):
        yield ("identities", i, "fqdn"), identity.fqdn


def _names_of_peer(peer: PeerSettings) -> Iterator[tuple[str, str]]:
    yield "host", peer.host
    yield "anchors", peer.anchors.rsplit("/", 1)[-1]
    yield "organisation", peer.organisation or ""
    for key in ("issuers", "server_names", "client_names"):
        yield key, " ".join(getattr(peer, key))
