"""Which of the certificates of one identity is shown.

Knows: where a pair of certificate and key came from, which of several goes first, when one is passed over.
Must not know: files, settings, contexts, how a refusal was seen.

The one installed last goes before the one it replaced and before the one in the settings, unless that one began after
the installation: then a person put it there since. One that has ended, has not begun or is refused by the switchboard
is passed over while another one is good.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from edge_node.wire.trust_identity import OwnIdentity, out_of_date


class Source(StrEnum):
    """Where a pair came from."""

    SETTINGS = "settings"
    INSTALLED = "installed"  # by `cert install`, the last one
    PREVIOUS = "previous"  # what was in use before that
    NEXT = "next"  # installed to be shown later, once proven: never chosen here


class Place(StrEnum):
    """What a pair is for now."""

    IN_USE = "in use"
    WAITING = "waiting"  # good, and not its turn
    KEPT = "kept"  # an older one that is good, to fall back on
    REFUSED = "refused"  # by the switchboard; tried again by itself
    ENDED = "out of date"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A certificate of ours with its key, or why they cannot be used."""

    source: Source
    certificate: str  # where it lies
    key: str  # the same for its key: a path, credential:NAME or sealed:NAME
    own: OwnIdentity | None
    complaint: str = ""
    installed_at: datetime | None = None

    @property
    def fingerprint(self) -> str:
        """Of the certificate; empty where it cannot be read."""
        return self.own.certificate.fingerprint if self.own else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What one identity shows, and how its other pairs stand."""

    identity: str
    pairs: tuple[tuple[Pair, Place], ...]  # the first choice first

    @property
    def in_use(self) -> Pair | None:
        """The one that is shown; None where not one can be read."""
        return next((pair for pair, place in self.pairs if place is Place.IN_USE), None)

    @property
    def first(self) -> Pair | None:
        """The one that would be shown if nothing stood against it."""
        return next((pair for pair, _ in self.pairs if pair.own), None)

    @property
    def fell_back(self) -> bool:
        """Whether an older one is shown because the switchboard refuses the first choice."""
        return any(place is Place.REFUSED for _, place in self.pairs) and self.in_use is not self.first


def choose(identity: str, pairs: Iterable[Pair], at: datetime, refused: frozenset[str] = frozenset()) -> Choice:
    """Choose among the pairs of one identity; `refused` are the fingerprints that the switchboard refuses now."""
    ordered = _ordered(pairs)
    readable = [pair for pair in ordered if pair.own]
    valid = [pair for pair in readable if _is_valid(pair, at)]
    welcome = [pair for pair in valid if pair.fingerprint not in refused]
    # With nothing better the first choice is shown all the same: what else could be?
    in_use = next(iter(welcome or valid or readable), None)
    standing = _Standing(at=at, refused=refused, in_use=in_use)
    return Choice(identity=identity, pairs=tuple((pair, standing.of(pair)) for pair in ordered))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    at: datetime
    refused: frozenset[str]
    in_use: Pair | None

    def of(self, pair: Pair) -> Place:
        if pair is self.in_use:
            return Place.IN_USE
        if pair.own is None:
            return Place.UNUSABLE
        if not _is_valid(pair, self.at):
            return Place.ENDED
        if pair.fingerprint in self.refused:
            return Place.REFUSED
        return Place.KEPT if self._is_older(pair) else Place.WAITING

    def _is_older(self, pair: Pair) -> bool:
        shown = self.in_use.own if self.in_use else None
        return bool(pair.own and shown and pair.own.certificate.not_before <= shown.certificate.not_before)


def _ordered(found: Iterable[Pair]) -> list[Pair]:
    """The first choice first, each certificate once."""
    pairs = tuple(found)
    by_source = {source: [pair for pair in pairs if pair.source is source] for source in Source}
    newest_first = [*by_source[Source.INSTALLED], *by_source[Source.PREVIOUS]]
    installed = [one.installed_at for one in newest_first if one.own and one.installed_at]
    settings = by_source[Source.SETTINGS]
    since = [pair for pair in settings if installed and pair.own and _began(pair.own) > max(installed)]
    ordered = [*since, *newest_first, *(pair for pair in settings if pair not in since)]
    # The one installed first is often the one in the settings: it is named once.
    unique: dict[str, Pair] = {}
    for pair in ordered:
        unique.setdefault(pair.fingerprint or f"{pair.source} {pair.certificate}", pair)
    return list(unique.values())


def _began(own: OwnIdentity) -> datetime:
    return own.certificate.not_before


def _is_valid(pair: Pair, at: datetime) -> bool:
    return pair.own is not None and out_of_date(pair.own.certificate, at) is None
