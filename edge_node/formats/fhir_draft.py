"""What the node wants of a FHIR body, gathered while it is read, whether it is JSON or XML.

Knows: where resources, identifiers, references and issues stand in the tree of a body.
Must not know: how the tree is written, what is judged of it.

The type of a resource may be told after its content (JSON), so what depends on it is decided when the resource ends.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from edge_node.errors import Refused
from edge_node.formats.fhir_patients import BSN_SYSTEMS, numbers_in_address, numbers_in_query, patient_number
from edge_node.model.fhir import FhirBody, OutcomeIssue
from edge_node.model.identifiers import Bsn
from edge_node.model.message import Patients

#: Elements that name who did something, or a relative: a BSN below them is not the patient's.
OTHERS: Final = frozenset({
    "actor", "agent", "asserter", "attester", "author", "collector", "consentingParty", "consentor", "contact",
    "enterer", "grantee", "grantor", "handler", "informant", "informationSource", "link", "manager", "member",
    "owner", "participant", "party", "payor", "performer", "policyHolder", "provider", "receiver", "recipient",
    "recorder", "requester", "responsible", "sender", "signature", "source", "subscriber", "verifiedBy", "who",
})  # fmt: skip
#: Resources whose own identifier is somebody else's than the patient's. What they say of the patient counts.
OTHER_PEOPLE: Final = frozenset({"RelatedPerson", "Practitioner", "PractitionerRole", "Person"})

#: Values that may be an address with a search in it.
_ADDRESSES: Final = frozenset({"url", "reference", "fullUrl"})
_KEPT: Final = frozenset({"system", "value", "type", "id", "severity", "code", "status"})
_MAX_FOUND: Final = 64  # issues and statuses beyond are left out
_CODE: Final = "EN-FHIR-BODY"
_TYPE: Final = re.compile(r"[A-Z][A-Za-z]{1,63}")
#: What an element of FHIR is called. A place is told in errors and logs: in JSON a name may be any text.
_NAME: Final = re.compile(r"_?(?!.*[0-9]{3})[A-Za-z][A-Za-z0-9]{0,63}")

Path = tuple[str, ...]


@dataclass(slots=True)
class _Element:
    """An element that has begun and not yet ended."""

    path: Path  # names from the root down; the root's own is left out
    resource: str | None = None
    values: dict[str, list[str | None]] = field(default_factory=dict)
    codings: list[tuple[str, str]] = field(default_factory=list)
    found: dict[tuple[Path, str], None] = field(default_factory=dict)  # patient numbers, and where


class FhirDraft:
    """Takes a tree element by element. `body` may be asked at any time; it is whole after the root has ended."""

    def __init__(self) -> None:
        self._open: list[_Element] = []
        self._patients: dict[tuple[str, str], Bsn] = {}
        self._issues: list[OutcomeIssue] = []
        self._statuses: dict[str, None] = {}  # each once: one refusal among thousands counts
        self.resource_type: str | None = None  # of the root
        self._id: str | None = None
        self._bundle: str | None = None

    def begin(self, name: str) -> None:
        """An element begins. An element of an array begins like one by itself; "" is none of its own."""
        above = self._open[-1].path if self._open else ()
        self._open.append(_Element((*above, name) if name else above))

    def resource(self, type_: str) -> None:
        """The element that began last is a resource of this type."""
        element = self._open[-1]
        if not _TYPE.fullmatch(type_):
            raise Refused("resourceType is no name of a type", code=_CODE)
        if element.resource is not None and element.resource != type_:
            raise Refused("a resource of two types", code=_CODE)
        element.resource = type_
        if len(self._open) == 1:
            self.resource_type = type_

    def value(self, name: str, text: str | None) -> None:
        """The element that began last has a primitive of that name; `text` is None for what is no string."""
        element = self._open[-1]
        if name in _KEPT:
            element.values.setdefault(name, []).append(text)
        elif name in _ADDRESSES and text:
            for number in numbers_in_address(text):
                element.found[(*element.path, name), number] = None
        elif name == "ifNoneExist" and text:
            for number in numbers_in_query(text.partition("?")[2] or text):
                element.found[(*element.path, name), number] = None

    def end(self) -> None:
        """The element that began last ends."""
        element = self._open.pop()
        if element.values:
            self._take(element)
        above = self._open[-1] if self._open else None
        if element.resource is not None or above is None:
            self._settle(element)
        elif element.found:
            above.found |= element.found
        if above is None:
            self._id = self._only(element, "id")
            # Elsewhere a type is a concept, of which there may be several.
            self._bundle = self._only(element, "type") if element.resource == "Bundle" else None
        elif element.codings and element.path[-1:] == ("details",):
            above.codings += element.codings

    @property
    def patients(self) -> Patients:
        """The patients of the resources that have ended."""
        return Patients(found=tuple((place, bsn) for (place, _), bsn in self._patients.items()))

    def body(self, *, is_json: bool) -> FhirBody:
        """What was gathered."""
        return FhirBody(
            resource=self.resource_type,
            patients=self.patients,
            id=self._id,
            bundle=self._bundle,
            issues=tuple(self._issues),
            statuses=tuple(self._statuses),
            is_json=is_json,
        )

    def _only(self, root: _Element, name: str) -> str | None:
        if len(root.values.get(name, ())) > 1:
            raise Refused(f"a resource has one {name}", code=_CODE)
        return _first(root, name)

    def _take(self, element: _Element) -> None:
        """Take what the values of an element mean together."""
        if "system" in element.values:
            self._identifier(element)
        path, name = element.path, element.path[-1] if element.path else ""
        if name == "coding" and self._open:
            self._open[-1].codings.append((_first(element, "system") or "", _first(element, "code") or ""))
        elif path == ("issue",) and len(self._issues) < _MAX_FOUND:
            severity, code = _first(element, "severity") or "", _first(element, "code") or ""
            self._issues.append(OutcomeIssue(severity=severity, code=code, details=tuple(element.codings)))
        elif path == ("entry", "response") and len(self._statuses) < _MAX_FOUND:
            self._statuses[_first(element, "status") or ""] = None

    def _identifier(self, element: _Element) -> None:
        systems, values = element.values["system"], element.values.get("value", [])
        if BSN_SYSTEMS.isdisjoint(systems):
            return
        if len(systems) > 1 or len(values) > 1 or None in values:
            raise Refused("an identifier has one system and one value, each a string", code=_CODE)
        # Without a value it was left out on purpose (data-absent-reason): it is not a wrong one.
        if values and values[0] is not None and values[0].strip() and OTHERS.isdisjoint(element.path):
            element.found[element.path, values[0].strip()] = None

    def _settle(self, element: _Element) -> None:
        """What was found in a resource counts from here, but for the number of somebody else."""
        own = (*element.path, "identifier")
        for path, number in element.found:
            if path == own and element.resource in OTHER_PEOPLE:
                continue
            place = "body:" + ".".join(name if _NAME.fullmatch(name) else "?" for name in path)
            if (place, number) not in self._patients:
                self._patients[place, number] = patient_number(place, number)


def _first(element: _Element, name: str) -> str | None:
    values = element.values.get(name)
    return values[0] if values else None
