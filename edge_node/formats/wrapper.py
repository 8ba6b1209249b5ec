"""The transmission wrapper of one message, with the parts of its control act that can be read.

Knows: where each field stands (domain reference 3.2 to 3.6), which must be there once, and the form of each.
Must not know: which values are allowed, the payload, SOAP.
"""

import re
from collections.abc import Sized
from dataclasses import replace
from typing import Final

from edge_node.errors import Refused
from edge_node.formats.control_act import Attributes, AuthorDraft, number, query_ack, query_parameters
from edge_node.formats.overseer import OverseerDraft
from edge_node.model.identifiers import (
    APPLICATION_ROOT,
    INTERACTION_ROOT,
    PROFILE_ROOT,
    ApplicationId,
    InteractionId,
    InvalidIdentifier,
    MessageId,
)
from edge_node.model.message import Acknowledgement, AttentionLine, Detail, Wrapper

#: Far more attention lines, details or contexts than any message has.
MAX_REPEATED: Final = 100
BATCH: Final = "MCCI_IN200101"
_MOMENT = re.compile(r"[0-9]{14}(\.[0-9]{1,9})?([+-][0-9]{2}([0-9]{2})?)?")
_ACKNOWLEDGEMENTS: Final = frozenset({"AA", "AE", "AR", "CA", "CE", "CR"})
IN_EVERY: Final = ("id", "creationTime", "versionCode", "interactionId", "profileId")
IN_MESSAGE: Final = ("processingCode", "processingModeCode", "acceptAckCode")
DEVICES: Final = ("receiver", "sender")


class WrapperDraft:
    """Gathers the fields of one message while it is read."""

    def __init__(self, root_name: str) -> None:
        self.root_name = root_name
        self.fields: dict[str, Attributes] = {}
        self.details: list[Detail] = []
        self.issues: list[Detail] = []
        self.attention_lines: list[AttentionLine] = []
        self.author = AuthorDraft()
        self.overseers: list[OverseerDraft] = []
        self._subjects = 0
        self._unused: list[str] = []
        self._contexts: set[str] = set()
        self._elements: set[str] = set()
        self._keyword: Attributes | None = None
        self._has_value = False
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
            mood_code=fields["ControlActProcess"].get("moodCode", "") if "ControlActProcess" in fields else None,
            trigger_event=_code(fields, "code"),
            trigger_system=fields["code"].get("codeSystem") if "code" in fields else None,
            author=self.author.kind,
            author_ids=self.author.ids(),
            overseers=tuple(draft.overseer() for draft in self.overseers),
            query_id=self._query_id(),
            query_response_code=_code(fields, "queryResponseCode"),
            response_modality_code=_code(fields, "responseModalityCode"),
            issues=tuple(self.issues),
            query=query_parameters(fields, frozenset(self._contexts)),
            query_ack=query_ack(fields),
            subjects=self._subjects,
            transmission_quantity=number(fields, "transmissionQuantity"),
            respond_to=fields["respondTo"].get("extension", "") if "respondTo" in fields else None,
            unused=tuple(self._unused),
            **transmission,  # type: ignore[arg-type]
        )

    def _check(self) -> dict[str, object]:
        fields = self.fields
        is_batch = self.root_name == BATCH
        wanted = IN_EVERY if is_batch else IN_EVERY + IN_MESSAGE
        missing = [field for field in wanted + DEVICES if field not in fields]
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

    def attention_line(self, _: Attributes) -> None:
        """An attention line begins: nothing is left of the one before."""
        self._keyword, self._has_value = None, False

    def keyword(self, attributes: Attributes) -> None:
        """The keyword of an attention line, before its value."""
        if self._keyword is not None or self._has_value:
            raise _wrong("keyWordText", "is doubled or out of order")
        self._keyword = attributes

    def attention_value(self, attributes: Attributes) -> None:
        """The value of an attention line: an instance identifier or a coded value."""
        if self._has_value:
            raise _wrong("value of an attentionLine", "is doubled")
        self._has_value = True
        root = attributes.get("root") or attributes.get("codeSystem", "")
        extension = attributes.get("extension") or attributes.get("code", "")
        line = self._keyword or {}
        _room_for("attentionLine", self.attention_lines)
        self.attention_lines.append(AttentionLine(line.get("code", ""), root, extension, line.get("codeSystem", "")))

    def detail(self, attributes: Attributes) -> None:
        """An acknowledgement detail begins; it may hold a text and no code."""
        _room_for("acknowledgementDetail", self.details)
        self.details.append(Detail(attributes.get("typeCode", "E"), "", ""))

    def detail_code(self, attributes: Attributes) -> None:
        """The code of an acknowledgement detail."""
        if self.details[-1].code:
            raise _wrong("code of an acknowledgementDetail", "is doubled")
        code, system, is_named = _coded(attributes)
        self.details[-1] = replace(self.details[-1], code=code, code_system=system, is_named=is_named)

    def detail_text(self, _: Attributes) -> None:
        """The text of an acknowledgement detail: that there is one."""
        self.details[-1] = replace(self.details[-1], has_text=True)

    def issue_code(self, attributes: Attributes) -> None:
        """The code of a detected issue."""
        code, system, is_named = _coded(attributes)
        _room_for("justifiedDetectedIssue", self.issues)
        self.issues.append(Detail("E", code, system, is_named))

    def overseer(self, _: Attributes) -> None:
        """A responsible professional; some schemas allow more than one."""
        _room_for("overseer", self.overseers)
        self.overseers.append(OverseerDraft())

    def subject(self, _: Attributes) -> None:
        """A subject: what is sent, or one record of an answer."""
        self._subjects += 1

    def context(self, attributes: Attributes) -> None:
        """A context of a generic query."""
        _room_for("contextCode", self._contexts)
        self._contexts.add(attributes.get("code", ""))

    def unused(self, element: str) -> None:
        """An element that national messages leave out; said once, however often it is there."""
        if element not in self._unused:
            self._unused.append(element)


def _room_for(element: str, taken: Sized) -> None:
    # Each rule looks at each of them, while everybody waits.
    if len(taken) >= MAX_REPEATED:
        raise Refused(f"more than {MAX_REPEATED} times {element}", code="EN-XML-LIMIT")


def _wrong(field: str, what: str) -> Refused:
    return Refused(f"{field} {what}", code="EN-WRAPPER-FIELD")


def _interaction(attributes: Attributes) -> InteractionId:
    if attributes.get("root") != INTERACTION_ROOT:
        raise Refused("interactionId has another root than the HL7 interactions", code="EN-INTERACTION-UNKNOWN")
    try:
        interaction = InteractionId(attributes.get("extension", ""))
    except InvalidIdentifier as error:
        raise Refused(f"interactionId: {error}", code="EN-INTERACTION-UNKNOWN") from None
    if interaction.is_fhir:  # any word may stand in the form of those
        raise Refused("interactionId: of FHIR, in a message of HL7v3", code="EN-INTERACTION-UNKNOWN")
    return interaction


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


def _coded(attributes: Attributes) -> tuple[str, str, bool]:
    return (
        attributes.get("code", ""),
        attributes.get("codeSystem", ""),
        bool(attributes.get("displayName", "").strip()),
    )
