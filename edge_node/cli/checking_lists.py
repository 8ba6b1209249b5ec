"""What is wrong with revocation lists, before the daemon starts: those the settings name, and those that never come.

Knows: which CAs the settings trust, at which key a list is named.
Must not know: what makes a list wrong, how one is fetched.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from cryptography import x509

from edge_node.certificates import Certificates
from edge_node.obtaining import is_obtainable
from edge_node.settings.check import Broken
from edge_node.settings.schema import Settings
from edge_node.wire.revocation import Verdict
from edge_node.wire.revocation_files import ListFiles
from edge_node.wire.revocation_judge import Revocations
from edge_node.wire.revocation_shelf import ListLimits, Lists
from edge_node.wire.trust_judge import Chain
from edge_node.wire.trust_verify import named


def lists_that_never_come(settings: Settings, read: Certificates, at: datetime) -> Iterator[Broken]:
    """Give each CA above a certificate of ours whose list is in no file and comes from nowhere."""
    chosen = settings.revocation
    lists = _lists(settings, read)
    ListFiles(lists).read(chosen.crl_files, at)
    here = {kept.issuer for kept in lists.kept()}
    never: dict[str, None] = {}
    for chain in _chains(read):
        for lower, upper in pairwise((*chain, *_above(chain[-1], read))):
            if named(upper) not in here and not is_obtainable(lower, upper, chosen):
                never[named(upper)] = None
    for name in never:
        yield ("revocation",), f"no list of {name} comes from anywhere: every certificate under it would be refused"


def _chains(read: Certificates) -> Iterator[Chain]:
    """The chains that are shown to the care network; a local one is under a CA of the site's own."""
    of_identities = {steps: own.chain for steps, own in read.own.items()} | read.keyless
    yield from (chain for steps, chain in of_identities.items() if steps[0] == "identities" and len(steps) == 2)


def _lists(settings: Settings, read: Certificates) -> Lists:
    chosen = settings.revocation
    lists = Lists(None, ListLimits(max_bytes=chosen.crl_max_bytes, ahead_s=chosen.clock_tolerance_s))
    for anchors in read.anchors.values():
        lists.know(*anchors)
    for chain in (*(own.chain for own in read.own.values()), *read.keyless.values()):
        lists.know(*chain[1:])
    return lists


def no_lists(settings: Settings, read: Certificates, at: datetime) -> Iterator[Broken]:
    """Give each file that lies in a folder of lists and is none."""
    files = ListFiles(_lists(settings, read))
    for i, written in enumerate(settings.revocation.crl_files):
        for name in files.read((written,), at).others:
            yield ("revocation", "crl_files", i), f"{name}: is no revocation list, and is passed over"


def wrong_lists(settings: Settings, read: Certificates, at: datetime) -> Iterator[Broken]:
    """Give each file that cannot be used, each list that has ended, and each certificate of ours that was revoked."""
    chosen = settings.revocation
    lists = _lists(settings, read)
    files = ListFiles(lists)
    for i, written in enumerate(chosen.crl_files):
        for address, wrong in files.read((written,), at).files.items():
            if wrong is not None:
                yield ("revocation", "crl_files", i), f"{address}: {wrong.code} {wrong.detail}".rstrip()
    for kept in lists.kept():
        if at > kept.next_update:
            ended = f"{kept.source}: the list of {kept.issuer} ended {kept.next_update:%Y-%m-%d %H:%M} UTC"
            yield ("revocation", "crl_files"), ended
    yield from _revoked(Revocations(lists, lambda _: 0.0), read, at)


def _revoked(judge: Revocations, read: Certificates, at: datetime) -> Iterator[Broken]:
    for steps, chain in ({steps: own.chain for steps, own in read.own.items()} | read.keyless).items():
        for i, pair in enumerate(pairwise((*chain, *_above(chain[-1], read)))):
            standing = judge.standing(*pair, at)
            if standing.verdict is Verdict.REVOKED:
                what = "it" if i == 0 else "a CA above it"
                yield (*steps, "certificate"), f"{what} was revoked, says {standing.source}"
                break


def _above(last: x509.Certificate, read: Certificates) -> tuple[x509.Certificate, ...]:
    """Return the anchor a chain of ours ends under, which is in no file of ours: it brings out a list too."""
    anchors = (one for several in read.anchors.values() for one in several)
    return tuple(one for one in anchors if one.subject == last.issuer and one != last)[:1]
