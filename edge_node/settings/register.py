"""The UZI register and the hierarchies of CAs, as far as a site must know them.

Knows: the keys `switchboard.uzi` and `switchboard.hierarchies`.
Must not know: how a certificate is judged.
"""

from typing import Annotated

from annotated_types import MinLen

from edge_node.model.hierarchies import SERVER_OID_CA, UZI_SERVER_ISSUERS, Realm
from edge_node.model.site import Environment
from edge_node.settings.values import OidText, Section, Text, setting


class UziSettings(Section):
    """The UZI register's server certificates."""

    issuers: Annotated[tuple[Text, ...], MinLen(1)] = setting(
        "Common names of the CAs that issue its server certificates. A certificate of one of them must have a UZI "
        "name, and a UZI name counts from none but them.",
        UZI_SERVER_ISSUERS,
        origin="domain reference GBZ 3.1, and the sandbox",
    )
    oid_cas: Annotated[tuple[OidText, ...], MinLen(1)] = setting(
        "OID-CA values of server certificates. Another one under an issuer of the register is let in, with a "
        "warning; one of people's cards is refused.",
        (SERVER_OID_CA,),
        origin="domain reference GBZ 3.3",
    )


class HierarchySettings(Section):
    """How test and production are told apart, beyond what this release knows."""

    test_marks: tuple[Text, ...] = setting(
        "Words in the name of a CA that make it one of test, besides TEST and ACCEPTATIE.", ()
    )
    production_authorities: tuple[Text, ...] = setting(
        "Common names of CAs of production, besides those that this release knows; a test site refuses them.", ()
    )


def realm_of(environment: str, uzi: UziSettings, hierarchies: HierarchySettings) -> Realm:
    """Return the world that these choices make."""
    return Realm(
        environment=Environment(environment),
        uzi_issuers=frozenset(uzi.issuers),
        oid_cas=frozenset(uzi.oid_cas),
        test_marks=hierarchies.test_marks,
        production_names=hierarchies.production_authorities,
    )
