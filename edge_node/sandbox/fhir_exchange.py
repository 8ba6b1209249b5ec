"""A FHIR request to a sandbox party, and its reply.

Knows: their fields, how JSON and an OperationOutcome are written in a reply.
Must not know: HTTP, who the party is.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from edge_node.sandbox.faults import Fault
from edge_node.sandbox.samples.fhir_xml import as_xml

JSON: Final = "application/fhir+json; charset=utf-8"
XML: Final = "application/fhir+xml; charset=utf-8"
#: Where the codes of AORTA and HL7 that an OperationOutcome of the sandbox holds come from.
CODES: Final = "http://terminology.hl7.org/CodeSystem/v3-AcknowledgementDetailCode"


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirAsked:
    """A request, whole. The target may hold a patient number."""

    method: str
    target: str = field(repr=False)  # path and query
    headers: Mapping[str, str] = field(repr=False)  # names in lower case
    body: bytes = field(default=b"", repr=False)

    @property
    def path(self) -> str:
        """The address without its query."""
        return self.target.partition("?")[0]

    @property
    def wants_xml(self) -> bool:
        """In what the asker wants its answer."""
        wanted = self.headers.get("accept") or self.headers.get("content-type", "")
        return "xml" in wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirReply:
    """What the asker gets, and in what manner."""

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    manner: Fault | None = None

    @property
    def outcome(self) -> str:
        """For a ledger: the receipt or the answer, or else the first code that says no."""
        if self.status < 300:
            return "AA" if self.status == 200 else "CA"
        try:
            issue = json.loads(self.body)["issue"][0]
            return str(issue["details"]["coding"][0]["code"])
        except (ValueError, KeyError, IndexError, TypeError):
            return f"HTTP {self.status}"


def resource_reply(asked: FhirAsked, resource: Mapping[str, Any], status: int = 200, **headers: str) -> FhirReply:
    """Answer with a resource, in the form that was asked for."""
    is_xml = asked.wants_xml
    body = as_xml(resource) if is_xml else json.dumps(resource).encode()
    said = {"content-type": XML if is_xml else JSON} | {
        name.replace("_", "-"): text for name, text in headers.items()
    }
    return FhirReply(status=status, body=body, headers=said)


def json_reply(said: Mapping[str, Any], status: int = 200, **headers: str) -> FhirReply:
    """Answer with an object that is no resource."""
    written = {"content-type": "application/json"} | {name.replace("_", "-"): text for name, text in headers.items()}
    return FhirReply(status=status, body=json.dumps(said).encode(), headers=written)


def outcome_reply(asked: FhirAsked, status: int, code: str, text: str, issue: str = "processing") -> FhirReply:
    """Say in words what became of a request: usually no."""
    resource = {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "information" if status < 300 else "error",
                "code": issue,
                "details": {"coding": [{"system": CODES, "code": code}]},
                "diagnostics": text,
            }
        ],
    }
    headers = {"www_authenticate": 'Bearer error="invalid_request"'} if issue == "security" else {}
    return resource_reply(asked, resource, status, **headers)
