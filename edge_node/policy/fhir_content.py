"""The rules on the body: is it what method and address say it is, and about one patient?

Knows: which interaction carries which resource (FHIR RESTful API), the places that name a patient.
Must not know: what else a resource says.
"""

from typing import Final

from edge_node.model.fhir import Action
from edge_node.model.fhir_types import type_shown
from edge_node.model.finding import Finding
from edge_node.policy.fhir_case import FhirCase

_WITH_RESOURCE: Final = frozenset({Action.CREATE, Action.UPDATE, Action.TRANSACTION})
_BUNDLES: Final = frozenset({"transaction", "batch"})
_CODE: Final = "EN-FHIR-BODY"


def check_body(case: FhirCase) -> Finding | None:
    """A create and an update carry a resource, and nothing but a patch carries what is none."""
    call, body = case.reading.call, case.reading.body
    if body is None:
        missing = call.action in _WITH_RESOURCE or call.action is Action.PATCH
        return Finding(_CODE, f"{call.action} without a body") if missing else None
    if body.resource is None and call.action is not Action.PATCH:
        return Finding(_CODE, "the body is no resource")
    return None


def check_resource(case: FhirCase) -> Finding | None:
    """The resource is of the type in the address; to the base goes a Bundle, as transaction or batch."""
    call, resource = case.reading.call, case.reading.resource
    if call.action not in _WITH_RESOURCE or resource is None:
        return None
    if call.action is Action.TRANSACTION:
        if resource == "Bundle" and case.reading.bundle in _BUNDLES:
            return None
        return Finding(_CODE, "what is posted to the base is a Bundle of type transaction or batch")
    return None if resource == call.resource else Finding(_CODE, f"the body is no {type_shown(call.resource or '')}")


def check_id(case: FhirCase) -> Finding | None:
    """An update of one resource carries the id that is in the address (FHIR RESTful API, update)."""
    call, body = case.reading.call, case.reading.body
    if call.action is not Action.UPDATE or call.id is None or body is None:
        return None
    return None if body.id == call.id else Finding(_CODE, "the id in the body is not the one in the address")


def check_one_patient(case: FhirCase) -> Finding | None:
    """All places that name a patient name the same one; a request is about one (domain reference 7)."""
    patients = case.reading.patients
    if patients.disagree:
        places = ", ".join(sorted({place for place, _ in patients.found}))
        return Finding("EN-WRONG-PATIENT", f"named differently at: {places}")
    return None
