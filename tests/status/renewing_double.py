"""Certificates in memory, as the verbs see them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from edge_node.errors import Refused
from edge_node.model.renewal import (
    Asked,
    Installation,
    Offered,
    Outcome,
    Pairing,
    Requested,
    Result,
    Stage,
    Step,
    Trial,
    Tried,
)

AT = datetime(2027, 3, 1, tzinfo=UTC)
PEM = "-----BEGIN CERTIFICATE REQUEST-----\nMII=\n-----END CERTIFICATE REQUEST-----\n"
PAIRING = Pairing(
    subject="CN=linde.example.test",
    fingerprint="ab" * 32,
    not_before=AT,
    not_after=AT.replace(year=2030),
    certificate="/state/identities/practice/1.pem",
    key="sealed:practice.1",
)
TAKEN = Tried(
    peer="lsp",
    role="zim",
    outcome=Outcome.TAKEN,
    steps=(Step(stage=Stage.NAME, took_s=0.002, told="lsp.example.test"),),
    status=405,
)
AWAY = Tried(
    peer="lsp",
    role="zim",
    outcome=Outcome.UNKNOWN,
    steps=(Step(stage=Stage.NAME, took_s=0.1, told="no address", code="EN-CERT-UNTESTED"),),
)
INSTALLED = Installation(identity="practice", result=Result.IN_USE, tried=(TAKEN,), now=PAIRING, before=PAIRING)


@dataclass
class PeoplesCertificates:
    """Does as it is told, and remembers what it was asked."""

    asked: list[Asked] = field(default_factory=list)
    offered: list[Offered] = field(default_factory=list)
    installation: Installation = INSTALLED
    trial: Tried = TAKEN

    async def request(self, asked: Asked) -> Requested:
        if self.asked and not asked.replace:
            raise Refused("practice: 1", code="EN-CERT-WAITING")
        self.asked.append(asked)
        return self._requested(1)

    async def requests(self, identity: str | None) -> tuple[Requested, ...]:
        return tuple(self._requested(number) for number, _ in enumerate(self.asked, 1))

    async def install(self, offered: Offered) -> Installation:
        self.offered.append(offered)
        return self.installation

    async def back(self, identity: str) -> Installation:
        return self.installation

    async def test(self, identity: str, peer: str | None) -> tuple[Trial, ...]:
        return (Trial(identity=identity, certificate="ab" * 32, standing="in use", tried=(self.trial,)),)

    def _requested(self, number: int) -> Requested:
        return Requested(
            identity="practice",
            number=number,
            subject="CN=linde.example.test",
            fqdn="linde.example.test",
            kind="RSA-4096",
            at=AT,
            pem=PEM,
        )
