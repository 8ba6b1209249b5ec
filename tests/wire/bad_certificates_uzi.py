"""Bad certificates of the UZI register, and those of the other environment, each beside a good one."""

from dataclasses import replace

from edge_node.model.hierarchies import CARD_OID_CAS, SERVER_OID_CA, Realm
from edge_node.model.site import Environment
from tests.wire.bad_certificates import GOOD, LEAF, ROOT, SERVICES, Row, Site
from tests.wire.forge import Ca, Leaf, Spec, der

UZI_NAME, PERMANENT = "2.5.5.5", "1.3.6.1.5.5.7.8.3"
NUMBER, URA = "990000101", "90000101"
TEST_OID_CA = "2.16.528.1.1007.99.2110"
UZI_ISSUER = Ca(name="Server CA of the register")
UZI_CAS = (UZI_ISSUER, SERVICES, ROOT)

REGISTER = frozenset({UZI_ISSUER.name})
IN_TEST = Realm(environment=Environment.TEST, uzi_issuers=REGISTER)
IN_PRODUCTION = Realm(environment=Environment.PRODUCTION, uzi_issuers=REGISTER)
TEST_SITE = Site(issuers=(UZI_ISSUER.name,), realm=IN_TEST)
SITE = replace(TEST_SITE, realm=IN_PRODUCTION)
OF_URA = replace(SITE, ura=URA)


def uzi(**other: str) -> str:
    """Write a UZI name with one part written otherwise."""
    parts = {
        "oid_ca": SERVER_OID_CA, "version": "1", "number": NUMBER, "letter": "S", "ura": URA, "role": "00.000",
        "agb": "01999901",
    } | other  # fmt: skip
    return "-".join(parts.values())


def named(text: str, tag: int = 0x16, more: tuple[tuple[str, bytes], ...] = (), number: str | None = NUMBER) -> Leaf:
    """Describe the certificate of a UZI server."""
    return replace(LEAF, number=number, others=((UZI_NAME, der(tag, text.encode())), *more))


def permanent(ura: str, assigner: str = "60841001876f0303") -> tuple[str, bytes]:
    """Write a permanentIdentifier; the assigner is the register's for URA numbers."""
    return PERMANENT, der(0x30, der(0x0C, ura.encode()) + der(0x06, bytes.fromhex(assigner)))


LEAF_UZI = named(uzi())
GOOD_UZI = Spec(leaf=LEAF_UZI, cas=UZI_CAS)


def _uzi(name: str, code: str, leaf: Leaf, good: Leaf = LEAF_UZI, site: Site = SITE) -> Row:
    return Row(name=name, code=code, bad=replace(GOOD_UZI, leaf=leaf), good=replace(GOOD_UZI, leaf=good), site=site)


def _environment(name: str, cas: tuple[Ca, ...], good: tuple[Ca, ...], realm: Realm, trusts: Ca | None = None) -> Row:
    issuers = (cas[0].name, good[0].name)
    site = Site(issuers=issuers, realm=realm, trusts=trusts)
    return Row(
        name=name,
        code="EN-TLS-ENVIRONMENT",
        bad=replace(GOOD, cas=cas),
        good=replace(GOOD, cas=good),
        site=replace(site, trusts=None),
        bad_site=site,
    )


PROFILE = (
    *(
        _uzi(f"letter {letter}", "EN-TLS-UZI-TYPE", named(uzi(letter=letter)), site=site)
        for letter, site in (("Z", SITE), ("N", SITE), ("M", SITE), ("s", SITE), ("X", TEST_SITE))
    ),
    *(
        _uzi(f"OID-CA of cards with letter {letter}", "EN-TLS-OID-CA", named(uzi(oid_ca=oid_ca)))
        for oid_ca, letter in CARD_OID_CAS.items()
    ),
    _uzi(
        "OID-CA of cards, in test",
        "EN-TLS-OID-CA",
        named(uzi(oid_ca="2.16.528.1.1003.1.3.5.5.2")),
        named(uzi(oid_ca=TEST_OID_CA)),
        TEST_SITE,
    ),
    Row(
        name="a UZI name from a CA that is not the register's",
        code="EN-TLS-UZI-TYPE",
        bad=replace(GOOD, leaf=LEAF_UZI),
        good=GOOD_UZI,
        site=replace(SITE, issuers=(UZI_ISSUER.name, GOOD.cas[0].name)),
    ),
    _uzi("no UZI name from a CA of the register", "EN-TLS-UZI-PROFILE", LEAF),
    _uzi("version 2", "EN-TLS-UZI-PROFILE", named(uzi(version="2"))),
    _uzi("UZI number of eight digits", "EN-TLS-UZI-PROFILE", named(uzi(number="99000010"), number="99000010")),
    _uzi("URA of seven digits", "EN-TLS-UZI-PROFILE", named(uzi(ura="0000101"))),
    _uzi("role of a person", "EN-TLS-UZI-PROFILE", named(uzi(role="01.015"))),
    _uzi("role without its dot", "EN-TLS-UZI-PROFILE", named(uzi(role="00000"))),
    _uzi("AGB code of seven digits", "EN-TLS-UZI-PROFILE", named(uzi(agb="1999901"))),
    _uzi("AGB code with a letter", "EN-TLS-UZI-PROFILE", named(uzi(agb="0199990a"))),
    _uzi("another UZI number in the subject", "EN-TLS-UZI-PROFILE", named(uzi(), number="990000102")),
    _uzi("no UZI number in the subject", "EN-TLS-UZI-PROFILE", named(uzi(), number=None)),
    _uzi("no key usage", "EN-TLS-UZI-PROFILE", replace(LEAF_UZI, key_usage=None)),
    _uzi("five parts", "EN-TLS-UZI-PROFILE", named("-".join(uzi().split("-")[:5])), named(uzi().rpartition("-")[0])),
    _uzi("eight parts", "EN-TLS-UZI-PROFILE", named(uzi() + "-1")),
    _uzi("an empty part", "EN-TLS-UZI-PROFILE", named(uzi(role=""))),
    _uzi("no text", "EN-TLS-UZI-PROFILE", named(uzi(), tag=0x04), named(uzi(), tag=0x0C)),
    _uzi("two UZI names", "EN-TLS-UZI-PROFILE", replace(LEAF_UZI, others=LEAF_UZI.others * 2)),
    _uzi(
        "UZI number with other digits, in test",
        "EN-TLS-UZI-PROFILE",
        named(uzi(number="٩٩٠٠٠٠١٠١"), tag=0x0C),
        named(uzi(version="2", agb="7")),
        TEST_SITE,
    ),
    _uzi("the URA of somebody else", "EN-TLS-URA", named(uzi(ura="90000202")), site=OF_URA),
    Row(name="no URA at all", code="EN-TLS-URA", bad=GOOD, good=GOOD, site=Site(), bad_site=Site(ura=URA)),
    _uzi(
        "two URAs",
        "EN-TLS-URA",
        named(uzi(), more=(permanent("90000202"),)),
        named(uzi(), more=(permanent(URA),)),
    ),
    _uzi(
        "two URAs, in test",
        "EN-TLS-URA",
        named(uzi(), more=(permanent("90000202"),)),
        named(uzi(), more=(permanent("90000202", assigner="60841001876f0304"),)),
        TEST_SITE,
    ),
)

#: CAs of both environments, as they name themselves.
TEST_ISSUER = Ca(name="TEST UZI-register Private Server CA G1")
ACCEPTANCE = Ca(name="ACCEPTATIE Zorg CSP G4 Intermediate 2024")
G1_ROOT = Ca(name="Staat der Nederlanden Private Root CA - G1")
G1_SERVICES = Ca(name="Staat der Nederlanden Private Services CA - G1")
G4_ISSUER = Ca(name="UZI Server - G4 PKIo Priv G-TLS SYS - 2025")
G4_WITHDRAWN = Ca(name="UZI Server - G4 PKIo Priv G-TLS SYS - 2024")
PLAIN = (GOOD.cas[0], SERVICES, ROOT)
NO_UZI = frozenset({"none"})

ENVIRONMENTS = (
    _environment(
        "issuer of test in production",
        (TEST_ISSUER, SERVICES, ROOT),
        PLAIN,
        replace(IN_PRODUCTION, uzi_issuers=NO_UZI),
    ),
    _environment("CA of acceptance in production", (GOOD.cas[0], ACCEPTANCE, ROOT), PLAIN, IN_PRODUCTION),
    _environment(
        "root of test in production", (GOOD.cas[0], SERVICES, Ca(name="Root CA (test)")), PLAIN, IN_PRODUCTION
    ),
    _environment(
        "root of test in production, and no anchor",
        (GOOD.cas[0], SERVICES, Ca(name="TEST Root CA")),
        PLAIN,
        IN_PRODUCTION,
        ROOT,
    ),
    _environment(
        "issuer of test in production, alone",
        (TEST_ISSUER, SERVICES, Ca(name="TEST Root CA")),
        PLAIN,
        replace(IN_PRODUCTION, uzi_issuers=NO_UZI),
        ROOT,
    ),
    _environment("root of production in test", (GOOD.cas[0], SERVICES, G1_ROOT), PLAIN, IN_TEST),
    _environment("CA of production in test", (GOOD.cas[0], G1_SERVICES, ROOT), PLAIN, IN_TEST),
    _environment(
        "issuer of production in test", (G4_ISSUER, SERVICES, ROOT), PLAIN, replace(IN_TEST, uzi_issuers=NO_UZI)
    ),
    _environment("root of production in test, and no anchor", (GOOD.cas[0], SERVICES, G1_ROOT), PLAIN, IN_TEST, ROOT),
    _environment(
        "a CA that the site says is of test",
        (Ca(name="Proefomgeving CA"), SERVICES, ROOT),
        PLAIN,
        replace(IN_PRODUCTION, test_marks=("Proefomgeving",)),
    ),
    _environment(
        "a CA that the site says is of production",
        (GOOD.cas[0], SERVICES, Ca(name="Nieuwe Root CA G5")),
        PLAIN,
        replace(IN_TEST, production_names=("Nieuwe Root CA G5",)),
    ),
    Row(
        name="a CA that its publisher withdrew",
        code="EN-TLS-CA-REVOKED",
        bad=replace(GOOD, cas=(G4_WITHDRAWN, SERVICES, ROOT)),
        good=replace(GOOD, cas=(G4_ISSUER, SERVICES, ROOT)),
        site=Site(issuers=(G4_WITHDRAWN.name, G4_ISSUER.name), realm=replace(IN_PRODUCTION, uzi_issuers=NO_UZI)),
    ),
    _uzi("OID-CA of test in production", "EN-TLS-ENVIRONMENT", named(uzi(oid_ca=TEST_OID_CA))),
)

UZI_ROWS = (*PROFILE, *ENVIRONMENTS)
UNKNOWN_OID_CA = replace(GOOD_UZI, leaf=named(uzi(oid_ca="2.16.528.1.1003.1.3.5.5.9")))
