"""The OperationOutcome the node answers with, and the HTTP status that goes with each code.

Knows: the parts of an OperationOutcome that STU3, R4 and R5 share, how the page of a code is told in it.
Must not know: what went wrong, sockets.
"""

import json
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from lxml import etree
from lxml.builder import ElementMaker

from edge_node.errors import PAGES, Side
from edge_node.formats.fault_making import FaultReport
from edge_node.formats.fhir_xml import FHIR

SYSTEM: Final = "urn:edge-node:error"
JSON: Final = "application/fhir+json; charset=utf-8"
XML: Final = "application/fhir+xml; charset=utf-8"
_F: Final = ElementMaker(namespace=FHIR, nsmap={None: FHIR})

STATUS: Final[dict[str, int]] = {
    **dict.fromkeys(("EN-UNAUTHENTICATED", "EN-TOKEN-SPENT", "EN-TOKEN-REFUSED", "EN-ACCESS-TOKEN"), 401),
    **dict.fromkeys(("EN-FORBIDDEN", "EN-SENDER-FOREIGN", "EN-INTERACTION-UNQUALIFIED"), 403),
    **dict.fromkeys(("EN-NOT-FOUND", "EN-RECEIVER-WRONG"), 404),
    "EN-METHOD": 405,
    "EN-NOT-ACCEPTABLE": 406,
    "EN-TIMEOUT": 408,
    **dict.fromkeys(("EN-ID-REUSED", "EN-DISCARDED", "EN-LANE-CLOSED", "EN-ILLEGAL-STEP", "EN-RENEWAL"), 409),
    "EN-BODY-TOO-BIG": 413,
    "EN-MEDIA-TYPE": 415,
    **dict.fromkeys(("EN-WRONG-PATIENT", "EN-BSN-INVALID", "EN-DELIVERY-REFUSED"), 422),
    **dict.fromkeys(("EN-INTERNAL", "EN-UNKNOWN-CODE", "EN-ANSWER-MISMATCH", "EN-ANSWER-BROKEN"), 500),
    **dict.fromkeys(("EN-SWITCHBOARD-FAULT", "EN-LOCAL-FAULT", "EN-STORE-DAMAGED", "EN-STORE-NEWER"), 500),
    **dict.fromkeys(("EN-CERTIFICATE-ENDED", "EN-CERTIFICATE-ENDING", "EN-QUEUE-ATTENTION"), 503),
    "EN-ACCESS-UNKNOWN": 503,
    **dict.fromkeys(("EN-OUTCOME-UNKNOWN", "EN-SWITCHBOARD-TIMEOUT", "EN-LOCAL-TIMEOUT", "EN-LIFETIME-ENDED"), 504),
    **dict.fromkeys(("EN-STORE-FULL", "EN-STORE-UNAVAILABLE"), 507),
}
#: The code of the issue (FHIR value set issue-type), by code, else by status.
_ISSUES: Final[dict[str | int, str]] = {
    "EN-FHIR-HEADER": "required",
    "EN-FHIR-BODY": "structure",
    "EN-JSON-MALFORMED": "structure",
    **dict.fromkeys(("EN-XML-MALFORMED", "EN-XML-DOCTYPE", "EN-XML-ENCODING", "EN-XML-INSTRUCTION"), "structure"),
    "EN-JSON-LIMIT": "too-costly",
    "EN-XML-LIMIT": "too-costly",
    "EN-INTERACTION-UNKNOWN": "not-supported",
    "EN-INTERACTION-INACTIVE": "not-supported",
    "EN-INTERACTION-ROLE": "not-supported",
    "EN-BSN-INVALID": "value",
    "EN-WRONG-PATIENT": "business-rule",
    "EN-ID-REUSED": "duplicate",
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    408: "timeout",
    409: "conflict",
    413: "too-long",
    415: "not-supported",
    422: "processing",
    500: "exception",
    503: "transient",
    504: "timeout",
    507: "no-store",
}
#: What an invalid token is called in `WWW-Authenticate` (RFC 6750, 3.1; AORTA on FHIR, Interfaces Resource Server).
_CHALLENGES: Final = {
    "EN-FHIR-TOKEN": 'Bearer error="invalid_request"',
    "EN-TOKEN-SPENT": 'Bearer error="invalid_token"',
    "EN-TOKEN-REFUSED": 'Bearer error="invalid_token"',
    "EN-ACCESS-TOKEN": 'Bearer error="invalid_token"',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirOutcome:
    """An answer of the node's own."""

    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


def status_of(code: str) -> int:
    """The HTTP status for any code of `errors.PAGES`."""
    if code in STATUS:
        return STATUS[code]
    page = PAGES[code]
    if page.retry:
        return 503
    return 400 if page.side is Side.LOCAL else 500


def operation_outcome(report: FaultReport, *, is_json: bool, severity: str = "error") -> FhirOutcome:
    """Write the outcome for what went wrong."""
    page, status = PAGES[report.code], status_of(report.code)
    retry = "yes" if page.retry else "no"
    told = [f"side: {page.side}", f"retry: {retry}", f"do: {page.do}"]
    if report.detail:
        told.insert(0, f"{page.what} ({report.detail})")
    else:
        told.insert(0, page.what)
    if report.correlation:
        told.append(f"correlation: {report.correlation}")
    issue = _Issue(
        severity=severity,
        code=_ISSUES.get(report.code, _ISSUES[status]),
        ours=report.code,
        text=page.what,
        diagnostics="; ".join(told),
    )
    return _outcome(status, issue, is_json=is_json, headers=_headers(report, status))


def kept_outcome(location: str | None, *, is_json: bool) -> FhirOutcome:
    """Write the outcome that says a push was kept; `location` is where its sender can ask for its state."""
    text = "The node has kept this and sends it by itself."
    issue = _Issue(
        severity="information",
        code="informational",
        ours="kept",
        text=text,
        diagnostics=text if location is None else f"{text} Ask what became of it at {location}",
    )
    headers = () if location is None else (("Location", location), ("Edge-Node-State", "kept"))
    return _outcome(202, issue, is_json=is_json, headers=headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Issue:
    severity: str
    code: str
    ours: str
    text: str
    diagnostics: str


def _headers(report: FaultReport, status: int) -> tuple[tuple[str, str], ...]:
    headers = []
    if report.code in _CHALLENGES:
        headers.append(("WWW-Authenticate", _CHALLENGES[report.code]))
    if report.retry_after_s is not None and PAGES[report.code].retry:
        headers.append(("Retry-After", str(ceil(report.retry_after_s))))
    elif status == 503:
        headers.append(("Retry-After", str(_RETRY_AFTER_S)))
    return tuple(headers)


#: A 503 says after how long even where nobody knows: as long as the first pauses of the node's own retries.
_RETRY_AFTER_S: Final = 30


def _outcome(status: int, issue: _Issue, *, is_json: bool, headers: tuple[tuple[str, str], ...]) -> FhirOutcome:
    body = _in_json(issue) if is_json else _in_xml(issue)
    return FhirOutcome(status=status, content_type=JSON if is_json else XML, body=body, headers=headers)


def _in_json(issue: _Issue) -> bytes:
    told: dict[str, Any] = {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": issue.severity,
                "code": issue.code,
                "details": {"coding": [{"system": SYSTEM, "code": issue.ours}], "text": issue.text},
                "diagnostics": _printable(issue.diagnostics),
            }
        ],
    }
    return json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")


def _in_xml(issue: _Issue) -> bytes:
    coding = _F.coding(_F.system(value=SYSTEM), _F.code(value=issue.ours))
    told = _F.issue(
        _F.severity(value=issue.severity),
        _F.code(value=issue.code),
        _F.details(coding, _F.text(value=issue.text)),
        _F.diagnostics(value=_printable(issue.diagnostics)),
    )
    return etree.tostring(_F.OperationOutcome(told), xml_declaration=True, encoding="UTF-8")


def _printable(text: str) -> str:
    # A detail may name something from outside.
    return "".join(sign if sign.isprintable() else " " for sign in text)
