"""FHIR requests and answers, for tests of the line."""

import base64
import json
from typing import Any, Final

from edge_node.model.message import Format, Payload
from tests.doubles import GivenAnswer

JSON: Final = "application/fhir+json"
BSN: Final = "http://fhir.nl/fhir/NamingSystem/bsn"
PATIENT: Final = "999911120"
OTHER: Final = "123456782"
CHAIN: Final = "00000000-0000-4000-8000-000000000001"
IDS: Final = f"initialRequestID={CHAIN}; requestID=00000000-0000-4000-8000-000000000002"
SEARCH: Final = f"fhir/R4/MedicationRequest?patient.identifier={BSN}|{PATIENT}"
_ASSERTION: Final = (
    '<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1"><AttributeStatement>'
    '<Attribute Name="burgerServiceNummer"><AttributeValue>{bsn}</AttributeValue></Attribute>'
    "</AttributeStatement></Assertion>"
)


def part(said: Any) -> str:
    """A part of a JWT, or a header with an assertion."""
    text = said if isinstance(said, str) else json.dumps(said)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def bearer(bsn: str = PATIENT) -> str:
    """An access token."""
    return f"Bearer {part({'alg': 'RS256'})}.{part({'bsn': bsn})}.c2ln"


def transaction_token(bsn: str = PATIENT) -> str:
    """What a user signed."""
    return part(_ASSERTION.format(bsn=bsn))


def task(bsn: str = PATIENT, id_: str | None = None) -> bytes:
    """A Task about a patient."""
    about = {"identifier": {"system": BSN, "value": bsn}}
    return json.dumps({"resourceType": "Task", **({"id": id_} if id_ else {}), "for": about}).encode()


def bundle(bsn: str = PATIENT, count: int = 1, **more: Any) -> bytes:
    """What answers a search."""
    subject = {"identifier": {"system": BSN, "value": bsn}}
    entry = {"resource": {"resourceType": "MedicationRequest", "subject": subject}}
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": [entry] * count, **more}).encode()


def outcome(code: str) -> bytes:
    """An OperationOutcome with one code of the switchboard's."""
    issue = {"severity": "error", "code": "transient", "details": {"coding": [{"code": code}]}}
    return json.dumps({"resourceType": "OperationOutcome", "issue": [issue]}).encode()


def payload(path: str = SEARCH, method: str = "GET", body: bytes = b"", **headers: str) -> Payload:
    """A request with an access token; a header that is empty is left out."""
    given = {"authorization": bearer(), "aorta-id": IDS} | {n.replace("_", "-"): v for n, v in headers.items()}
    return Payload(
        path=path,
        soap_action="",
        body=body,
        content_type=JSON if body else "",
        format=Format.FHIR,
        method=method,
        headers=tuple((name, value) for name, value in given.items() if value),
    )


def answer(*pieces: bytes | Exception, status: int = 200, **headers: str) -> GivenAnswer:
    """What the other side answers."""
    said = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return GivenAnswer(*pieces, status=status, content_type=JSON, headers=said)


def code_of(body: bytes) -> str:
    """Our code in an OperationOutcome."""
    return str(json.loads(body)["issue"][0]["details"]["coding"][0]["code"])
