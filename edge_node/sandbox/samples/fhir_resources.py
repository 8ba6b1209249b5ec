"""Invented FHIR resources about an invented patient, as JSON has them.

Knows: for each type of resource where its patient stands, and the elements it cannot do without.
Must not know: interactions, headers, who sends or answers.

Properties stand in the order of the specification, so that the same resource can be written in XML.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from edge_node.formats.fhir_patients import BSN_SYSTEM
from edge_node.sandbox.samples.people import Party, Patient

URA_SYSTEM: Final = "http://fhir.nl/fhir/NamingSystem/ura"
UUIDS: Final = "urn:ietf:rfc:3986"
_SNOMED: Final = "http://snomed.info/sct"
_CLINICAL: Final = "http://terminology.hl7.org/CodeSystem"

Resource = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a resource is about, and by whom."""

    patient: Patient
    party: Party
    seed: str  # 32 hexadecimal digits: the same seed gives the same resource
    moment: str  # with its time zone
    given_id: str = ""

    @property
    def id(self) -> str:
        """The id at its server."""
        return (
            self.given_id
            or f"{self.seed[:8]}-{self.seed[8:12]}-{self.seed[12:16]}-{self.seed[16:20]}-{self.seed[20:32]}"
        )

    @property
    def identifier(self) -> Resource:
        """The business identifier, which every copy keeps."""
        return {"system": UUIDS, "value": f"urn:uuid:{self.id}"}


def bsn_of(patient: Patient) -> Resource:
    """The patient number as an Identifier."""
    return {"system": BSN_SYSTEM, "value": patient.bsn}


def make(kind: str, about: Subject) -> Resource:
    """Return a resource of that type."""
    begin = {"resourceType": kind, "id": about.id}
    special = _SPECIAL.get(kind)
    if special is not None:
        return begin | special(about)
    status, place, *more = _PLAIN[kind]
    made = begin | {"identifier": [about.identifier]} | ({"status": status} if status else {})
    for name, value in more:
        made[name] = value
    return made | {place: _reference(about.patient)}


def parameters(about: Subject) -> Resource:
    """What an operation is called with."""
    return {
        "resourceType": "Parameters",
        "parameter": [{"name": "patient", "valueIdentifier": bsn_of(about.patient)}],
    }


def bundle(entries: list[Resource]) -> Resource:
    """What a search finds."""
    listed = [{"resource": one, "search": {"mode": "match"}} for one in entries]
    made: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    return made | ({"entry": listed} if listed else {})


def capabilities(version: str) -> Resource:
    """What a server says it can do."""
    numbers = {"STU3": "3.0.2", "R4": "4.0.1", "R5": "5.0.0"}
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-01-01",
        "kind": "instance",
        "fhirVersion": numbers[version],
        "format": ["json", "xml"],
        "rest": [{"mode": "server"}],
    }


def _reference(patient: Patient) -> Resource:
    return {"identifier": bsn_of(patient), "display": f"{patient.given} {patient.family}"}


def _concept(code: str, text: str, system: str = _SNOMED) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": text}], "text": text}


def _patient(about: Subject) -> Resource:
    who = about.patient
    return {
        "identifier": [bsn_of(who)],
        "name": [{"family": who.family, "given": [who.given]}],
        "gender": {"F": "female", "M": "male"}[who.gender],
        "birthDate": f"{who.born[:4]}-{who.born[4:6]}-{who.born[6:]}",
    }


def _task(about: Subject) -> Resource:
    return {
        "identifier": [about.identifier],
        "status": "requested",
        "intent": "proposal",
        "code": _concept("308292007", "Overdracht van zorg (verzonnen)"),
        "for": _reference(about.patient),
        "authoredOn": about.moment,
        "owner": {"identifier": {"system": URA_SYSTEM, "value": about.party.ura}, "display": about.party.name},
    }


def _observation(about: Subject) -> Resource:
    value = {"value": 120 + int(about.seed[:2], 16) % 30, "unit": "mm[Hg]", "code": "mm[Hg]"}
    return {
        "identifier": [about.identifier],
        "status": "final",
        "code": _concept("8480-6", "systolische bloeddruk", "http://loinc.org"),
        "subject": _reference(about.patient),
        "effectiveDateTime": about.moment,
        "valueQuantity": value,
    }


def _questionnaire_response(about: Subject) -> Resource:
    return {
        "identifier": about.identifier,
        "status": "completed",
        "subject": _reference(about.patient),
        "authored": about.moment,
        "item": [{"linkId": "1", "text": "Hoe gaat het?", "answer": [{"valueString": "Beter, dank u & tot ziens"}]}],
    }


def _audit_event(about: Subject) -> Resource:
    return {
        "type": {"system": f"{_CLINICAL}/audit-event-type", "code": "rest"},
        "recorded": about.moment,
        "agent": [{"who": {"display": about.party.name}, "requestor": True}],
        "source": {"observer": {"display": "Schakelpunt Edge Node Test"}},
        "entity": [{"what": {"identifier": bsn_of(about.patient)}}],
    }


def _appointment(about: Subject) -> Resource:
    return {
        "identifier": [about.identifier],
        "status": "booked",
        "start": about.moment,
        "participant": [{"actor": _reference(about.patient), "status": "accepted"}],
    }


def _binary(about: Subject) -> Resource:
    return {"contentType": "text/plain", "data": "VmVyem9ubmVuIGRvY3VtZW50Lg=="}


def _manifest(about: Subject) -> Resource:
    return {
        "identifier": [about.identifier],
        "status": "current",
        "type": _concept("460320", "Professionele samenvatting", "urn:oid:2.16.840.1.113883.2.4.15.4"),
        "subject": _reference(about.patient),
        "created": about.moment,
        "content": [{"reference": f"Basic/{about.id}"}],
    }


_SPECIAL: Final[Mapping[str, Callable[[Subject], Resource]]] = {
    "Patient": _patient,
    "Task": _task,
    "Observation": _observation,
    "QuestionnaireResponse": _questionnaire_response,
    "AuditEvent": _audit_event,
    "Appointment": _appointment,
    "Binary": _binary,
    "DocumentManifest": _manifest,
}
_DRUG: Final = ("medicationCodeableConcept", {"text": "PARACETAMOL TABLET 500MG"})
#: Status, the element with the patient, and what stands before it.
_PLAIN: Final[Mapping[str, tuple[Any, ...]]] = {
    "AllergyIntolerance": ("", "patient", ("code", {"text": "Verzonnen allergie"})),
    "CarePlan": ("active", "subject", ("intent", "plan")),
    "CareTeam": ("active", "subject"),
    "Composition": ("final", "subject", ("type", {"text": "Verzonnen verslag"})),
    "Condition": ("", "subject", ("code", {"text": "Hoesten"})),
    "Consent": ("active", "patient"),
    "Coverage": ("active", "beneficiary"),
    "DeviceRequest": ("active", "subject", ("intent", "order")),
    "DeviceUseStatement": ("active", "subject"),
    "DiagnosticReport": ("final", "subject", ("code", {"text": "Verzonnen onderzoek"})),
    "DocumentReference": ("current", "subject"),
    "Encounter": ("finished", "subject"),
    "EpisodeOfCare": ("active", "patient"),
    "Flag": ("active", "subject"),
    "Immunization": ("completed", "patient"),
    "ImmunizationRecommendation": ("", "patient"),
    "MedicationDispense": ("completed", "subject", _DRUG),
    "MedicationRequest": ("active", "subject", ("intent", "order"), _DRUG),
    "MedicationStatement": ("active", "subject", _DRUG),
    "NutritionOrder": ("active", "patient"),
    "Procedure": ("completed", "subject"),
    "ProcedureRequest": ("active", "subject", ("intent", "order")),
}
