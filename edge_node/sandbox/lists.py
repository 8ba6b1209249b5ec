"""What the simulated parties know of revocation: the lists of a sandbox's own CAs.

Knows: where a sandbox has its lists.
Must not know: how a list is read, who is judged by it.
"""

from collections.abc import Callable
from datetime import datetime

from edge_node.sandbox.pki import Pki
from edge_node.wire.revocation_judge import Revocations
from edge_node.wire.revocation_shelf import Lists
from edge_node.wire.trust import load_anchors


def revocation_of(pki: Pki, now: Callable[[], datetime]) -> Revocations:
    """Judge by the lists that lie in that folder now; nobody has a grace here."""
    lists = Lists(None)
    lists.know(*load_anchors(pki.anchors), *load_anchors(pki.local_anchors))
    for path in sorted((pki.out / "crl").glob("*.crl")):
        lists.offer(path.read_bytes(), path.name, now())
    return Revocations(lists, lambda _: 0.0)
