"""What NCSC-NL calls what was negotiated: good, sufficient, phase-out or insufficient, per edition of its guideline.

Knows: the labels of the editions 2.1 (2021) and 2025-05, as their table in the requirements on GBZ systems has them
(section 7.1: "ICT-beveiligingsrichtlijnen voor TLS", the later edition as Internet.nl 1.11.2 applies it).
Must not know: connections, who negotiated, what is done about a label.

Where an edition is silent on something the other one labels, that label is told.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final


class Label(StrEnum):
    """The guideline's word, best first."""

    GOOD = "good"
    SUFFICIENT = "sufficient"
    PHASE_OUT = "phase-out"
    INSUFFICIENT = "insufficient"


class Item(StrEnum):
    """What is labelled."""

    VERSION = "version"
    SUITE = "suite"
    GROUP = "group"
    KEY = "key"  # of the peer's certificate
    HASH = "hash"  # the weakest under the certificates of the peer's chain


EDITION_2021: Final = "2.1"
EDITION_2025: Final = "2025-05"
EDITIONS: Final = (EDITION_2021, EDITION_2025)
OTHER: Final = "other"
#: Smaller RSA keys are taken until the first generation of UZI certificates has ended.
SMALL_RSA_UNTIL: Final = datetime(2028, 11, 12, tzinfo=UTC)
SMALL_RSA: Final = "RSA-2048"

_G, _S, _P, _I = Label.GOOD, Label.SUFFICIENT, Label.PHASE_OUT, Label.INSUFFICIENT

#: Per item and value: the label of 2.1, and that of 2025-05.
LABELS: Final[Mapping[Item, Mapping[str, tuple[Label, Label]]]] = {
    Item.VERSION: {
        "TLSv1.3": (_G, _G),
        "TLSv1.2": (_S, _S),
        "TLSv1.1": (_P, _I),
        "TLSv1": (_P, _I),
        "SSLv3": (_I, _I),
        "SSLv2": (_I, _I),
    },
    Item.SUITE: {
        "TLS_AES_256_GCM_SHA384": (_G, _G),
        "TLS_CHACHA20_POLY1305_SHA256": (_G, _G),
        "TLS_AES_128_GCM_SHA256": (_G, _S),
        "TLS_AES_128_CCM_SHA256": (_S, _S),
        "ECDHE-ECDSA-AES256-GCM-SHA384": (_G, _S),
        "ECDHE-ECDSA-CHACHA20-POLY1305": (_G, _S),
        "ECDHE-ECDSA-AES128-GCM-SHA256": (_G, _S),
        "ECDHE-ECDSA-AES256-CCM": (_S, _S),
        "ECDHE-ECDSA-AES128-CCM": (_S, _S),
        "ECDHE-RSA-AES256-GCM-SHA384": (_G, _S),
        "ECDHE-RSA-CHACHA20-POLY1305": (_G, _S),
        "ECDHE-RSA-AES128-GCM-SHA256": (_G, _S),
    },
    Item.GROUP: {
        "X25519MLKEM768": (_G, _G),
        "SecP256r1MLKEM768": (_G, _G),
        "SecP384r1MLKEM1024": (_G, _G),
        "X25519": (_G, _S),
        "X448": (_G, _S),
        "secp256r1": (_G, _S),
        "secp384r1": (_G, _S),
        "secp521r1": (_G, _S),
        "brainpoolP256r1": (_G, _S),
        "brainpoolP384r1": (_G, _S),
        "brainpoolP512r1": (_G, _S),
        "secp224r1": (_P, _P),
        "ffdhe3072": (_S, _P),
        "ffdhe4096": (_S, _P),
        "ffdhe6144": (_S, _P),
        "ffdhe8192": (_S, _P),
        "ffdhe2048": (_P, _I),
    },
    Item.KEY: {
        "RSA-3072": (_G, _S),  # or larger
        SMALL_RSA: (_S, _P),  # 2048 to 3071 bits
        "RSA-1024": (_I, _I),  # smaller
        "ECDSA": (_G, _S),
        "EdDSA": (_G, _S),
    },
    Item.HASH: {
        "sha512": (_G, _G),
        "sha384": (_G, _G),
        "sha256": (_G, _G),
        "sha224": (_P, _P),
        "sha1": (_P, _I),
        "md5": (_I, _I),
    },
}
#: Suites without a row of their own, by what their OpenSSL name says; the first that fits.
_KINDS: Final = (
    (re.compile(r"NULL|EXP|RC4|RC2|^A(DH|ECDH|NULL)|anon|CCM8|CCM_8|^DES-CBC-"), (_I, _I)),
    (re.compile(r"3DES|DES-CBC3"), (_P, _I)),
    (re.compile(r"^ECDHE-.*-SHA(256|384)$|^DHE-.*(GCM|CCM|POLY1305|SHA256|SHA384)|ARIA|CAMELLIA"), (_S, _P)),
    (re.compile(r"^(EC)?DHE-.*-SHA$"), (_S, _I)),
    (re.compile(r"^(AES|PSK|RSA|SRP|SEED|IDEA)"), (_P, _I)),
)
_GROUP_NAMES: Final = {
    **{name.lower(): name for name in LABELS[Item.GROUP]},
    "prime256v1": "secp256r1",
    "p-256": "secp256r1",
    "p-384": "secp384r1",
    "p-521": "secp521r1",
}


def label(item: Item, value: str, edition: str) -> Label | None:
    """Return what an edition calls this value; None when no edition knows it."""
    pair = LABELS[item].get(value) or (_kind(value) if item is Item.SUITE else None)
    return None if pair is None else pair[EDITIONS.index(edition)]


def group_name(name: str) -> str:
    """Return a group's name as the table has it; libraries spell them in several ways."""
    return _GROUP_NAMES.get(name.lower(), name)


def rsa_key(bits: int) -> str:
    """Return the row of an RSA key."""
    if bits >= 3072:
        return "RSA-3072"
    return SMALL_RSA if bits >= 2048 else "RSA-1024"


def _kind(suite: str) -> tuple[Label, Label] | None:
    return next((pair for pattern, pair in _KINDS if pattern.search(suite)), None)
