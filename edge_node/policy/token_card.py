"""The rules on the certificate of a token: who may sign what, and whether he still might.

Knows: which kind of card signs which kind of token (domain reference 6.1, 6.2, GBZ 5.4).
Must not know: X.509, how a card is found, what else a token says.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from edge_node.model.finding import Finding, Severity
from edge_node.model.moment import moment_of
from edge_node.model.token import Card, CardType, ProvenToken, Revoked, TokenKind
from edge_node.policy.token_case import TokenCase

_PERSONS: Final = frozenset({CardType.PROFESSIONAL, CardType.EMPLOYEE, CardType.ZORG_ID})
_SIGNERS: Final = {
    TokenKind.TRANSACTION: _PERSONS | {CardType.SERVER},
    TokenKind.AORTA_805: frozenset({CardType.PROFESSIONAL, CardType.EMPLOYEE}),
    TokenKind.MANDATE: frozenset({CardType.PROFESSIONAL}),
    TokenKind.ENROLMENT: _PERSONS,
}


def check_found(case: TokenCase) -> Iterator[Finding]:
    """What was signed with a certificate that is only named, and not known here, the switchboard alone judges.

    That it is of a CA of cards, and not revoked, can be told all the same.
    """
    severity = Severity.BLOCK if case.limits.blocks_unknown else Severity.WARN
    for token in case.tokens:
        if token.card is None and (token.named is None or token.named.type is None):
            yield Finding("EN-TOKEN-CARD-ISSUER", f"the {token.kind} token names an issuer of no cards here")
        elif token.card is None:
            detail = f"the certificate of the {token.kind} token is only named, and not known here"
            yield Finding("EN-TOKEN-UNKNOWN", detail, severity)


def check_issuer(case: TokenCase) -> Iterator[Finding]:
    """What kind of card it is, its CA says; the letter must agree (domain reference GBZ 3.4)."""
    for token, card in _with_card(case):
        if card.type is None:
            yield Finding("EN-TOKEN-CARD-ISSUER", f"{card.issuer} is no issuer of cards here ({token.kind})")
        elif card.type.letter not in {None, card.letter}:
            yield Finding("EN-TOKEN-CARD-TYPE", f"letter {card.letter[:8]} under an issuer of {card.type}")
        elif card.expected_oid_ca not in {None, card.oid_ca}:
            detail = f"OID-CA {card.oid_ca[:64]} under {card.issuer}"
            yield Finding("EN-TOKEN-CARD-OID", detail, Severity.WARN)


def check_may_sign(case: TokenCase) -> Iterator[Finding]:
    """An unnamed card gives no access to the LSP, and not every card signs every token (reference 6.1, 6.2)."""
    for token in case.tokens:
        known = token.card or token.named
        type_ = None if known is None else known.type
        if type_ is CardType.UNNAMED:
            yield Finding("EN-TOKEN-CARD-UNNAMED", f"the {token.kind} token")
        elif type_ is not None and type_ not in _SIGNERS[token.kind]:
            yield Finding("EN-TOKEN-CARD-TYPE", f"a certificate of {type_} does not sign a {token.kind} token")


def check_usage(case: TokenCase) -> Iterator[Finding]:
    """A mandate is signed with the certificate that commits, all else with the one that shows who signed (6.2)."""
    for token, card in _with_card(case):
        if not (card.commits if token.kind is TokenKind.MANDATE else card.signs):
            wanted = "nonRepudiation" if token.kind is TokenKind.MANDATE else "digitalSignature"
            yield Finding("EN-TOKEN-CARD-USAGE", f"a {token.kind} token needs a certificate for {wanted}")


def check_revoked(case: TokenCase) -> Iterator[Finding]:
    """A card that was revoked signs nothing; an enrolment it had signed before stays good (GBZ 5.4)."""
    for token in case.tokens:
        at = None if token.named is None else token.named.revoked_at
        if at is not None and not _signed_before(token, at):
            yield Finding("EN-TOKEN-CARD-REVOKED", f"the {token.kind} token")
    for token, card in _with_card(case):
        if card.revoked is Revoked.YES and not _signed_before(token, card.revoked_at):
            yield Finding("EN-TOKEN-CARD-REVOKED", f"the {token.kind} token")
        elif card.revoked is Revoked.UNKNOWN:
            severity = Severity.BLOCK if case.limits.blocks_unchecked else Severity.WARN
            yield Finding("EN-TOKEN-UNCHECKED", f"{card.why} ({token.kind})", severity)


def check_guest(case: TokenCase) -> Iterator[Finding]:
    """The organisation in a card may be another one: a guest's, noted and never refused (design 5)."""
    for _, card in _with_card(case):
        if card.type in _PERSONS and card.ura != case.subject.own_ura:
            yield Finding("EN-TOKEN-GUEST", "the card is of another organisation", Severity.WARN)
        elif card.type is CardType.SERVER and card.ura != case.subject.own_ura:
            yield Finding("EN-TOKEN-ISSUER", "signed by a server of another organisation")


def _signed_before(token: ProvenToken, revoked_at: datetime | None) -> bool:
    signed = moment_of(token.issued)
    if token.kind is not TokenKind.ENROLMENT or signed is None or revoked_at is None:
        return False
    return signed < revoked_at


def _with_card(case: TokenCase) -> Iterator[tuple[ProvenToken, Card]]:
    return ((token, token.card) for token in case.tokens if token.card is not None)
