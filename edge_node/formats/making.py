"""The messages the node makes itself: acknowledgements, negative answers, ping, pong and tick.

Knows: the order of wrapper and control act (domain reference 3.2 to 3.6), which answer says no to which question.
Must not know: when to say what, what time it is, where ids come from.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from lxml import etree
from lxml.builder import ElementMaker

from edge_node.formats import error_codes, interactions
from edge_node.formats.ids import Stamp, creation_time
from edge_node.formats.names import HL7, SOAP
from edge_node.model.identifiers import (
    APPLICATION_ROOT,
    INTERACTION_ROOT,
    PROFILE_ROOT,
    TRIGGER_EVENT_ROOT,
    ApplicationId,
    InteractionId,
    MessageId,
)
from edge_node.model.interaction import Interaction, Pattern
from edge_node.model.message import Detail, Wrapper

ACCEPT_ACKNOWLEDGEMENT: Final = InteractionId("MCCI_IN000002")
BATCH_ANSWER: Final = InteractionId("MCCI_IN200101")
PING: Final = InteractionId("COMT_IN118118")
PONG: Final = InteractionId("COMT_IN229229")
TICK: Final = InteractionId("COMT_IN113113NL")
#: The answer to a query continuation, which is sent as a push.
DELIVERY_COMPLETE: Final = InteractionId("QUQI_IN000002UV")
#: Answers to questions that have no query in them.
_WITHOUT_QUERY: Final = frozenset({ACCEPT_ACKNOWLEDGEMENT, BATCH_ANSWER, PONG, InteractionId("COMT_IN229229NL")})

_H: Final = ElementMaker(namespace=HL7, nsmap={None: HL7})
_S: Final = ElementMaker(namespace=SOAP, nsmap={"soap": SOAP})

Elements = Iterable[etree._Element]


def accept_acknowledgement(of: Wrapper, stamp: Stamp, type_code: str, details: Sequence[Detail] = ()) -> bytes:
    """`MCCI_IN000002` with CA, CE or CR."""
    return _enveloped(
        _message(
            ACCEPT_ACKNOWLEDGEMENT,
            _head(ACCEPT_ACKNOWLEDGEMENT, stamp, "NE", of),
            [_acknowledgement(type_code, of.id, details)],
            _devices(of.sender, of.receiver),
        )
    )


def refusal_of(row: Interaction, of: Wrapper) -> InteractionId:
    """The interaction that says no to this message."""
    if row.pattern is Pattern.QUERY and of.response_modality_code == "B" and BATCH_ANSWER in row.answers:
        return BATCH_ANSWER
    return row.refusal or ACCEPT_ACKNOWLEDGEMENT


def can_refuse(row: Interaction, of: Wrapper) -> bool:
    """Whether a negative answer can be made: that of a query names its queryId, so it must have one."""
    answer = refusal_of(row, of)
    # A register may answer a question with an acceptance, which has another control act.
    return of.query_id is not None or not _has_query_ack(row, answer) or _is_acceptance(answer)


def negative_answer(row: Interaction, of: Wrapper, stamp: Stamp, details: Sequence[Detail]) -> bytes:
    """A refusal in the form the asker waits for: an answer AE to a query or an order, CE to another push."""
    answer = refusal_of(row, of)
    if answer == ACCEPT_ACKNOWLEDGEMENT:
        return accept_acknowledgement(of, stamp, "CE", details)
    if answer == BATCH_ANSWER:
        return _negative_batch(of, stamp, details)
    return _enveloped(
        _message(
            answer,
            _head(answer, stamp, "NE", of),
            [_acknowledgement("AE", of.id, details)],
            _devices(of.sender, of.receiver),
            [_act(answer, of.receiver, stamp, *_refusing(row, answer, of, details))],
        )
    )


def pong(of: Wrapper, stamp: Stamp) -> bytes:
    """The positive answer to a ping."""
    return _enveloped(
        _message(
            PONG,
            _head(PONG, stamp, "NE", of),
            [_acknowledgement("AA", of.id, ())],
            _devices(of.sender, of.receiver),
            [_act(PONG, of.receiver, stamp)],
        )
    )


def ping(sender: ApplicationId, receiver: ApplicationId, stamp: Stamp) -> bytes:
    """The question whether an application is there."""
    return _opening(PING, "NE", (sender, receiver), stamp)


def tick(sender: ApplicationId, receiver: ApplicationId, stamp: Stamp) -> bytes:
    """The question whether the transport works."""
    return _opening(TICK, "AL", (sender, receiver), stamp)


def _opening(
    interaction: InteractionId, accept_ack: str, ends: tuple[ApplicationId, ApplicationId], stamp: Stamp
) -> bytes:
    sender, receiver = ends
    head = _head(interaction, stamp, accept_ack, None)
    return _enveloped(_message(interaction, head, _devices(receiver, sender), [_act(interaction, sender, stamp)]))


def _negative_batch(of: Wrapper, stamp: Stamp, details: Sequence[Detail]) -> bytes:
    """A batch without answers: the question could not be put at all (domain reference 3.5)."""
    return _enveloped(
        _message(
            BATCH_ANSWER,
            _identity(BATCH_ANSWER, stamp),
            [_H("transmissionQuantity", value="0")],
            [_acknowledgement("AE", of.id, details, target="targetTransmission")],
            _devices(of.sender, of.receiver),
        )
    )


def _message(interaction: InteractionId, *parts: Elements) -> etree._Element:
    return _H(interaction.value, *(element for part in parts for element in part))


def _identity(interaction: InteractionId, stamp: Stamp) -> Elements:
    return (
        _id(stamp.id.root, stamp.id.extension),
        _H("creationTime", value=creation_time(stamp.at)),
        _H("versionCode", code="NICTIZEd2005-Okt"),
        _H("interactionId", root=INTERACTION_ROOT, extension=interaction.value),
        _H("profileId", root=PROFILE_ROOT, extension="810"),
    )


def _head(interaction: InteractionId, stamp: Stamp, accept_ack: str, of: Wrapper | None) -> Elements:
    # An answer speaks of the same kind of processing as the question: production, training or debugging.
    processing = of.processing_code if of is not None and of.processing_code in {"P", "T", "D"} else "P"
    return (
        *_identity(interaction, stamp),
        _H("processingCode", code=processing),
        _H("processingModeCode", code="T"),
        _H("acceptAckCode", code=accept_ack),
    )


def _acknowledgement(
    type_code: str, of: MessageId, details: Sequence[Detail], *, target: str = "targetMessage"
) -> etree._Element:
    return _H(
        "acknowledgement",
        *(_H("acknowledgementDetail", _code(detail), typeCode=detail.type_code) for detail in details),
        _H(target, _id(of.root, of.extension)),
        typeCode=type_code,
    )


def _devices(receiver: ApplicationId, sender: ApplicationId) -> Elements:
    return (_H("receiver", _device(receiver)), _H("sender", _device(sender)))


def _device(application: ApplicationId) -> etree._Element:
    return _H("device", _id(APPLICATION_ROOT, application.value), classCode="DEV", determinerCode="INSTANCE")


def _act(interaction: InteractionId, author: ApplicationId, stamp: Stamp, *parts: etree._Element) -> etree._Element:
    device = _H("AssignedDevice", _id(APPLICATION_ROOT, author.value))
    return _H(
        "ControlActProcess",
        _H("code", code=_trigger_event(interaction), codeSystem=TRIGGER_EVENT_ROOT),
        _H("effectiveTime", value=creation_time(stamp.at)),
        _H("authorOrPerformer", _H("participant", device), typeCode="AUT"),
        *parts,
        moodCode="EVN",
    )


def _trigger_event(interaction: InteractionId) -> str:
    """The one of the table; an interaction that only a site's settings know has the one named after it."""
    row = interactions.load().get(interaction.value)
    return row.trigger_event if row is not None else interaction.value.replace("_IN", "_TE", 1)


def _refusing(row: Interaction, answer: InteractionId, of: Wrapper, details: Sequence[Detail]) -> Elements:
    """The end of the control act: of an answer to a query as QUQI_MT120001 has it, else as MCAI_MT700201 has it."""
    if of.query_id is not None and _has_query_ack(row, answer):
        issues = (_H("reasonOf", _H("justifiedDetectedIssue", _code(detail))) for detail in details)
        return (*issues, _query_ack(of.query_id))
    return [_H("reason", _H("justifyingDetectedIssueEvent", _code(detail))) for detail in details]


def _has_query_ack(row: Interaction, answer: InteractionId) -> bool:
    is_question = row.pattern is Pattern.QUERY and answer not in _WITHOUT_QUERY
    return is_question or answer == DELIVERY_COMPLETE


def _is_acceptance(answer: InteractionId) -> bool:
    row = interactions.load().get(answer.value)
    return row is not None and row.pattern is Pattern.APPLICATION_ACK


def _query_ack(query_id: MessageId) -> etree._Element:
    quantities = ("resultTotalQuantity", "resultCurrentQuantity", "resultRemainingQuantity")
    return _H(
        "queryAck",
        _H("queryId", root=query_id.root, extension=query_id.extension),
        _H("queryResponseCode", code="AE"),
        *(_H(quantity, value="0") for quantity in quantities),
    )


def _id(root: str, extension: str) -> etree._Element:
    return _H("id", root=root, extension=extension)


def _code(detail: Detail) -> etree._Element:
    # Required outside the three systems of errors (domain reference 3.4), and read by people in all of them.
    return _H("code", code=detail.code, codeSystem=detail.code_system, displayName=_display_name(detail.code))


def _display_name(code: str) -> str:
    row = error_codes.load().get(code)
    return code if row is None else row.meaning_nl


def _enveloped(message: etree._Element) -> bytes:
    envelope = _S("Envelope", _S("Body", message))
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
