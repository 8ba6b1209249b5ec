"""The binding of SOAP 1.1 to HTTP: which request is a SOAP message, and how a reply is written.

Knows: Content-Type, SOAPAction, the address path of a service, the headers of a reply.
Must not know: what an envelope holds, who sent it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edge_node.model.exchange import Reply
from edge_node.model.message import Payload
from edge_node.wire.http1 import Head, Headers, Request, Response

CORRELATION: Final = "edge-node-correlation"
#: Never the bare digits of a patient number: it goes into the log.
_CORRELATION: Final = re.compile(r"(?![0-9]{8,9}$)[A-Za-z0-9._-]{8,64}")
#: A parameter of a media type, or nothing, since some clients end with a semicolon.
_PARAMETER: Final = re.compile(r'([A-Za-z0-9_-]+)=(?:"([^"\\]*)"|([A-Za-z0-9._:/+-]+))|')

#: Writes a code of ours as a SOAP fault.
Fault = Callable[[str, str], Reply]

#: What HTTP says beside the fault; everything else is 500, as SOAP 1.1 wants it.
_STATUS: Final = {
    "EN-UNAUTHENTICATED": 401,
    "EN-FORBIDDEN": 403,
    "EN-NOT-FOUND": 404,
    "EN-METHOD": 405,
    "EN-TIMEOUT": 408,
    "EN-BODY-TOO-BIG": 413,
    "EN-MEDIA-TYPE": 415,
    "EN-BUSY": 503,
    "EN-DRAINING": 503,
}


@dataclass(frozen=True, slots=True)
class Refusals:
    """Writes refusals of a SOAP listener."""

    fault: Fault

    def response(self, code: str, detail: str, headers: Headers = ()) -> Response:
        """Return a fault with the status HTTP has for it."""
        reply = self.fault(code, detail)
        status = _STATUS.get(code, 500)
        return Response(status=status, headers=(*written_headers(reply), *headers), body=reply.body)


def check_soap(head: Head) -> tuple[str, str] | None:
    """Say what makes this head no SOAP 1.1 request: code and detail; None when nothing does."""
    if head.method != "POST":
        return "EN-METHOD", "a SOAP service takes POST"
    content_type = head.get("content-type") or ""
    media_type, *parameters = (part.strip() for part in content_type.split(";"))
    if media_type.lower() != "text/xml":
        return "EN-MEDIA-TYPE", "SOAP 1.1 is text/xml"
    if (head.get("content-encoding") or "identity").lower() != "identity":
        return "EN-MEDIA-TYPE", "Content-Encoding is not taken: send the body as it is"
    return _check_parameters(parameters)


def _check_parameters(parameters: list[str]) -> tuple[str, str] | None:
    for parameter in parameters:
        found = _PARAMETER.fullmatch(parameter)
        if found is None:
            return "EN-MEDIA-TYPE", "Content-Type has a parameter that cannot be read"
        # Each one, where several are named: readers differ on which of them counts.
        is_charset = (found[1] or "").lower() == "charset"
        if is_charset and (found[2] or found[3] or "").lower() not in {"utf-8", "utf8"}:
            return "EN-XML-ENCODING", "Content-Type names another charset than UTF-8"
    return None


def payload(request: Request, path: str) -> Payload:
    """Return the message of a request; `path` is the address without key or base."""
    soap_action = request.head.get("soapaction") or ""
    return Payload(path=path.lstrip("/"), soap_action=unquoted(soap_action), body=request.body)


def unquoted(value: str) -> str:
    """Return a SOAPAction without its quotes; one without quotes is taken as it is."""
    return value[1:-1] if len(value) >= 2 and value[0] == value[-1] == '"' else value


def request_headers(payload: Payload) -> Headers:
    """The headers with which a message is sent."""
    return (
        ("content-type", payload.content_type),
        ("soapaction", f'"{payload.soap_action}"'),
        ("accept", "text/xml"),
    )


def correlation(head: Head, new: Callable[[], str]) -> str:
    """The correlation id the caller gave, when it is of a harmless form; else a new one."""
    given = head.get(CORRELATION) or ""
    return given if _CORRELATION.fullmatch(given) else new()


def response(reply: Reply, correlation_id: str) -> Response:
    """Write a reply of the line."""
    headers = (*written_headers(reply), (CORRELATION, correlation_id))
    return Response(status=reply.status, headers=headers, body=reply.body, stream=reply.stream)


def written_headers(reply: Reply) -> Headers:
    """The headers a reply has of its own; one without a body may have no type."""
    kind: Headers = (("content-type", reply.content_type),) if reply.content_type else ()
    return (*kind, *reply.headers)
