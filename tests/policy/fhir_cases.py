"""FHIR requests for the rules: one good one, and what is changed about it."""

from dataclasses import replace
from typing import Any

from edge_node.formats import interactions
from edge_node.formats.fhir_address import read_call
from edge_node.formats.fhir_headers import read_aorta_id
from edge_node.formats.fhir_rows import name_of, row_of
from edge_node.model.fhir import Claims, FhirBody, FhirReading, SamlTokens, TokenMode
from edge_node.model.message import Direction, Patients
from edge_node.model.peer import LocalCaller, SwitchboardCaller
from edge_node.policy.fhir_case import FhirCase
from tests.nouns import PATIENT, a_site, an_application
from tests.peers import a_certificate

CATALOGUE = interactions.load()
SAML = SamlTokens(transaction="PGE-")
CHAIN = read_aorta_id(
    "initialRequestID=5f3b1c2e-0d7a-4c1b-9f00-0123456789ab; requestID=7e57d004-2b97-4e7a-b45f-5387367791cd"
)
OUTSIDE = SwitchboardCaller(name="broker", identity="practice", certificate=a_certificate())
WITH_FHIR = an_application(fhir_bases={"R4": "http://127.0.0.1:1/fhir/R4"})
EXCHANGING = an_application(fhir_tokens=TokenMode.EXCHANGE, renews_tokens=True)


def a_body(resource: str | None = "Task", **changes: Any) -> FhirBody:
    return replace(FhirBody(resource=resource, patients=Patients(), id="t1"), **changes)


def a_fhir_reading(method: str = "POST", path: str = "fhir/R4/Task", **changes: Any) -> FhirReading:
    reading = FhirReading(
        call=read_call(method, path),
        patients=Patients(found=(("token", PATIENT),)),
        digest=b"d" * 32,
        aorta_id=CHAIN,
        claims=Claims(patient=PATIENT),
        body=a_body() if method in {"POST", "PUT", "PATCH"} else None,
    )
    return replace(reading, **changes)


def a_fhir_case(reading: FhirReading | None = None, **changes: Any) -> FhirCase:
    reading = reading or a_fhir_reading()
    row = row_of(CATALOGUE, reading.call, reading.aorta_version, reading.bundle)
    case = FhirCase(
        direction=Direction.OUT,
        reading=reading,
        row=row,
        interaction=str(row.id) if row is not None else name_of(reading.call, reading.bundle),
        caller=LocalCaller(name="his", method="bearer"),
        site=a_site(),
        application=an_application(),
    )
    return replace(case, **changes)


def coming_in(reading: FhirReading | None = None, **changes: Any) -> FhirCase:
    """The same, from the switchboard."""
    inbound = {"direction": Direction.IN, "caller": OUTSIDE, "application": WITH_FHIR}
    return a_fhir_case(reading, **{**inbound, **changes})
