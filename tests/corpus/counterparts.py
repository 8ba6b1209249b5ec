"""The other half of an exchange with a published message: its question, its answer, its token.

Knows: the least a question, an acknowledgement and a batch answer hold (domain reference 3.2 to 3.6).
Must not know: sockets, the node's own way of making messages.
"""

from dataclasses import dataclass
from itertools import count
from typing import Final

from lxml import etree
from lxml.builder import ElementMaker

from edge_node.formats import interactions
from edge_node.model.interaction import AttentionRule
from tests.corpus.published import SOAP, Id, Published, in_soap, without_instructions

_V: Final = ElementMaker(namespace="urn:hl7-org:v3", nsmap={None: "urn:hl7-org:v3"})
_BSN: Final = "2.16.840.1.113883.2.4.6.3"
_APPLICATIONS: Final = "2.16.840.1.113883.2.4.6.6"
_UZI: Final = "2.16.528.1.1007.3.1"
_URA: Final = "2.16.528.1.1007.3.3"
_ROLES: Final = "2.16.840.1.113883.2.4.15.111"
_KEYWORDS: Final = "2.16.840.1.113883.2.4.15.1"
_CONTEXTS: Final = "2.16.840.1.113883.2.4.3.111.15.1"
_WSSE: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_S: Final = ElementMaker(namespace=SOAP, nsmap={"soap": SOAP})
_W: Final = ElementMaker(namespace=_WSSE, nsmap={"wsse": _WSSE})
_A: Final = ElementMaker(
    namespace="urn:oasis:names:tc:SAML:2.0:assertion", nsmap={None: "urn:oasis:names:tc:SAML:2.0:assertion"}
)
_CATALOGUE: Final = interactions.load()
_ZIM: Final = "1"
_AUTHOR: Final = ("900000101", "01.015")
#: A token is for one use: each has an id of its own.
_MADE: Final = count()
_OWN: Final = "2.16.840.1.113883.2.4.3.11.999.77.99"
_ENTRY: Final = b"<!--entry-->"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a question is made of."""

    interaction: str
    id: Id
    query_id: Id | None
    sender: str
    receiver: str
    patient: str | None
    processing_code: str = "P"


def question_of(answer: Published, interaction: str) -> Question:
    """The question to which that answer belongs."""
    return Question(
        interaction=interaction,
        id=answer.target,
        query_id=answer.query_id,
        sender=answer.receiver,
        receiver=answer.sender,
        patient=answer.patient,
        processing_code=answer.processing_code,
    )


def question(asked: Question, header: bytes = b"") -> bytes:
    """Write a question: a query with a queryId, else a push. A person signs it, unless the switchboard asks."""
    is_query = asked.query_id is not None
    by_zim = asked.sender == _ZIM
    parts = [*_wrapper(asked, "NE" if is_query else "AL"), *_lines(asked), *_devices(asked.receiver, asked.sender)]
    authors = [_device_author(asked.sender)] if by_zim else _person_author()
    act = _V.ControlActProcess({"moodCode": "EVN"}, *authors, *_content(asked))
    signed = b"" if by_zim else token(asked.interaction, asked.id, _AUTHOR)
    return _written(_V(asked.interaction, *parts, act), header or signed)


def token(interaction: str, id_: Id, author: tuple[str, str]) -> bytes:
    """Write the SOAP Header with a transaction token for a message."""
    bound = {"interactionId": interaction, "messageIdRoot": id_[0], "messageIdExt": id_[1]}
    attributes = [_A.Attribute({"Name": name}, _A.AttributeValue(value)) for name, value in bound.items()]
    subject = _A.Subject(_A.NameID(":".join(author)))
    assertion = _A.Assertion(
        {"ID": f"_made-{next(_MADE)}", "Version": "2.0"}, subject, _A.AttributeStatement(*attributes)
    )
    actor = {f"{{{SOAP}}}actor": "http://www.aortarelease.nl/actor/zim"}
    return etree.tostring(_S.Header(_W.Security(actor, assertion)))


def accept_acknowledgement(of: Published) -> bytes:
    """Write the `CA` for a push."""
    return _written(_V.MCCI_IN000002(*_reply("MCCI_IN000002", of), _acknowledgement("CA", "targetMessage", of)))


def batch(of: Published, *entries: bytes) -> bytes:
    """Write a batch answer of the switchboard around the entries, which stay as they are."""
    quantity = _V.transmissionQuantity(value=str(len(entries)))
    fields = [*_wrapper(_answer_to("MCCI_IN200101", of), None), quantity]
    fields += [_acknowledgement("AA", "targetTransmission", of), *_devices(of.sender, of.receiver)]
    written = _written(_V.MCCI_IN200101(*fields, etree.Comment("entry")))
    return written.replace(_ENTRY, b"".join(map(without_instructions, entries)))


def _reply(interaction: str, of: Published) -> list[etree._Element]:
    return [*_wrapper(_answer_to(interaction, of), "NE"), *_devices(of.sender, of.receiver)]


def _answer_to(interaction: str, of: Published) -> Question:
    return Question(
        interaction=interaction,
        id=(_OWN, f"answer-{of.id[1]}"),
        query_id=None,
        sender=of.receiver,
        receiver=of.sender,
        patient=None,
    )


def _wrapper(asked: Question, accept_ack: str | None) -> list[etree._Element]:
    fields = [
        _V.id(root=asked.id[0], extension=asked.id[1]),
        _V.creationTime(value="20240101120000"),
        _V.versionCode(code="NICTIZEd2005-Okt"),
        _V.interactionId(root="2.16.840.1.113883.1.6", extension=asked.interaction),
        _V.profileId(root="2.16.840.1.113883.2.4.3.11.1", extension="810"),
    ]
    if accept_ack is not None:
        fields += [_V.processingCode(code=asked.processing_code), _V.processingModeCode(code="T")]
        fields += [_V.acceptAckCode(code=accept_ack)]
    return fields


def _devices(receiver: str, sender: str) -> list[etree._Element]:
    return [_V(name, _V.device(_application(id_))) for name, id_ in (("receiver", receiver), ("sender", sender))]


def _application(id_: str) -> etree._Element:
    return _V.id(root=_APPLICATIONS, extension=id_)


def _device_author(application: str) -> etree._Element:
    device = _V.participant(_V.AssignedDevice(_application(application)))
    return _V.authorOrPerformer({"typeCode": "AUT"}, device)


def _person_author() -> list[etree._Element]:
    author = _V.authorOrPerformer({"typeCode": "AUT"}, _V.participant(_V.AssignedPerson(*_professional())))
    return [author, _V.overseer({"typeCode": "RESP"}, _V.assignedEntity(*_professional()))]


def _professional() -> list[etree._Element]:
    number, role = _AUTHOR
    return [
        _V.id(root=_UZI, extension=number),
        _V.code(codeSystem=_ROLES, code=role),
        _V.assignedPrincipalChoiceList(_V.assignedPerson(_V.name("H. Proefarts"))),
        _V.Organization(_V.id(root=_URA, extension="90000001")),
    ]


def _lines(asked: Question) -> list[etree._Element]:
    """The attention line the table demands."""
    rule = _CATALOGUE[asked.interaction].attention
    if rule is AttentionRule.CONTEXT:
        return [_line("CONTEXT", _V.value(codeSystem=_CONTEXTS, code="KZDI"))]
    if rule is AttentionRule.BSN and asked.patient is not None:
        return [_line("PATID", _V.value(root=_BSN, extension=asked.patient))]
    return []


def _line(keyword: str, value: etree._Element) -> etree._Element:
    return _V.attentionLine(_V.keyWordText(code=keyword, codeSystem=_KEYWORDS), value)


def _content(asked: Question) -> list[etree._Element]:
    if asked.query_id is None:
        return []
    patient = [] if asked.patient is None else [_V.patientId(_V.value(root=_BSN, extension=asked.patient))]
    root, extension = asked.query_id
    fields = [_V.queryId(root=root, extension=extension), _V.statusCode(code="executing")]
    fields += [_V.responseModalityCode(code=_modality(asked)), _V.responsePriorityCode(code="I")]
    return [_V.queryByParameter(*fields, *patient)]


def _modality(asked: Question) -> str:
    """One answer, unless the switchboard is asked to gather them."""
    return "B" if asked.receiver == _ZIM and _CATALOGUE[asked.interaction].direct is False else "R"


def _acknowledgement(type_code: str, target: str, of: Published) -> etree._Element:
    named = _V(target, _V.id(root=of.id[0], extension=of.id[1]))
    return _V.acknowledgement({"typeCode": type_code}, named)


def _written(message: etree._Element, header: bytes = b"") -> bytes:
    return in_soap(etree.tostring(message), header)
