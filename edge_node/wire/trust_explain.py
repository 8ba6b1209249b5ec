"""Why OpenSSL said no to a chain, more exactly than its number says.

Knows: that a chain of the other environment leads to no anchor either, that one number stands for two kinds of use.
Must not know: connections, what our own rules ask.
"""

from dataclasses import dataclass
from typing import Final

from cryptography import x509

from edge_node.errors import Refused
from edge_node.model.hierarchies import Realm
from edge_node.wire.trust_certificate import read_certificate
from edge_node.wire.trust_codes import code_of, reason_of
from edge_node.wire.trust_environment import foreign
from edge_node.wire.trust_judge import Purpose
from edge_node.wire.trust_verify import named

_NOT_FOR_THIS_USE: Final = 26
_LED_NOWHERE: Final = frozenset({"EN-TLS-CHAIN", "EN-TLS-INCOMPLETE", "EN-TLS-ANCHOR"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where a chain must end, and in which world; none for the local side, which is of no register."""

    anchors: tuple[x509.Certificate, ...]
    realm: Realm | None = None


def explain(error: int, depth: int, certificate: x509.Certificate, wanted: tuple[Purpose, Ground]) -> Refused:
    """Say what a verification error on one certificate of a chain means; depth 0 is the peer's own."""
    purpose, ground = wanted
    code, detail = code_of(error, depth), f"{reason_of(error)}: {named(certificate)}"
    try:
        if code in _LED_NOWHERE and ground.realm and (finding := foreign((certificate,), ground.realm)):
            return Refused(finding.detail, code=finding.code)
        if error == _NOT_FOR_THIS_USE and depth == 0 and purpose in read_certificate(certificate).extended_key_usage:
            return Refused(f"its key usage is not for TLS: {named(certificate)}", code="EN-TLS-KEY-USAGE")
    except Refused as unreadable:
        return unreadable
    return Refused(detail, code=code)
