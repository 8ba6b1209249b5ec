"""Bad certificates and chains, each beside a good one that differs in just that thing.

A row says what is wrong, what the log gets, and how both are made. Here are those about dates, chains and keys; those
about whose certificate it is are in `bad_certificates_named.py`, those of the register in `bad_certificates_uzi.py`.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from edge_node.model.hierarchies import TEST_REALM, Realm
from tests.wire.forge import Ca, Leaf, Spec

NAME = "lsp.example"
OPERATOR = "Schakelpunt B.V."

ROOT = Ca(name="Private Root CA")
SERVICES = Ca(name="Private Services CA")
ISSUER = Ca(name="Private Organisation CA")
CAS = (ISSUER, SERVICES, ROOT)
LEAF = Leaf(names=(NAME,), organisation=(OPERATOR,))
GOOD = Spec(leaf=LEAF, cas=CAS)

RSA_ISSUER = replace(ISSUER, key="rsa2048")
RSA_CAS = (RSA_ISSUER, replace(SERVICES, key="rsa2048"), ROOT)
RSA_GOOD = Spec(leaf=LEAF, cas=RSA_CAS)

#: An extension that nobody knows.
UNKNOWN = "2.5.29.99"


class Way(StrEnum):
    """Where the bad one stands: it calls the node, or the node calls it."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the node is told of the one peer it has."""

    issuers: tuple[str, ...] = (ISSUER.name, "CN=Another CA,O=CIBG,C=NL")
    organisation: str | None = OPERATOR
    ura: str | None = None
    realm: Realm = TEST_REALM
    trusts: Ca | None = None  # the root that is its anchor; None: the one above what is shown
    clock_days: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the lists say of one chain; positions count from the leaf, which is 0."""

    revoked: tuple[int, ...] = ()
    missing: tuple[int, ...] = ()  # whose issuer has no list
    ended: tuple[int, ...] = ()  # whose issuer's list has ended
    number: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing that is wrong."""

    name: str
    code: str
    bad: Spec
    good: Spec = GOOD
    site: Site = Site()
    bad_site: Site | None = None  # where what is wrong is on our side
    ways: tuple[Way, ...] = (Way.IN, Way.OUT)
    then: str = ""  # where a caller gets another code when it comes back with its session
    known: Known | None = None  # what the lists say; None: nobody looks at any
    good_known: Known | None = None
    is_no_server: bool = False  # in TLS 1.2 even a bad server cannot show it: OpenSSL finds no use for it

    def __str__(self) -> str:
        return self.name


def of_leaf(name: str, code: str, leaf: Leaf, good: Leaf = LEAF) -> Row:
    return Row(name=name, code=code, bad=replace(GOOD, leaf=leaf), good=replace(GOOD, leaf=good))


def of_issuer(name: str, code: str, issuer: Ca, good: Ca = ISSUER) -> Row:
    return Row(
        name=name,
        code=code,
        bad=replace(GOOD, cas=(issuer, SERVICES, ROOT)),
        good=replace(GOOD, cas=(good, SERVICES, ROOT)),
    )


def _deep(cas: int) -> Spec:
    return replace(GOOD, cas=(ISSUER, *(Ca(name=f"CA {number}") for number in range(cas)), ROOT))


DATES = (
    of_leaf("ended yesterday", "EN-TLS-EXPIRED", replace(LEAF, days=(-400, -1))),
    of_leaf(
        "ended a minute ago",
        "EN-TLS-EXPIRED",
        replace(LEAF, days=(-400, -1 / 1440)),
        replace(LEAF, days=(-400, 1 / 24)),
    ),
    of_leaf("begins tomorrow", "EN-TLS-NOT-YET", replace(LEAF, days=(1, 400))),
    Row(
        name="ended by the node's clock, not by the machine's",
        code="EN-TLS-EXPIRED",
        bad=replace(GOOD, leaf=replace(LEAF, days=(-1, 5))),
        site=Site(clock_days=10),
    ),
    Row(
        name="not begun by the node's clock",
        code="EN-TLS-NOT-YET",
        bad=replace(GOOD, leaf=replace(LEAF, days=(-5, 1000))),
        good=replace(GOOD, leaf=replace(LEAF, days=(-500, 1000))),
        site=Site(clock_days=-10),
    ),
    of_issuer("issuer ended", "EN-TLS-CA-EXPIRED", replace(ISSUER, days=(-700, -1))),
    of_issuer("issuer begins tomorrow", "EN-TLS-CA-EXPIRED", replace(ISSUER, days=(1, 700))),
    Row(
        name="root ended",
        code="EN-TLS-CA-EXPIRED",
        bad=replace(GOOD, cas=(ISSUER, SERVICES, replace(ROOT, days=(-700, -1)))),
    ),
)

CHAINS = (
    Row(
        name="signed by itself",
        code="EN-TLS-SELF-SIGNED",
        bad=replace(GOOD, is_self_signed=True, shown=(0,)),
        good=GOOD,
    ),
    Row(
        name="other CAs of the same names",
        code="EN-TLS-CHAIN",
        bad=replace(GOOD, cas=tuple(replace(ca, generation="forged") for ca in CAS)),
        site=Site(trusts=ROOT),
    ),
    Row(
        name="other CAs of the same names, without key identifiers",
        code="EN-TLS-SIGNATURE",
        bad=replace(GOOD, cas=tuple(replace(ca, generation="forged", has_key_ids=False) for ca in CAS)),
        good=replace(GOOD, cas=tuple(replace(ca, has_key_ids=False) for ca in CAS)),
        site=Site(trusts=replace(ROOT, has_key_ids=False)),
    ),
    Row(
        name="another root, shown as well",
        code="EN-TLS-ANCHOR",
        bad=replace(GOOD, cas=(*CAS[:2], Ca(name="Een andere Root CA")), shown=(0, 1, 2, 3)),
        good=replace(GOOD, shown=(0, 1, 2, 3)),
        site=Site(trusts=ROOT),
    ),
    Row(name="without its CAs", code="EN-TLS-INCOMPLETE", bad=replace(GOOD, shown=(0,))),
    Row(name="without the CA in the middle", code="EN-TLS-CHAIN", bad=replace(GOOD, shown=(0, 1))),
    Row(name="without its issuer", code="EN-TLS-INCOMPLETE", bad=replace(GOOD, shown=(0, 2))),
    of_leaf("one bit of the signature wrong", "EN-TLS-SIGNATURE", replace(LEAF, is_spoilt=True)),
    of_issuer("one bit of the issuer's signature wrong", "EN-TLS-SIGNATURE", replace(ISSUER, is_spoilt=True)),
    of_leaf("signed by another key in its issuer's name", "EN-TLS-SIGNATURE", replace(LEAF, signed_by="a thief's")),
    Row(
        name="changed after it was signed",
        code="EN-TLS-SIGNATURE",
        bad=replace(RSA_GOOD, leaf=replace(LEAF, signed_by="a thief's", is_pss=True)),
        good=replace(RSA_GOOD, leaf=replace(LEAF, is_pss=True)),
    ),
    *(
        Row(
            name=f"a loop of {len(cas)} CAs",
            code="EN-TLS-CHAIN",
            bad=replace(GOOD, cas=cas, is_loop=True, shown=tuple(range(len(cas) + 1))),
            good=GOOD,
            site=Site(trusts=ROOT),
        )
        for cas in ((ISSUER, SERVICES), (ISSUER, SERVICES, Ca(name="A third CA")))
    ),
    Row(name="one CA too many", code="EN-TLS-TOO-LONG", bad=_deep(5), good=_deep(4)),
    Row(name="sixty CAs, one above the other", code="EN-TLS-TOO-LONG", bad=_deep(58), good=_deep(2)),
    Row(
        name="sixty certificates beside a good chain",
        code="EN-TLS-TOO-LARGE",
        bad=replace(GOOD, junk=57),
        good=replace(GOOD, junk=3),
        then="EN-TLS-CHAIN",
    ),
)

KEYS = (
    of_leaf("RSA key of 1024 bits", "EN-TLS-KEY-SIZE", replace(LEAF, key="rsa1024"), replace(LEAF, key="rsa2048")),
    of_leaf("RSA key of 2040 bits", "EN-TLS-KEY-SIZE", replace(LEAF, key="rsa2040"), replace(LEAF, key="rsa2048")),
    of_issuer(
        "issuer's curve of 192 bits", "EN-TLS-KEY-SIZE", replace(ISSUER, key="p192"), replace(ISSUER, key="p384")
    ),
    of_issuer("issuer's RSA key of 1024 bits", "EN-TLS-KEY-SIZE", replace(ISSUER, key="rsa1024"), RSA_ISSUER),
    Row(
        name="root's RSA key of 1024 bits",
        code="EN-TLS-KEY-SIZE",
        bad=replace(GOOD, cas=(ISSUER, SERVICES, replace(ROOT, key="rsa1024"))),
        good=replace(GOOD, cas=(ISSUER, SERVICES, replace(ROOT, key="rsa2048"))),
    ),
    *(
        Row(
            name=f"signed with {digest}",
            code="EN-TLS-HASH",
            bad=replace(RSA_GOOD, leaf=replace(LEAF, digest=digest)),
            good=RSA_GOOD,
        )
        for digest in ("sha1", "md5", "sha224")
    ),
    Row(
        name="issuer signed with sha1",
        code="EN-TLS-HASH",
        bad=replace(RSA_GOOD, cas=(replace(RSA_ISSUER, digest="sha1"), *RSA_CAS[1:])),
        good=RSA_GOOD,
    ),
)

CONSTRAINTS = (
    Row(
        name="issued by somebody's own certificate",
        code="EN-TLS-NOT-A-CA",
        bad=replace(GOOD, cas=(Ca(name=ISSUER.name, is_ca=False, may_sign=True), SERVICES, ROOT)),
    ),
    of_issuer("issuer that says nothing of being a CA", "EN-TLS-NOT-A-CA", replace(ISSUER, is_ca=None)),
    of_issuer("issuer whose key may sign no certificates", "EN-TLS-NOT-A-CA", replace(ISSUER, may_sign=False)),
    Row(
        name="CA whose key may sign no certificates",
        code="EN-TLS-NOT-A-CA",
        bad=replace(GOOD, cas=(ISSUER, replace(SERVICES, may_sign=False), ROOT)),
    ),
    of_leaf("a CA as server", "EN-TLS-CA-FLAG", replace(LEAF, is_ca=True)),
    Row(
        name="a CA below one that may have none",
        code="EN-TLS-PATH-LENGTH",
        bad=replace(GOOD, cas=(ISSUER, replace(SERVICES, path_length=0), ROOT)),
        good=replace(GOOD, cas=(ISSUER, replace(SERVICES, path_length=1), ROOT)),
    ),
    Row(
        name="two CAs below a root that may have one",
        code="EN-TLS-PATH-LENGTH",
        bad=replace(GOOD, cas=(ISSUER, SERVICES, replace(ROOT, path_length=1))),
        good=replace(GOOD, cas=(ISSUER, SERVICES, replace(ROOT, path_length=2))),
    ),
    of_issuer(
        "name outside those its CA may give",
        "EN-TLS-NAME-CONSTRAINT",
        replace(ISSUER, permitted=("example.org",)),
        replace(ISSUER, permitted=("example",)),
    ),
    of_issuer(
        "name among those its CA may not give",
        "EN-TLS-NAME-CONSTRAINT",
        replace(ISSUER, excluded=("example",)),
        replace(ISSUER, excluded=("example.org",)),
    ),
    Row(
        name="a second name outside those its CA may give",
        code="EN-TLS-NAME-CONSTRAINT",
        bad=replace(
            GOOD,
            leaf=replace(LEAF, names=(NAME, "elsewhere.org")),
            cas=(replace(ISSUER, permitted=("example",)), SERVICES, ROOT),
        ),
        good=replace(
            GOOD,
            leaf=replace(LEAF, names=(NAME, "other.example")),
            cas=(replace(ISSUER, permitted=("example",)), SERVICES, ROOT),
        ),
    ),
    of_leaf(
        "unknown critical extension",
        "EN-TLS-CRITICAL",
        replace(LEAF, extra=((UNKNOWN, True, b"\x05\x00"),)),
        replace(LEAF, extra=((UNKNOWN, False, b"\x05\x00"),)),
    ),
    of_issuer(
        "unknown critical extension of its issuer",
        "EN-TLS-CRITICAL",
        replace(ISSUER, extra=((UNKNOWN, True, b"\x05\x00"),)),
        replace(ISSUER, extra=((UNKNOWN, False, b"\x05\x00"),)),
    ),
)

CHAIN_ROWS = (*DATES, *CHAINS, *KEYS, *CONSTRAINTS)
