"""A broker with local systems behind it, without a socket."""

import itertools
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from edge_node.sandbox.authorisation_server import AuthorisationServer, Stelselnode
from edge_node.sandbox.broker import Broker, BrokerMeans
from edge_node.sandbox.faults import Faults
from edge_node.sandbox.fhir_exchange import FhirAsked
from edge_node.sandbox.fhir_his import LocalFhir
from edge_node.sandbox.fhir_server import FhirServer
from edge_node.sandbox.http import Told, Unreached
from edge_node.sandbox.ledger import Ledger
from edge_node.sandbox.mint import Addresses, Grant, Mint
from edge_node.sandbox.pki_authority import root, rsa_key
from edge_node.sandbox.registers import Registers
from edge_node.sandbox.samples.fhir import FhirMaker, FhirSample, fhir_kinds
from edge_node.sandbox.samples.people import PHARMACY, PRACTICE, Party, party_of, patient

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
ADDRESSES = Addresses(issuer="https://as.test/za", broker="https://broker.test")
_count = itertools.count(1)


def chance(nbytes: int) -> str:
    return f"{next(_count):0{2 * nbytes}x}"


@cache
def _signer() -> tuple[bytes, bytes]:
    key = rsa_key()
    chain = root("Root", "root", key, NOW).certificate.public_bytes(Encoding.PEM)
    return chain, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def mint(folder: Path) -> Mint:
    """A mint with a certificate of its own; every one of a run has the same."""
    folder.mkdir(exist_ok=True)
    for name, text in zip(("chain", "key"), _signer(), strict=True):
        (folder / name).write_bytes(text)
    return Mint(folder / "chain", folder / "key", now=lambda: NOW, chance=chance)


def maker(party: Party = PRACTICE) -> FhirMaker:
    return FhirMaker(party, now=lambda: NOW, chance=chance)


def sample(kind: str, *, who: int = 1, to: Party = PHARMACY, is_xml: bool = False) -> FhirSample:
    return maker().request(fhir_kinds()[kind], patient(who), to=to, is_xml=is_xml)


def server(party: Party) -> FhirServer:
    return FhirServer(party, now=lambda: NOW, chance=chance)


class Onward:
    """Hands every request to a local system at once; nobody is there while `is_down`."""

    def __init__(self, systems: dict[str, LocalFhir]) -> None:
        self.systems = systems
        self.asked: list[tuple[str, FhirAsked]] = []
        self.bad: list[str | None] = []
        self.is_down = False

    def __contains__(self, application: str) -> bool:
        return application in self.systems

    async def ask(self, application: str, asked: FhirAsked, *, bad: str | None = None) -> Told:
        if self.is_down:
            raise Unreached("down")
        self.asked.append((application, asked))
        self.bad.append(bad)
        reply = await self.systems[application].handle(asked)
        headers = {name.lower(): text for name, text in reply.headers.items()}
        return Told(status=reply.status, headers=headers, body=reply.body)


class Bench:
    """All of it."""

    def __init__(self, folder: Path, *parties: Party) -> None:
        self.folder = folder
        self.ledgers = [Ledger(folder / one.application, lambda: 1.0) for one in parties]
        systems = zip(parties, self.ledgers, strict=True)
        self.onward = Onward({one.application: LocalFhir(server(one), ledger) for one, ledger in systems})
        self.ledgers.append(Ledger(folder / "switchboard", lambda: 1.0))
        self.mint, self.faults = mint(folder / "mint"), Faults()
        self.authorisation = AuthorisationServer(
            self.mint, lambda: ADDRESSES, registers=Registers(), faults=self.faults, now=lambda: NOW
        )
        self.stelselnode = Stelselnode(self.mint, lambda: ADDRESSES, self.faults)
        self.broker = Broker(
            BrokerMeans(
                mint=self.mint,
                authorisation=self.authorisation,
                maker=maker(party_of("1")),
                server=server(party_of("1")),
                ledger=self.ledgers[-1],
                onward=self.onward,
                faults=self.faults,
                now=lambda: 1.0,
            )
        )

    def token(self, one: FhirSample) -> str:
        grant = Grant(patient=one.patient.bsn, application=PRACTICE.application, scope=one.kind.interaction)
        return self.mint.access_token(ADDRESSES.issuer, grant)

    def asked(self, one: FhirSample, **headers: str) -> FhirAsked:
        given = {**one.headers, "authorization": f"Bearer {self.token(one)}", **headers}
        return FhirAsked(method=one.method, target=one.target, headers=given, body=one.body)

    def close(self) -> None:
        for ledger in self.ledgers:
            ledger.close()
