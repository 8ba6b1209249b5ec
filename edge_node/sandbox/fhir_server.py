"""A simulated FHIR server of a care application: finds, gives, takes, changes and removes resources.

Knows: which answer each kind of request has.
Must not know: HTTP, ledgers, whether it stands behind a node or inside the simulated switchboard.
"""

from collections.abc import Callable
from datetime import datetime

from edge_node.sandbox.fhir_exchange import FhirAsked, FhirReply, outcome_reply, resource_reply
from edge_node.sandbox.fhir_reading import FhirSeen
from edge_node.sandbox.samples.fhir_resources import Subject, bundle, capabilities, make
from edge_node.sandbox.samples.people import Party, Patient, patient, patient_with

_PATIENTS = 400
_NOBODY_ASKED = 3  # whose data a read without a patient gives
_STORES = frozenset({"create", "update"})


class FhirServer:
    """Answers as one application."""

    def __init__(self, party: Party, *, now: Callable[[], datetime], chance: Callable[[int], str]) -> None:
        self._party = party
        self._now = now
        self._chance = chance
        self._patients = {one.bsn: one for one in (patient(index) for index in range(_PATIENTS))}

    def answer(self, asked: FhirAsked, seen: FhirSeen, patient_number: str | None = None) -> FhirReply:
        """Return the answer to a request; `patient_number` is what its token says."""
        kind = seen.kind
        if kind.action == "capabilities":
            return resource_reply(asked, capabilities(kind.fhir_version))
        number = next(iter(seen.patients), patient_number)
        found = self._patients.get(number or "") or patient_with(number or "")
        if kind.action == "search":
            return resource_reply(asked, bundle([make(kind.resource, self._about(found, ""))] if found else []))
        about = self._about(found or patient(_NOBODY_ASKED), seen.id)
        if found is None and kind.action in _STORES:
            return _stored(asked, kind.action, about.id)
        match kind.action:
            case "read":
                return resource_reply(asked, make(kind.resource, about), ETag='W/"1"')
            case "create":
                place = _place(asked, about.id)
                return resource_reply(asked, make(kind.resource, about), 201, Location=place, ETag='W/"1"')
            case "update":
                return resource_reply(asked, make(kind.resource, about), 200, ETag='W/"2"')
            case "delete":
                return FhirReply(status=204)
        return outcome_reply(asked, 200, "OK", "Verzonnen bewerking gedaan.", "informational")

    def _about(self, who: Patient, id_: str) -> Subject:
        moment = f"{self._now():%Y-%m-%dT%H:%M:%SZ}"
        return Subject(patient=who, party=self._party, seed=self._chance(16), moment=moment, given_id=id_)


def _stored(asked: FhirAsked, action: str, id_: str) -> FhirReply:
    """Say that it is stored, and no more: a resource that names no patient is not answered with one that does."""
    if action == "update":
        return FhirReply(status=200, headers={"etag": 'W/"2"'})
    return FhirReply(status=201, headers={"location": _place(asked, id_), "etag": 'W/"1"'})


def _place(asked: FhirAsked, id_: str) -> str:
    return f"{asked.path}/{id_}/_history/1"
