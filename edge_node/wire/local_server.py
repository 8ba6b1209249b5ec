"""What the local listeners serve: the SOAP mirror, the FHIR mirror, the local API.

Knows: which address is which, that every caller proves who it is before its body is read.
Must not know: how a message is judged, how credentials are kept.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from edge_node.model.exchange import Arrival, Reply
from edge_node.model.finding import Finding
from edge_node.model.message import Direction
from edge_node.model.peer import LocalCaller
from edge_node.wire.beside import said_beside
from edge_node.wire.fhir_http import FhirFront, fhir_payload, is_fhir
from edge_node.wire.http1 import Head, Headers, Request, Response
from edge_node.wire.local_auth import Proven, address
from edge_node.wire.soap_http import CORRELATION, Refusals, check_soap, correlation, payload, response

API_PREFIX: Final = "/v1/"

Receive = Callable[[Arrival], Awaitable[Reply]]


#: Says who a request is from; asked at each request, since credentials can change.
Who = Callable[[Head], Proven | Finding]


class ApiAnswer(Protocol):
    """An answer of the local API."""

    @property
    def status(self) -> int: ...
    @property
    def content_type(self) -> str: ...
    @property
    def headers(self) -> Headers: ...
    @property
    def body(self) -> bytes: ...


class Api(Protocol):
    """The local API."""

    async def handle(self, caller: LocalCaller, method: str, path: str, said: tuple[Headers, bytes]) -> ApiAnswer:
        """Answer one request, by what it says in headers and body."""
        ...

    def refusal(self, code: str, detail: str) -> ApiAnswer:
        """Say in its own form why a caller is not heard."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalHandler:
    """Handles the requests of one local listener."""

    who: Who
    receive: Receive
    api: Api
    refusals: Refusals
    fhir: FhirFront
    new_correlation: Callable[[], str]

    def gate(self, head: Head) -> Response | None:
        """Refuse a stranger, and what is no request of ours, before its body is read."""
        found = self.who(head)
        if isinstance(found, Finding):
            return self._stranger(head, found)
        if found.target.startswith(API_PREFIX):
            return None
        if is_fhir(found.target):
            return self.fhir.gate(head, found.target)
        wrong = check_soap(head)
        if wrong is None:
            return None
        allow: Headers = (("allow", "POST"),) if wrong[0] == "EN-METHOD" else ()
        return self.refusals.response(*wrong, allow)

    async def handle(self, request: Request) -> Response:
        """Answer a request whose body is there."""
        head = request.head
        found = self.who(head)
        if isinstance(found, Finding):  # a credential was withdrawn while the body came
            return self._stranger(head, found)
        correlation_id = correlation(head, self.new_correlation)
        if found.target.startswith(API_PREFIX):
            said = head.headers, request.body
            answer = await self.api.handle(found.caller, head.method, found.target, said)
            return _api_response(answer, ((CORRELATION, correlation_id),))
        arrival = Arrival(
            direction=Direction.OUT,
            payload=(fhir_payload if is_fhir(found.target) else payload)(request, found.target),
            caller=found.caller,
            correlation=correlation_id,
            beside=said_beside(head),
            address=head.peer.address,
        )
        return response(await self.receive(arrival), correlation_id)

    def _stranger(self, head: Head, finding: Finding) -> Response:
        target = address(head) or ""
        if is_fhir(target):
            # No challenge: the one header that could answer it is not for us there.
            return self.fhir.refusal(head, target, (finding.code, finding.detail))
        challenge: Headers = ()
        if finding.code == "EN-UNAUTHENTICATED":
            challenge = (("www-authenticate", 'Basic realm="edge-node", Bearer realm="edge-node"'),)
        if target.startswith(API_PREFIX):
            return _api_response(self.api.refusal(finding.code, finding.detail), challenge)
        return self.refusals.response(finding.code, finding.detail, challenge)


def _api_response(answer: ApiAnswer, more: Headers) -> Response:
    headers = (("content-type", answer.content_type), *answer.headers, *more)
    return Response(status=answer.status, headers=headers, body=answer.body)
