"""The FHIR side of a simulated HIS or AIS: answers requests, sends its own, and keeps them in its ledger.

Knows: the node's FHIR mirror, the two ways in which a request gets its access token, retries under the same chain id.
Must not know: HTTP servers, what is behind the node.
"""

import json
from dataclasses import dataclass, field, replace
from typing import Final

from twisted.internet.defer import CancelledError, Deferred, ensureDeferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.python.failure import Failure

from edge_node.sandbox.fhir_exchange import FhirAsked, FhirReply, outcome_reply
from edge_node.sandbox.fhir_reading import read_fhir_request
from edge_node.sandbox.fhir_server import FhirServer
from edge_node.sandbox.http import Call, Requester, Unreached, call
from edge_node.sandbox.ledger import Ledger
from edge_node.sandbox.reading import Unreadable
from edge_node.sandbox.samples.fhir import FhirMaker, FhirSample

_PAUSE_S: Final = 0.3
_ASK_S: Final = 0.5
#: Nothing more becomes of a message in one of these.
_ENDED: Final = frozenset({"DELIVERED", "DEAD", "EXPIRED", "DISCARDED", "REFUSED"})
_AGAIN: Final = frozenset({408, 429, 500, 502, 503, 504})
#: A closed lane opens again when what closes it is signed, which `_follow` sees to.
_SIGN_AGAIN: Final = frozenset({"EN-TOKEN-SPENT", "EN-TOKEN-REFUSED", "EN-LANE-CLOSED", "EN-LANE-BUSY"})
_WITHOUT_IDS: Final = "capabilities"


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirMirror:
    """The node's FHIR addresses, with the key in them by which this system proves who it is."""

    base: str = field(repr=False)  # http://127.0.0.1:PORT/k/KEY
    timeout_s: float = 75.0


class LocalFhir:
    """What the local system does with a request from the node."""

    def __init__(self, server: FhirServer, ledger: Ledger) -> None:
        self._server = server
        self._ledger = ledger
        self.requests = 0

    async def handle(self, asked: FhirAsked) -> FhirReply:
        """Answer one request; a push is in the ledger before the answer."""
        self.requests += 1
        try:
            seen = read_fhir_request(asked)
        except Unreadable as error:
            return outcome_reply(asked, 400, "NS200", str(error), "value")
        if seen.kind.action == _WITHOUT_IDS:
            return self._server.answer(asked, seen)
        # A push that the node kept comes without its access token, which lived for seconds and is stored nowhere.
        has_token = asked.headers.get("authorization", "").startswith("Bearer ") or not seen.kind.is_query
        if not has_token or not seen.initial_request:
            return outcome_reply(asked, 400, "SYN", "Authorization or AORTA-ID is missing", "required")
        reply = self._server.answer(asked, seen)
        redelivery = "edge-node-redelivery" in asked.headers
        note = seen.note(outcome=reply.outcome, arrived=self._ledger.now(), redelivery=redelivery)
        self._ledger.fhir("received", "in", note)
        return reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of one request."""

    outcome: str
    is_kept: bool = False
    place: str = ""  # where the node tells what becomes of a request that it kept
    attempts: int = 1


class FhirSender:
    """Sends requests of one application."""

    def __init__(
        self, maker: FhirMaker, ledger: Ledger, mirror: FhirMirror, *, agent: Requester, clock: IReactorTime
    ) -> None:
        self.maker = maker
        self._ledger = ledger
        self._mirror = mirror
        self._agent = agent
        self._clock = clock
        self._following: set[Deferred[None]] = set()
        self.kept = 0

    async def send(self, sample: FhirSample, *, access_token: str | None, give_up_after_s: float) -> Sent:
        """Send until there is an answer; with its own access token, or with a transaction token for the node."""
        seen = read_fhir_request(
            FhirAsked(method=sample.method, target=sample.target, headers=sample.headers, body=sample.body)
        )
        self._ledger.fhir("sent", "out", seen.note())
        until = self._clock.seconds() + give_up_after_s
        attempts = 0
        while True:
            attempts += 1
            status, sent = await self._attempt(sample, access_token)
            # A query is asked again by a person only; a push goes on as the same one, with a new token.
            is_over = status not in _AGAIN and sent.outcome not in _SIGN_AGAIN
            if is_over or sample.kind.is_query or self._clock.seconds() > until:
                break
            await deferLater(self._clock, _PAUSE_S)
            sample = self.maker.again(sample)
        self.kept += sent.is_kept
        if sent.place and access_token is None:
            self._begin_following(sample, sent.place)
        event = "answered" if sent.outcome in {"AA", "CA"} else "refused"
        self._ledger.fhir(event, "out", seen.note(outcome=sent.outcome))
        return replace(sent, attempts=attempts)

    def stop(self) -> None:
        """Ask no more what became of what was kept."""
        for following in tuple(self._following):
            following.cancel()

    def _begin_following(self, sample: FhirSample, place: str) -> None:
        following = ensureDeferred(self._follow(sample, place))
        self._following.add(following)
        following.addErrback(_stopped)
        following.addBoth(lambda _: self._following.discard(following))

    async def _follow(self, sample: FhirSample, place: str) -> None:
        """Ask what becomes of a request that was kept, and let its user sign again when the node says so."""
        state = ""
        while state not in _ENDED:
            await deferLater(self._clock, _ASK_S)
            state = await self._state(place)
            if state == "NEEDS_TOKEN":
                sample = self.maker.again(sample)
                await self._attempt(sample, None)

    async def _state(self, place: str) -> str:
        made = Call(method="GET", url=f"{self._mirror.base}{place}", headers={})
        try:
            told = await call(self._agent, made, clock=self._clock, timeout_s=self._mirror.timeout_s)
            return str(json.loads(told.body)["state"])
        except (Unreached, ValueError, KeyError):
            return ""

    async def _attempt(self, sample: FhirSample, access_token: str | None) -> tuple[int, Sent]:
        headers = dict(sample.headers)
        if sample.kind.action == _WITHOUT_IDS:
            headers = {"accept": sample.media_type}
        elif access_token is not None:
            headers["authorization"] = f"Bearer {access_token}"
        else:
            headers["edge-node-transaction-token"] = self.maker.transaction_token(sample)
        made = Call(
            method=sample.method, url=f"{self._mirror.base}{sample.target}", headers=headers, body=sample.body
        )
        try:
            told = await call(self._agent, made, clock=self._clock, timeout_s=self._mirror.timeout_s)
        except Unreached:
            return 503, Sent(outcome="unreached")
        reply = FhirReply(status=told.status, body=told.body)
        # Where the node itself says no, its code stands beside the outcome, whatever form that has.
        outcome = told.headers.get("edge-node-error") or reply.outcome
        is_kept = told.headers.get("edge-node-state") == "kept"
        place = told.headers.get("location", "") if is_kept else ""
        return told.status, Sent(outcome=outcome, is_kept=is_kept, place=place)


def _stopped(failure: Failure) -> None:
    failure.trap(CancelledError)  # type: ignore[no-untyped-call]  # Twisted leaves it untyped
