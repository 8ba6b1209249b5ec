"""The rules on what a proven token is bound to: this message, this patient, this organisation, the switchboard.

Knows: the bindings of domain reference 6.4 and 6.6.
Must not know: signatures, certificates beyond their fields, moments.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from edge_node.model.finding import Finding
from edge_node.model.identifiers import APPLICATION_ROOT, URA_ROOT
from edge_node.model.token import CardType, ProvenToken, TokenKind
from edge_node.policy.token_case import TokenCase

_URA: Final = re.compile(
    rf"urn:(?:IIroot:{re.escape(URA_ROOT)}:IIext:|oid:{re.escape(URA_ROOT)}\.)(?P<ura>[0-9]{{8}})"
)
#: How its holder is confirmed (domain reference 6.2).
_METHODS: Final = {
    TokenKind.TRANSACTION: "holder-of-key",
    TokenKind.MANDATE: "sender-vouches",
    TokenKind.ENROLMENT: "sender-vouches",
}
_SAID: Final = frozenset({"holder-of-key", "sender-vouches", "bearer"})
_UZI: Final = re.compile(r"[0-9]{9}:[0-9]{2}\.[0-9]{3}")
_PEOPLE: Final = frozenset({"person", "patient"})
_CARD_CONTEXT: Final = "SmartcardPKI"
_SERVER_CONTEXT: Final = "X509"


def is_in_register(subject: str) -> bool:
    """Whether a name is that of a person in the UZI register, with his role."""
    return bool(_UZI.fullmatch(subject))


def check_version(case: TokenCase) -> Iterator[Finding]:
    """Version 2.0 (domain reference 6.4)."""
    for token in case.tokens:
        if token.version != "2.0":
            yield Finding("EN-TOKEN-VERSION", f"the {token.kind} token is not of version 2.0")


def check_audience(case: TokenCase) -> Iterator[Finding]:
    """It is for the switchboard of this environment (domain reference 6.6 item 5)."""
    wanted = f"urn:IIroot:{APPLICATION_ROOT}:IIext:{case.subject.zim}"
    for token in case.tokens:
        if wanted not in token.audiences:
            yield Finding("EN-TOKEN-AUDIENCE", f"the {token.kind} token is for another party")


def check_issuer(case: TokenCase) -> Iterator[Finding]:
    """The organisation it is from is ours (domain reference 6.5, 6.6 item 3).

    That of a guest's own card is noted, and never refused (design 5): the card says it, not the message.
    """
    for token in case.of(TokenKind.TRANSACTION):
        found = _URA.fullmatch(token.binding.issuer or "")
        own_card = token.card.ura if token.card is not None and token.card.type is not CardType.SERVER else None
        if found is None or found["ura"] not in {case.subject.own_ura, own_card}:
            yield Finding("EN-TOKEN-ISSUER", "the transaction token is from another organisation")


def check_message(case: TokenCase) -> Iterator[Finding]:
    """It was made for this very message (domain reference 6.6 item 2)."""
    if case.subject.message is None:
        return
    for token in case.for_this_message:
        if (token.binding.message_root, token.binding.message_extension) != case.subject.message:
            yield Finding("EN-TOKEN-MISMATCH", "made for another message id")


def check_interaction(case: TokenCase) -> Iterator[Finding]:
    """It was made for what is asked (domain reference 6.6 item 2); in FHIR it may name more than one."""
    for token in case.of(TokenKind.TRANSACTION):
        named = (token.binding.interaction or "").split()
        if case.subject.interaction not in named:
            yield Finding("EN-TOKEN-MISMATCH", "made for another interaction")


def check_application(case: TokenCase) -> Iterator[Finding]:
    """It was made for our application (domain reference 6.6 item 2)."""
    own = case.subject.application
    for token in case.of(TokenKind.TRANSACTION):
        if token.binding.application not in {own, f"urn:IIroot:{APPLICATION_ROOT}:IIext:{own}"}:
            yield Finding("EN-TOKEN-MISMATCH", "made for another application")


def check_patient(case: TokenCase) -> Iterator[Finding]:
    """It names this patient, and one for a message about a patient names him (domain reference 6.6 item 2)."""
    if case.subject.bsn is None:
        return
    for token in case.tokens:
        if set(token.bsns) - {case.subject.bsn}:
            yield Finding("EN-TOKEN-PATIENT", f"the {token.kind} token is of another patient")
        elif token.kind.is_for_one_message and not token.bsns:
            yield Finding("EN-TOKEN-PATIENT", f"the {token.kind} token names no patient, and would serve for any")


def check_holder(case: TokenCase) -> Iterator[Finding]:
    """Whom it names is whose card signed it (domain reference 6.5, 6.6 item 4)."""
    for token in case.of(TokenKind.TRANSACTION):
        card = token.card
        if card is None or card.type is CardType.SERVER:
            continue
        if token.subject != f"{card.number}:{card.role}":
            yield Finding("EN-TOKEN-HOLDER", "the token names another person, or another role, than the card")


def check_author(case: TokenCase) -> Iterator[Finding]:
    """Who signed the older token, which names nobody, is the author (domain reference 6.3, 6.6 item 4)."""
    author = case.subject.author
    for token in case.of(TokenKind.AORTA_805):
        if author is None or author.uzi is None or token.card is None:
            continue
        if (author.uzi, author.role or token.card.role) != (token.card.number, token.card.role):
            yield Finding("EN-TOKEN-HOLDER", "signed by another person, or in another role, than the author")


def check_nobody(case: TokenCase) -> Iterator[Finding]:
    """An author without a number of the register signs with no card of it (domain reference 6.6 item 4)."""
    author = case.subject.author
    if author is None or author.uzi is not None or case.subject.by not in _PEOPLE:
        return
    for token in case.for_this_message:
        if token.subject or token.kind is TokenKind.AORTA_805:
            yield Finding("EN-TOKEN-MISMATCH", "signed by another person than the author")


def check_confirmation(case: TokenCase) -> Iterator[Finding]:
    """Its holder is confirmed in the way of its kind, by the certificate it was signed with (6.2)."""
    for token in case.of(*_METHODS):
        if token.method != _METHODS[token.kind]:
            yield Finding("EN-TOKEN-CONFIRMATION", f"{_known(token.method, _SAID)} in a {token.kind} token")
        elif token.card is not None and token.kind is TokenKind.TRANSACTION and token.confirms is None:
            # X509IssuerSerial says whose key it is (reference 6.2).
            yield Finding("EN-TOKEN-CONFIRMATION", f"the {token.kind} token names no certificate as its holder's")
        elif token.card is not None and not token.confirms_card:
            yield Finding(
                "EN-TOKEN-CONFIRMATION", f"the {token.kind} token names another certificate as its holder's"
            )


def check_context_class(case: TokenCase) -> Iterator[Finding]:
    """A card shows itself as a card, a server as a server (reference 6.4), and an enrolment as either (GBZ 5.4)."""
    for token in case.of(TokenKind.TRANSACTION, TokenKind.ENROLMENT):
        if token.context_class not in _context_classes(token):
            said = _known(token.context_class, {_CARD_CONTEXT, _SERVER_CONTEXT})
            yield Finding(
                "EN-TOKEN-CONTEXT-CLASS", f"{said} in a {token.kind} token, under another kind of certificate"
            )


def _known(said: str, words: Iterable[str]) -> str:
    """A word of a token as a finding may repeat it: what else stands there may be anybody's name."""
    return said if said in words else "another word" if said else "nothing"


def _context_classes(token: ProvenToken) -> set[str]:
    """What may stand there; a token may leave it out."""
    if token.kind is TokenKind.ENROLMENT or token.card is None or token.card.type is CardType.ZORG_ID:
        return {"", _CARD_CONTEXT, _SERVER_CONTEXT}
    return {"", _SERVER_CONTEXT if token.card.type is CardType.SERVER else _CARD_CONTEXT}
