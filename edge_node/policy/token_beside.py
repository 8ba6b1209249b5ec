"""The rules on tokens beside each other: mandates and enrolments, and what a server signs.

Knows: what goes together (domain reference 6.5, 6.6 items 4, 8 and 9; GBZ 5.4).
Must not know: signatures, moments.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from edge_node.model.finding import Finding
from edge_node.model.token import CardType, ProvenToken, TokenKind
from edge_node.policy.token_case import TokenCase

_SYSTEM: Final = "contextCodeSystem"


def check_once(case: TokenCase) -> Iterator[Finding]:
    """One of a kind: of two, one reader would take the first and another the last."""
    for kind, count in Counter(token.kind for token in case.tokens).items():
        if count > 1:
            yield Finding("EN-TOKEN-DOUBLED", f"{count} {kind} tokens")


def check_server_signed(case: TokenCase) -> Iterator[Finding]:
    """A server names nobody, and goes with a mandate and an enrolment (domain reference 6.5, 6.6 item 4)."""
    beside = {token.kind for token in case.tokens}
    for token in case.of(TokenKind.TRANSACTION):
        if token.card is None:
            continue
        is_servers = token.card.type is CardType.SERVER
        if is_servers != (not token.subject):
            yield Finding("EN-TOKEN-HOLDER", "a server names nobody, and a person is named")
        if is_servers and not {TokenKind.MANDATE, TokenKind.ENROLMENT} <= beside:
            yield Finding("EN-TOKEN-MISSING", "signed by a server, and no mandate and enrolment token beside it")


def check_mandate(case: TokenCase) -> Iterator[Finding]:
    """A mandate is for our organisation, under the same rule and context (domain reference 6.6 item 8)."""
    for mandate in case.of(TokenKind.MANDATE):
        if mandate.subject != case.subject.own_ura:
            yield Finding("EN-TOKEN-MANDATE", "the mandate is for another organisation")
        if not mandate.rule:
            yield Finding("EN-TOKEN-MANDATE-RULE", "the mandate is under no rule, and would serve for any")
        for token in case.of(TokenKind.TRANSACTION):
            if mandate.rule and mandate.rule != token.rule:
                yield Finding("EN-TOKEN-MANDATE-RULE", "the mandate is under another rule")
            if not _is_within(mandate, token):
                yield Finding("EN-TOKEN-MANDATE-RULE", "the mandate is for another context")


def _is_within(mandate: ProvenToken, token: ProvenToken) -> bool:
    """Whether the context of the token is that of the mandate, where it has one."""
    systems = set(mandate.attributes.get(_SYSTEM, ())), set(token.attributes.get(_SYSTEM, ()))
    return mandate.binding.context in {None, token.binding.context} and systems[0] <= systems[1]


def check_mandate_giver(case: TokenCase) -> Iterator[Finding]:
    """Who gave it signed it, and is responsible for the message (domain reference 6.6 item 8)."""
    for mandate in case.of(TokenKind.MANDATE):
        if mandate.card is not None and mandate.card.number != mandate.issuer:
            yield Finding("EN-TOKEN-HOLDER", "the mandate was signed by another person than gave it")
        if case.subject.overseers and mandate.issuer not in case.subject.overseers:
            yield Finding("EN-TOKEN-OVERSEER", "who gave the mandate is not the overseer")


def check_enrolment(case: TokenCase) -> Iterator[Finding]:
    """An enrolment is at our organisation (domain reference 6.6 item 9); its patient is judged with all tokens."""
    for enrolment in case.of(TokenKind.ENROLMENT):
        if enrolment.issuer != case.subject.own_ura:
            yield Finding("EN-TOKEN-ENROLMENT", "the enrolment is at another organisation")
        for token in case.of(TokenKind.TRANSACTION):
            if token.bsns and not set(token.bsns) & set(enrolment.bsns):
                yield Finding("EN-TOKEN-PATIENT", "the enrolment is of another patient than the transaction token")


def check_scan(case: TokenCase) -> Iterator[Finding]:
    """One made with ZORG-ID holds the scan of an identity document, or its prolongation (GBZ 5.4)."""
    for enrolment in case.of(TokenKind.ENROLMENT):
        if enrolment.card is None or enrolment.card.type is not CardType.ZORG_ID:
            continue
        names = {"".join(filter(str.isalpha, name)).lower() for name in enrolment.attributes}
        if not names & {"scantoken", "verlengingstoken"}:
            yield Finding("EN-TOKEN-SCAN", "no scan of an identity document in the enrolment")
