"""What a running node gets about revocation from outside: lists, fetched in time, and answers of OCSP responders.

Knows: which setting goes where, for which chains lists and answers are wanted.
Must not know: what a list or an answer says, what follows from one.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.interfaces import IDelayedCall

from edge_node.building import Wired
from edge_node.settings.revocation import RevocationSettings
from edge_node.wire.crl_fetch import CrlFetcher, FetchTimes, FetchTools
from edge_node.wire.crl_memory import SourceMemory
from edge_node.wire.crl_needs import ListSource, Sourcing, addresses_of, list_sources
from edge_node.wire.fetching import Connect, Fetching, FetchLimits, Ways
from edge_node.wire.ocsp_answer import AnswerRules
from edge_node.wire.ocsp_cache import CacheTimes, CacheTools, OcspCache
from edge_node.wire.ocsp_client import OcspChoices, OcspClient, OcspTools
from edge_node.wire.revocation import ocsp_addresses
from edge_node.wire.revocation_judge import Revocations, Seen
from edge_node.wire.source_state import SourceStates
from edge_node.wire.trust_certificate import fingerprint
from edge_node.wire.trust_judge import Chain

#: Role of a chain of our own; no peer can have it.
OWN: Final = "own"
#: What is remembered of the sources, beside the lists.
MEMORY: Final = "sources.json"
#: Chains of our own and of peers that are held; a site has ten.
_HELD: Final = 128
#: A practice is closed for three weeks; the first card that is used then must find its list fresh.
_REMEMBERED_S: Final = 31 * 86_400.0
#: An OCSP answer has a few kB; one with several certificates in it has ten.
_ANSWER_BYTES: Final = 65_536


class Chance(Protocol):
    """Chance, handed in."""

    def uniform(self) -> float: ...
    def bytes(self, nbytes: int) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What it is handed. `connect` is the way to a host; None is the reactor's own, which looks names up."""

    judge: Revocations
    states: SourceStates
    folder: Path  # of the lists
    reactor: Any
    moment: Callable[[], datetime]
    chance: Chance
    aside: Callable[[Callable[[], Any]], Awaitable[Any]]
    connect: Connect | None = None


class Obtaining:
    """Gets lists and answers as long as the node serves."""

    def __init__(self, chosen: RevocationSettings, parts: Parts) -> None:
        self._chosen = chosen
        self._judge = parts.judge
        self._parts = parts
        self._memory = SourceMemory(parts.folder / MEMORY)
        self._lists = CrlFetcher(self._fetch_tools())
        self._answers = OcspCache(OcspClient(self._ocsp_tools()), self._cache_tools())
        self._wired: Wired | None = None
        self._held: dict[str, Chain] = {}  # by fingerprint of the leaf
        self._began_s = 0.0
        self._forgetting: IDelayedCall | None = None  # sources of the last run that nobody wanted since
        self._is_stopped = False

    def begin(self, wired: Wired) -> None:
        """Get what is missing, and keep it fresh."""
        self._began_s = self._parts.reactor.seconds()
        self._judge.use(self._answers)
        # Who is judged may be in the middle of a handshake, or in a thread.
        self._judge.when_wanting(lambda: self._parts.reactor.callFromThread(self._want))
        self.become(wired)
        self._forgetting = self._parts.reactor.callLater(_REMEMBERED_S, self._want)

    def become(self, wired: Wired) -> None:
        """Take up new settings."""
        self._wired, self._chosen = wired, wired.settings.revocation
        self._held.clear()
        self._want()

    def stop(self) -> None:
        """Get nothing any more."""
        self._is_stopped = True
        if self._forgetting is not None and self._forgetting.active():
            self._forgetting.cancel()
        self._lists.stop()
        self._answers.stop()

    # What is wanted

    def _want(self) -> None:
        wired, chosen = self._wired, self._chosen
        if self._is_stopped or wired is None:
            return
        seen = self._judge.seen()
        self._hold(seen, {OWN, *(peer.role for peer in wired.settings.switchboard.peers)})
        chains = (*self._held.values(), *(one.chain for one in seen), *_anchor_chains(wired.anchors))
        sources = list_sources(chains, _sourcing(chosen))
        self._lists.want((*sources, *self._remembered(sources, chosen)))
        self._answers.keep((chain[0], chain[1]) for chain in self._held.values() if len(chain) > 1)

    def _hold(self, seen: Iterable[Seen], roles: set[str]) -> None:
        """Remember our own chains and those of peers: a hundred cards of people must not push them out."""
        for one in seen:
            if one.roles & roles:
                self._held[fingerprint(one.chain[0])] = one.chain
        while len(self._held) > _HELD:
            del self._held[next(iter(self._held))]

    def _remembered(self, sources: tuple[ListSource, ...], chosen: RevocationSettings) -> Iterator[ListSource]:
        """Give the sources of the last run, for weeks: so that lists are fresh before peers show themselves."""
        is_early = self._parts.reactor.seconds() - self._began_s < _REMEMBERED_S
        if is_early and chosen.fetch.from_certificates:
            known = {address for source in sources for address in source.addresses}
            for address in self._memory.addresses:
                if address not in known:
                    yield ListSource(addresses=(address,), is_hoped_for=True)

    # What each part is handed

    def _connect(self, host: str, port: int) -> Any:
        if self._parts.connect is not None:
            return self._parts.connect(host, port)
        return HostnameEndpoint(self._parts.reactor, host, port)

    def _ways(self, limits: FetchLimits) -> Ways:
        proxy = self._chosen.proxy
        return Ways(connect=self._connect, clock=self._parts.reactor, limits=limits, proxy=proxy)

    def _list_ways(self) -> Ways:
        chosen = self._chosen
        return self._ways(
            FetchLimits(
                max_bytes=chosen.crl_max_bytes,
                connect_s=chosen.fetch.connect_s,
                idle_s=chosen.fetch.idle_s,
                total_s=chosen.fetch.total_s,
                redirects=chosen.fetch.redirects,
            )
        )

    def _ocsp_ways(self) -> Ways:
        chosen = self._chosen
        whole_s = chosen.ocsp.timeout_s
        return self._ways(
            FetchLimits(
                max_bytes=_ANSWER_BYTES,
                connect_s=min(chosen.fetch.connect_s, whole_s),
                idle_s=whole_s,
                total_s=whole_s,
                redirects=chosen.fetch.redirects,
            )
        )

    def _is_near(self, address: str) -> bool:
        """Say whether an address is within the network, so that no proxy is asked."""
        mirror = self._chosen.mirror
        return mirror is not None and address.startswith(f"{mirror}/")

    def _fetch_tools(self) -> FetchTools:
        return FetchTools(
            fetching=Fetching(self._list_ways),
            lists=self._judge.lists,
            memory=self._memory,
            states=self._parts.states,
            times=self._fetch_times,
            clock=self._parts.reactor,
            now=self._parts.moment,
            chance=self._parts.chance.uniform,
            aside=self._parts.aside,
            is_near=self._is_near,
        )

    def _fetch_times(self) -> FetchTimes:
        fetch = self._chosen.fetch
        return FetchTimes(
            interval_s=fetch.interval_s, first_pause_s=fetch.first_pause_s, longest_pause_s=fetch.longest_pause_s
        )

    def _ocsp_tools(self) -> OcspTools:
        return OcspTools(
            fetching=Fetching(self._ocsp_ways),
            choices=lambda: OcspChoices(is_on=self._chosen.ocsp.use == "prefer", nonce=self._chosen.ocsp.nonce),
            rules=self._rules,
            now=self._parts.moment,
            random=self._parts.chance.bytes,
            states=self._parts.states,
        )

    def _rules(self) -> AnswerRules:
        chosen = self._chosen
        return AnswerRules(
            listed=self._judge.listed,
            skew=timedelta(seconds=chosen.clock_tolerance_s),
            longest=timedelta(seconds=chosen.ocsp.max_age_s),
        )

    def _cache_tools(self) -> CacheTools:
        return CacheTools(
            clock=self._parts.reactor,
            in_reactor=self._parts.reactor.callFromThread,
            now=self._parts.moment,
            chance=self._parts.chance.uniform,
            changed=self._judge.changed,
            times=lambda: CacheTimes(longest_pause_s=self._chosen.fetch.longest_pause_s),
        )


def is_obtainable(certificate: x509.Certificate, issuer: x509.Certificate, chosen: RevocationSettings) -> bool:
    """Say whether a list or an answer about a certificate may come from anywhere."""
    if addresses_of(certificate, issuer, _sourcing(chosen)):
        return True
    return chosen.ocsp.use == "prefer" and bool(ocsp_addresses(certificate))


def _sourcing(chosen: RevocationSettings) -> Sourcing:
    return Sourcing(named=chosen.sources, mirror=chosen.mirror, from_certificates=chosen.fetch.from_certificates)


def _anchor_chains(anchors: tuple[x509.Certificate, ...]) -> Iterator[Chain]:
    """Give each CA among the anchors with the one above it: its list is sure to be needed."""
    for lower in anchors:
        for upper in anchors:
            if lower is not upper and lower.issuer == upper.subject and _is_issued(lower, upper):
                yield lower, upper


def _is_issued(lower: x509.Certificate, upper: x509.Certificate) -> bool:
    try:
        lower.verify_directly_issued_by(upper)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
