"""A simulated HIS or AIS as a program: its services, its senders, its control door.

Knows: how the parts are put together, and what the control door offers.
Must not know: what is done with a message.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, ensureDeferred, gatherResults
from twisted.web.client import Agent, HTTPConnectionPool

from edge_node.sandbox.crash_traffic import Desk, Traffic
from edge_node.sandbox.fhir_his import FhirMirror, FhirSender, LocalFhir
from edge_node.sandbox.fhir_server import FhirServer
from edge_node.sandbox.fhir_web import Doors, FhirDoor
from edge_node.sandbox.his import LocalSystem, Misbehaviour
from edge_node.sandbox.ledger import Ledger
from edge_node.sandbox.line import Line
from edge_node.sandbox.samples.fhir import FhirMaker, fhir_kinds
from edge_node.sandbox.samples.making import Maker, Sample, nobody
from edge_node.sandbox.samples.people import PARTIES, party_of, patient
from edge_node.sandbox.senders import NodeDoor, Sender
from edge_node.sandbox.signing import Card, hands_of
from edge_node.sandbox.web import ControlDoor, MessageDoor, site


@dataclass(frozen=True, slots=True, kw_only=True)
class HisOptions:
    """What a simulated local system is started with."""

    application: str
    ledger: Path
    node: str  # http://127.0.0.1:PORT
    authorization: str = field(repr=False)
    key: str = field(default="", repr=False)  # in the addresses of the FHIR mirror
    port: int = 0
    control_port: int = 0
    zim: str = "1"
    misbehaviour: Misbehaviour | None = None
    cards: Path | None = None  # of its people; without, nothing is signed


class HisProcess:
    """One running local system."""

    def __init__(self, reactor: Any, options: HisOptions) -> None:
        party = party_of(options.application)
        hand_of = nobody if options.cards is None else hands_of(options.cards)
        maker = Maker(party, zim=options.zim, now=lambda: datetime.now(UTC), chance=secrets.token_hex)
        maker.signing(hand_of)
        self._ledger = Ledger(options.ledger, time.time)
        self._system = LocalSystem(maker, self._ledger, options.misbehaviour)
        pool: Any = HTTPConnectionPool
        self._pool: Any = pool(reactor)
        self._pool.maxPersistentPerHost = 64
        self._pool.cachedConnectionTimeout = 5
        self._pool.retryAutomatically = False
        agents: Any = Agent
        door = NodeDoor(base=options.node, authorization=options.authorization)
        agent = agents(reactor, connectTimeout=5, pool=self._pool)
        self._sender = Sender(maker, self._ledger, door, agent=agent, clock=reactor)
        fhir = FhirMaker(party, now=lambda: datetime.now(UTC), chance=secrets.token_hex).signing(hand_of)
        mirror = FhirMirror(base=f"{options.node}/k/{options.key}")
        self._fhir_sender = FhirSender(fhir, self._ledger, mirror, agent=agent, clock=reactor)
        server = FhirServer(fhir.party, now=lambda: datetime.now(UTC), chance=secrets.token_hex)
        self._fhir = LocalFhir(server, self._ledger)
        self._zim, self._cards = options.zim, options.cards
        self._running: Deferred[Any] | None = None
        self._error = ""
        self._clock = reactor
        self._traffic: Traffic | None = None
        doors = Doors({"/fhir": FhirDoor(self._fhir.handle, reactor)}, MessageDoor(self._system.handle, reactor))
        self._services = Line(reactor, site(doors), port=options.port)
        commands = {
            "state": self._state, "send": self._send, "one": self._one, "settle": self._settle,
            "fhir": self._fhir_one, "traffic": self._begin_traffic, "rest": self._rest, "sign": self._sign,
            "line": self._set_line,
        }  # fmt: skip
        self._control = Line(reactor, site(ControlDoor(commands)), port=options.control_port)

    def start(self) -> dict[str, Any]:
        """Listen; return where."""
        self._services.listen()
        self._control.listen()
        return {"event": "ready", "port": self._services.port, "control": self._control.port}

    async def stop(self) -> None:
        """Stop listening and close the ledger."""
        self._fhir_sender.stop()
        await self._services.cut()
        await self._control.cut()
        await self._pool.closeCachedConnections()
        self._ledger.close()

    async def _state(self, arguments: dict[str, Any]) -> dict[str, Any]:
        running = self._running is not None
        progress = self._sender.progress
        return asdict(progress) | {
            "kept": progress.kept + self._fhir_sender.kept,
            "received": self._system.requests + self._fhir.requests,
            "running": running,
            "error": self._error,
        }

    async def _settle(self, arguments: dict[str, Any]) -> dict[str, Any]:
        self._system.settle()
        return await self._state({})

    async def _one(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """`{"kind": "ping", "receiver": "1", "patient": 3}`: send one message and say what came of it.

        With `"conditional": true` it goes under a mandate and an enrolment alone, for the node to sign.
        """
        sample = self._sender.maker.request(
            arguments["kind"], receiver=arguments.get("receiver") or self._zim,
            patient=patient(int(arguments.get("patient", 0))), data=arguments.get("data"),
        )  # fmt: skip
        if arguments.get("conditional"):
            sample = self._sender.maker.for_a_server(sample, self._card("gp-signature"), self._card("gp"))
        outcome = await self._sender.send(sample, give_up_after_s=float(arguments.get("give_up_after_s", 20)))
        return {"id": str(sample.id), "outcome": outcome}

    def _card(self, name: str) -> Card:
        assert self._cards is not None, "started without cards"
        return Card.read(self._cards / name)

    async def _fhir_one(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """`{"kind": "fhir-create-task", "receiver": "80000002", "patient": 3, "xml": true, "access_token": "…"}`."""
        sample = self._fhir_sender.maker.request(
            fhir_kinds()[arguments["kind"]],
            patient(int(arguments.get("patient", 0))),
            to=PARTIES.get(str(arguments.get("receiver", ""))),
            is_xml=bool(arguments.get("xml")),
        )
        sent = await self._fhir_sender.send(
            sample,
            access_token=arguments.get("access_token"),
            give_up_after_s=float(arguments.get("give_up_after_s", 20)),
        )
        id_ = f"{sample.initial_request}/{sample.kind.interaction}"
        return {"id": id_, "outcome": sent.outcome, "kept": sent.is_kept, "attempts": sent.attempts}

    async def _send(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """`{"kinds": […], "receiver": "80000002", "count": 200, "senders": 16}`: begin, and say so at once."""
        if self._running is not None:
            return {"error": "still sending"}
        senders, count = int(arguments.get("senders", 1)), int(arguments["count"])
        give_up_after_s = float(arguments.get("give_up_after_s", 600))
        work = [
            ensureDeferred(
                self._sender.send_all(self._share(number, senders, count, arguments), give_up_after_s=give_up_after_s)
            )
            for number in range(senders)
        ]
        self._running = gatherResults(work, consumeErrors=True)
        self._running.addErrback(self._failed).addBoth(self._finished)
        return {"sending": count}

    async def _begin_traffic(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """`{"receiver": "80000002", "senders": 6, "seed": "7", "fhir": true}`: send until told to rest."""
        desk = Desk(
            sender=self._sender, ledger=self._ledger, clock=self._clock, receiver=arguments["receiver"],
            zim=self._zim, fhir=self._fhir_sender if arguments.get("fhir") else None,
        )  # fmt: skip
        traffic = self._traffic = Traffic(desk)
        senders = range(int(arguments["senders"]))
        work = [ensureDeferred(traffic.send(number, str(arguments["seed"]))) for number in senders]
        self._running = gatherResults(work, consumeErrors=True)
        self._running.addErrback(self._failed).addBoth(self._finished)
        return {"senders": len(senders)}

    async def _rest(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Begin nothing new; what is under way is finished."""
        if self._traffic is not None:
            self._traffic.is_resting = True
        return await self._state({})

    async def _set_line(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """`{"cut": true}`: its services cannot be reached; `{"cut": false}`: they can again."""
        if arguments["cut"]:
            await self._services.cut()
            self._ledger.note("cut")
        elif not self._services.is_up:
            self._services.listen()
        return {"line": "up" if self._services.is_up else "cut"}

    async def _sign(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """`{"ids": ["2.16...:..."]}`: hand these in under a new token."""
        signed = 0 if self._traffic is None else await self._traffic.sign_again(frozenset(arguments["ids"]))
        return {"signed": signed}

    def _share(
        self, number: int, senders: int, count: int, arguments: dict[str, Any]
    ) -> Iterator[Callable[[], Sample]]:
        """The messages of one sender, whose patients no other sender has."""
        kinds, receiver = arguments["kinds"], arguments.get("receiver")
        patients = int(arguments.get("patients_per_sender", 3))
        for turn in range(count // senders + (number < count % senders)):
            kind, who = kinds[turn % len(kinds)], number * patients + turn // len(kinds) % patients
            yield lambda kind=kind, who=who: self._make(kind, receiver, who)  # type: ignore[misc]

    def _make(self, kind: str, receiver: str | None, who: int) -> Sample:
        return self._sender.maker.request(kind, receiver=receiver or self._zim, patient=patient(who))

    def _failed(self, failure: Any) -> None:
        self._error = failure.getErrorMessage()

    def _finished(self, _: object) -> None:
        self._running = None
