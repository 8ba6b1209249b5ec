"""Invented FHIR requests and bodies, in JSON and XML, and what a whole tree says of them."""

import base64
import json
from typing import Any, Final

from lxml import etree

from edge_node.model.message import Format, Payload

BSN: Final = "http://fhir.nl/fhir/NamingSystem/bsn"
PATIENT: Final = "999911120"
OTHER_PATIENT: Final = "123456782"
CHAIN: Final = "5f3b1c2e-0d7a-4c1b-9f00-0123456789ab"
HOP: Final = "7e57d004-2b97-4e7a-b45f-5387367791cd"
AORTA_ID: Final = f"initialRequestID={CHAIN}; requestID={HOP}"
FHIR_JSON: Final = "application/fhir+json"
FHIR_XML: Final = "application/fhir+xml"

#: An STU3 Task as a referral sends it, about the patient by number.
TASK: Final[dict[str, Any]] = {
    "resourceType": "Task",
    "id": "t1",
    "identifier": [{"system": "urn:oid:2.16.840.1.113883.2.4.3.11.999.1", "value": "referral-7"}],
    "status": "requested",
    "intent": "order",
    "for": {"identifier": {"system": BSN, "value": PATIENT}},
}


def a_patient(number: str = PATIENT, **more: Any) -> dict[str, Any]:
    """A Patient resource."""
    return {"resourceType": "Patient", "identifier": [{"system": BSN, "value": number}], **more}


def a_bundle(*resources: dict[str, Any], type_: str = "searchset") -> dict[str, Any]:
    """A Bundle around resources."""
    return {"resourceType": "Bundle", "type": type_, "entry": [{"resource": resource} for resource in resources]}


def in_json(resource: Any) -> bytes:
    """A resource as JSON is sent."""
    return json.dumps(resource).encode()


def in_xml(resource: dict[str, Any]) -> bytes:
    """The same resource as XML is sent."""
    root = etree.Element(f"{{http://hl7.org/fhir}}{resource['resourceType']}", nsmap={None: "http://hl7.org/fhir"})
    _members(root, resource)
    return etree.tostring(root)


def _members(parent: etree._Element, members: dict[str, Any]) -> None:
    for name, value in members.items():
        for one in value if isinstance(value, list) else [value]:
            if name != "resourceType":
                _member(parent, name, one)


def _member(parent: etree._Element, name: str, value: Any) -> None:
    element = etree.SubElement(parent, f"{{http://hl7.org/fhir}}{name}")
    if not isinstance(value, dict):
        element.set("value", str(value))
    elif "resourceType" in value:
        _members(etree.SubElement(element, f"{{http://hl7.org/fhir}}{value['resourceType']}"), value)
    else:
        _members(element, value)


def base64url(text: bytes) -> str:
    """As a JWT has its parts."""
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def a_token(header: Any = None, **claims: Any) -> str:
    """The value of `Authorization` with these claims; its signature is nobody's."""
    parts = (header or {"alg": "RS256", "typ": "aorta-at+JWT"}, {"iss": "https://as.example", **claims})
    return "Bearer " + ".".join([*(base64url(in_json(part)) for part in parts), "c2lnbmF0dXJl"])


def an_assertion(number: str | None = PATIENT) -> str:
    """A SAML assertion as a local system hands it in, unsigned."""
    attribute = (
        f'<Attribute Name="burgerServiceNummer"><AttributeValue>{number}</AttributeValue></Attribute>'
        if number
        else ""
    )
    saml = 'xmlns="urn:oasis:names:tc:SAML:2.0:assertion"'
    return base64url(
        f"<Assertion {saml} ID='a1'><AttributeStatement>{attribute}</AttributeStatement></Assertion>".encode()
    )


def a_request(method: str = "GET", path: str = "fhir/R4/Task/t1", body: bytes = b"", **headers: str) -> Payload:
    """A request; names of headers with underscores for dashes. `content_type` is that of the body."""
    content_type = headers.pop("content_type", FHIR_JSON if body else "")
    named = {"aorta_id": AORTA_ID, "authorization": a_token(bsn=PATIENT), **headers}
    return Payload(
        path=path,
        soap_action="",
        body=body,
        content_type=content_type,
        format=Format.FHIR,
        method=method,
        headers=tuple((name.replace("_", "-"), value) for name, value in named.items()),
    )
