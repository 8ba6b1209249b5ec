"""When a change of anchors waits for what a peer showed."""

from datetime import datetime, timedelta

import pytest

from edge_node.anchoring import still_under_the_old
from edge_node.sandbox.pki_authority import Authority, ec_key, root
from edge_node.wire.revocation_judge import Seen
from edge_node.wire.trust import TrustedPeer
from edge_node.wire.trust_judge import Chain
from tests.wire.lists_double import NOW, chain_of

OLD, NEW = (root(f"{which} Root", which, ec_key(), NOW) for which in ("Old", "New"))
ZIM = TrustedPeer(
    name="lsp", role="zim", host="lsp.example.test", issuers=(), organisation=None, anchors=(NEW.certificate,)
)


def chain(above: Authority) -> Chain:
    return chain_of(above.authority("Issuing CA", "issuing-ca", ec_key()), above.certificate)


def seen(above: Authority, proved_at: datetime | None, role: str = "zim") -> Seen:
    return Seen(chain=chain(above), roles=frozenset({role}), at=NOW, proved_at=proved_at)


class TestAChangeOfAnchors:
    def test_waits_while_the_peer_shows_an_old_chain(self) -> None:
        """The direction that cannot be tried would be locked out."""
        why = still_under_the_old([seen(OLD, NOW)], ZIM, NOW)
        assert why == "it lately showed a chain under Old Root"

    @pytest.mark.parametrize(
        "one",
        [
            seen(OLD, None),
            seen(OLD, NOW - timedelta(days=1, seconds=1)),
            seen(OLD, NOW, "broker"),
            seen(NEW, NOW),
        ],
        ids=["without its key", "long ago", "another peer", "under the new one"],
    )
    def test_waits_for_nothing_else(self, one: Seen) -> None:
        """Anybody can show the chain of another: a change would never come to count for who does so each hour."""
        assert still_under_the_old([one], ZIM, NOW) is None
