"""What a message says that its tokens must say too.

Knows: which fields of a message tokens are bound to.
Must not know: how a token is proven, any rule.

Outbound only. Which of the tokens the switchboard alone can judge, each token says, never the message.
"""

import hashlib

from edge_node.errors import Refused
from edge_node.model.fhir import FhirReading
from edge_node.model.interaction import Pattern
from edge_node.model.message import Direction, Reading, Wrapper
from edge_node.model.site import Application, Site
from edge_node.model.token import HandedTokens, TokenSubject, WantedToken
from edge_node.policy.attention import CONTEXT, CONTEXT_SYSTEM
from edge_node.policy.case import Case
from edge_node.policy.fhir_case import FhirCase
from edge_node.policy.token_signing import is_fhir_signed_here, is_signed_here


def handed_with(case: Case, body: bytes) -> HandedTokens | None:
    """The tokens of a SOAP message; None where there is none to be judged."""
    reading = case.reading
    if case.direction is not Direction.OUT or not reading.tokens or case.application is None:
        return None
    wrapper, subject = reading.wrapper, _subject(reading, case.application, case.site)
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
    subject = _fhir_subject(case.reading, case.interaction, case.application, case.site)
    return HandedTokens(subject=subject, saml=case.reading.tokens)


def wanted_for(reading: Reading, body: bytes, site: Site) -> WantedToken | None:
    """The transaction token that the node is to make for a SOAP message; None for most. Raises `Refused`."""
    application = site.applications.get(reading.wrapper.sender)
    if application is None or not is_signed_here(reading, application):
        return None
    handed = HandedTokens(subject=_subject(reading, application, site), body=body)
    return WantedToken(handed=handed, context=_context(reading.wrapper), asker=application.local_system)


def wanted_for_fhir(
    reading: FhirReading, interaction: str, application: Application | None, site: Site
) -> WantedToken | None:
    """The same for a FHIR request."""
    if application is None or not is_fhir_signed_here(reading, interaction, application):
        return None
    subject = _fhir_subject(reading, interaction, application, site)
    return WantedToken(handed=HandedTokens(subject=subject, saml=reading.tokens), asker=application.local_system)


def _subject(reading: Reading, application: Application, site: Site) -> TokenSubject:
    wrapper, patient = reading.wrapper, reading.patients.one
    return TokenSubject(
        interaction=str(wrapper.interaction),
        message=(wrapper.id.root, wrapper.id.extension),
        application=str(wrapper.sender),
        own_ura=site.identities[application.identity].ura.value,
        zim=str(site.zim),
        bsn=None if patient is None else patient.value,
        by=wrapper.author,
        author=wrapper.author_ids,
        overseers=tuple(one.uzi for one in wrapper.overseers if one.uzi),
    )


def _fhir_subject(reading: FhirReading, interaction: str, application: Application, site: Site) -> TokenSubject:
    patient = reading.patients.one
    return TokenSubject(
        interaction=interaction,
        message=None,
        application=str(application.id),
        own_ura=site.identities[application.identity].ura.value,
        zim=str(site.zim),
        bsn=None if patient is None else patient.value,
    )


def _context(wrapper: Wrapper) -> tuple[str, str] | None:
    named = {(line.root, line.extension) for line in wrapper.attention_lines if line.keyword == CONTEXT}
    named |= {(CONTEXT_SYSTEM, code) for code in (wrapper.query.contexts if wrapper.query is not None else ())}
    if len(named) > 1:
        raise Refused("two contexts, and a token is made for one", code="EN-ATTENTION-LINE")
    return next(iter(named), None)
