"""What a far end may do with a FHIR request, and what a FHIR client says.

Knows: resources in JSON and XML, tokens as one outside the node would make them.
Must not know: sockets, the node.
"""

import base64
import json
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from edge_node.sandbox.samples.fhir import fhir_kinds, handed_in
from edge_node.sandbox.samples.fhir_xml import as_xml
from edge_node.sandbox.samples.people import GP, PRACTICE
from edge_node.sandbox.samples.tokens import TokenMaker, application, signed
from tests.stories import moves
from tests.stories.far_end import Move, Turn
from tests.stories.moves import ANNA

JSON = "application/fhir+json"
XML = "application/fhir+xml"
BSN = "http://fhir.nl/fhir/NamingSystem/bsn"
_TOKENS = TokenMaker(PRACTICE, zim="1", now=moves.now, chance=secrets.token_hex)

#: The id of a token that the authorisation server has seen before the story begins: it refuses it.
SPENT = "_spent"

Resource = Mapping[str, Any]


# What a client says


def a_bearer(bsn: str | None = ANNA.bsn) -> str:
    """An access token; the node reads it, and nobody here verifies it."""
    claims = {"jti": secrets.token_hex(8), "iss": "https://as.example"} | ({"bsn": bsn} if bsn else {})
    return f"Bearer {_part({'alg': 'RS256', 'typ': 'aorta-at+JWT'})}.{_part(claims)}.c2lnbmVk"


def a_transaction_token(bsn: str = ANNA.bsn, id_: str | None = None, *, asker: str = "80000001") -> str:
    """What a user signed: a SAML assertion, base64url. It is for whatever a story asks."""
    interactions = " ".join(kind.interaction for kind in fhir_kinds().values())
    own = ("applicationID", application(asker))
    attributes = (("interactionId", interactions), ("burgerServiceNummer", bsn), own)
    said = _TOKENS.transaction(attributes, f"{GP.uzi}:{GP.role}", moves.hand_of(GP))
    return handed_in(signed(said if id_ is None else replace(said, id=id_), moves.hand_of(GP)))


def an_aorta_id(initial: str | None = None) -> str:
    """The ids of a request."""
    return f"initialRequestID={initial or uuid.uuid4()}; requestID={uuid.uuid4()}"


def initial_of(aorta_id: str) -> str:
    """The chain a request belongs to."""
    return _ids(aorta_id)["initialRequestID"]


def request_of(aorta_id: str) -> str:
    """This hop of it."""
    return _ids(aorta_id)["requestID"]


def a_search(resource: str = "MedicationRequest", bsn: str = ANNA.bsn, version: str = "R4") -> str:
    """The address of a search by patient."""
    return f"/fhir/{version}/{resource}?patient.identifier={BSN}|{bsn}"


# Resources


def a_task(bsn: str = ANNA.bsn, id_: str | None = None, status: str = "requested") -> Resource:
    """A Task about a patient."""
    task = {
        "resourceType": "Task",
        "identifier": [{"system": "urn:oid:2.16.840.1.99", "value": secrets.token_hex(6)}],
        "status": status,
        "intent": "order",
        "for": {"identifier": {"system": BSN, "value": bsn}},
    }
    return {"resourceType": "Task", "id": id_, **task} if id_ else task


def a_bundle(bsn: str = ANNA.bsn, count: int = 1, text: str = "one of two") -> Resource:
    """What answers a search: medication of a patient."""
    subject = {"identifier": {"system": BSN, "value": bsn}}
    resource = {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "subject": subject,
        "note": [{"text": text}],
    }
    entries = [{"resource": {**resource, "id": f"m{number}"}} for number in range(count)]
    return {"resourceType": "Bundle", "type": "searchset", "total": count, "entry": entries}


def an_outcome(code: str = "RTEDEST", issue: str = "transient") -> Resource:
    """What a broker says when it cannot."""
    system = "http://terminology.hl7.org/CodeSystem/v3-AcknowledgementDetailCode"
    coding = [{"system": system, "code": code}]
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": issue, "details": {"coding": coding}}],
    }


def capabilities() -> Resource:
    """What a server can do."""
    return {"resourceType": "CapabilityStatement", "status": "active", "kind": "instance", "fhirVersion": "4.0.1"}


def written(resource: Resource, media_type: str = JSON) -> bytes:
    """A resource in that form."""
    return as_xml(resource) if "xml" in media_type else json.dumps(resource).encode()


# Moves


def gives(resource: Resource, status: int = 200, **headers: str) -> Move:
    """Answer with that, in the form that is asked for."""
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda turn: turn.answer(written(resource, _form(turn)), status, _form(turn), said)


def says(body: bytes, status: int = 200, content_type: str = JSON) -> Move:
    """Answer just that."""
    return lambda turn: turn.answer(body, status, content_type)


def creates(turn: Turn) -> None:
    """Take a new resource."""
    said = {"location": f"{turn.path}/77/_history/1", "etag": 'W/"1"'}
    turn.answer(turn.body, 201, turn.headers["content-type"], said)


def usual(turn: Turn) -> None:
    """What a good FHIR server does."""
    match turn.method:
        case "GET" if turn.path.endswith("/metadata"):
            gives(capabilities())(turn)
        case "GET" if turn.path.rpartition("/")[2][0].islower() or turn.path[-1].isdigit():
            gives(a_task(id_=turn.path.rpartition("/")[2]))(turn)
        case "POST" if "$" in turn.path or "%24" in turn.path:
            gives(an_outcome("ok", "informational"))(turn)
        case "GET":
            gives(a_bundle())(turn)
        case "POST" if turn.path.endswith("_search"):
            gives(a_bundle())(turn)
        case "POST":
            creates(turn)
        case "PUT":
            turn.answer(turn.body, 200, turn.headers["content-type"], {"etag": 'W/"2"'})
        case _:
            turn.answer(b"", 204)


def _form(turn: Turn) -> str:
    return XML if "xml" in turn.headers.get("accept", turn.headers.get("content-type", "")) else JSON


def _part(said: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


def _ids(aorta_id: str) -> dict[str, str]:
    return dict(part.strip().split("=") for part in aorta_id.split(";"))  # type: ignore[misc]
