"""Where each field of the wrapper stands, and which part of the draft takes it.

Knows: the paths of the transmission wrapper and the control act (domain reference 3.2 to 3.6).
Must not know: what a field must look like, how a message is read.
"""

from collections.abc import Callable
from typing import Final

from edge_node.formats.control_act import Attributes
from edge_node.formats.wrapper import DEVICES, IN_EVERY, IN_MESSAGE, WrapperDraft

Take = Callable[[WrapperDraft, Attributes], None]
TakeText = Callable[[WrapperDraft, str], None]


def _once(field: str) -> Take:
    return lambda draft, attributes: draft.once(field, attributes)


def _alone(element: str) -> Take:
    return lambda draft, _: draft.alone(element)


def _unused(element: str) -> Take:
    return lambda draft, _: draft.unused(element)


_ACT: Final = "/ControlActProcess"
_PARTICIPANT: Final = f"{_ACT}/authorOrPerformer/participant"
#: The schemas have one name for him, most published messages the other.
_RESPONSIBLE: Final = tuple(f"{_ACT}/overseer/{name}" for name in ("assignedEntity", "AssignedPerson"))

_QUERY: Final = f"{_ACT}/queryByParameter"
_QUERY_CODES: Final = (
    "statusCode",
    "modifyCode",
    "responseModalityCode",
    "responsePriorityCode",
    "initialQuantityCode",
)
_QUANTITIES: Final = ("resultTotalQuantity", "resultCurrentQuantity", "resultRemainingQuantity")
#: In the schemas, and left out of national messages (domain reference 3.2, 3.5, 3.6).
_UNUSED: Final = {
    **{f"/{device}/device/{name}": name for device in DEVICES for name in ("desc", "existenceTime", "location")},
    **{f"{_ACT}/{name}": name for name in ("dataEnterer", "informationRecipient")},
    **{f"{_QUERY}/{name}": name for name in ("sortControl", "responseElementGroup", "responseElementGroupId")},
    **{f"/{name}": name for name in ("referenceControlId", "name", "batchComment")},
}

#: What is taken, by path below the message element; names of the HL7 namespace stand alone.
FIELDS: Final[dict[str, Take]] = {
    **{f"/{field}": _once(field) for field in IN_EVERY + IN_MESSAGE},
    **{f"/{device}/device/id": _once(device) for device in DEVICES},
    **{f"/{element}": _alone(element) for element in DEVICES},
    **{path: _unused(name) for path, name in _UNUSED.items()},
    "/transmissionQuantity": _once("transmissionQuantity"),
    "/respondTo/entityRsp/id": _once("respondTo"),
    "/acknowledgement": _once("acknowledgement"),
    "/acknowledgement/targetMessage/id": _once("target"),
    "/acknowledgement/targetTransmission/id": _once("target"),
    "/acknowledgement/acknowledgementDetail": WrapperDraft.detail,
    "/acknowledgement/acknowledgementDetail/code": WrapperDraft.detail_code,
    "/acknowledgement/acknowledgementDetail/text": WrapperDraft.detail_text,
    "/attentionLine": WrapperDraft.attention_line,
    "/attentionLine/keyWordText": WrapperDraft.keyword,
    "/attentionLine/value": WrapperDraft.attention_value,
    _ACT: _once("ControlActProcess"),
    f"{_ACT}/code": _once("code"),
    f"{_ACT}/authorOrPerformer": _alone("authorOrPerformer"),
    f"{_ACT}/overseer": WrapperDraft.overseer,
    **{f"{who}/id": lambda draft, attributes: draft.overseers[-1].number(attributes) for who in _RESPONSIBLE},
    **{f"{who}/code": lambda draft, attributes: draft.overseers[-1].role(attributes) for who in _RESPONSIBLE},
    **{
        f"{who}/Organization/id": lambda draft, attributes: draft.overseers[-1].organisation(attributes)
        for who in _RESPONSIBLE
    },
    f"{_ACT}/subject": WrapperDraft.subject,
    f"{_PARTICIPANT}/AssignedPerson": lambda draft, _: draft.author.person(),
    f"{_PARTICIPANT}/AssignedDevice": lambda draft, _: draft.author.device(),
    f"{_PARTICIPANT}/AssignedPerson/id": lambda draft, attributes: draft.author.person_id(attributes),
    f"{_PARTICIPANT}/AssignedPerson/code": lambda draft, attributes: draft.author.person_role(attributes),
    f"{_PARTICIPANT}/AssignedDevice/id": lambda draft, attributes: draft.author.device_id(attributes),
    **{
        f"{_PARTICIPANT}/{author}/Organization/id": lambda draft, attributes: draft.author.organisation_id(attributes)
        for author in ("AssignedPerson", "AssignedDevice")
    },
    _QUERY: _once("queryByParameter"),
    f"{_QUERY}/queryId": _once("queryId of the question"),
    f"{_QUERY}/initialQuantity": _once("initialQuantity"),
    f"{_QUERY}/contextCode/value": WrapperDraft.context,
    **{f"{_QUERY}/{code}": _once(code) for code in _QUERY_CODES},
    f"{_ACT}/queryContinuation/queryId": _once("queryId"),
    f"{_ACT}/queryAck": _once("queryAck"),
    f"{_ACT}/queryAck/queryId": _once("queryId"),
    f"{_ACT}/queryAck/queryResponseCode": _once("queryResponseCode"),
    **{f"{_ACT}/queryAck/{quantity}": _once(quantity) for quantity in _QUANTITIES},
    f"{_ACT}/reason/justifiedDetectedIssue/code": WrapperDraft.issue_code,
    f"{_ACT}/reason/justifyingDetectedIssueEvent/code": WrapperDraft.issue_code,
    f"{_ACT}/reasonOf/justifiedDetectedIssue/code": WrapperDraft.issue_code,
}

#: What is taken with the text below it, however its parts are marked.
TEXTS: Final[dict[str, TakeText]] = {
    **{
        f"{who}/assignedPrincipalChoiceList/assignedPerson/name": lambda draft, text: draft.overseers[-1].name(text)
        for who in _RESPONSIBLE
    },
    **{
        f"{_PARTICIPANT}/{author}/Organization/name": lambda draft, text: draft.author.organisation_name(text)
        for author in ("AssignedPerson", "AssignedDevice")
    },
}
