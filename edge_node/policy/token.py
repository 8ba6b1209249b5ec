"""The rules on tokens: a message by a person carries one, made for this very message.

Knows: what a transaction token and the older AORTA token are bound to (domain reference 6.3, 6.4, 6.6).
Must not know: signatures, certificates, moments: whether a token is genuine is judged elsewhere.
"""

import re
from typing import Final

from edge_node.model.finding import Finding
from edge_node.model.identifiers import APPLICATION_ROOT
from edge_node.model.message import Token
from edge_node.policy.attention import CONTEXT
from edge_node.policy.case import Case
from edge_node.policy.token_signing import is_signed_here
from edge_node.policy.user import by_person

_MISSING: Final = "EN-TOKEN-MISSING"
_MISMATCH: Final = "EN-TOKEN-MISMATCH"
_NO_ROLE: Final = "00.000"
#: A professional with his role, and a patient as DigiD names him.
_UZI: Final = re.compile(r"[0-9]{9}:[0-9]{2}\.[0-9]{3}")
_DIGID: Final = re.compile(r"[sS]0000000[01]:[0-9]{9}")
_PEOPLE: Final = frozenset({"person", "patient"})
#: Mandate and enrolment, beside the transaction token a server signed (domain reference 6.5).
_BESIDE_A_SERVERS: Final = 2


def _bound(case: Case) -> tuple[Token, ...]:
    """The tokens that name a message. A patient's own token (DigiD) is the switchboard's to judge (design 5)."""
    is_patients = case.reading.wrapper.author == "patient"
    bound = (token for token in case.reading.tokens if token.is_for_one_message)
    return tuple(one for one in bound if not (is_patients and _DIGID.fullmatch(one.binding.subject or "")))


def check_present(case: Case) -> Finding | None:
    """At level midden a message carries a token (domain reference 6.1, 6.6 item 1)."""
    if by_person(case) and not case.reading.tokens:
        return Finding(_MISSING, "no token in the header")
    return None


def check_kind(case: Case) -> Finding | None:
    """A professional's message carries a token that was made for one message (domain reference 6.2, 6.6 item 1)."""
    if not by_person(case) or case.reading.wrapper.author != "person" or not case.reading.tokens:
        return None
    if is_signed_here(case.reading, case.application):
        return None
    return None if _bound(case) else Finding(_MISSING, "no transaction token beside the others")


def check_message(case: Case) -> Finding | None:
    """A token names the id of the message it is sent with (domain reference 6.3, 6.4, 6.6 item 2)."""
    own = case.reading.wrapper.id
    for token in _bound(case):
        if (token.binding.message_root, token.binding.message_extension) != (own.root, own.extension):
            return Finding(_MISMATCH, "made for another message id")
    return None


def check_interaction(case: Case) -> Finding | None:
    """A token names the interaction or its trigger event (domain reference 6.3, 6.4, 6.6 item 2)."""
    own, row = str(case.reading.wrapper.interaction), case.row
    for token in _bound(case):
        if token.kind == "saml" and token.binding.interaction != own:
            return Finding(_MISMATCH, "made for another interaction")
        own_event = "" if row is None else row.trigger_event
        if token.kind != "saml" and own_event and token.binding.trigger_event != own_event:
            return Finding(_MISMATCH, "made for another trigger event, or for none")
    return None


def check_application(case: Case) -> Finding | None:
    """A token that names an application names the sender (domain reference 6.4, 6.6 item 2)."""
    own = str(case.reading.wrapper.sender)
    forms = {None, own, f"urn:IIroot:{APPLICATION_ROOT}:IIext:{own}"}
    if any(token.binding.application not in forms for token in _bound(case)):
        return Finding(_MISMATCH, "made for another application")
    return None


def check_context(case: Case) -> Finding | None:
    """A token names the context of the question, where that has one (domain reference 6.4, 6.6 item 2).

    One that names none would serve for any; the older token has none to name.
    """
    wrapper = case.reading.wrapper
    own = {line.extension for line in wrapper.attention_lines if line.keyword == CONTEXT}
    own |= wrapper.query.contexts if wrapper.query is not None else frozenset()
    if not own:
        return None
    if any(token.kind == "saml" and token.binding.context not in own for token in _bound(case)):
        return Finding(_MISMATCH, "made for another context, or for none")
    return None


def check_person(case: Case) -> Finding | None:
    """The NameID is the author's number and role (domain reference 6.4, 6.6 item 4)."""
    wrapper, author = case.reading.wrapper, case.reading.wrapper.author_ids
    own = None if author.uzi is None else f"{author.uzi}:{author.role or _NO_ROLE}"
    for token in _bound(case):
        named = token.binding.subject or ""
        if token.kind != "saml" or not named or named == own:
            continue
        # A customer desk has another card and another form; that of a professional is his alone.
        if own is not None or (wrapper.author in _PEOPLE and _UZI.fullmatch(named)):
            return Finding(_MISMATCH, "signed by another person than the author")
    return None


def check_server_signed(case: Case) -> Finding | None:
    """A token a server signed goes with a mandate and an enrolment token (domain reference 6.5, 6.6 item 4)."""
    beside = len(case.reading.tokens) - len(_bound(case))
    for token in _bound(case):
        if token.kind == "saml" and not token.binding.subject and beside < _BESIDE_A_SERVERS:
            return Finding(_MISSING, "signed by a server, and no mandate and enrolment token beside it")
    return None
