"""The readable parts of the control act of one message: its author, its question, its queryAck.

Knows: how an author is told from a patient, and what each code of a question is called (domain reference 3.6).
Must not know: where in the message an element stands, which values are allowed.
"""

from collections.abc import Mapping
from typing import Final

from edge_node.errors import Refused
from edge_node.model.identifiers import APPLICATION_ROOT, BSN_ROOT, URA_ROOT
from edge_node.model.message import AuthorIds, QueryAck, QueryParameters

Attributes = dict[str, str]

UZI_ROOT: Final = "2.16.528.1.1007.3.1"
#: Of who works at the customer desk, and of the PKIoverheid card he has (domain reference 1.3).
_DESK_ROOTS: Final = frozenset({"2.16.840.1.113883.2.4.3.11.7.3", "2.16.528.1.1003.1.3.5.4.1"})
ROLE_SYSTEM: Final = "2.16.840.1.113883.2.4.15.111"
_PATIENT_ROLE_SYSTEM: Final = "2.16.840.1.113883.2.4.3.11.8"
_NUMBER_DIGITS: Final = 9
_NAME_CHARS: Final = 200


class AuthorDraft:
    """Gathers who the author is while the control act is read."""

    def __init__(self) -> None:
        self.kind: str | None = None
        self._uzi: str | None = None
        self._role: str | None = None
        self._application: str | None = None
        self._ura: str | None = None
        self._organisation = ""
        self._has_other_number = self._is_at_desk = False

    def person(self) -> None:
        """The author is a person, until the ids say that it is the patient."""
        self.kind = _one(self.kind, "person")

    def device(self) -> None:
        """The author is a system."""
        self.kind = _one(self.kind, "device")

    def person_id(self, attributes: Attributes) -> None:
        """A person identified by a citizen's number is the patient."""
        if attributes.get("root") == BSN_ROOT:
            self.kind = _one(self._uzi, "patient")
        elif attributes.get("root") == UZI_ROOT:
            # A patient has no such number: the rules would bind him, or not, by which of the two is read.
            self._uzi = _one("patient" if self.kind == "patient" else self._uzi, attributes.get("extension"))
        else:
            self._has_other_number = self._has_other_number or bool(attributes.get("extension"))
            is_desks = attributes.get("root") in _DESK_ROOTS and bool(attributes.get("extension"))
            self._is_at_desk = self._is_at_desk or is_desks

    def person_role(self, attributes: Attributes) -> None:
        """A role of a professional, or that of patient (domain reference 1.3)."""
        if attributes.get("code") == "P" and attributes.get("codeSystem") == _PATIENT_ROLE_SYSTEM:
            self.kind = _one(self._uzi, "patient")
        elif attributes.get("codeSystem") == ROLE_SYSTEM:
            self._role = _one(self._role, attributes.get("code"))

    def device_id(self, attributes: Attributes) -> None:
        """A system has a number of its own beside its application id."""
        if attributes.get("root") == APPLICATION_ROOT:
            self._application = _one(self._application, attributes.get("extension"))

    def organisation_id(self, attributes: Attributes) -> None:
        """The number of the organisation, beside others it may have."""
        if attributes.get("root") == URA_ROOT:
            self._ura = _one(self._ura, attributes.get("extension"))

    def organisation_name(self, text: str) -> None:
        """The name of the organisation; of more than one, the first."""
        self._organisation = self._organisation or " ".join(text.split())[:_NAME_CHARS]

    def ids(self) -> AuthorIds:
        """What was found."""
        return AuthorIds(
            uzi=self._uzi,
            role=self._role,
            application=self._application,
            ura=self._ura,
            organisation=self._organisation,
            has_other_number=self._has_other_number,
            # Who has a number of the register is held to his card, whatever else he has.
            is_at_desk=self._is_at_desk and self._uzi is None,
        )


def _one(known: str | None, found: str | None) -> str | None:
    """What was found, where nothing was known before."""
    if known is not None:
        raise Refused("the author is doubled", code="EN-WRAPPER-FIELD")
    return found


def query_parameters(fields: Mapping[str, Attributes], contexts: frozenset[str]) -> QueryParameters | None:
    """The question, where the message holds one."""
    if "queryByParameter" not in fields:
        return None
    return QueryParameters(
        has_id="queryId of the question" in fields,
        status_code=_code(fields, "statusCode"),
        modify_code=_code(fields, "modifyCode"),
        priority_code=_code(fields, "responsePriorityCode"),
        quantity_unit=_quantity_unit(fields),
        contexts=contexts,
    )


def query_ack(fields: Mapping[str, Attributes]) -> QueryAck | None:
    """The quantities of the answer, where the message holds a queryAck."""
    if "queryAck" not in fields:
        return None
    return QueryAck(
        total=number(fields, "resultTotalQuantity"),
        current=number(fields, "resultCurrentQuantity"),
        remaining=number(fields, "resultRemainingQuantity"),
    )


def number(fields: Mapping[str, Attributes], field: str) -> int | None:
    """A quantity; None where there is none or it is no small number."""
    text = fields.get(field, {}).get("value", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _NUMBER_DIGITS else None


def _quantity_unit(fields: Mapping[str, Attributes]) -> str | None:
    if "initialQuantity" not in fields and "initialQuantityCode" not in fields:
        return None
    return _code(fields, "initialQuantityCode") or ""


def _code(fields: Mapping[str, Attributes], field: str) -> str | None:
    return fields[field].get("code", "") if field in fields else None
