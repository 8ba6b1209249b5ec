"""The environment of a site: what follows from the settings, and which anchors are not of it.

Knows: which settings say in which environment a site is, which files hold anchors of the switchboard side.
Must not know: how a chain is judged.
"""

from collections.abc import Iterator, Mapping

from cryptography import x509

from edge_node.model.hierarchies import Realm
from edge_node.settings import register
from edge_node.settings.schema import Settings
from edge_node.settings.tree import Steps
from edge_node.wire.trust_environment import foreign


def realm_of(settings: Settings) -> Realm:
    """Return the world of this site."""
    return register.realm_of(settings.node.environment, settings.switchboard.uzi, settings.switchboard.hierarchies)


def foreign_anchors(
    settings: Settings, anchors: Mapping[Steps, tuple[x509.Certificate, ...]]
) -> Iterator[tuple[Steps, str]]:
    """Give the anchors of the switchboard side, and of cards, that are of the other environment."""
    realm = realm_of(settings)
    for steps, held in anchors.items():
        is_judged = steps[:2] == ("switchboard", "peers") or steps == ("tokens", "anchors")
        finding = foreign(held, realm) if is_judged else None
        if finding:
            yield steps, f"{finding.code}: {finding.detail}"
