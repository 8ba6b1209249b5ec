"""What is wrong with the revocation lists that the settings name, before the daemon starts.

Knows: which CAs the settings trust, at which key a list is named.
Must not know: what makes a list wrong, how one is fetched.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from cryptography import x509

from edge_node.certificates import Certificates
from edge_node.settings.check import Broken
from edge_node.settings.schema import Settings
from edge_node.wire.revocation import Verdict
from edge_node.wire.revocation_files import ListFiles
from edge_node.wire.revocation_judge import Revocations
from edge_node.wire.revocation_shelf import ListLimits, Lists


def wrong_lists(settings: Settings, read: Certificates, at: datetime) -> Iterator[Broken]:
    """Give each file that cannot be used, each list that has ended, and each certificate of ours that was revoked."""
    chosen = settings.revocation
    lists = Lists(None, ListLimits(max_bytes=chosen.crl_max_bytes, ahead_s=chosen.clock_tolerance_s))
    for anchors in read.anchors.values():
        lists.know(*anchors)
    for own in read.own.values():
        lists.know(*own.chain[1:])
    files = ListFiles(lists)
    for i, named in enumerate(chosen.crl_files):
        for address, wrong in files.read((named,), at).files.items():
            if wrong is not None:
                yield ("revocation", "crl_files", i), f"{address}: {wrong.code} {wrong.detail}".rstrip()
    for kept in lists.kept():
        if at > kept.next_update:
            ended = f"{kept.source}: the list of {kept.issuer} ended {kept.next_update:%Y-%m-%d %H:%M} UTC"
            yield ("revocation", "crl_files"), ended
    yield from _revoked(Revocations(lists, lambda _: 0.0), read, at)


def _revoked(judge: Revocations, read: Certificates, at: datetime) -> Iterator[Broken]:
    for steps, own in read.own.items():
        for i, pair in enumerate(pairwise((*own.chain, *_above(own.chain[-1], read)))):
            standing = judge.standing(*pair, at)
            if standing.verdict is Verdict.REVOKED:
                what = "it" if i == 0 else "a CA above it"
                yield (*steps, "certificate"), f"{what} was revoked, says {standing.source}"
                break


def _above(last: x509.Certificate, read: Certificates) -> tuple[x509.Certificate, ...]:
    """Return the anchor a chain of ours ends under, which is in no file of ours: it brings out a list too."""
    anchors = (one for several in read.anchors.values() for one in several)
    return tuple(one for one in anchors if one.subject == last.issuer and one != last)[:1]
