"""What is known about the revocation of everybody, as a fact for people: lists, standings, sources.

Knows: who is shown, how long an unknown standing is borne, what of a card may be named.
Must not know: how a list is fetched, what is told when it changes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from cryptography.x509 import Certificate

from edge_node.model.revocation import ListFact, RevocationFact, SourceFact, StandingFact
from edge_node.obtaining import OWN, is_obtainable
from edge_node.settings.revocation import RevocationSettings
from edge_node.wire.revocation import Standing, Verdict, Why
from edge_node.wire.revocation_judge import Revocations, Seen
from edge_node.wire.revocation_lately import without_the_past
from edge_node.wire.revocation_shelf import KeptList, Lists
from edge_node.wire.source_state import SourceStates
from edge_node.wire.token_card import CARDS
from edge_node.wire.trust_certificate import fingerprint
from edge_node.wire.trust_judge import Chain
from edge_node.wire.trust_verify import named

#: A chain of a peer that was not shown for so long is none of this node's business any more.
_SHOWN_LATELY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What it is made of."""

    lists: Lists
    judge: Revocations
    states: SourceStates
    own: Mapping[str, Chain]  # by the name of the identity
    chosen: RevocationSettings
    started_at: datetime
    grace_s: Callable[[frozenset[str]], float]  # of a peer, by its roles

    def fact(self, at: datetime) -> RevocationFact:
        """All of it, as of that moment."""
        old = timedelta(seconds=self.chosen.crl_warn_age_s)
        return RevocationFact(
            lists=tuple(_list_fact(kept, at, old) for kept in self.lists.kept()),
            standings=tuple(self._standings(at)),
            sources=tuple(_source_fact(state) for state in self.states.all),
        )

    def _standings(self, at: datetime) -> list[StandingFact]:
        own = [(name, True, chain) for name, chain in self.own.items()]
        ours = {chain[0] for chain in self.own.values()}
        others = [(_role(seen), False, seen.chain) for seen in self._lately(at) if seen.chain[0] not in ours]
        found: dict[tuple[str, int, str], StandingFact] = {}
        for of, is_own, chain in (*own, *others):
            for i, (certificate, issuer) in enumerate(pairwise(chain)):
                standing = self.judge.standing(certificate, issuer, at, chain[i + 2 :])
                is_borne = standing.verdict is Verdict.UNKNOWN and self._is_borne(of, standing, at, is_own=is_own)
                is_borne = is_borne and not (is_own and self._never_comes((certificate, issuer), standing))
                fact = _standing_fact(of, (certificate, issuer), standing, is_own=is_own, is_borne=is_borne)
                found.setdefault((of, certificate.serial_number, fact.issuer), fact)
        return list(found.values())

    def _lately(self, at: datetime) -> list[Seen]:
        lately = (seen for seen in self.judge.seen() if seen.roles != {OWN} and at - seen.at <= _SHOWN_LATELY)
        return without_the_past(lately, lambda chain: self.judge.look(chain, at))

    def _never_comes(self, pair: tuple[Certificate, Certificate], standing: Standing) -> bool:
        """Tell of a CA whose list is not here and comes from nowhere: nobody under it is let in, from the start."""
        return standing.why is Why.NO_LIST and not is_obtainable(*pair, self.chosen)

    def _is_borne(self, of: str, standing: Standing, at: datetime, *, is_own: bool) -> bool:
        if not is_own:
            grace = timedelta(seconds=self.grace_s(frozenset({of})))
            return self.judge.bears(standing, at, grace)
        since = standing.until if standing.why is Why.ENDED else self.started_at
        return at <= since + timedelta(seconds=self.chosen.own_grace_s)


def _role(seen: Seen) -> str:
    return "zim" if "zim" in seen.roles else min(seen.roles, default="signer")


def _list_fact(kept: KeptList, at: datetime, old: timedelta) -> ListFact:
    return ListFact(
        issuer=kept.issuer,
        source=kept.source,
        this_update=kept.this_update,
        next_update=kept.next_update,
        is_old=at - kept.this_update > old,
        is_ended=at > kept.next_update,
    )


def _standing_fact(of: str, pair: Any, standing: Standing, *, is_own: bool, is_borne: bool) -> StandingFact:
    is_known = standing.verdict is not Verdict.UNKNOWN or standing.why is Why.ENDED
    return StandingFact(
        of=of,
        is_own=is_own,
        # The name on a card is a person's: it is nobody's business who looks at the status.
        subject=f"a card of {named(pair[1])}" if of == CARDS else named(pair[0]),
        issuer=named(pair[1]),
        verdict=standing.verdict.value,
        why=standing.why.value if standing.why else "",
        source=standing.source,
        until=standing.until if is_known else None,
        is_borne=is_borne,
        fingerprint=fingerprint(pair[0]),
        ends_at=pair[0].not_valid_after_utc,
    )


def _source_fact(state: Any) -> SourceFact:
    return SourceFact(
        kind=state.kind,
        address=state.address,
        is_up=state.is_up,
        code=state.code,
        detail=state.detail,
        since=state.failing_since,
        good_at=state.good_at,
    )
