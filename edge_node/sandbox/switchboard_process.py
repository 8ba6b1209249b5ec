"""The simulated switchboard as a program: its doors, its line, its commands.

Knows: how the parts are put together, and what the control door offers.
Must not know: what is done with a message.
"""

import json
import secrets
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from twisted.internet.task import deferLater

from edge_node.sandbox.application import Application
from edge_node.sandbox.credentials import EXPIRED, GOOD, SwitchboardTls
from edge_node.sandbox.exchange import Asked, Reply
from edge_node.sandbox.faults import Fault
from edge_node.sandbox.fhir_parties import FhirParties, FhirPorts, Shared, behind_one_line
from edge_node.sandbox.ledger import Ledger
from edge_node.sandbox.line import Line
from edge_node.sandbox.nodes import Nodes, Route
from edge_node.sandbox.pki import Pki
from edge_node.sandbox.samples.making import Maker
from edge_node.sandbox.samples.people import HOSPITAL, INSTITUTION, OUT_OF_HOURS_POST, Party, party_of, patient
from edge_node.sandbox.switchboard import Means, Switchboard
from edge_node.sandbox.web import ControlDoor, MessageDoor, site

ZIM: Final = "1"
_KNOWN: Final = 50  # patients of whom the guests hold data from the start


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchboardOptions:
    """What a simulated switchboard is started with."""

    pki: Path
    ledger: Path
    routes: Mapping[str, Route]
    port: int = 0
    control_port: int = 0
    fhir: FhirPorts = FhirPorts()  # noqa: RUF009  # frozen


def _utc() -> datetime:
    return datetime.now(UTC)


def _maker(party: Party) -> Maker:
    return Maker(party, zim=ZIM, now=_utc, chance=secrets.token_hex)


class SwitchboardProcess:
    """One running switchboard."""

    def __init__(self, reactor: Any, options: SwitchboardOptions) -> None:
        self._tls = SwitchboardTls(Pki(out=options.pki), now=_utc, refused=_tell_refusal)
        self._ledger = Ledger(options.ledger, time.time)
        self._nodes = Nodes(reactor, options.routes, self._tls.client)
        guests = {one.application: Application(_maker(one)) for one in (OUT_OF_HOURS_POST, HOSPITAL, INSTITUTION)}
        self._switchboard = Switchboard(
            Means(
                maker=_maker(party_of(ZIM)), ledger=self._ledger, onward=self._nodes, guests=guests, now=time.time,
                wait=lambda seconds: deferLater(reactor, seconds),
                card_anchors=tuple(x509.load_pem_x509_certificates(Pki(out=options.pki).card_anchors.read_bytes())),
            )
        )  # fmt: skip
        for guest, data in ((HOSPITAL, "834295"), (HOSPITAL, "288432"), (INSTITUTION, "460320")):
            for index in range(_KNOWN):
                self._switchboard.registers.register(patient(index).bsn, data, guest.application)
        self._shown = GOOD
        shared = Shared(
            pki=options.pki, tls=self._tls, ledger=self._ledger, registers=self._switchboard.registers,
            faults=self._switchboard.faults, routes=options.routes,
        )  # fmt: skip
        self._fhir = FhirParties(reactor, shared, options.fhir)
        served = behind_one_line(MessageDoor(self._handle, reactor), self._fhir)
        self._line = Line(reactor, site(served), port=options.port)
        commands = {
            "state": self._state, "faults": self._arm, "line": self._set_line, "send": self._send,
            "fhir": self._fhir.send, "token": self._fhir.token,
        }  # fmt: skip
        self._control = Line(reactor, site(ControlDoor(commands)), port=options.control_port)

    def start(self) -> dict[str, Any]:
        """Listen; return where."""
        self._line.listen(self._tls.server(self._shown))
        self._fhir.listen()
        self._control.listen()
        return {"event": "ready", "port": self._line.port, "control": self._control.port, **self._fhir.ports()}

    async def stop(self) -> None:
        """Stop listening and close the ledger."""
        await self._line.cut()
        await self._fhir.cut()
        await self._control.cut()
        await self._nodes.drop()
        self._ledger.close()

    async def _handle(self, asked: Asked, headers: dict[str, str]) -> Reply:
        return await self._switchboard.handle(asked)

    async def _state(self, arguments: dict[str, Any]) -> dict[str, Any]:
        return {"line": "up" if self._line.is_up else "cut", "port": self._line.port, "certificate": self._shown}

    async def _arm(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """`{"name": "slow", "count": 2, "interaction": "…"}`, or `{}` to forget them all."""
        if not arguments:
            self._switchboard.faults.clear()
            return {"armed": None}
        fault = Fault(arguments["name"])
        self._switchboard.faults.arm(
            fault, count=int(arguments.get("count", 1)), interaction=arguments.get("interaction")
        )
        return {"armed": fault}

    async def _set_line(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """`{"cut": true}` cuts the line, `{"cut": false}` restores it; `{"certificate": "expired"}` shows another."""
        if "certificate" in arguments:
            self._shown = EXPIRED if arguments["certificate"] == "expired" else GOOD
        if arguments.get("cut") or "certificate" in arguments:
            self._nodes.is_cut = True
            await self._line.cut()
            await self._fhir.cut()
            await self._nodes.drop()
            self._ledger.note("cut")
        if not arguments.get("cut") and not self._line.is_up:
            self._line.listen(self._tls.server(self._shown))
            self._fhir.listen()
            self._nodes.is_cut = False
            self._ledger.note("restored")
        return await self._state({})

    async def _send(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """`{"kind": "locum-report", "sender": "80000003", "receiver": "80000001", "patient": 3, "fault": "slow"}`."""
        maker = _maker(party_of(arguments.get("sender", ZIM)))
        mark = f".fault-{arguments['fault']}" if "fault" in arguments else ""
        sample = maker.request(
            arguments["kind"],
            receiver=arguments["receiver"],
            patient=patient(int(arguments.get("patient", 0))),
            mark=mark,
        )
        reply = await self._switchboard.originate(sample)
        return {"id": str(sample.id), "outcome": reply.outcome}


def _tell_refusal(code: str, detail: str, host: str) -> None:
    print(json.dumps({"event": "refused", "code": code, "detail": detail, "peer": host}), file=sys.stderr, flush=True)  # noqa: T201
