"""The simulated broker of FHIR requests: what it does with each one that a node sends, and what it sends itself.

Knows: tokens, the one patient of a request, who is asked, faults, its ledger.
Must not know: HTTP, TLS, processes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from edge_node.sandbox.authorisation_server import AuthorisationServer
from edge_node.sandbox.faults import LOSES_ANSWER, Fault, Faults
from edge_node.sandbox.fhir_exchange import FhirAsked, FhirReply, outcome_reply, resource_reply
from edge_node.sandbox.fhir_reading import FhirSeen, read_fhir_request
from edge_node.sandbox.fhir_server import FhirServer
from edge_node.sandbox.http import Told, Unreached
from edge_node.sandbox.ledger import Ledger
from edge_node.sandbox.mint import Grant, Mint
from edge_node.sandbox.reading import Unreadable
from edge_node.sandbox.samples.fhir import FhirMaker, FhirSample
from edge_node.sandbox.samples.fhir_resources import capabilities
from edge_node.sandbox.samples.people import PARTIES
from edge_node.sandbox.spoiling import spoil_fhir

#: What goes along to the source.
_ALONG = ("accept", "content-type", "aorta-version", "authorization", "if-match", "if-none-exist", "prefer")
#: A node passes no answer about another patient, so its sender has none.
_LOSES_ANSWER = LOSES_ANSWER | {Fault.WRONG_PATIENT}
#: What comes back from it.
_BACK = frozenset({"content-type", "location", "etag", "last-modified", "content-location", "retry-after"})


class FhirOnward(Protocol):
    """The way to the applications behind nodes."""

    def __contains__(self, application: str) -> bool: ...

    async def ask(self, application: str, asked: FhirAsked, *, bad: str | None = None) -> Told:
        """Send to the node of an application; raises `Unreached`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerMeans:
    """What the broker works with."""

    mint: Mint
    authorisation: AuthorisationServer
    maker: FhirMaker
    server: FhirServer  # index, freshness and access log, which are the switchboard's own
    ledger: Ledger
    onward: FhirOnward
    faults: Faults
    now: Callable[[], float]


class Broker:
    """Checks, routes, and fails when told to."""

    def __init__(self, means: BrokerMeans) -> None:
        self._means = means

    async def handle(self, asked: FhirAsked) -> FhirReply:
        """Answer one request."""
        arrived = self._means.now()
        try:
            seen = read_fhir_request(asked)
        except Unreadable as error:
            return outcome_reply(asked, 400, "NS200", str(error), "value")
        if seen.kind.action == "capabilities":
            return resource_reply(asked, capabilities(seen.kind.fhir_version))
        fault = self._means.faults.pick(seen.kind.interaction, "")
        if fault is Fault.RESET_BEFORE:
            return FhirReply(status=500, manner=fault)
        claims = self._claims(asked)
        reply = _refused(asked, seen, claims, fault) or await self._process(asked, seen, claims or {}, fault)
        note = seen.note(outcome=reply.outcome, arrived=arrived, answer_lost=fault in _LOSES_ANSWER)
        self._means.ledger.fhir("received", "out", note)
        return spoil_fhir(reply, fault)

    async def originate(self, sample: FhirSample, receiver: str) -> FhirReply:
        """Send a request of an application elsewhere to one behind a node."""
        maker = self._means.maker
        grant = Grant(patient=sample.patient.bsn, application=maker.party.application, scope=sample.kind.interaction)
        token = self._means.authorisation.own_token(grant)
        headers = {**sample.headers, "authorization": f"Bearer {token}"}
        if sample.kind.action == "capabilities":
            headers = {"accept": sample.media_type}  # no header of AORTA belongs to it
        asked = FhirAsked(method=sample.method, target=sample.target, headers=headers, body=sample.body)
        seen = read_fhir_request(asked)
        fault = self._means.faults.pick(sample.kind.interaction, "")
        reply = await self._forward(asked, seen, receiver, fault)
        if reply.status >= 300:
            # Its sender is told and does not try again, so it is not lost.
            self._means.ledger.fhir("refused", "in", seen.note(outcome=reply.outcome))
        return reply

    def _claims(self, asked: FhirAsked) -> Mapping[str, Any] | None:
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        return self._means.mint.read(token) if scheme == "Bearer" else None

    async def _process(
        self, asked: FhirAsked, seen: FhirSeen, claims: Mapping[str, Any], fault: Fault | None
    ) -> FhirReply:
        if seen.kind.is_ours_to_answer:
            return self._means.server.answer(asked, seen, claims.get("bsn"))
        receiver = self._receiver(seen, str(claims.get("client_id")))
        if receiver is None:
            return outcome_reply(asked, 404, "RTUDEST", "nobody here is asked this", "not-found")
        return await self._forward(asked, seen, receiver, fault)

    def _receiver(self, seen: FhirSeen, asker: str) -> str | None:
        """Return whom a resource is for, or else somebody other than the asker."""
        others = [
            one for one in PARTIES.values() if one.application != asker and one.application in self._means.onward
        ]
        owners = [one for one in others if one.ura == seen.owner]
        return next((one.application for one in (*owners, *others)), None)

    async def _forward(self, asked: FhirAsked, seen: FhirSeen, receiver: str, fault: Fault | None) -> FhirReply:
        try:
            reply = await self._hand_over(asked, seen, receiver, fault)
            if fault is Fault.DUPLICATE:
                await self._hand_over(asked, seen, receiver, None)
        except Unreached:
            return outcome_reply(asked, 408, "RTEDEST", "the receiver is not reached", "timeout")
        return reply

    async def _hand_over(self, asked: FhirAsked, seen: FhirSeen, receiver: str, fault: Fault | None) -> FhirReply:
        """The chain keeps its id; this hop has one of its own."""
        along = {name: asked.headers[name] for name in _ALONG if name in asked.headers}
        if seen.initial_request:
            along["aorta-id"] = f"initialRequestID={seen.initial_request}; requestID={self._means.maker.uuid()}"
        sent = FhirAsked(method=asked.method, target=asked.target, headers=along, body=asked.body)
        self._means.ledger.fhir("sent", "in", seen.note())
        bad = "bad/expired" if fault is Fault.EXPIRED_CERTIFICATE else None
        told = await self._means.onward.ask(receiver, sent, bad=bad)
        kept = {name: text for name, text in told.headers.items() if name in _BACK}
        reply = FhirReply(status=told.status, body=told.body, headers=kept)
        self._means.ledger.fhir("answered", "in", seen.note(outcome=reply.outcome))
        return reply


def _refused(
    asked: FhirAsked, seen: FhirSeen, claims: Mapping[str, Any] | None, fault: Fault | None
) -> FhirReply | None:
    if fault is Fault.FAULT:
        return outcome_reply(asked, 500, "ERR_ALG", "fault asked for", "exception")
    if fault is Fault.RTEDEST:
        return outcome_reply(asked, 408, "RTEDEST", "fault asked for", "timeout")
    if fault is Fault.TOKEN_USED:
        return outcome_reply(asked, 401, "NONCEREJECTED", "fault asked for", "security")
    if claims is None:
        return outcome_reply(
            asked, 401, "AUTHENTICATIE", "the access token is missing, wrong or has ended", "security"
        )
    if not seen.initial_request or "aorta-version" not in asked.headers:
        return outcome_reply(asked, 400, "SYN", "AORTA-ID or AORTA-Version is missing or not of its form", "required")
    if seen.patients - {claims.get("bsn")}:
        return outcome_reply(asked, 400, "SYN", "the request is about another patient than its token", "invalid")
    return None
