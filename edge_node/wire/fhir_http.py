"""The binding of FHIR to HTTP: which request is one, which headers go along, how a refusal is written.

Knows: the addresses of FHIR, its methods and media types (AORTA on FHIR, Interfaces Resource Server).
Must not know: what an address asks for, what a body holds, who sent it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edge_node.model.exchange import Reply
from edge_node.model.message import Format, Payload
from edge_node.wire.http1 import Head, Headers, Request, Response, tokens
from edge_node.wire.local_auth import address
from edge_node.wire.soap_http import Refusals, written_headers

_ADDRESS: Final = re.compile(r"/fhir(?:[/?].*)?")
_BASE: Final = re.compile(r"fhir(?:/([A-Z]+[0-9]+[A-Z]?)(?=[/?]|$))?")
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})
_PATCHES: Final = frozenset({"application/json-patch+json", "application/xml-patch+xml"})
_FORM: Final = "application/x-www-form-urlencoded"
_FHIR_TYPES: Final = frozenset({
    "application/fhir+json", "application/json", "application/json+fhir", "text/json",
    "application/fhir+xml", "application/xml", "application/xml+fhir", "text/xml",
})  # fmt: skip
_ANY: Final = frozenset({"*/*", "application/*", "text/*"})

#: Headers of a request that go along, to either side.
_ALONG: Final = frozenset({
    "accept", "accept-language", "aorta-id", "aorta-version", "authorization", "if-match", "if-modified-since",
    "if-none-exist", "if-none-match", "prefer",
})  # fmt: skip
#: Headers of a local system for the node itself; they end here.
OURS: Final = frozenset({
    "edge-node-application", "edge-node-enrolment-token", "edge-node-mandate-token", "edge-node-transaction-token",
})  # fmt: skip

#: Writes a code of ours as an OperationOutcome: code, detail, and the request it is about.
Refuse = Callable[[str, str, Payload], Reply]


@dataclass(frozen=True, slots=True)
class FhirFront:
    """The FHIR addresses of one listener."""

    refuse: Refuse

    def gate(self, head: Head, target: str) -> Response | None:
        """Refuse what is no FHIR request before its body is read."""
        wrong = _check_method(head) or _check_body(head) or _check_accept(head)
        return None if wrong is None else self.refusal(head, target, wrong)

    def refusal(self, head: Head, target: str, wrong: tuple[str, str], headers: Headers = ()) -> Response:
        """Return an OperationOutcome, in the format its reader understands."""
        code, detail = wrong
        allow: Headers = (("allow", ", ".join(_METHODS)),) if code == "EN-METHOD" else ()
        reply = self.refuse(code, detail, fhir_payload(Request(head, b""), target))
        return Response(status=reply.status, headers=(*written_headers(reply), *allow, *headers), body=reply.body)


def _uncounted(code: str) -> None:
    """Nobody counts."""


@dataclass(frozen=True, slots=True)
class Words:
    """Errors of the HTTP layer in the format of the address they are about."""

    soap: Refusals
    fhir: FhirFront
    turned_away: Callable[[str], None] = _uncounted  # called with the code of each

    def response(self, code: str, detail: str, head: Head | None) -> Response:
        """Return a refusal; without an address it is a fault."""
        self.turned_away(code)
        target = None if head is None else address(head)
        if head is not None and target is not None and is_fhir(target):
            return self.fhir.refusal(head, target, (code, detail))
        return self.soap.response(code, detail)


def is_fhir(target: str) -> bool:
    """Whether an address, without its key, is one of FHIR."""
    return _ADDRESS.fullmatch(target) is not None


def fhir_payload(request: Request, target: str) -> Payload:
    """Return the message of a request; `target` is the address without key."""
    head = request.head
    headers = tuple((name, value) for name, value in head.headers if name in _ALONG or name in OURS)
    return Payload(
        path=target.removeprefix("/"),
        soap_action="",
        body=request.body,
        content_type=head.get("content-type") or "",
        format=Format.FHIR,
        method=head.method,
        headers=headers,
    )


def fhir_base(path: str) -> tuple[str, str]:
    """Split the path of a payload into the version its base address says and what stands behind that base."""
    base = _BASE.match(path)
    assert base is not None, "only FHIR addresses come here"
    return base[1] or "STU3", path[base.end() :]


def fhir_request_headers(payload: Payload) -> Headers:
    """The headers with which a request is sent on."""
    along = tuple((name, value) for name, value in payload.headers if name in _ALONG)
    return (("content-type", payload.content_type), *along) if payload.body else along


def _check_method(head: Head) -> tuple[str, str] | None:
    if head.method not in _METHODS:
        return "EN-METHOD", f"FHIR takes {', '.join(_METHODS)} here"
    return None


def _check_body(head: Head) -> tuple[str, str] | None:
    has_body = (head.get("content-length") or "0") != "0" or head.get("transfer-encoding") is not None
    if not has_body:
        return None
    if head.method not in _WITH_BODY:
        return "EN-FHIR-BODY", f"{head.method} has no body"
    if (head.get("content-encoding") or "identity").lower() != "identity":
        return "EN-MEDIA-TYPE", "Content-Encoding is not taken: send the body as it is"
    media_type = _media_type(head.get("content-type") or "")
    is_search = head.method == "POST" and head.target.partition("?")[0].endswith("/_search")
    if media_type in _FHIR_TYPES or (is_search and media_type == _FORM):
        return None
    if head.method == "PATCH" and media_type in _PATCHES:
        return None
    return "EN-MEDIA-TYPE", "send application/fhir+json or application/fhir+xml; a search, a form"


def _check_accept(head: Head) -> tuple[str, str] | None:
    accept = head.get("accept")
    # Whatever a document is in, a Binary may be asked for in that.
    if accept is None or "_format=" in head.target or "/Binary/" in head.target:
        return None
    if any(_media_type(item) in _FHIR_TYPES | _ANY for item in tokens(accept)):
        return None
    return "EN-NOT-ACCEPTABLE", "FHIR is written in JSON or XML"


def _media_type(value: str) -> str:
    return value.partition(";")[0].strip().lower()
