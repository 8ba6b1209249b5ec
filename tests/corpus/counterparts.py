"""The other half of an exchange with a published message: the question it answers, the answer it waits for.

Knows: the least a question, an acknowledgement and a batch answer hold (domain reference 3.2 to 3.6).
Must not know: sockets, the node's own way of making messages.
"""

from dataclasses import dataclass
from typing import Final

from lxml import etree
from lxml.builder import ElementMaker

from tests.corpus.published import Id, Published, in_soap, without_instructions

_V: Final = ElementMaker(namespace="urn:hl7-org:v3", nsmap={None: "urn:hl7-org:v3"})
_BSN: Final = "2.16.840.1.113883.2.4.6.3"
_APPLICATIONS: Final = "2.16.840.1.113883.2.4.6.6"
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
    """Write a question: a query with a queryId, else a push."""
    is_query = asked.query_id is not None
    parts = [*_wrapper(asked, "NE" if is_query else "AL"), *_devices(asked.receiver, asked.sender)]
    act = _V.ControlActProcess({"moodCode": "EVN"}, _author(asked.sender), *_content(asked))
    return _written(_V(asked.interaction, *parts, act), header)


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


def _author(application: str) -> etree._Element:
    device = _V.participant(_V.AssignedDevice(_application(application)))
    return _V.authorOrPerformer({"typeCode": "AUT"}, device)


def _content(asked: Question) -> list[etree._Element]:
    if asked.query_id is None:
        return []
    patient = [] if asked.patient is None else [_V.patientId(_V.value(root=_BSN, extension=asked.patient))]
    root, extension = asked.query_id
    fields = [_V.queryId(root=root, extension=extension), _V.statusCode(code="executing")]
    fields += [_V.responseModalityCode(code="R"), _V.responsePriorityCode(code="I")]
    return [_V.queryByParameter(*fields, *patient)]


def _acknowledgement(type_code: str, target: str, of: Published) -> etree._Element:
    named = _V(target, _V.id(root=of.id[0], extension=of.id[1]))
    return _V.acknowledgement({"typeCode": type_code}, named)


def _written(message: etree._Element, header: bytes = b"") -> bytes:
    return in_soap(etree.tostring(message), header)
