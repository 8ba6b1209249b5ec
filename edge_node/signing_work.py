"""One transaction token made, away from the reactor: proven what it rests on, written, signed, and judged itself.

Knows: the order of that, what a certificate needs to sign now.
Must not know: who asks, which certificate is whose, what is recorded.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from edge_node.errors import NotSent, Refused
from edge_node.formats.token_making import written
from edge_node.formats.token_places import token_handed_in
from edge_node.judging import Proven, Work
from edge_node.model.finding import Severity
from edge_node.model.token import (
    CardType,
    MadeToken,
    ProvenToken,
    Revoked,
    SignedToken,
    TokenFacts,
    TokenKind,
    TokenLimits,
    WantedToken,
)
from edge_node.policy.token_case import TokenCase
from edge_node.policy.token_proof import judge_tokens
from edge_node.wire.token_card import read_card
from edge_node.wire.token_signing import names_of, sign_token
from edge_node.wire.trust_identity import OwnIdentity

#: What is wrong with the certificate that signs, in the words of its own purpose.
_CODES: Final = {"EN-TOKEN-CARD-EXPIRED": "EN-SIGNING-EXPIRED", "EN-TOKEN-CARD-NOT-YET": "EN-SIGNING-NOT-YET"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a thread brings back."""

    made: MadeToken
    proven: Proven
    noted: tuple[str, ...]  # codes of what is odd and stops nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningWork:
    """What is done in a thread: nothing of it touches what others use."""

    work: Work
    own: OwnIdentity
    wanted: WantedToken
    limits: TokenLimits
    id: str
    at: datetime
    before: timedelta
    lasts: timedelta

    def run(self) -> Made:
        """Prove, write, sign, and judge all three. Raises `Refused`, `NotSent`."""
        self._check_own()
        beside = self.work.prove()
        mandate, enrolment = (_one(beside.tokens, kind) for kind in (TokenKind.MANDATE, TokenKind.ENROLMENT))
        facts = self._facts(mandate, enrolment)
        xml = sign_token(written(facts, names_of(self.own)), self.own)
        signed = token_handed_in(xml, TokenKind.TRANSACTION)
        assert isinstance(signed, SignedToken)
        made = self.work.prove_these((signed,))
        # Ours is held to every rule that another's is: a fault here stops here.
        subject = replace(self.wanted.handed.subject, bsn=facts.bsn)
        tokens = (*made.tokens, *beside.tokens)
        case = TokenCase(subject=subject, tokens=tokens, limits=self.limits, at=self.work.now)
        findings = judge_tokens(case)
        self._check_place(enrolment)
        for finding in findings:
            if finding.severity is Severity.BLOCK:
                raise Refused(finding.detail, code=finding.code)
        noted = tuple(dict.fromkeys(finding.code for finding in findings))
        return Made(made=MadeToken(id=facts.id, ends=facts.ends, xml=xml), proven=beside, noted=noted)

    def _check_own(self) -> None:
        """The certificate must still count: the switchboard would refuse what it signs. Raises `NotSent`."""
        try:
            card = read_card(self.own.chain, self.work.trust, self.at)
        except Refused as error:
            raise NotSent(error.detail, code=_CODES.get(error.code, "EN-SIGNING-CHAIN")) from None
        if card.type is not CardType.SERVER:
            raise NotSent(f"{card.issuer} is no issuer of servers in tokens.issuers", code="EN-SIGNING-CHAIN")
        if card.revoked is Revoked.YES:
            raise NotSent(card.issuer, code="EN-SIGNING-REVOKED")
        if card.revoked is Revoked.UNKNOWN and self.limits.blocks_unchecked:
            raise NotSent(card.why, code="EN-SIGNING-UNCHECKED")

    def _check_place(self, enrolment: ProvenToken) -> None:
        """A guest may work here; at which organisation a patient is enrolled, only its own people say."""
        if enrolment.card is None or enrolment.card.ura != self.wanted.handed.subject.own_ura:
            raise Refused("the enrolment was signed with a card of another organisation", code="EN-TOKEN-ENROLMENT")

    def _facts(self, mandate: ProvenToken, enrolment: ProvenToken) -> TokenFacts:
        subject, rule = self.wanted.handed.subject, self.wanted.rule or mandate.rule
        if not rule or not mandate.rule:
            raise Refused("the mandate is under no rule, and would serve for any", code="EN-TOKEN-MANDATE-RULE")
        # A FHIR request need not name its patient; a message must.
        bsn = subject.bsn or (enrolment.bsns[0] if subject.message is None and len(enrolment.bsns) == 1 else None)
        if bsn is None:
            raise Refused("the message names no patient", code="EN-TOKEN-PATIENT")
        issued = self.at.replace(microsecond=0)
        begins = issued - self.before
        return TokenFacts(
            id=self.id,
            ura=subject.own_ura,
            zim=subject.zim,
            application=subject.application,
            interaction=subject.interaction,
            message=subject.message,
            bsn=bsn,
            rule=rule,
            context=self.wanted.context,
            issued=issued,
            begins=begins,
            ends=begins + self.lasts,
        )


def _one(tokens: tuple[ProvenToken, ...], kind: TokenKind) -> ProvenToken:
    """The token of that kind, proven by a certificate that is known: a name alone proves nothing."""
    found = [token for token in tokens if token.kind is kind]
    if not found:
        raise Refused(f"no {kind} token, and the node signs for a mandate and an enrolment", code="EN-TOKEN-MISSING")
    if len(found) > 1:
        raise Refused(f"{len(found)} {kind} tokens", code="EN-TOKEN-DOUBLED")
    if found[0].card is None:
        raise Refused(
            f"the certificate of the {kind} token is only named, and not known here", code="EN-TOKEN-UNKNOWN"
        )
    return found[0]
