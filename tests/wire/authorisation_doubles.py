"""The parties that are asked before a FHIR request goes: real servers over real TLS, each answer in a test's hand.

Knows: the sandbox's certificates and mint; twisted.web as another implementation of HTTP.
Must not know: how the node judges them.
"""

import atexit
import base64
import secrets
import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.task import Clock

from edge_node.model.fhir import SamlTokens
from edge_node.model.hierarchies import TEST_REALM
from edge_node.model.identifiers import ApplicationId
from edge_node.sandbox.authorisation_server import AuthorisationServer, Stelselnode
from edge_node.sandbox.credentials import SwitchboardTls
from edge_node.sandbox.faults import Faults
from edge_node.sandbox.fhir_exchange import FhirAsked, FhirReply
from edge_node.sandbox.fhir_web import FhirDoor, FhirHandler
from edge_node.sandbox.line import Line
from edge_node.sandbox.mint import Addresses, Mint
from edge_node.sandbox.pki import (
    AUTHORISATION_SERVER,
    BROKER,
    ORGANISATION_ISSUER,
    PRACTICE,
    PRACTICE_UZI,
    SWITCHBOARD,
    Pki,
    make_pki,
)
from edge_node.sandbox.registers import Registers
from edge_node.sandbox.web import site
from edge_node.wire import trust
from edge_node.wire.authorisation import Authorisation, AuthorisationChoices, AuthorisationTools, PeerWay, Signer
from edge_node.wire.http1_client import Destination, HttpClient
from tests.wire.revocations import listed

reactor: Any = _reactor
HIS = ApplicationId("80000001")
NOW = datetime.now(UTC)
ASSERTION = """\
<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="{id}"><Conditions NotOnOrAfter="{ends}"/>\
<AttributeStatement><Attribute Name="burgerServiceNummer"><AttributeValue>999900006</AttributeValue></Attribute>\
</AttributeStatement></Assertion>"""


@cache
def pki() -> Pki:
    folder = tempfile.mkdtemp(prefix="edge-node-authorisation-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return make_pki(Path(folder) / "pki", now=NOW)


@cache
def anchors() -> tuple[Any, ...]:
    return trust.load_anchors(pki().anchors)


@cache
def mint(certificate: str = "switchboard", later: timedelta = timedelta()) -> Mint:
    files = pki().files(certificate)
    return Mint(files.chain, files.key, now=lambda: NOW + later, chance=secrets.token_hex)


def signer(**changes: Any) -> Signer:
    of = {
        "anchors": anchors(),
        "issuers": (ORGANISATION_ISSUER,),
        "organisation": SWITCHBOARD[0],
        "revocation": listed(pki(), NOW),
    }
    return Signer(**{**of, **changes})


def saml(*, ends: datetime = NOW + timedelta(minutes=5), **more: str) -> SamlTokens:
    text = ASSERTION.format(id=f"_{secrets.token_hex(8)}", ends=f"{ends:%Y-%m-%dT%H:%M:%SZ}")
    return SamlTokens(transaction=base64.urlsafe_b64encode(text.encode()).decode().rstrip("="), **more)


Move = Callable[[FhirAsked], FhirReply]


class Party:
    """One server: makes the moves it was told, else does its work. `asked` is what came."""

    def __init__(self, work: FhirHandler) -> None:
        self.asked: list[FhirAsked] = []
        self._work = work
        self._moves: deque[Move] = deque()
        self.line = Line(reactor, site(FhirDoor(self._handle, reactor)))

    def will(self, *moves: Move) -> None:
        self._moves.extend(moves)

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    async def _handle(self, asked: FhirAsked) -> FhirReply:
        self.asked.append(asked)
        return self._moves.popleft()(asked) if self._moves else await self._work(asked)


class Parties:
    """The stelselnode at the zim, and the authorisation server."""

    def __init__(self) -> None:
        self.clock, self.later = Clock(), timedelta()
        self.said: list[tuple[str, str]] = []
        server = SwitchboardTls(pki(), now=lambda: NOW, refused=lambda *_: None)
        self.registers, self.faults = Registers(), Faults()
        parts: Mapping[str, Any] = {"faults": self.faults}
        self.zim = Party(Stelselnode(mint(), lambda: self.addresses, **parts).handle)
        parts = {**parts, "registers": self.registers, "now": lambda: NOW}
        self.server = Party(AuthorisationServer(mint(), lambda: self.addresses, **parts).handle)
        self.zim.line.listen(server.server("switchboard"))
        self.server.line.listen(server.server("authorisation"))
        self.clients: list[HttpClient] = []
        self.choices = AuthorisationChoices(signer=signer())
        self.ways = (self._way("zim", self.zim, SWITCHBOARD), self._way("authorisation-server", self.server))

    @property
    def addresses(self) -> Addresses:
        return Addresses(
            issuer=f"https://{AUTHORISATION_SERVER[1]}:{self.server.line.port}/as", broker=f"https://{BROKER[1]}"
        )

    def _way(self, role: str, party: Party, holder: tuple[str, str] = AUTHORISATION_SERVER) -> PeerWay:
        files = pki().files("practice")
        own = trust.load_identity(
            trust.IdentityFiles(
                name="practice", certificate=files.chain, key=files.key, fqdn=PRACTICE[1], ura=PRACTICE_UZI.ura
            )
        )
        peer = trust.TrustedPeer(
            name=role, role=role, host="localhost", server_names=(holder[1],), issuers=(ORGANISATION_ISSUER,),
            organisation=holder[0], anchors=anchors(), realm=TEST_REALM,
        )  # fmt: skip
        tls = trust.client_tls(
            own, peer, trust.Surroundings(now=lambda: NOW, refused=lambda *_: None, revocation=listed(pki(), NOW))
        )
        endpoint = wrapClientTLS(tls, HostnameEndpoint(reactor, "localhost", party.line.port))
        client = HttpClient(Destination(endpoint=endpoint, authority=holder[1], judge=tls.judge), reactor)
        self.clients.append(client)
        names = frozenset({"localhost", holder[1]})
        return PeerWay(
            name=role, role=role, host="localhost", port=party.line.port, names=names, base_path="", client=client
        )

    def authorisation(self, state_dir: Path) -> Authorisation:
        return Authorisation(
            AuthorisationTools(
                choices=lambda: self.choices,
                ways=lambda _: (*self.ways, self._broker),
                clock=self.clock,
                now=lambda: NOW + self.later,
                state_dir=state_dir,
                aside=_aside,
            )
        )

    @property
    def _broker(self) -> PeerWay:
        return PeerWay(
            name="broker", role="broker", host=BROKER[1], port=443, names=frozenset({BROKER[1]}), base_path="",
            client=self.clients[0],
        )  # fmt: skip

    async def end(self) -> None:
        for client in self.clients:
            await client.close(limit_s=0)
        await self.zim.line.cut()
        await self.server.line.cut()


async def _aside(work: Callable[[], None]) -> None:
    work()


def says(status: int, body: bytes = b"{}", **headers: str) -> Move:
    """Answer just that."""
    given = {"content-type": "application/json", **{name.replace("_", "-"): text for name, text in headers.items()}}
    return lambda asked: FhirReply(status=status, body=body, headers=given)
