"""The judge of revocation: what is known of each certificate of a chain, and what that means for its peer.

Knows: lists, answers that are at hand, how long past its end a list still counts for whom.
Must not know: sockets, how lists and answers come here.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from cryptography import x509

from edge_node.errors import Refused
from edge_node.wire.revocation import Changed, Standing, Standings, Verdict, Why, list_addresses
from edge_node.wire.revocation_shelf import KeptList, Lists
from edge_node.wire.trust_judge import LOCAL_ROLES, Chain, Purpose

#: Chains remembered of each kind of peer, the one seen longest ago forgotten first: for them lists are fetched. Cards
#: of people are a kind of their own, which pushes no peer out.
_SEEN_CHAINS: Final = 256
#: A list that waited for its CA is taken while its peer waits when it is no longer than this: a few milliseconds.
_AT_ONCE_BYTES: Final = 256 * 1024

_NOBODY: Final = frozenset[str]()

#: Seconds past nextUpdate for which a list still counts for a peer in these roles.
Grace = Callable[[frozenset[str]], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A chain that was led to an anchor, and whose it is."""

    chain: Chain
    roles: frozenset[str]
    at: datetime  # when it was shown last, by whomever: it is no secret
    proved_at: datetime | None = None  # when it was shown last by one who has its key


class Revocations:
    """The one judge of a process."""

    def __init__(self, lists: Lists, grace_s: Grace, standings: Standings | None = None) -> None:
        self.lists = lists
        self._grace_s = grace_s
        self._standings = standings
        self._seen: OrderedDict[tuple[x509.Certificate, frozenset[str]], Seen] = OrderedDict()
        self._subscribers: list[Changed] = []
        self._wanting: list[Changed] = []
        self._lock = threading.Lock()  # signers are checked in threads

    def check(self, chain: Chain, at: datetime, purpose: Purpose | None, roles: frozenset[str] = frozenset()) -> None:
        """Raise `Refused` when a certificate of the chain was revoked, or when that cannot be told."""
        self._see(chain, roles, at)
        self._judge(chain, at, roles)

    def look(self, chain: Chain, at: datetime) -> None:
        """Raise as `check` does, of a chain that nobody has shown: nothing is remembered, nor fetched for it."""
        self._know(chain, at)
        self._judge(chain, at, _NOBODY)

    def proved(self, chain: Chain, at: datetime, roles: frozenset[str]) -> None:
        """Note that who showed it last has its key."""
        key = chain[0], roles
        with self._lock:
            if key in self._seen:
                self._seen[key] = replace(self._seen[key], proved_at=at)

    def _judge(self, chain: Chain, at: datetime, roles: frozenset[str]) -> None:
        standings = [(pair, self.standing(*pair, at, chain[i + 2 :])) for i, pair in enumerate(pairwise(chain))]
        for (certificate, _), standing in standings:
            if standing.verdict is Verdict.REVOKED:
                code = "EN-TLS-REVOKED" if certificate is chain[0] else "EN-TLS-CA-REVOKED"
                raise Refused(f"revoked: {_named(certificate)}", code=code)
        for pair, standing in standings:
            if standing.verdict is Verdict.UNKNOWN and not self._bears(standing, at, roles):
                raise _unchecked(*pair, standing)

    def standing(
        self, certificate: x509.Certificate, issuer: x509.Certificate, at: datetime, above: Chain = ()
    ) -> Standing:
        """Return what is known of one certificate: of an answer and a list that differ, the newer one says.

        Only an answer that says "revoked" counts as long as it lasts: a list may have been made before it was heard.
        `above` is its chain above the issuer.
        """
        answered = self._standings.standing(certificate, issuer, at) if self._standings else None
        listed = self._listed(certificate, (issuer, *above), at)
        if answered is None or answered.verdict is Verdict.UNKNOWN:
            return listed
        if listed.at <= answered.at:
            return answered
        is_pardoned = listed.verdict is Verdict.GOOD and at >= answered.until
        return listed if listed.verdict is Verdict.REVOKED or is_pardoned else answered

    def listed(self, certificate: x509.Certificate, issuer: x509.Certificate, at: datetime) -> Standing:
        """Return what the list alone says: a responder cannot vouch for itself."""
        return self._listed(certificate, (issuer,), at)

    def _listed(self, certificate: x509.Certificate, above: Chain, at: datetime) -> Standing:
        """Return what the list of its issuer says.

        A CA that changes its key vouches for the new one itself, and may sign its lists with the old one for a while.
        """
        for i, ca in enumerate(above):
            of_ca = self.lists.all_of(ca) if ca.subject == above[0].subject else ()
            said = [_by_list(kept, certificate, (at, self.lists.ahead), above[:i]) for kept in of_ca]
            if said:
                return next((one for one in said if one.why is not Why.NOT_FOR_IT), said[0])
        return _NOTHING

    def use(self, standings: Standings) -> None:
        """Ask these answers first from now on."""
        self._standings = standings

    def subscribe(self, changed: Changed) -> None:
        """Have that called, in the reactor, whenever something may be judged otherwise than before."""
        self._subscribers.append(changed)

    def when_wanting(self, wanting: Changed) -> None:
        """Have that called when a certificate was seen whose list nobody has: it may be got now."""
        self._wanting.append(wanting)

    def changed(self) -> None:
        """Say that a list or an answer is new, or has ended."""
        for subscriber in self._subscribers:
            subscriber()

    def seen(self) -> tuple[Seen, ...]:
        """Return every chain that was shown lately, or that is our own."""
        with self._lock:
            return tuple(self._seen.values())

    def next_end(self, at: datetime) -> datetime | None:
        """Return when a chain that was shown may be judged otherwise because something ends, soonest first."""
        ends = [end for seen in self.seen() for end in self._ends(seen, at) if end >= at]
        return min(ends, default=None)

    def _ends(self, seen: Seen, at: datetime) -> Iterator[datetime]:
        grace, ahead = timedelta(seconds=self._grace_s(seen.roles)), self.lists.ahead
        for i, pair in enumerate(pairwise(seen.chain)):
            standing = self.standing(*pair, at, seen.chain[i + 2 :])
            if standing.why is Why.NOT_BEGUN:
                yield standing.at - ahead - grace
                yield standing.at - ahead
            elif standing.why is None or standing.why is Why.ENDED:
                yield standing.until
                yield standing.until + grace

    def note(self, chain: Chain, roles: frozenset[str], at: datetime) -> None:
        """Have the lists for a chain kept, such as for one of our own."""
        self._see(chain, roles, at)

    def _see(self, chain: Chain, roles: frozenset[str], at: datetime) -> None:
        self._know(chain, at)
        if roles == LOCAL_ROLES:
            return
        key = chain[0], roles
        with self._lock:
            if not roles and any(leaf == chain[0] for leaf, known in self._seen if known):
                return  # a look at one that has shown itself in a role is no news
            if roles:
                self._seen.pop((chain[0], _NOBODY), None)
            before = self._seen.get(key)
            is_new, proved_at = before is None, None if before is None else before.proved_at
            self._seen[key] = Seen(chain=chain, roles=roles, at=at, proved_at=proved_at)
            self._seen.move_to_end(key)
            if is_new:
                self._make_room(roles)
        if is_new:
            for wanting in self._wanting:
                wanting()

    def _know(self, chain: Chain, at: datetime) -> None:
        if self.lists.know(*chain[1:]) and self.lists.waiting():
            self.lists.take_waiting(at, max_bytes=_AT_ONCE_BYTES)

    def _make_room(self, roles: frozenset[str]) -> None:
        for key in [key for key in self._seen if key[1] == roles][:-_SEEN_CHAINS]:
            del self._seen[key]

    def _bears(self, standing: Standing, at: datetime, roles: frozenset[str]) -> bool:
        """Whether a peer in these roles may go on though nothing is known for sure."""
        if roles == LOCAL_ROLES:
            return standing.why is Why.NO_LIST  # a practice's own CA may have none; one that it has must be right
        return self.bears(standing, at, timedelta(seconds=self._grace_s(roles)))

    def bears(self, standing: Standing, at: datetime, grace: timedelta) -> bool:
        """Whether a list still counts that has ended, or that has not begun because the clock was set back since."""
        if standing.why is Why.NOT_BEGUN:
            return at >= standing.at - self.lists.ahead - grace
        return standing.why is Why.ENDED and at <= standing.until + grace


_EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_NOTHING: Final = Standing(verdict=Verdict.UNKNOWN, at=_EPOCH, until=_EPOCH, source="", why=Why.NO_LIST)


def _by_list(
    kept: KeptList, certificate: x509.Certificate, now: tuple[datetime, timedelta], between: Chain
) -> Standing:
    """Return what one list says; `now` is this moment, with how far the clock of a CA may be ahead of it."""
    at, ahead = now
    is_listed = kept.listed.says(certificate, between)
    verdict, why = Verdict.GOOD, None
    if is_listed:
        # Who was revoked stays so, however old the list is that says it.
        verdict = Verdict.REVOKED
    elif is_listed is None:
        verdict, why = Verdict.UNKNOWN, Why.NOT_FOR_IT
    elif at < kept.this_update - ahead:
        verdict, why = Verdict.UNKNOWN, Why.NOT_BEGUN
    elif at > kept.next_update:
        verdict, why = Verdict.UNKNOWN, Why.ENDED
    return Standing(verdict=verdict, at=kept.this_update, until=kept.next_update, source=kept.source, why=why)


def _unchecked(certificate: x509.Certificate, issuer: x509.Certificate, standing: Standing) -> Refused:
    is_late = standing.why in (Why.ENDED, Why.NOT_BEGUN)
    when = f", {standing.until:%Y-%m-%d %H:%M}Z" if standing.why is Why.ENDED else ""
    where = " or ".join(list_addresses(certificate))
    hint = f"; it should be at {where}" if where else "; its certificate names no address over http"
    return Refused(
        f"{standing.why}{when}: {_named(issuer)}{hint}", code="EN-TLS-CRL-STALE" if is_late else "EN-TLS-UNCHECKED"
    )


def _named(certificate: x509.Certificate) -> str:
    try:
        return certificate.subject.rfc4514_string()
    except ValueError:
        return f"serial {certificate.serial_number:x}"
