"""The judge of tokens: what stands in a message is proven in a thread, and what was proven is judged.

Knows: which part reads, which verifies, which judges, in which order; what is remembered of tokens.
Must not know: a rule, a format, sockets.

Nothing of a token is kept here but a digest of its id, and the certificates of cards that proved good.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from heapq import heappop, heappush
from typing import Any, Final

import structlog

from edge_node.building import Wired
from edge_node.errors import Refused
from edge_node.flow.clock_watch import ClockWatch
from edge_node.formats.fhir_tokens import ENROLMENT, MANDATE, TRANSACTION, assertion
from edge_node.formats.token_places import FoundTokens, find_tokens, token_handed_in
from edge_node.formats.token_values import read_token, read_unproven
from edge_node.model.finding import Finding, Severity
from edge_node.model.message import TokenUse
from edge_node.model.moment import moment_of
from edge_node.model.token import CardType, HandedTokens, Judged, ProvenToken, SignedToken, TokenKind, TokenLimits
from edge_node.policy.token_bound import is_in_register
from edge_node.policy.token_case import TokenCase
from edge_node.policy.token_proof import check_same, judge_tokens
from edge_node.revoking import FOLDER as LISTS
from edge_node.wire.revocation import Revocation
from edge_node.wire.revoked_at import RevokedAt
from edge_node.wire.token_card import CardIssuer, CardTrust, SeenCards, find_certificates, read_card
from edge_node.wire.token_named import is_called, is_of_cards, look_up
from edge_node.wire.token_signature import verify_signature

_log = structlog.get_logger()

_KINDS: Final = {TRANSACTION: TokenKind.TRANSACTION, MANDATE: TokenKind.MANDATE, ENROLMENT: TokenKind.ENROLMENT}
_CARDS: Final = {
    "professional": CardType.PROFESSIONAL,
    "employee": CardType.EMPLOYEE,
    "unnamed": CardType.UNNAMED,
    "server": CardType.SERVER,
    "zorg-id": CardType.ZORG_ID,
}
#: Tokens of questions remembered at once; each is forgotten when it ends.
_MOST_USES: Final = 200_000

#: What passes though nobody here has proven it.
_UNPROVEN: Final = frozenset({"EN-TOKEN-PASSED", "EN-TOKEN-UNKNOWN"})

Aside = Callable[[Callable[[], Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgingParts:
    """What it is handed. `trust` is None where a test site names no anchors of cards."""

    trust: Callable[[], CardTrust | None]
    limits: Callable[[], TokenLimits]
    now: Callable[[], datetime]
    clock_doubt: Callable[[], str]  # why nobody can say what time it is; empty while it is good
    aside: Aside  # does work in a thread


def token_judge(
    wired: Callable[[], Wired], revocation: Revocation, watch: ClockWatch, tools: tuple[Callable[[], datetime], Aside]
) -> "Judging":
    """The judge of a running node; `tools` say what time it is, and do work in a thread."""
    trusting, (now, aside) = Trusting(wired, revocation), tools
    trusting()  # says at the start what it does not know
    return Judging(
        JudgingParts(trust=trusting, limits=trusting.limits, now=now, clock_doubt=lambda: watch.doubt, aside=aside)
    )


class Judging:
    """Judges the tokens of what goes out."""

    def __init__(self, parts: JudgingParts) -> None:
        self._parts = parts
        self._seen = SeenCards()
        self._uses = Uses()
        self.unproven = 0  # tokens that passed since the start, and that nobody here has proven

    async def judge(self, handed: HandedTokens) -> Judged:
        """What is wrong with the tokens that were handed in, what blocks first; what is odd has less weight."""
        work = self.work(handed)
        if work is None:  # told when the node starts, and in its status: never a pass said aloud
            return Judged()
        try:
            proven = await self._parts.aside(work.prove)
        except Refused as error:
            return Judged(findings=(Finding(error.code, error.detail),))
        self.remember(proven)
        return Judged(findings=self._findings(handed, proven, work.now), tokens=(*proven.tokens, *proven.passed))

    def _findings(self, handed: HandedTokens, proven: "Proven", at: datetime | None) -> tuple[Finding, ...]:
        parts = self._parts
        case = TokenCase(
            subject=handed.subject, tokens=proven.tokens, limits=parts.limits(), at=at, passed=proven.passed
        )
        findings = judge_tokens(case)
        wrapped = None if handed.read is None else check_same(handed.read, (*proven.tokens, *proven.passed))
        if wrapped is not None:
            findings = (wrapped, *findings)
        if any(finding.severity is Severity.BLOCK for finding in findings):
            return findings
        if self._uses.is_reused(handed.uses, handed.of, parts.now().timestamp()):
            return (Finding("EN-TOKEN-REUSED", "the token of another question"),)
        return self._passed(findings)

    def _passed(self, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        self.unproven += sum(finding.code in _UNPROVEN for finding in findings)
        return findings

    def work(self, handed: HandedTokens) -> "Work | None":
        """What proves these tokens, in a thread; None where a test site names no anchors of cards."""
        trust = self._parts.trust()
        return None if trust is None else Work(trust, self._seen.all(), handed, self._now())

    def remember(self, proven: "Proven") -> None:
        """The cards of what proved good."""
        for certificate in proven.certificates:
            self._seen.remember(certificate)

    @property
    def limits(self) -> TokenLimits:
        """What the settings choose of the rules."""
        return self._parts.limits()

    def _now(self) -> datetime | None:
        return None if self._parts.clock_doubt() else self._parts.now().astimezone(UTC)


@dataclass(slots=True)
class Trusting:
    """What is trusted of cards, as the settings have it now."""

    wired: Callable[[], Wired]
    revocation: Revocation
    _of: Wired | None = None
    _trust: CardTrust | None = None

    def __call__(self) -> CardTrust | None:
        """None where a test site names no anchors of cards."""
        wired = self.wired()
        if wired is not self._of:
            self._of, self._trust = wired, _card_trust(wired, self.revocation)
            if self._trust is None:
                _log.warning("tokens.unjudged", code="EN-TOKEN-UNJUDGED")
        return self._trust

    def limits(self) -> TokenLimits:
        """What the settings choose of the rules."""
        settings = self.wired().settings
        chosen = settings.tokens
        return TokenLimits(
            mandate_warn_s=settings.checks.limits.mandate_warn_days * 86400.0,
            skew_s=chosen.clock_skew_s,
            queue_delay_s=chosen.queue_delay_s,
            longest_s=chosen.longest_s,
            longest_mandate_s=chosen.longest_mandate_s,
            longest_enrolment_s=chosen.longest_enrolment_s,
            blocks_unchecked=chosen.unchecked == "refuse",
            blocks_unknown=chosen.unknown == "refuse",
            blocks_passed=chosen.passed == "refuse",
        )


def _card_trust(wired: Wired, revocation: Revocation) -> CardTrust | None:
    chosen, anchors = wired.settings.tokens, wired.held.anchors.get(("tokens", "anchors"))
    if anchors is None:
        return None
    return CardTrust(
        anchors=anchors,
        issuers=tuple(CardIssuer(name=one.name, card=_CARDS[one.card], oid_ca=one.oid_ca) for one in chosen.issuers),
        known=tuple(wired.held.cards),
        revocation=revocation,
        revoked_at=RevokedAt(wired.settings.node.state_dir / LISTS),
    )


class Uses:
    """The memory of tokens of questions: each was used for one. Those of pushes are in the store."""

    def __init__(self, most: int = _MOST_USES) -> None:
        self._most = most
        self._of: dict[bytes, tuple[bytes, float]] = {}
        self._ends: list[tuple[float, bytes]] = []  # a heap: what ends first is forgotten first

    def __len__(self) -> int:
        return len(self._of)

    def is_reused(self, uses: Sequence[TokenUse], of: bytes, now: float) -> bool:
        """Whether one was used for another question; if not, they are used now."""
        while self._ends and self._ends[0][0] <= now:
            self._forget_first()
        known = (self._of.get(use.token) for use in uses)
        if any(one is not None and one[0] != of and one[1] > now for one in known):
            return True
        for use in uses:
            self._remember(use.token, of, now if use.ends_at is None else use.ends_at)
        while len(self._of) > self._most:
            self._forget_first()
        return False

    def _remember(self, token: bytes, of: bytes, ends: float) -> None:
        if self._of.get(token) != (of, ends):
            self._of[token] = of, ends
            heappush(self._ends, (ends, token))

    def _forget_first(self) -> None:
        ends, token = heappop(self._ends)
        # A token whose end was said anew stands there twice.
        if token in self._of and self._of[token][1] == ends:
            del self._of[token]


@dataclass(frozen=True, slots=True)
class Proven:
    """What a thread brings back."""

    tokens: tuple[ProvenToken, ...]
    certificates: tuple[Any, ...]
    passed: tuple[ProvenToken, ...] = ()  # that only the switchboard can prove


@dataclass(frozen=True, slots=True)
class Work:
    """What is done in a thread: nothing of it touches what others use."""

    trust: CardTrust
    seen: tuple[Any, ...]
    handed: HandedTokens
    now: datetime | None  # None while nobody can say

    def prove(self) -> Proven:
        """Prove each token that was handed in. Raises `Refused`."""
        found = self._found()
        desks = tuple(one for one in found.ours if self._is_desks(one))
        proven = self.prove_these(tuple(one for one in found.ours if one not in desks))
        return replace(proven, passed=(*found.others, *map(read_unproven, desks)))

    def prove_these(self, signed: tuple[SignedToken, ...]) -> Proven:
        """Prove these tokens. Raises `Refused`."""
        proven: list[ProvenToken] = []
        certificates: list[Any] = []
        for token in signed:
            found = find_certificates(token, signed, (*self.trust.known, *self.seen))
            if not found:
                proven.append(replace(read_unproven(token), named=look_up(token, self.trust)))
                continue
            # Only what comes back from here was signed.
            said = read_token(verify_signature(token, found[0]))
            card = read_card(found, self.trust, self._counts_at(said), self.now)
            confirms = said.confirms is None or is_called(found[0], said.confirms)
            proven.append(replace(said, card=card, confirms_card=confirms))
            certificates.append(found[0])
        return Proven(tuple(proven), tuple(certificates))

    def _is_desks(self, token: SignedToken) -> bool:
        """Whether it is of a customer desk, whose people have cards of another register (domain reference 6.1)."""
        author = self.handed.subject.author
        if author is None or not author.is_at_desk or is_of_cards(token, self.trust):
            return False
        said = read_unproven(token)
        return said.kind.is_for_one_message and not is_in_register(said.subject)

    def _found(self) -> FoundTokens:
        if self.handed.saml is None:
            return find_tokens(self.handed.body)
        saml = self.handed.saml
        given = {TRANSACTION: saml.transaction, MANDATE: saml.mandate, ENROLMENT: saml.enrolment}
        found = [
            token_handed_in(assertion(name, text), _KINDS[name]) for name, text in given.items() if text is not None
        ]
        return FoundTokens(
            tuple(one for one in found if isinstance(one, SignedToken)),
            tuple(one for one in found if isinstance(one, ProvenToken)),
        )

    def _counts_at(self, token: ProvenToken) -> datetime:
        """When the card must count: now, but for an enrolment, which outlives it (domain reference GBZ 5.4)."""
        issued = moment_of(token.issued)
        if self.now is not None and (token.kind is not TokenKind.ENROLMENT or issued is None):
            return self.now
        if issued is None:
            raise Refused(f"the {token.kind} token does not say when it was issued", code="EN-TOKEN-WINDOW")
        return issued.astimezone(UTC)
