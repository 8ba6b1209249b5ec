"""What a message says that its tokens must say too.

Knows: which fields of a message tokens are bound to, and whose tokens are judged here.
Must not know: how a token is proven, any rule.

Outbound only, and never a patient's (design 5) nor a customer desk's, whose card is of another register (domain
reference 6.1): the switchboard judges those.
"""

import hashlib

from edge_node.model.interaction import Pattern
from edge_node.model.message import Direction
from edge_node.model.token import HandedTokens, TokenSubject
from edge_node.policy.case import Case
from edge_node.policy.fhir_case import FhirCase


def handed_with(case: Case, body: bytes) -> HandedTokens | None:
    """The tokens of a SOAP message; None where there is none to be judged."""
    reading = case.reading
    if case.direction is not Direction.OUT or not reading.tokens or reading.wrapper.author == "patient":
        return None
    if case.application is None or reading.wrapper.author_ids.is_at_desk:
        return None
    wrapper, patient = reading.wrapper, reading.patients.one
    subject = TokenSubject(
        interaction=str(wrapper.interaction),
        message=(wrapper.id.root, wrapper.id.extension),
        application=str(wrapper.sender),
        own_ura=case.site.identities[case.application.identity].ura.value,
        zim=str(case.site.zim),
        bsn=None if patient is None else patient.value,
        author=wrapper.author_ids,
        overseers=tuple(one.uzi for one in wrapper.overseers if one.uzi),
    )
    # Those of pushes are remembered in the store, in the commit that admits them.
    is_query = case.row is not None and case.row.pattern is Pattern.QUERY
    of = hashlib.sha256(f"{wrapper.sender}\0{wrapper.id}".encode() + b"\0" + reading.digest).digest()
    return HandedTokens(
        subject=subject, body=body, read=reading.tokens, uses=reading.token_uses if is_query else (), of=of
    )


def handed_with_fhir(case: FhirCase) -> HandedTokens | None:
    """The assertions handed in for an exchange; None where there are none.

    How often each is exchanged the authorisation server judges: the node does so once for each attempt.
    """
    if case.direction is not Direction.OUT or case.reading.tokens is None or case.application is None:
        return None
    patient = case.reading.patients.one
    subject = TokenSubject(
        interaction=case.interaction if case.row is None else str(case.row.id),
        message=None,
        application=str(case.application.id),
        own_ura=case.site.identities[case.application.identity].ura.value,
        zim=str(case.site.zim),
        bsn=None if patient is None else patient.value,
    )
    return HandedTokens(subject=subject, saml=case.reading.tokens)
