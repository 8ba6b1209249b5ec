"""The hierarchies of CAs that server certificates come from, and which of them are of test.

Knows: names, fingerprints and numbers of PKIoverheid and of the UZI register, as published.
Must not know: how a certificate is read, which of them a site trusts.

Marks as in the domain reference: S stated in a source, A our own assumption. A name says which environment a CA is
of; it never makes a CA trusted: only the anchors of a site do.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from edge_node.model.site import Environment


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA of the production hierarchy: its common name, and what is known of its SHA-256 fingerprint."""

    name: str
    begins: str = ""  # hexadecimal, lower case; some were published shortened
    ends: str = ""


#: Production, S (GBZ 3.1). G1 root and services were computed from the files; the rest was read from a list.
PRODUCTION: Final = (
    Authority(
        "Staat der Nederlanden Private Root CA - G1",
        "0257ce27b52408e24ee2c0945640b723c5bc66ddbda4ada58c60357604f0e675",
    ),
    Authority(
        "Staat der Nederlanden Private Services CA - G1",
        "2eaaf678e645dc26ea82c016ef3960935659cf81b4c44d9b2d0fb1a142666c98",
    ),
    Authority(
        "UZI-register Private Server CA G1", "bdd860ef8e87e2b2c7ebb34dd6e9e1771a3a3c5dec850ba7080e3e2904dbd897"
    ),
    Authority("Staat der Nederlanden - G4 Root Priv G-TLS - 2024", "4411f67d", "0484"),
    Authority("Staat der Nederlanden - G4 Intm Priv G-TLS SYS - 2024", "a24f6f2f", "554f"),
    Authority(
        "UZI Server - G4 PKIo Priv G-TLS SYS - 2025",
        "b034cbfffcafe784edaef49fefad354edbc7823d8d6522d3da6f8e91ff28aa42",
    ),
    Authority("UZI Server - G4 PKIo Priv G-TLS SYS - 2024"),
    Authority("UZI-register Zorgverlener CA G3"),
    Authority("UZI-register Medewerker op naam CA G3"),
    Authority("UZI-register Medewerker niet op naam CA G3"),
)

#: Revoked on 29 October 2025, S (GBZ 3.1): not to be trusted whatever a revocation list says.
WITHDRAWN: Final = frozenset({"UZI Server - G4 PKIo Priv G-TLS SYS - 2024"})

#: Words in the name of a CA that make it one of test, S (GBZ 3.1); each as a word of its own, in any case (A).
TEST_MARKS: Final = ("TEST", "ACCEPTATIE")

#: CAs that issue the UZI register's server certificates: S (GBZ 3.1), and the sandbox's own.
UZI_SERVER_ISSUERS: Final = (
    "UZI-register Private Server CA G1",
    "UZI Server - G4 PKIo Priv G-TLS SYS - 2025",
    "TEST UZI-register Private Server CA G1",
    "ACCEPTATIE UZI Server - G4 Priv G-TLS SYS - 2025",
    "EDGE NODE TEST UZI-register Private Server CA G1",
)

#: The OID-CA of servers, and those of people's cards by their letter: S (GBZ 3.3); those of G4 were not found.
SERVER_OID_CA: Final = "2.16.528.1.1003.1.3.5.5.5"
CARD_OID_CAS: Final = {
    "2.16.528.1.1003.1.3.5.5.2": "Z",
    "2.16.528.1.1003.1.3.5.5.3": "N",
    "2.16.528.1.1003.1.3.5.5.4": "M",
}
#: Where test certificates keep theirs, S (GBZ 3.3).
TEST_OID_ARC: Final = "2.16.528.1.1007.99"


@dataclass(frozen=True, slots=True, kw_only=True)
class Realm:
    """The world of one site: its environment, and what it knows of the registers beyond this release.

    Where nothing is said it is production, which is held to most.
    """

    environment: Environment = Environment.PRODUCTION
    uzi_issuers: frozenset[str] = frozenset(UZI_SERVER_ISSUERS)
    oid_cas: frozenset[str] = frozenset({SERVER_OID_CA})
    test_marks: tuple[str, ...] = ()  # beyond TEST_MARKS
    production_names: tuple[str, ...] = ()  # beyond PRODUCTION

    @property
    def is_production(self) -> bool:
        """Whether certificates are held to each part of their profile."""
        return self.environment is Environment.PRODUCTION

    def foreign(self, name: str) -> str | None:
        """Say why a CA with this name is of the other environment, or None."""
        if self.is_production:
            mark = mark_of_test(name, (*TEST_MARKS, *self.test_marks))
            return None if mark is None else f"{name} has {mark} in its name, and this is production"
        known = {authority.name for authority in PRODUCTION}.union(self.production_names)
        return f"{name} is a CA of production, and this is test" if name in known else None

    def knows_oid_ca(self, oid_ca: str) -> bool:
        """Whether that OID-CA is one of servers here."""
        return oid_ca in self.oid_cas or (not self.is_production and is_of_test(oid_ca))


PRODUCTION_REALM: Final = Realm()
TEST_REALM: Final = Realm(environment=Environment.TEST)


def mark_of_test(name: str, marks: Iterable[str] = TEST_MARKS) -> str | None:
    """Return the mark of test that stands in a name as a word of its own."""
    for mark in marks:
        if re.search(rf"(?<![a-z]){re.escape(mark)}(?![a-z])", name, re.IGNORECASE):
            return mark
    return None


def is_of_test(oid_ca: str) -> bool:
    """Whether an OID-CA is one of test certificates."""
    return oid_ca == TEST_OID_ARC or oid_ca.startswith(f"{TEST_OID_ARC}.")


def production_authority(fingerprint: str) -> Authority | None:
    """Return the CA of production that has this SHA-256 fingerprint."""
    known = (one for one in PRODUCTION if one.begins)
    return next((one for one in known if fingerprint.startswith(one.begins) and fingerprint.endswith(one.ends)), None)
