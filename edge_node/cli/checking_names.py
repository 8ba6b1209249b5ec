"""Names in the settings that no certificate of the site bears, where a start would not be refused for it.

Knows: which names are compared with which certificates.
Must not know: what a certificate must say, who is let in.
"""

from collections.abc import Iterator

from edge_node.certificates import Certificates
from edge_node.settings.check import Broken
from edge_node.settings.schema import Settings
from edge_node.wire.trust_certificate import common_name, read_certificate


def hints_on_names(settings: Settings, read: Certificates) -> Iterator[Broken]:
    """Give each name that is likely not what was meant."""
    chains = {steps: own.chain for steps, own in read.own.items()} | read.keyless
    for i, identity in enumerate(settings.identities):
        chain = chains.get(("identities", i))
        organisation = None if chain is None else read_certificate(chain[0]).organisation
        if chain is not None and organisation != identity.organisation:
            said = (
                f"the certificate is of {organisation or '(none)'}; one is installed only for the name that it bears"
            )
            yield ("identities", i, "organisation"), said
    yield from _issuers(settings, read)


def _issuers(settings: Settings, read: Certificates) -> Iterator[Broken]:
    """The CAs of cards that the site names itself; those of the register stand there for all sites."""
    anchors = read.anchors.get(("tokens", "anchors"))
    if anchors is None or "issuers" not in settings.tokens.model_fields_set:
        return
    known = {common_name(one.subject) for one in anchors}
    for i, issuer in enumerate(settings.tokens.issuers):
        if issuer.name not in known:
            yield ("tokens", "issuers", i, "name"), f"{issuer.name} is no CA in tokens.anchors"
