"""A story with FHIR: beside the switchboard a broker and an authorisation server, beside the SOAP systems FHIR ones.

Knows: what such a site has beside the usual one, how a FHIR client speaks to the node.
Must not know: any story.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import yaml
from lxml import etree
from twisted.internet.defer import ensureDeferred

from edge_node.sandbox.authorisation_server import AuthorisationServer, Stelselnode
from edge_node.sandbox.faults import Faults
from edge_node.sandbox.fhir_exchange import FhirAsked
from edge_node.sandbox.fhir_web import FhirHandler
from edge_node.sandbox.mint import Addresses, Grant, Mint
from edge_node.sandbox.pki import AUTHORISATION_SERVER, BROKER, ORGANISATION_ISSUER
from edge_node.sandbox.registers import Registers
from tests.stories import certificates, fhir_moves, moves
from tests.stories.caller import Caller, Told
from tests.stories.far_end import FarEnd, Move, Turn
from tests.stories.fhir_moves import ANNA, JSON, a_bearer, a_transaction_token
from tests.stories.story import Story

TOKEN = "edge-node-transaction-token"
FHIR_SYSTEM = "urn:edge-node:error"


@cache
def mint() -> Mint:
    """Signs as stelselnode and as authorisation server."""
    files = certificates.pki().files("switchboard")
    return Mint(files.chain, files.key, now=lambda: datetime.now(UTC), chance=secrets.token_hex)


class FhirStory(Story):
    """The HIS exchanges tokens and serves R4 and STU3; the pharmacy's system brings its own tokens and serves R4."""

    def furnish(self) -> None:
        """Give the site what FHIR needs."""
        self.broker = FarEnd(fhir_moves.usual, certificates.ServerTls("broker"))
        parts: dict[str, Any] = {"faults": Faults()}
        node = Stelselnode(mint(), lambda: self.named, **parts)
        registers = Registers()
        registers.use_token(fhir_moves.SPENT)
        server = AuthorisationServer(
            mint(), lambda: self.named, registers=registers, now=lambda: datetime.now(UTC), **parts
        )
        self.server = FarEnd(_by(server.handle), certificates.ServerTls("authorisation"))
        for far_end in (self.broker, self.server):
            far_end.up()
            self.addCleanup(self._async(far_end.down))
        self.switch.usual = _either("/stelseltoken", _by(node.handle), moves.usual)
        for system in self.systems.values():
            system.usual = _either("/own/", fhir_moves.usual, moves.usual)
        self.keys = {name: secrets.token_urlsafe(24) for name in self.systems}
        self._write()

    @property
    def named(self) -> Addresses:
        """Where the stelseltoken says that the others are."""
        return Addresses(
            issuer=f"https://{AUTHORISATION_SERVER[1]}:{self.server.port}/as",
            broker=f"https://{BROKER[1]}:{self.broker.port}/za-in",
        )

    def _write(self) -> None:
        settings = yaml.safe_load(self.paths[0].read_text(encoding="utf-8"))
        settings["switchboard"]["peers"] += [
            _peer("broker", "broker", BROKER, self.broker.port),
            _peer("authorisation", "authorisation-server", AUTHORISATION_SERVER, self.server.port),
        ]
        for system in settings["local"]["systems"]:
            path = self.folder / f"{system['name']}.key"
            path.touch(mode=0o600)
            digest = hashlib.sha256(self.keys[system["name"]].encode()).hexdigest()
            path.write_text(f"sha256:{digest}", encoding="utf-8")
            system["address_key_files"] = [str(path)]
        for application in (one for identity in settings["identities"] for one in identity["applications"]):
            application |= self.fhir_of(application["local_system"])
        self.paths[0].write_text(yaml.safe_dump(settings), encoding="utf-8")

    def fhir_of(self, system: str) -> dict[str, Any]:
        """The FHIR side of one application."""
        base = f"http://127.0.0.1:{self.systems[system].port}/own"
        if system == "his":
            return {"fhir_bases": {"R4": f"{base}/r4", "STU3": f"{base}/stu3"}, "fhir_tokens": "exchange"}
        return {"fhir_bases": {"R4": f"{base}/r4"}} if system == "ais" else {}

    # Who speaks with the node

    async def asks(
        self,
        path: str,
        method: str = "GET",
        body: bytes | None = None,
        *,
        system: str = "ais",
        **headers: str,
    ) -> Told:
        """Ask as a local system does: the HIS with what its user signed, the others with tokens of their own."""
        token = {TOKEN: a_transaction_token()} if system == "his" else {"authorization": a_bearer()}
        caller = Caller.at(self.addresses["local"])
        return await caller.ask(method, f"/k/{self.keys[system]}{path}", _said(body, token, headers), body)

    def granted(self, bsn: str | None = ANNA.bsn) -> str:
        """An access token as the authorisation server gives it, for what the broker asks."""
        grant = Grant(patient=bsn, application="80000003", scope="search")
        return f"Bearer {mint().access_token(self.named.issuer, grant)}"

    async def calls(
        self,
        path: str,
        method: str = "GET",
        body: bytes | None = None,
        *,
        identity: str = "practice",
        **headers: str,
    ) -> Told:
        """Ask as the broker does."""
        usual = {"authorization": self.granted(), "aorta-id": fhir_moves.an_aorta_id()}
        caller = self.outside(identity, "broker")
        return await caller.ask(method, path, _said(body, usual, headers), body)


def _said(body: bytes | None, usual: Mapping[str, str], headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of a request; one that is empty is left out."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    kind = {"content-type": JSON} if body is not None else {}
    return {name: value for name, value in {**kind, **usual, **given}.items() if value}


def _by(handler: FhirHandler) -> Move:
    """Answer with what a party of the sandbox says."""

    async def answer(turn: Turn) -> None:
        asked = FhirAsked(method=turn.method, target=turn.target, headers=turn.headers, body=turn.body)
        reply = await handler(asked)
        headers = dict(reply.headers)
        turn.answer(reply.body, reply.status, headers.pop("content-type"), headers)

    def move(turn: Turn) -> None:
        ensureDeferred(answer(turn))

    return move


def _either(start: str, there: Move, otherwise: Move) -> Move:
    return lambda turn: (there if turn.path.startswith(start) else otherwise)(turn)


def _peer(name: str, role: str, holder: tuple[str, str], port: int) -> dict[str, Any]:
    return {
        "name": name,
        "role": role,
        "host": "localhost",
        "port": port,
        "server_names": [holder[1]],
        "client_names": [holder[1]],
        "issuers": [ORGANISATION_ISSUER],
        "organisation": holder[0],
        "anchors": str(certificates.pki().anchors),
    }


def outcome_of(told: Told) -> dict[str, str]:
    """The fields of an OperationOutcome of the node, in JSON or XML."""
    if "xml" in told.headers["content-type"]:
        tree = etree.fromstring(told.body)
        values = {element.tag.rpartition("}")[2]: element.get("value") for element in tree.iter()}
        codes = [element.get("value") for element in tree.iter("{http://hl7.org/fhir}code")]
        return {"severity": values["severity"], "issue": codes[0], "code": codes[1], "text": values["diagnostics"]}
    (issue,) = json.loads(told.body)["issue"]
    (coding,) = issue["details"]["coding"]
    assert coding["system"] == FHIR_SYSTEM
    return {
        "severity": issue["severity"], "issue": issue["code"], "code": coding["code"], "text": issue["diagnostics"],
    }  # fmt: skip
