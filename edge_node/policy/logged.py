"""Who did it, and what his tokens say, as a line of the access log has it (GBZ reference 6.2).

Knows: which field of a message or of its tokens says who the user is, who is responsible, under which rule.
Must not know: whether any of it is true: that is judged before; how a line is written.

What a token says goes before what the message says of itself. What stands open in a line is held to its form, so
that no number of a patient gets there by standing in the wrong place.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from edge_node.model.fhir import Claims
from edge_node.model.identifiers import URA_ROOT
from edge_node.model.message import Token, Wrapper
from edge_node.model.record import UserKind, UserPart
from edge_node.model.token import CardType, ProvenToken, TokenKind

_PERSON: Final = re.compile(r"(?P<uzi>[0-9]{9}):(?P<role>[0-9]{2}\.[0-9]{3})")
_URA: Final = re.compile(rf"(?:urn:(?:IIroot:{re.escape(URA_ROOT)}:IIext:|oid:{re.escape(URA_ROOT)}\.))?([0-9]{{8}})")
_ROLE: Final = re.compile(r"[0-9]{2}\.[0-9]{3}")
_UZI: Final = re.compile(r"[0-9]{9}")
_NINE_DIGITS: Final = re.compile(r"[0-9]{9}")
_MAX_CHARS: Final = 120
_DIGEST_CHARS: Final = 32
_KINDS: Final = {"person": UserKind.PERSON, "patient": UserKind.PATIENT, "device": UserKind.DEVICE}
#: The older token says nothing of how its holder showed himself: it is of a card (domain reference 6.3).
_OLDER: Final = "aorta805"

#: By no token: the local system said so.
_TOLD: Final = "told by the local system"

NOBODY: Final = UserPart(kind=UserKind.NOT_SUPPLIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearing:
    """What the tokens of one message say: of a user, and of the message itself."""

    user: UserPart = NOBODY
    rule: str = ""  # of authorisation
    tokens: tuple[str, ...] = ()  # kind and digest of the id of each


def user_of(wrapper: Wrapper, bearing: Bearing) -> UserPart:
    """Who sent an HL7v3 message."""
    ids, said = wrapper.author_ids, bearing.user
    overseer = wrapper.overseers[0] if wrapper.overseers else None
    kind = _KINDS.get(wrapper.author or "", said.kind)
    return replace(
        said,
        kind=kind,
        uzi=said.uzi or _held(_UZI, ids.uzi),
        role=said.role or _held(_ROLE, ids.role),
        responsible_uzi=said.responsible_uzi or _held(_UZI, None if overseer is None else overseer.uzi),
        responsible_role=said.responsible_role or _held(_ROLE, None if overseer is None else overseer.role),
        ura=said.ura or _ura(ids.ura),
    )


def user_of_claims(claims: Claims | None, bearing: Bearing) -> UserPart:
    """Who made a FHIR request."""
    said = bearing.user
    if claims is None or said.kind is not UserKind.NOT_SUPPLIED:
        return said
    kind = UserKind.PERSON if claims.uzi else UserKind.NOT_SUPPLIED
    return replace(said, kind=kind, uzi=_held(_UZI, claims.uzi), role=_held(_ROLE, claims.role), ura=_ura(claims.ura))


def user_told(user: UserPart, told: str) -> UserPart:
    """Who it is by what the local system says beside the message, where that and its tokens name nobody."""
    found = _PERSON.fullmatch(told)
    if found is None or user.kind is not UserKind.NOT_SUPPLIED:
        return user
    return replace(user, kind=UserKind.PERSON, uzi=found["uzi"], role=found["role"], method=_TOLD)


def bearing_of(proven: Sequence[ProvenToken]) -> Bearing:
    """What proven tokens say, and those that only the switchboard can prove."""
    own = next((token for token in proven if token.kind.is_for_one_message), None)
    mandate = next((token for token in proven if token.kind is TokenKind.MANDATE), None)
    user = _signed_by(own) if own is not None else _of_others(proven)
    if mandate is not None:
        user = replace(
            user,
            responsible_uzi=_held(_UZI, mandate.issuer),
            responsible_role=_held(_ROLE, "" if mandate.card is None else mandate.card.role),
            mandate=digest_of(mandate.id),
        )
    rules = (token.rule for token in (own, mandate) if token is not None and token.rule)
    return Bearing(
        user=user, rule=open_text(next(rules, "")), tokens=tuple(named(str(token.kind), token.id) for token in proven)
    )


def bearing_of_read(read: Sequence[Token]) -> Bearing:
    """The same of tokens that were read, where nobody here proves them."""
    own = next((token for token in read if token.is_for_one_message), None)
    user = NOBODY if own is None else _named(own.binding.subject, own.binding.issuer)
    return Bearing(user=user, tokens=tuple(named(token.kind, token.id) for token in read))


def digest_of(token_id: str) -> str:
    """What stands for the id of a token."""
    return hashlib.sha256(token_id.encode()).hexdigest()[:_DIGEST_CHARS]


def named(kind: str, token_id: str) -> str:
    """A token, by kind and digest."""
    return f"{kind}:{digest_of(token_id)}"


def open_text(text: str) -> str:
    """What may stand open in a line: not too long, and nothing in it that may be a number of a person."""
    return "" if _NINE_DIGITS.search(text) else text[:_MAX_CHARS]


def _signed_by(token: ProvenToken) -> UserPart:
    card = token.card
    user = _named(token.subject, token.binding.issuer or token.issuer)
    if card is None or card.type is None:
        return replace(user, method=_method(token))
    if card.type is CardType.SERVER:  # in the name of an organisation, under a mandate
        kind, uzi, role = UserKind.DEVICE, "", ""
    else:
        kind, uzi, role = UserKind.PERSON, _held(_UZI, card.number), _held(_ROLE, card.role)
    ura = user.ura or _ura(card.ura)
    return replace(user, kind=kind, uzi=uzi, role=role, card=card.type.value, method=_method(token), ura=ura)


def _method(token: ProvenToken) -> str:
    return _OLDER if token.kind is TokenKind.AORTA_805 else open_text(token.context_class)


def _of_others(proven: Sequence[ProvenToken]) -> UserPart:
    """Of who has another token than a professional's: a patient's own says so."""
    is_patients = any(token.kind is TokenKind.PATIENT for token in proven)
    return UserPart(kind=UserKind.PATIENT, method="digid") if is_patients else NOBODY


def _named(subject: str | None, issuer: str | None) -> UserPart:
    found = _PERSON.fullmatch(subject or "")
    if found is None:
        return replace(NOBODY, ura=_ura(issuer))
    return UserPart(kind=UserKind.PERSON, uzi=found["uzi"], role=found["role"], ura=_ura(issuer))


def _ura(text: str | None) -> str:
    found = _URA.fullmatch(text or "")
    return "" if found is None else found[1]


def _held(form: re.Pattern[str], text: str | None) -> str:
    return text if text and form.fullmatch(text) else ""
