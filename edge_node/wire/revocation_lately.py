"""Which of the chains that were shown are still somebody's business.

Knows: that a revoked one is past once its holder came back with another one, and has its key.
Must not know: lists, answers, who is told.
"""

from collections.abc import Callable, Iterable
from typing import Final

from edge_node.errors import Refused
from edge_node.wire.revocation_judge import Seen
from edge_node.wire.trust_certificate import read_certificate
from edge_node.wire.trust_judge import Chain

_REVOKED: Final = frozenset({"EN-TLS-REVOKED", "EN-TLS-CA-REVOKED"})


def without_the_past(seen: Iterable[Seen], look: Callable[[Chain], None]) -> list[Seen]:
    """Leave out each revoked chain whose holder was let in with a good one since; `look` raises `Refused`.

    Old certificates are public: whoever shows one must not leave an alarm behind that stands for a day.
    """
    seen = tuple(seen)
    codes = {id(one): _code(one, look) for one in seen}
    good = [one for one in seen if not codes[id(one)] and one.proved_at is not None]
    return [one for one in seen if codes[id(one)] not in _REVOKED or not _is_past(one, good)]


def _is_past(one: Seen, good: Iterable[Seen]) -> bool:
    later = (other for other in good if other.proved_at and other.proved_at > one.at and other.roles == one.roles)
    return any(_names(one) & _names(other) for other in later)


def _names(one: Seen) -> frozenset[str]:
    """What its holder is called: the hosts, or the whole name of who is none."""
    try:
        certificate = read_certificate(one.chain[0])
    except Refused:
        return frozenset()
    return frozenset(certificate.dns_names or (certificate.subject,))


def _code(one: Seen, look: Callable[[Chain], None]) -> str:
    try:
        look(one.chain)
    except Refused as refused:
        return refused.code
    return ""
