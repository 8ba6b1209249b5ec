"""Judges of revocation for tests of other things, and the lists of a test's own CAs."""

from datetime import datetime

from edge_node.sandbox.lists import revocation_of
from edge_node.sandbox.pki import Pki
from edge_node.wire.revocation_judge import Revocations
from edge_node.wire.trust_judge import Chain, Purpose


class NothingRevoked:
    """Knows of every certificate that it was not revoked."""

    def check(self, chain: Chain, at: datetime, purpose: Purpose | None, roles: frozenset[str] = frozenset()) -> None:
        assert chain

    def proved(self, chain: Chain, at: datetime, roles: frozenset[str]) -> None:
        assert chain

    def look(self, chain: Chain, at: datetime) -> None:
        assert chain


def listed(pki: Pki, at: datetime) -> Revocations:
    """Judge by the lists of these CAs."""
    return revocation_of(pki, lambda: at)
