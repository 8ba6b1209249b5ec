"""The transmission wrapper and the readable parts of the control act of one message.

Knows: where each field stands (domain reference 3.2 to 3.6), which must be there once, and the form of each.
Must not know: which values are allowed, the payload, SOAP.
"""

import re
from collections.abc import Callable
from typing import Final

from edge_node.errors import Refused
from edge_node.model.identifiers import (
    APPLICATION_ROOT,
    BSN_ROOT,
    INTERACTION_ROOT,
    PROFILE_ROOT,
    ApplicationId,
    InteractionId,
    InvalidIdentifier,
    MessageId,
)
from edge_node.model.message import Acknowledgement, AttentionLine, Detail, Wrapper

Attributes = dict[str, str]

BATCH: Final = "MCCI_IN200101"
_MOMENT = re.compile(r"[0-9]{14}(\.[0-9]{1,9})?([+-][0-9]{4})?")
_PATIENT_ROLE_SYSTEM: Final = "2.16.840.1.113883.2.4.3.11.8"
_ACKNOWLEDGEMENTS: Final = frozenset({"AA", "AE", "AR", "CA", "CE", "CR"})
_IN_EVERY: Final = ("id", "creationTime", "versionCode", "interactionId", "profileId")
_IN_MESSAGE: Final = ("processingCode", "processingModeCode", "acceptAckCode")
_DEVICES: Final = ("receiver", "sender")


class WrapperDraft:
    """Gathers the fields of one message while it is read."""

    def __init__(self, root_name: str) -> None:
        self.root_name = root_name
        self.fields: dict[str, Attributes] = {}
        self.details: list[Detail] = []
        self.issues: list[Detail] = []
        self.attention_lines: list[AttentionLine] = []
        self.author: str | None = None
        self.has_overseer = False
        self._elements: set[str] = set()
        self._keyword = ""
        self._detail_type = ""
        self._transmission: dict[str, object] | None = None

    def once(self, field: str, attributes: Attributes) -> None:
        """Take a field that may be there once."""
        if field in self.fields:
            raise _wrong(field, "is doubled")
        self.fields[field] = attributes

    def alone(self, element: str) -> None:
        """Note an element that may be there once, whatever it holds."""
        if element in self._elements:
            raise _wrong(element, "is doubled")
        self._elements.add(element)

    def complete(self) -> None:
        """Check the transmission wrapper: nothing of it may follow."""
        if self._transmission is None:
            self._transmission = self._check()
            self._acknowledgement()

    @property
    def is_complete(self) -> bool:
        """Whether the transmission wrapper was read whole."""
        return self._transmission is not None

    def wrapper(self) -> Wrapper:
        """The wrapper as far as it has been read; `complete` comes first."""
        fields = self.fields
        transmission = self._transmission or self._check()
        return Wrapper(
            root_name=self.root_name,
            attention_lines=tuple(self.attention_lines),
            acknowledgement=self._acknowledgement(),
            trigger_event=_code(fields, "code"),
            author=self.author,
            has_overseer=self.has_overseer,
            query_id=self._query_id(),
            query_response_code=_code(fields, "queryResponseCode"),
            response_modality_code=_code(fields, "responseModalityCode"),
            issues=tuple(self.issues),
            **transmission,  # type: ignore[arg-type]
        )

    def _check(self) -> dict[str, object]:
        fields = self.fields
        is_batch = self.root_name == BATCH
        wanted = _IN_EVERY if is_batch else _IN_EVERY + _IN_MESSAGE
        missing = [field for field in wanted + _DEVICES if field not in fields]
        if missing:
            raise _wrong(", ".join(missing), "is missing" if len(missing) == 1 else "are missing")
        creation_time = fields["creationTime"].get("value", "")
        if not _MOMENT.fullmatch(creation_time):
            raise _wrong("creationTime", "is not a moment exact to the second")
        profile = fields["profileId"]
        if profile.get("root") != PROFILE_ROOT:
            raise _wrong("profileId", "has another root than the national one")
        return {
            "interaction": _interaction(fields["interactionId"]),
            "id": _message_id("id", fields["id"]),
            "creation_time": creation_time,
            "version_code": _required_code(fields, "versionCode"),
            "profile_id": profile.get("extension", ""),
            "processing_code": "" if is_batch else _required_code(fields, "processingCode"),
            "processing_mode_code": "" if is_batch else _required_code(fields, "processingModeCode"),
            "accept_ack_code": "" if is_batch else _required_code(fields, "acceptAckCode"),
            "receiver": _application("receiver", fields["receiver"]),
            "sender": _application("sender", fields["sender"]),
        }

    def _query_id(self) -> MessageId | None:
        # An answer may repeat the question's parameters behind its own queryAck.
        asked = self.fields.get("queryId of the question")
        found = self.fields.get("queryId", asked)
        return _message_id("queryId", found) if found is not None else None

    def _acknowledgement(self) -> Acknowledgement | None:
        if "acknowledgement" not in self.fields:
            return None
        type_code = self.fields["acknowledgement"].get("typeCode", "")
        if type_code not in _ACKNOWLEDGEMENTS:
            raise _wrong("acknowledgement", "has no known typeCode")
        target = self.fields.get("target")
        return Acknowledgement(
            type_code=type_code,
            target=_message_id("target of the acknowledgement", target) if target is not None else None,
            details=tuple(self.details),
        )

    def keyword(self, attributes: Attributes) -> None:
        """The keyword of an attention line."""
        self._keyword = attributes.get("code", "")

    def attention_value(self, attributes: Attributes) -> None:
        """The value of an attention line: an instance identifier or a coded value."""
        root = attributes.get("root") or attributes.get("codeSystem", "")
        extension = attributes.get("extension") or attributes.get("code", "")
        self.attention_lines.append(AttentionLine(self._keyword, root, extension))

    def detail_type(self, attributes: Attributes) -> None:
        """An acknowledgement detail begins."""
        self._detail_type = attributes.get("typeCode", "E")

    def detail_code(self, attributes: Attributes) -> None:
        """The code of an acknowledgement detail."""
        self.details.append(_detail(self._detail_type, attributes))

    def issue_code(self, attributes: Attributes) -> None:
        """The code of a detected issue."""
        self.issues.append(_detail("E", attributes))

    def overseer(self, _: Attributes) -> None:
        """A responsible professional is named."""
        self.has_overseer = True

    def assigned_person(self, _: Attributes) -> None:
        """The author is a person, until the ids say that it is the patient."""
        self.author = "person"

    def assigned_device(self, _: Attributes) -> None:
        """The author is a system."""
        self.author = "device"

    def author_id(self, attributes: Attributes) -> None:
        """An author identified by a citizen's number is the patient."""
        if attributes.get("root") == BSN_ROOT:
            self.author = "patient"

    def author_role(self, attributes: Attributes) -> None:
        """An author in the role of patient (domain reference 1.3)."""
        if attributes.get("code") == "P" and attributes.get("codeSystem") == _PATIENT_ROLE_SYSTEM:
            self.author = "patient"


def _wrong(field: str, what: str) -> Refused:
    return Refused(f"{field} {what}", code="EN-WRAPPER-FIELD")


def _interaction(attributes: Attributes) -> InteractionId:
    if attributes.get("root") != INTERACTION_ROOT:
        raise Refused("interactionId has another root than the HL7 interactions", code="EN-INTERACTION-UNKNOWN")
    try:
        return InteractionId(attributes.get("extension", ""))
    except InvalidIdentifier as error:
        raise Refused(f"interactionId: {error}", code="EN-INTERACTION-UNKNOWN") from None


def _message_id(field: str, attributes: Attributes) -> MessageId:
    try:
        return MessageId(attributes.get("root", ""), attributes.get("extension", ""))
    except InvalidIdentifier as error:
        raise _wrong(field, f"is not of its form: {error}") from None


def _application(field: str, attributes: Attributes) -> ApplicationId:
    if attributes.get("root") != APPLICATION_ROOT:
        raise _wrong(field, "has another root than the application ids")
    try:
        return ApplicationId(attributes.get("extension", ""))
    except InvalidIdentifier as error:
        raise _wrong(field, f"is not of its form: {error}") from None


def _code(fields: dict[str, Attributes], field: str) -> str | None:
    return fields[field].get("code") if field in fields else None


def _required_code(fields: dict[str, Attributes], field: str) -> str:
    code = _code(fields, field)
    if not code or len(code) > 64:
        raise _wrong(field, "has no code")
    return code


def _detail(type_code: str, attributes: Attributes) -> Detail:
    return Detail(type_code, attributes.get("code", ""), attributes.get("codeSystem", ""))


Take = Callable[[WrapperDraft, Attributes], None]


def _once(field: str) -> Take:
    return lambda draft, attributes: draft.once(field, attributes)


def _alone(element: str) -> Take:
    return lambda draft, _: draft.alone(element)


_ACT: Final = "/ControlActProcess"
_PARTICIPANT: Final = f"{_ACT}/authorOrPerformer/participant"

#: What is taken, by path below the message element; names of the HL7 namespace stand alone.
FIELDS: Final[dict[str, Take]] = {
    **{f"/{field}": _once(field) for field in _IN_EVERY + _IN_MESSAGE},
    **{f"/{device}/device/id": _once(device) for device in _DEVICES},
    **{f"/{element}": _alone(element) for element in (*_DEVICES, "ControlActProcess")},
    "/acknowledgement": _once("acknowledgement"),
    "/acknowledgement/targetMessage/id": _once("target"),
    "/acknowledgement/targetTransmission/id": _once("target"),
    "/acknowledgement/acknowledgementDetail": WrapperDraft.detail_type,
    "/acknowledgement/acknowledgementDetail/code": WrapperDraft.detail_code,
    "/attentionLine/keyWordText": WrapperDraft.keyword,
    "/attentionLine/value": WrapperDraft.attention_value,
    f"{_ACT}/code": _once("code"),
    f"{_ACT}/overseer": WrapperDraft.overseer,
    f"{_PARTICIPANT}/AssignedPerson": WrapperDraft.assigned_person,
    f"{_PARTICIPANT}/AssignedDevice": WrapperDraft.assigned_device,
    f"{_PARTICIPANT}/AssignedPerson/id": WrapperDraft.author_id,
    f"{_PARTICIPANT}/AssignedPerson/code": WrapperDraft.author_role,
    f"{_ACT}/queryByParameter/queryId": _once("queryId of the question"),
    f"{_ACT}/queryByParameter/responseModalityCode": _once("responseModalityCode"),
    f"{_ACT}/queryContinuation/queryId": _once("queryId"),
    f"{_ACT}/queryAck/queryId": _once("queryId"),
    f"{_ACT}/queryAck/queryResponseCode": _once("queryResponseCode"),
    f"{_ACT}/reason/justifiedDetectedIssue/code": WrapperDraft.issue_code,
    f"{_ACT}/reasonOf/justifiedDetectedIssue/code": WrapperDraft.issue_code,
}
