"""Sends the messages of a scan through a node, from both sides, and keeps what the node itself said of them.

Knows: who may speak at which door, and how often which case comes.
Must not know: how a message is made, what is searched.
"""

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twisted.internet.defer import ensureDeferred, gatherResults
from twisted.internet.task import deferLater
from twisted.web.client import Agent, HTTPConnectionPool

from edge_node.sandbox.credentials import SwitchboardTls
from edge_node.sandbox.fhir_exchange import FhirAsked
from edge_node.sandbox.http import Call, Told, Unreached, call
from edge_node.sandbox.nodes import Nodes, Route
from edge_node.sandbox.pki import Pki
from edge_node.sandbox.samples.people import OWN
from edge_node.sandbox.site import AIS, HIS, LocalParty
from tests.stories.caller import Caller

from .messages import BREAKS, Words, Writer

GUEST = "80000003"
_HIS, _AIS = HIS.party.application, AIS.party.application
_WIRE_S = 3.0
_SYSTEM = "http%3A%2F%2Ffhir.nl%2Ffhir%2FNamingSystem%2Fbsn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the node and the parties around it are."""

    folder: Path
    local: str  # host:port
    inbound: str
    control: int  # of the simulated switchboard

    def secret(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8").strip()


@dataclass(slots=True, kw_only=True)
class Heard:
    """What the node said by itself, and how often it said what."""

    answers: list[bytes] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)


class Traffic:
    """One run of messages."""

    def __init__(self, reactor: Any, place: Place, writer: Writer) -> None:
        self._reactor = reactor
        self._place = place
        self._writer = writer
        pool: Any = HTTPConnectionPool(reactor)
        pool.maxPersistentPerHost = 32
        pool.retryAutomatically = False
        self._pool = pool
        self._agent = Agent(reactor, connectTimeout=10, pool=pool)
        tls = SwitchboardTls(Pki(out=place.folder / "pki"), now=lambda: datetime.now(UTC), refused=_unheard)
        host, _, port = place.inbound.rpartition(":")
        routes = {one.party.application: Route(host=host, port=int(port), name=one.holder[1]) for one in (HIS, AIS)}
        self._nodes = Nodes(reactor, routes, tls.client)
        self.heard = Heard()
        self._cases = self._all_cases()

    async def send(self, count: int, senders: int, on_sent: Callable[[int], None]) -> None:
        """Send so many, from so many senders at once."""
        numbers = iter(range(count))
        work = [ensureDeferred(self._work(numbers, on_sent)) for _ in range(senders)]
        await gatherResults(work, consumeErrors=True)

    async def stop(self) -> None:
        """Hang up."""
        await self._pool.closeCachedConnections()
        await self._nodes.drop()

    async def _work(self, numbers: Any, on_sent: Callable[[int], None]) -> None:
        for number in numbers:
            name, case = self._cases[number % len(self._cases)]
            try:
                await case(self._writer.words(number))
            except Unreached:
                self.heard.outcomes[f"{name}: no answer"] += 1
            on_sent(number)

    def _all_cases(self) -> list[tuple[str, Callable[[Words], Awaitable[None]]]]:
        """Good ones first; the broken ones once each, among twice as many good ones."""
        good: dict[str, Callable[[Words], Awaitable[None]]] = {
            "query out": lambda it: self._soap(it, "summary-query", HIS, _AIS),
            "query to elsewhere": lambda it: self._soap(it, "prescription-query", HIS, GUEST),
            "push out, kept": lambda it: self._soap(it, "prescription", HIS, _AIS),
            "push out, signed": lambda it: self._soap(it, "locum-report", HIS, _AIS),
            "push out of the pharmacy": lambda it: self._soap(it, "dispense-message", AIS, _HIS),
            "index": lambda it: self._soap(it, "index-update", HIS, "1"),
            "query in": lambda it: self._soap_in(it, "summary-query", _HIS),
            "push in": lambda it: self._soap_in(it, "prescription", _HIS),
            "signed push in": lambda it: self._soap_in(it, "locum-report", _HIS),
            "FHIR push out": lambda it: self._fhir(it, "fhir-create-task"),
            "FHIR query out": lambda it: self._fhir(it, "fhir-search-medicationrequest"),
            "FHIR push in": lambda it: self._fhir_of_elsewhere(it, "fhir-create-task"),
            "FHIR query in": lambda it: self._fhir_of_elsewhere(it, "fhir-search-medicationrequest"),
        }
        bad = [*self._bad_out(), *self._bad_in(), *self._bad_fhir(), *self._bad_http(), *self._bad_ends()]
        plain = list(good.items())
        mixed: list[tuple[str, Callable[[Words], Awaitable[None]]]] = []
        for place, each in enumerate(bad):
            mixed += [plain[(2 * place) % len(plain)], plain[(2 * place + 1) % len(plain)], each]
        return mixed

    def _bad_out(self) -> list[tuple[str, Callable[[Words], Awaitable[None]]]]:
        kinds = {
            name: "locum-report" if "token" in name or "signature" in name else "prescription" for name in BREAKS
        }
        made: list[tuple[str, Callable[[Words], Awaitable[None]]]] = [
            (f"out, {name}", lambda it, name=name: self._soap(it, kinds[name], HIS, _AIS, broken=name))  # type: ignore[misc]
            for name in BREAKS
        ]
        queries = ("bad bsn", "two patients", "cut off", "bsn as moment", "name as element")
        return made + [
            (f"query out, {name}", lambda it, name=name: self._soap(it, "summary-query", HIS, GUEST, broken=name))  # type: ignore[misc]
            for name in queries
        ]

    def _bad_in(self) -> list[tuple[str, Callable[[Words], Awaitable[None]]]]:
        return [
            (f"in, {name}", lambda it, name=name: self._soap_in(it, "prescription", _HIS, broken=name))  # type: ignore[misc]
            for name in BREAKS
            if "token" not in name and "signature" not in name
        ]

    def _bad_fhir(self) -> list[tuple[str, Callable[[Words], Awaitable[None]]]]:
        wrong_addresses = ("address", "resource", "another type", "operation", "another operation", "version")
        names = (*wrong_addresses, "cut off", "type", "other patient", "bearer", "aorta-id", "token bent")
        made: list[tuple[str, Callable[[Words], Awaitable[None]]]] = [
            (f"FHIR out, {name}", lambda it, name=name: self._fhir(it, "fhir-create-task", broken=name))  # type: ignore[misc]
            for name in names
        ]
        return made + [
            (f"FHIR in, {name}", lambda it, name=name: self._fhir_in(it, "fhir-create-task", broken=name))  # type: ignore[misc]
            for name in names
        ]

    def _bad_http(self) -> list[tuple[str, Callable[[Words], Awaitable[None]]]]:
        heads = {
            "no host": "POST /{bsn} HTTP/1.1\r\nX-{name}: {token}\r\n\r\n",
            "two hosts": "GET /k/{token}/{name} HTTP/1.1\r\nHost: a\r\nHost: {bsn}\r\n\r\n",
            "folded": "POST /A HTTP/1.1\r\nHost: a\r\nA: b\r\n {name}\r\nContent-Length: {bsn}\r\n\r\n",
            "no http": "{bsn} {name} {body}\r\n\r\n",
            "two lengths": "POST /{name} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: {bsn}\r\n\r\n",
            "wrong key": "POST /k/{token}{token}{token}/{name} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
            "wrong bearer": "GET /v1/messages/{bsn} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n",
            "wrong basic": "GET /v1/events?after={name} HTTP/1.1\r\nHost: a\r\nAuthorization: Basic {token}\r\n\r\n",
        }
        return [(f"HTTP, {name}", lambda it, head=head: self._raw(it, head)) for name, head in heads.items()]  # type: ignore[misc]

    def _bad_ends(self) -> list[tuple[str, Callable[[Words], Awaitable[None]]]]:
        """The other side misbehaves."""
        faults = ("RTEDEST", "fault", "bad-xml", "wrong-id", "truncated", "reset-after", "reset-before", "duplicate")
        made: list[tuple[str, Callable[[Words], Awaitable[None]]]] = [
            (f"other side, {name}", lambda it, name=name: self._soap(it, "summary-query", HIS, GUEST, fault=name))  # type: ignore[misc]
            for name in (*faults, "wrong-patient")
        ]
        made += [
            (
                f"other side at a push, {name}",
                lambda it, name=name: self._soap(it, "prescription", HIS, _AIS, fault=name),
            )  # type: ignore[misc]
            for name in ("RTEDEST", "bad-xml", "wrong-id", "token-used")
        ]
        made.append(("nobody there", lambda it: self._soap(it, "prescription", HIS, "80000099")))
        made.append(("signed, nobody there", lambda it: self._soap(it, "locum-report", HIS, "80000099")))
        return made

    async def _soap(
        self, words: Words, kind: str, who: LocalParty, receiver: str, *, broken: str = "", fault: str = ""
    ) -> None:
        sample = self._writer.message(words, kind, who.party.application, receiver, fault)
        body = BREAKS[broken](sample.body, words) if broken else sample.body
        service = sample.kind.service if receiver == "1" else sample.kind.service.removesuffix("Batch")
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"urn:hl7-org:v3/{service}_{sample.kind.operation}"',
            "Authorization": f"Bearer {self._place.secret(f'{who.name}.secret')}",
        }
        made = Call(method="POST", url=f"http://{self._place.local}/{service}", headers=headers, body=body)
        self._hear(await self._call(made), is_push=not sample.kind.is_query)

    async def _soap_in(self, words: Words, kind: str, receiver: str, *, broken: str = "") -> None:
        sample = self._writer.message(words, kind, GUEST, receiver)
        body = BREAKS[broken](sample.body, words) if broken else sample.body
        service = sample.kind.service.removesuffix("Batch")
        action = f'"urn:hl7-org:v3/{service}_{sample.kind.operation}"'
        headers = {"content-type": "text/xml; charset=utf-8", "soapaction": action}
        asked = FhirAsked(method="POST", target=f"/{service}", headers=headers, body=body)
        self._hear(await self._nodes.ask(receiver, asked), is_push=not sample.kind.is_query)

    async def _fhir(self, words: Words, kind: str, *, broken: str = "") -> None:
        sample, token = self._writer.request(words, kind, _HIS, _AIS)
        asked = _bent(
            FhirAsked(
                method=sample.method,
                target=sample.target,
                headers={**sample.headers, "edge-node-transaction-token": token},
                body=sample.body,
            ),
            broken,
            words,
            self._writer,
        )
        base = f"http://{self._place.local}/k/{self._place.secret('his.key')}"
        made = Call(method=asked.method, url=base + asked.target, headers=asked.headers, body=asked.body)
        self._hear(await self._call(made), is_push=False)

    async def _fhir_in(self, words: Words, kind: str, *, broken: str = "") -> None:
        sample, _ = self._writer.request(words, kind, GUEST, _HIS)
        headers = {**sample.headers, "authorization": f"Bearer {self._writer.false_token(words)}"}
        asked = FhirAsked(method=sample.method, target=sample.target, headers=headers, body=sample.body)
        self._hear(await self._nodes.ask(_HIS, _bent(asked, broken, words, self._writer)), is_push=False)

    async def _fhir_of_elsewhere(self, words: Words, kind: str) -> None:
        """The simulated switchboard sends it, with the token that its own server gave."""
        said = {"kind": kind, "sender": GUEST, "receiver": _HIS, "patient": OWN + words.number}
        url = f"http://127.0.0.1:{self._place.control}/fhir"
        await self._call(Call(method="POST", url=url, headers={}, body=json.dumps(said).encode()))

    async def _raw(self, words: Words, head: str) -> None:
        text = head.format(bsn=words.patient.bsn, name=words.patient.family, token=words.token, body=words.body)
        wire = await Caller.at(self._place.local).wire()
        wire.say(text.encode())
        given_up = self._reactor.callLater(_WIRE_S, wire.close)
        said = await wire.until(b"\r\n\r\n")
        await deferLater(self._reactor, 0.05)
        self._keep(wire.heard or said, "raw")
        if given_up.active():
            given_up.cancel()
        wire.close()

    async def _call(self, made: Call) -> Told:
        return await call(self._agent, made, clock=self._reactor, timeout_s=75)

    def _hear(self, told: Told, *, is_push: bool) -> None:
        code = told.headers.get("edge-node-error") or told.headers.get("edge-node-state") or ""
        if is_push or code or told.status >= 400:
            self._keep(repr(dict(told.headers)).encode() + b"\n" + told.body, code or str(told.status))
        else:
            self.heard.outcomes["answered"] += 1

    def _keep(self, answer: bytes, outcome: str) -> None:
        self.heard.answers.append(answer)
        self.heard.outcomes[outcome] += 1


def _bent(asked: FhirAsked, broken: str, words: Words, writer: Writer) -> FhirAsked:
    """The request with that wrong in it."""
    who, headers = words.patient, dict(asked.headers)
    targets: Mapping[str, str] = {
        "address": f"/fhir/R4/Task?patient.identifier={_SYSTEM}%7C{words.wrong_bsn}&{who.family}={who.given}",
        "resource": f"/fhir/R4/{who.family}/{who.bsn}",
        "another type": f"/fhir/R4/{who.family}",
        "operation": f"/fhir/R4/$x{who.bsn}",
        "another operation": f"/fhir/R4/${who.family.lower()}",
        "version": f"/fhir/{who.bsn}/Task",
    }
    bodies: Mapping[str, bytes] = {
        "cut off": asked.body[: asked.body.find(who.bsn.encode()) + 9],
        "type": asked.body.replace(b'"Task"', f'"{who.family}"'.encode()),
        "other patient": asked.body.replace(who.bsn.encode(), words.wrong_bsn.encode()),
    }
    if broken == "bearer":
        headers["authorization"] = f"Bearer {writer.false_token(words)}"
    elif broken == "aorta-id":
        headers["aorta-id"] = f"initialRequestID={who.bsn}; requestID={who.family}"
    elif broken == "token bent" and "edge-node-transaction-token" in headers:
        headers["edge-node-transaction-token"] = headers["edge-node-transaction-token"][::-1]
    method = "GET" if broken == "address" else asked.method
    body = b"" if broken == "address" else bodies.get(broken, asked.body)
    return replace(asked, method=method, target=targets.get(broken, asked.target), headers=headers, body=body)


def _unheard(_code: str, _detail: str, _host: str) -> None:
    """What the simulated switchboard refuses is no answer of the node."""
