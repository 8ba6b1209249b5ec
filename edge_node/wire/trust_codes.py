"""What OpenSSL finds wrong with a chain, in our codes and words.

Knows: the verification errors of OpenSSL (x509_vfy.h), and that some mean another thing of a CA than of the peer.
Must not know: how a chain is verified, what our own rules ask.
"""

from collections.abc import Mapping
from typing import Final

#: Our code for each error; all others are EN-TLS-CHAIN.
_CODES: Final[Mapping[int, str]] = {
    3: "EN-TLS-UNCHECKED",
    4: "EN-TLS-SIGNATURE",
    6: "EN-TLS-UNREADABLE",
    7: "EN-TLS-SIGNATURE",
    8: "EN-TLS-UNCHECKED",
    9: "EN-TLS-NOT-YET",
    10: "EN-TLS-EXPIRED",
    11: "EN-TLS-UNCHECKED",
    12: "EN-TLS-CRL-STALE",
    13: "EN-TLS-UNREADABLE",
    14: "EN-TLS-UNREADABLE",
    18: "EN-TLS-SELF-SIGNED",
    19: "EN-TLS-ANCHOR",
    20: "EN-TLS-CHAIN",
    21: "EN-TLS-INCOMPLETE",
    22: "EN-TLS-TOO-LONG",
    23: "EN-TLS-REVOKED",
    24: "EN-TLS-NOT-A-CA",
    25: "EN-TLS-PATH-LENGTH",
    26: "EN-TLS-PURPOSE",
    32: "EN-TLS-NOT-A-CA",
    33: "EN-TLS-UNCHECKED",
    34: "EN-TLS-CRITICAL",
    35: "EN-TLS-UNCHECKED",
    36: "EN-TLS-UNCHECKED",
    37: "EN-TLS-CA-FLAG",
    39: "EN-TLS-KEY-USAGE",
    41: "EN-TLS-UNREADABLE",
    44: "EN-TLS-UNCHECKED",
    45: "EN-TLS-CRITICAL",
    47: "EN-TLS-NAME-CONSTRAINT",
    48: "EN-TLS-NAME-CONSTRAINT",
    49: "EN-TLS-NAME-CONSTRAINT",
    51: "EN-TLS-NAME-CONSTRAINT",
    52: "EN-TLS-NAME-CONSTRAINT",
    53: "EN-TLS-NAME-CONSTRAINT",
    54: "EN-TLS-UNCHECKED",
    66: "EN-TLS-KEY-SIZE",
    67: "EN-TLS-KEY-SIZE",
    68: "EN-TLS-HASH",
    76: "EN-TLS-HASH",
    77: "EN-TLS-SIGNATURE",
    78: "EN-TLS-SIGNATURE",
    79: "EN-TLS-NOT-A-CA",
    80: "EN-TLS-CA-FLAG",
    81: "EN-TLS-NOT-A-CA",
    82: "EN-TLS-CA-FLAG",
    93: "EN-TLS-UNREADABLE",
    94: "EN-TLS-KEY-SIZE",
}
#: Where the certificate in question is that of a CA above the peer's.
_CODES_ABOVE: Final[Mapping[int, str]] = {
    9: "EN-TLS-CA-EXPIRED",
    10: "EN-TLS-CA-EXPIRED",
    23: "EN-TLS-CA-REVOKED",
}
#: Where it is the peer's own and nothing was found above it.
_CODES_OF_LEAF: Final[Mapping[int, str]] = {20: "EN-TLS-INCOMPLETE"}

_REASONS: Final[Mapping[int, str]] = {
    2: "the issuer of a CA is not known here",
    3: "no revocation list of its issuer",
    4: "its signature cannot be read",
    6: "the key of its issuer cannot be read",
    7: "its signature is wrong",
    8: "the signature of the revocation list is wrong",
    9: "has not begun",
    10: "has ended",
    11: "the revocation list has not begun",
    12: "the revocation list has ended",
    13: "its begin is no date",
    14: "its end is no date",
    18: "self-signed and no anchor",
    19: "its root is no anchor here",
    20: "its issuer is not known here",
    21: "the chain is not complete",
    22: "the chain is too long",
    23: "revoked",
    24: "a certificate above it is no CA",
    25: "more CAs below it than its path length allows",
    26: "not for this use",
    32: "its issuer may not sign certificates",
    33: "the issuer of the revocation list is not known",
    34: "a critical extension is not understood",
    35: "its issuer may not sign revocation lists",
    36: "a critical extension of the revocation list is not understood",
    37: "a CA where none may be",
    39: "may not sign",
    41: "an extension cannot be read",
    44: "the revocation list is not about all it issued",
    45: "an extension asks for what is not supported",
    47: "a name is not among those its CA may give",
    48: "a name is among those its CA may not give",
    49: "a name constraint with a depth",
    51: "a name constraint of a kind not supported",
    52: "a name constraint that cannot be read",
    53: "a name that cannot be compared with the constraints",
    54: "the chain of the revocation list cannot be verified",
    55: "the chain is a loop",
    66: "its key is too small",
    67: "the key of a CA is too small",
    68: "signed with a hash that is too weak",
    76: "signed with an algorithm that is not supported",
    77: "its signature is not of its issuer's kind of key",
    78: "names two algorithms for one signature",
    79: "a certificate above it is no CA",
    80: "has a path length and is no CA",
    81: "has a path length and may not sign certificates",
    82: "may sign certificates and is no CA",
    93: "has extensions that its version does not know",
    94: "its key spells out its own curve",
}


def code_of(error: int, depth: int = 0) -> str:
    """Return our code for an OpenSSL verification error on the certificate that many steps above the peer's."""
    special = _CODES_ABOVE if depth > 0 else _CODES_OF_LEAF
    return special.get(error) or _CODES.get(error, "EN-TLS-CHAIN")


def reason_of(error: int) -> str:
    """Return words for an OpenSSL verification error."""
    return _REASONS.get(error, f"OpenSSL verification error {error}")


#: Every code a verification error can become.
CODES: Final = frozenset({"EN-TLS-CHAIN", *_CODES.values(), *_CODES_ABOVE.values(), *_CODES_OF_LEAF.values()})
