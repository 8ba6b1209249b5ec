"""What a node knows of revocation at one moment: its lists, its sources, and how certificates stand.

Knows: what people and monitoring are shown of each.
Must not know: certificates, lists, how any of it is found.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from edge_node.model.finding import Finding

_SOURCE: Final = "EN-REVOCATION-SOURCE"
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFact:
    """The newest list of one CA."""

    issuer: str
    source: str
    this_update: datetime
    next_update: datetime
    is_old: bool  # older than lists are here
    is_ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingFact:
    """How one certificate stands: our own, or one that a peer showed."""

    of: str  # an identity of ours, or a role: whose chain it is in
    is_own: bool
    subject: str
    issuer: str
    verdict: str  # good, revoked, unknown
    why: str  # where unknown
    source: str  # what says so
    until: datetime | None
    is_borne: bool  # unknown, and let pass for a while
    fingerprint: str = ""  # SHA-256, hexadecimal
    ends_at: datetime = _NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFact:
    """A place that lists or answers come from, which was asked."""

    kind: str  # file, list, ocsp
    address: str
    is_up: bool
    code: str = ""
    detail: str = ""
    since: datetime | None = None  # it fails
    good_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationFact:
    """All of it."""

    lists: tuple[ListFact, ...] = ()
    standings: tuple[StandingFact, ...] = ()
    sources: tuple[SourceFact, ...] = ()

    def findings(self) -> Iterator[tuple[str, Finding]]:
        """Give what a person must look at, each with a name: the worst first."""
        for one in self.standings:
            if one.verdict == "revoked":
                code = "EN-CERTIFICATE-REVOKED" if one.is_own else "EN-TLS-REVOKED"
                yield one.of, Finding(code, f"{one.subject}, says {one.issuer}")
        for one in self.standings:
            if one.verdict == "unknown" and not (one.is_own and one.is_borne):
                code = "EN-REVOCATION-GRACE" if one.is_borne else "EN-REVOCATION-UNKNOWN"
                yield one.of, Finding(code, f"{one.why}: {one.issuer}")
        for source in self.sources:
            if not source.is_up:
                yield source.address, Finding(_SOURCE, f"{source.code} {source.detail}".rstrip())
        for listed in self.lists:
            if listed.is_ended or listed.is_old:
                told = "ended" if listed.is_ended else "of"
                at = listed.next_update if listed.is_ended else listed.this_update
                yield listed.issuer, Finding("EN-REVOCATION-OLD", f"{told} {at:%Y-%m-%d %H:%M} UTC")


def together(findings: Iterable[tuple[str, Finding]]) -> tuple[tuple[str, Finding], ...]:
    """Say once what many sources of one host, or many CAs above one chain, have in common."""
    sources: dict[tuple[str, Finding], list[str]] = {}
    chains: dict[tuple[str, str], list[str]] = {}
    for of, finding in findings:
        if finding.code == _SOURCE:
            sources.setdefault((_place(of), finding), []).append(of)
        else:
            chains.setdefault((of, finding.code), []).append(finding.detail)
    said = [(of, Finding(code, _joined(details))) for (of, code), details in chains.items()]
    for (place, finding), addresses in sources.items():
        many = f"{finding.detail} ({len(addresses)} addresses)".lstrip()
        said.append((addresses[0], finding) if len(addresses) == 1 else (place, Finding(finding.code, many)))
    return tuple(said)


def _joined(details: Iterable[str]) -> str:
    """Say each reason once, with all that it is about."""
    about: dict[str, dict[str, None]] = {}
    for detail in details:
        why, _, what = detail.partition(": ")
        about.setdefault(why, {})[what] = None
    return "; ".join(f"{why}: {'; '.join(whats)}" if any(whats) else why for why, whats in about.items())


def _place(address: str) -> str:
    """The host of an address, or the folder of a file."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else address.rpartition("/")[0]
