"""What a token says: the values of an assertion or of the older token, each at its one place.

Knows: the elements and attributes of domain reference 6.2 to 6.4 and GBZ 5.4, and what tells the kinds apart.
Must not know: signatures, whether what it says is true.

It is given what was signed, and nothing else.
"""

import re
from collections.abc import Mapping
from typing import Final

from lxml import etree

from edge_node.errors import Refused
from edge_node.formats.names import AORTA_805, SAML
from edge_node.formats.token_form import issuer_serial
from edge_node.formats.token_header import tree_of
from edge_node.model.identifiers import BSN_ROOT, URA_ROOT
from edge_node.model.message import Binding
from edge_node.model.token import ProvenToken, SignedToken, TokenKind

_CLASSES: Final = "urn:oasis:names:tc:SAML:2.0:ac:classes:"
_METHODS: Final = "urn:oasis:names:tc:SAML:2.0:cm:"
#: Attributes by what they bind a token to (domain reference 6.4).
_BOUND: Final = {
    "messageIdRoot": "message_root",
    "messageIdExt": "message_extension",
    "interactionId": "interaction",
    "applicationID": "application",
    "contextCode": "context",
}
_BSN: Final = "burgerServiceNummer"
_RULE: Final = "autorisatieregel/context"
#: Attributes whose value is read; of the others only that they are there.
READ: Final = frozenset({*_BOUND, _BSN, _RULE, "contextCodeSystem"})
_MAX_UNREAD: Final = 64
#: Who gives a mandate; its form is not public: a number of the register, bare or as other numbers are written.
_PROFESSIONAL: Final = re.compile(r"(?:urn:IIroot:2\.16\.528\.1\.1007\.3\.1:IIext:)?([0-9]{9})(?::[0-9.]+)?")
_PATIENT: Final = re.compile(rf"(?:urn:IIroot:{re.escape(BSN_ROOT)}:IIext:)?([0-9]{{9}})")
#: A patient as DigiD names him: the sector of the number, then the number.
_DIGID: Final = re.compile(r"[sS]0000000[01]:([0-9]{9})")
_ORGANISATION: Final = re.compile(
    rf"urn:(?:IIroot:{re.escape(URA_ROOT)}:IIext:|oid:{re.escape(URA_ROOT)}\.)([0-9]{{8}})"
)
#: A number of a person or an organisation, or the root of one.
_NUMBERED: Final = re.compile(
    r"2\.16\.528\.1\.1007\.3|2\.16\.840\.1\.113883\.2\.4\.6\.3|(?<![0-9])[0-9]{8,9}(?![0-9])"
)


def saml(name: str) -> str:
    """The name of an element of an assertion."""
    return f"{{{SAML}}}{name}"


_RESTRICTION: Final = saml("AudienceRestriction")


def read_token(signed: etree._Element) -> ProvenToken:
    """What was signed, as values. Raises `Refused`."""
    if signed.tag == saml("Assertion"):
        return _assertion(signed)
    if signed.tag == f"{{{AORTA_805}}}signedData":
        return _datum(signed)
    raise Refused("what was signed is no token", code="EN-TOKEN-WRAPPED")


def read_unproven(token: SignedToken) -> ProvenToken:
    """What a token says whose certificate is not known here: nobody has proven it. Raises `Refused`."""
    root = tree_of(token.xml)
    if token.kind == "saml":
        return read_token(root)
    found = root.find(f"{{{AORTA_805}}}authenticationTokens/{{{AORTA_805}}}signedData")
    if found is None:
        raise Refused("what was read is no token", code="EN-TOKEN-WRAPPED")
    return read_token(found)


def read_other(assertion: etree._Element) -> ProvenToken:
    """Whom a token names that is not judged here, and what it was made for. Raises `Refused`."""
    kind, subject, conditions = kind_of(assertion), _subject(assertion), _one(assertion, "Conditions")
    patient = _DIGID.fullmatch(subject)
    return ProvenToken(
        kind=kind,
        id=assertion.get("ID", ""),
        subject=subject,
        not_after=None if conditions is None else conditions.get("NotOnOrAfter"),
        binding=_binding(_attributes(assertion), assertion),
        bsns=() if patient is None else (patient[1],),
    )


def kind_of(assertion: etree._Element) -> TokenKind:
    """What an assertion is for, as it says. Raises `Refused`."""
    if _names_patient(assertion):
        return TokenKind.PATIENT
    attributes = _attributes(assertion)
    if "messageIdExt" in attributes or "interactionId" in attributes:
        return TokenKind.TRANSACTION
    issuer, subject = _issuer(assertion), _subject(assertion)
    if _PROFESSIONAL.fullmatch(issuer) and _ORGANISATION.fullmatch(subject):
        return TokenKind.MANDATE
    if _ORGANISATION.fullmatch(issuer) and _PATIENT.fullmatch(subject):
        return TokenKind.ENROLMENT
    if (_is_odd(issuer) or _is_odd(subject)) and _method(assertion) in {"", "sender-vouches"}:
        # A mandate or an enrolment that names its parties otherwise would pass as a contract, and nobody would look.
        raise Refused("the token names somebody in a form that is not known", code="EN-TOKEN-FORM")
    return TokenKind.OTHER


def _names_patient(assertion: etree._Element) -> bool:
    names = assertion.findall(f"{saml('Subject')}/{saml('NameID')}")
    return len(names) == 1 and bool(_DIGID.fullmatch((names[0].text or "").strip()))


def _is_odd(named: str) -> bool:
    """Whether it has a number of ours, in none of the forms in which tokens have them."""
    forms = (_PROFESSIONAL, _PATIENT, _ORGANISATION)
    return bool(_NUMBERED.search(named)) and not any(form.fullmatch(named) for form in forms)


def organisation_in(written: str) -> str | None:
    """The number of an organisation, as a token names it; also in the older form."""
    found = _ORGANISATION.fullmatch(written)
    return None if found is None else found[1]


def _assertion(signed: etree._Element) -> ProvenToken:
    attributes, kind = _attributes(signed), kind_of(signed)
    subject, issuer = _subject(signed), _issuer(signed)
    conditions = _one(signed, "Conditions")
    patient = _PATIENT.fullmatch(subject) if kind is TokenKind.ENROLMENT else None
    giver = _PROFESSIONAL.fullmatch(issuer) if kind is TokenKind.MANDATE else None
    return ProvenToken(
        kind=kind,
        id=signed.get("ID", ""),
        version=signed.get("Version", ""),
        issuer=(giver[1] if giver else organisation_in(issuer)) or "",
        subject=(organisation_in(subject) or "") if kind is TokenKind.MANDATE else subject,
        method=_method(signed),
        confirms=_confirms(signed),
        issued=signed.get("IssueInstant", ""),
        not_before=None if conditions is None else conditions.get("NotBefore"),
        not_after=None if conditions is None else conditions.get("NotOnOrAfter"),
        audiences=_audiences(conditions),
        context_class=_context_class(signed),
        binding=_binding(attributes, signed),
        rule=_single(attributes, _RULE),
        bsns=(*attributes.get(_BSN, ()), *([patient[1]] if patient else [])),
        attributes=attributes,
    )


def _datum(signed: etree._Element) -> ProvenToken:
    def text(path: str) -> str | None:
        steps = "/".join(f"{{{AORTA_805}}}{step}" for step in path.split("/"))
        found = signed.findall(steps)
        if len(found) > 1:
            raise Refused(f"{path} stands there twice", code="EN-TOKEN-FORM")
        return _text(found[0]) if found else None

    is_patient = text("coSignedData/patientId/root") == BSN_ROOT
    bsn = text("coSignedData/patientId/extension") if is_patient else None
    party = text("authenticationData/addressedParty/root"), text("authenticationData/addressedParty/extension")
    begins = text("authenticationData/notBefore")
    return ProvenToken(
        kind=TokenKind.AORTA_805,
        id=next((value for name, value in signed.items() if etree.QName(name).localname == "Id"), ""),
        issued=begins or "",
        not_before=begins,
        not_after=text("authenticationData/notAfter"),
        audiences=(f"urn:IIroot:{party[0]}:IIext:{party[1]}",),
        binding=Binding(
            message_root=text("authenticationData/messageId/root"),
            message_extension=text("authenticationData/messageId/extension"),
            trigger_event=text("coSignedData/triggerEventId"),
        ),
        bsns=() if bsn is None else (bsn,),
    )


def _binding(attributes: Mapping[str, tuple[str, ...]], assertion: etree._Element) -> Binding:
    bound = {field: _single(attributes, name) for name, field in _BOUND.items()}
    issuer = None if _one(assertion, "Issuer") is None else _issuer(assertion)
    return Binding(**bound, subject=_name_id(assertion), issuer=issuer)


def _single(attributes: Mapping[str, tuple[str, ...]], name: str) -> str | None:
    """The value of an attribute. Said twice, once differently, it says nothing."""
    values = set(attributes.get(name, ()))
    return None if not values else values.pop() if len(values) == 1 else ""


def _attributes(assertion: etree._Element) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for attribute in assertion.iterfind(f"{saml('AttributeStatement')}/{saml('Attribute')}"):
        name = attribute.get("Name", "")
        # A scan of an identity document is a whole token of its own; what is not read here may be anything.
        read = _text if name in READ else _beginning
        found.setdefault(name, []).extend(read(value) for value in attribute.iterfind(saml("AttributeValue")))
    return {name: tuple(values) for name, values in found.items()}


def _issuer(assertion: etree._Element) -> str:
    element = _one(assertion, "Issuer")
    return "" if element is None else _text(element)


def _subject(assertion: etree._Element) -> str:
    return _name_id(assertion) or ""


def _name_id(assertion: etree._Element) -> str | None:
    subject = _one(assertion, "Subject")
    name = None if subject is None else _one(subject, "NameID")
    return None if name is None else _text(name)


def _method(assertion: etree._Element) -> str:
    found = assertion.findall(f"{saml('Subject')}/{saml('SubjectConfirmation')}")
    if len(found) > 1:
        raise Refused("the subject is confirmed twice", code="EN-TOKEN-FORM")
    return found[0].get("Method", "").removeprefix(_METHODS) if found else ""


def _confirms(assertion: etree._Element) -> tuple[str, int] | None:
    found = assertion.find(f"{saml('Subject')}/{saml('SubjectConfirmation')}/{saml('SubjectConfirmationData')}")
    return None if found is None else issuer_serial(found)


def _audiences(conditions: etree._Element | None) -> tuple[str, ...]:
    if conditions is None:
        return ()
    found = [[_text(one) for one in each.iterfind(saml("Audience"))] for each in conditions.iterfind(_RESTRICTION)]
    # Of the parties in one restriction any may use it; of more restrictions each must hold (SAML core 2.5.1.4).
    return tuple(one for one in (found[0] if found else ()) if all(one in each for each in found))


def _context_class(assertion: etree._Element) -> str:
    path = "/".join(map(saml, ("AuthnStatement", "AuthnContext", "AuthnContextClassRef")))
    found = {_text(one).removeprefix(_CLASSES) for one in assertion.iterfind(path)}
    if len(found) > 1:
        raise Refused("two classes of authentication", code="EN-TOKEN-FORM")
    return found.pop() if found else ""


def _one(parent: etree._Element, name: str) -> etree._Element | None:
    found = parent.findall(saml(name))
    if len(found) > 1:
        raise Refused(f"{name} stands there twice", code="EN-TOKEN-FORM")
    return found[0] if found else None


def _beginning(element: etree._Element) -> str:
    return (element.text or "").strip()[:_MAX_UNREAD]


def _text(element: etree._Element) -> str:
    """A value is text alone: of an element in it some readers would take the part before it."""
    if len(element):
        raise Refused("an element splits a value of a token", code="EN-TOKEN-FORM")
    return (element.text or "").strip()
