"""Messages to be kept, for the measurements of the store: real ones, many, each for a patient of its own.

Knows: how a push looks that the line hands to the store; real time and chance.
Must not know: what is measured.
"""

import hashlib
import itertools
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from stdnum.nl import bsn as bsn_number

from benchmarks.exchange import Template
from edge_node.machine import MachineChance, MachineClock
from edge_node.model.identifiers import ApplicationId, Bsn, InteractionId, MessageId
from edge_node.model.keeping import Push
from edge_node.model.message import Direction, Payload
from edge_node.sandbox.samples.making import Maker
from edge_node.sandbox.samples.people import PHARMACY, PRACTICE, patient
from edge_node.store.surroundings import Surroundings

_KIND = "prescription"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushes:
    """Makes pushes out: prescriptions as the sandbox writes them, about 5 kB."""

    interaction: str
    path: str
    soap_action: str
    id: MessageId
    template: Template

    def push(self, number: int, bsn: Bsn | None) -> Push:
        """Return the push of that number for that patient."""
        extension = f"20260101000000-{number:016x}"
        body = self.template.filled(extension.encode())
        return Push(
            direction=Direction.OUT,
            message_id=MessageId(self.id.root, extension),
            interaction=InteractionId(self.interaction),
            sender=ApplicationId(PRACTICE.application),
            receiver=ApplicationId(PHARMACY.application),
            order="medication",
            patient=bsn,
            digest=hashlib.sha256(body).digest(),
            payload=Payload(path=self.path, soap_action=self.soap_action, body=body),
            priority=1,
            lifetime_s=86_400,
            correlation=secrets.token_hex(16),
        )


def pushes() -> Pushes:
    """Write one prescription; all others are it, under their own ids."""
    maker = Maker(PRACTICE, zim="1", now=lambda: datetime.now(UTC), chance=secrets.token_hex)
    sample = maker.request(_KIND, receiver=PHARMACY.application, patient=patient(3))
    return Pushes(
        interaction=sample.kind.interaction,
        path=sample.kind.service,
        soap_action=sample.kind.soap_action,
        id=sample.id,
        template=Template(sample.body.decode(), sample.id.extension),
    )


def surroundings() -> Surroundings:
    """What a store is handed in the daemon."""
    return Surroundings(clock=MachineClock(), chance=MachineChance())


def bsns(count: int) -> list[Bsn]:
    """Return that many test patients."""
    numbers = (str(number) for number in itertools.count(999_900_000))
    return [Bsn(number) for number in itertools.islice(filter(bsn_number.is_valid, numbers), count)]
