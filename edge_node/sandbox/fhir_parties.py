"""The FHIR side of a simulated switchboard: stelselnode, authorisation server and broker, each with its line.

Knows: how the parts are put together.
Must not know: what is done with a request.
"""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from twisted.web.resource import Resource

from edge_node.sandbox.authorisation_server import AuthorisationServer, Stelselnode
from edge_node.sandbox.broker import Broker, BrokerMeans
from edge_node.sandbox.credentials import GOOD, SwitchboardTls
from edge_node.sandbox.faults import Faults
from edge_node.sandbox.fhir_server import FhirServer
from edge_node.sandbox.fhir_web import Doors, FhirDoor
from edge_node.sandbox.ledger import Ledger
from edge_node.sandbox.line import Line
from edge_node.sandbox.mint import Addresses, Grant, Mint
from edge_node.sandbox.nodes import Nodes, Route
from edge_node.sandbox.pki import AUTHORISATION_SERVER, BROKER, Pki
from edge_node.sandbox.registers import Registers
from edge_node.sandbox.samples.fhir import FhirMaker, fhir_kinds
from edge_node.sandbox.samples.people import PARTIES, party_of, patient
from edge_node.sandbox.web import site

#: Certificates of the parties.
_BROKER: Final = "broker"
_AUTHORISATION: Final = "authorisation"


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirPorts:
    """Where the parties listen; 0 lets the system choose."""

    broker: int = 0
    authorisation: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What they have in common with the rest of the switchboard."""

    pki: Path
    tls: SwitchboardTls
    ledger: Ledger
    registers: Registers
    faults: Faults
    routes: Mapping[str, Route]


class FhirParties:
    """The three parties."""

    def __init__(self, reactor: Any, shared: Shared, ports: FhirPorts) -> None:
        files = Pki(out=shared.pki).files(GOOD)
        mint = Mint(files.chain, files.key, now=_utc, chance=secrets.token_hex)
        parts: dict[str, Any] = {"faults": shared.faults}
        stelselnode = Stelselnode(mint, self._addresses, **parts)
        self._authorisation = AuthorisationServer(
            mint, self._addresses, registers=shared.registers, now=_utc, **parts
        )
        self._nodes = Nodes(reactor, shared.routes, lambda name, bad: shared.tls.client(name, bad or _BROKER))
        self._shared = shared
        self._means = BrokerMeans(
            mint=mint,
            authorisation=self._authorisation,
            maker=_maker("1"),
            server=FhirServer(party_of("1"), now=_utc, chance=secrets.token_hex),
            ledger=shared.ledger,
            onward=self._nodes,
            now=time.time,
            **parts,
        )
        self._broker = Broker(self._means)
        self.stelselnode: Resource = FhirDoor(stelselnode.handle, reactor)
        self._lines = {
            _BROKER: Line(reactor, site(FhirDoor(self._broker.handle, reactor)), port=ports.broker),
            _AUTHORISATION: Line(
                reactor, site(FhirDoor(self._authorisation.handle, reactor)), port=ports.authorisation
            ),
        }

    def listen(self) -> None:
        """Begin to listen, or go on."""
        self._nodes.is_cut = False
        for name, line in self._lines.items():
            if not line.is_up:
                line.listen(self._shared.tls.server(name))

    async def cut(self) -> None:
        """Stop listening and drop every connection."""
        self._nodes.is_cut = True
        for line in self._lines.values():
            await line.cut()
        await self._nodes.drop()

    def ports(self) -> dict[str, int]:
        """Where they listen."""
        return {name: line.port for name, line in self._lines.items()}

    async def send(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """`{"kind": "fhir-create-task", "sender": "80000003", "receiver": "80000001", "patient": 3, "xml": true}`."""
        receiver = str(arguments["receiver"])
        sample = _maker(arguments.get("sender", "1")).request(
            fhir_kinds()[arguments["kind"]],
            patient(int(arguments.get("patient", 0))),
            to=PARTIES.get(receiver),
            is_xml=bool(arguments.get("xml")),
        )
        reply = await self._broker.originate(sample, receiver)
        return {"id": f"{sample.initial_request}/{sample.kind.interaction}", "outcome": reply.outcome}

    async def token(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """`{"application": "80000002", "patient": 3, "scope": "…"}`: what one who asks for itself gets."""
        who = patient(int(arguments.get("patient", 0)))
        grant = Grant(
            patient=who.bsn, application=str(arguments["application"]), scope=str(arguments.get("scope", ""))
        )
        return {"access_token": self._authorisation.own_token(grant)}

    def _addresses(self) -> Addresses:
        ports = self.ports()
        return Addresses(
            issuer=f"https://{AUTHORISATION_SERVER[1]}:{ports[_AUTHORISATION]}/za/v1",
            broker=f"https://{BROKER[1]}:{ports[_BROKER]}",
        )


def behind_one_line(messages: Resource, parties: FhirParties) -> Resource:
    """Return what the switchboard's own line serves: SOAP messages, and the stelseltoken."""
    return Doors({"/stelseltoken/": parties.stelselnode}, messages)


def _maker(application: str) -> FhirMaker:
    return FhirMaker(party_of(application), now=_utc, chance=secrets.token_hex)


def _utc() -> datetime:
    return datetime.now(UTC)
