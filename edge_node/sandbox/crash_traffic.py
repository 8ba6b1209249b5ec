"""Endless traffic of one local system, with everything that makes it hard for a node that is killed.

Knows: what its senders send, when they send it again, when they sign anew.
Must not know: who kills whom, or what the ledgers say in the end.

Each sender has patients of its own. It sends the next message about one only when the one before it has an answer, so
that the order of its ledger is the order in which they must arrive.
"""

import math
import random
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from edge_node.sandbox.fhir_his import FhirSender
from edge_node.sandbox.http import Unreached
from edge_node.sandbox.ledger import Ledger
from edge_node.sandbox.ledgers import POSITIVE
from edge_node.sandbox.reading import Seen, read
from edge_node.sandbox.samples.fhir import fhir_kinds
from edge_node.sandbox.samples.making import Sample
from edge_node.sandbox.samples.people import PARTIES, patient
from edge_node.sandbox.senders import Sender

#: Kept at once; kept although a person signed; handed over while the sender waits.
PLAIN: Final = ("prescription", "medication-use", "mp9-prescription", "dispense-proposal", "heel-prick")
SIGNED: Final = ("prescription-2", "locum-report", "referral", "dispense-message")
WAITED_FOR: Final = ("lab-result",)
INDEX: Final = ("index-update", "index-removal")
FHIR: Final = ("fhir-create-task", "fhir-create-observation")
_WEIGHTS: Final = {PLAIN: 60, SIGNED: 18, WAITED_FOR: 6, INDEX: 8}
#: The switchboard forwards these twice.
_TWICE: Final = ".fault-duplicate"
_TWICE_SHARE: Final = 0.08
_FHIR_SHARE: Final = 0.15
_AGAIN_SHARE: Final = 0.35
_REMEMBERED: Final = 40
_PATIENTS: Final = 2
_PAUSE_S: Final = 0.15
_CLOSED: Final = "EN-LANE-CLOSED"
_SPENT: Final = "EN-TOKEN-SPENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """A message and the first answer to it."""

    sample: Sample
    seen: Seen
    answer: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the senders of one local system share."""

    sender: Sender
    ledger: Ledger
    clock: IReactorTime
    receiver: str
    zim: str
    fhir: FhirSender | None = None  # of a system whose access tokens the node gets


class Traffic:
    """The senders of one local system."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._signed: dict[str, Sample] = {}  # kept with a token: it may have to be signed again
        self.is_resting = False

    async def send(self, number: int, seed: str) -> None:
        """Send one message after the other until it is time to rest."""
        chance = random.Random(f"{seed}/{number}")
        given: deque[_Given] = deque(maxlen=_REMEMBERED)
        while not self.is_resting:
            if self._desk.fhir is not None and chance.random() < _FHIR_SHARE:
                await self._request(self._desk.fhir, number, chance)
            answered = await self._until_answered(self._make(number, chance))
            if answered is not None:
                given.append(answered)
            if given and chance.random() < _AGAIN_SHARE:
                await self._again(chance.choice(given))

    async def _request(self, fhir: FhirSender, number: int, chance: random.Random) -> None:
        """Send a FHIR request until there is an answer; one that is kept is followed, and signed when asked."""
        who = patient(number * _PATIENTS + chance.randrange(_PATIENTS))
        kind = fhir_kinds()[chance.choice(FHIR)]
        to, is_xml = PARTIES[self._desk.receiver], chance.random() < 0.5
        sample = fhir.maker.request(kind, who, to=to, is_xml=is_xml)
        await fhir.send(sample, access_token=None, give_up_after_s=math.inf)

    async def sign_again(self, ids: frozenset[str]) -> int:
        """Hand those messages in under a new token; return how many there were."""
        chosen = [sample for id_, sample in self._signed.items() if id_ in ids]
        for sample in chosen:
            await self._sign(sample)
        return len(chosen)

    def _make(self, number: int, chance: random.Random) -> Sample:
        kinds = chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
        who = patient(number * _PATIENTS + chance.randrange(_PATIENTS))
        mark = _TWICE if kinds in {PLAIN, SIGNED} and chance.random() < _TWICE_SHARE else ""
        receiver = self._desk.zim if kinds is INDEX else self._desk.receiver
        return self._desk.sender.maker.request(chance.choice(kinds), receiver=receiver, patient=who, mark=mark)

    async def _until_answered(self, sample: Sample) -> _Given | None:
        """Send until there is an answer; nothing when it is a no."""
        seen = read(sample.body)
        self._desk.ledger.message("sent", "out", seen, sample.body)
        self._desk.sender.progress.sent += 1
        while True:
            answer, outcome, is_final = await self._ask(sample, seen)
            if is_final:
                break
            if outcome == _CLOSED:
                await self._sign_lane(seen)
            await deferLater(self._desk.clock, _PAUSE_S)
            sample = self._desk.sender.maker.renewed(sample)
        is_yes = outcome in POSITIVE
        event = "answered" if is_yes else "refused"
        self._desk.ledger.message(event, "out", seen, sample.body, outcome=outcome)
        if not is_yes:
            return None
        if sample.token is not None:
            self._signed[str(sample.id)] = sample
        return _Given(sample=sample, seen=seen, answer=answer)

    async def _ask(self, sample: Sample, seen: Seen) -> tuple[bytes, str, bool]:
        try:
            told = await self._desk.sender.ask(sample)
        except Unreached:
            return b"", "unreached", False
        return told.body, *self._desk.sender.judge(told, seen)

    async def _again(self, given: _Given) -> None:
        """Send the very same bytes once more: the first answer must come, byte for byte."""
        while True:
            answer, outcome, is_final = await self._ask(given.sample, given.seen)
            if is_final:
                break
            if outcome == _SPENT:
                await self._sign_lane(given.seen)
            await deferLater(self._desk.clock, _PAUSE_S)
        self._desk.ledger.message(
            "again", "out", given.seen, given.sample.body, outcome=_same(given, answer, outcome)
        )

    async def _sign_lane(self, seen: Seen) -> None:
        """What closes a lane of this patient waits for a signature: sign what was kept for the patient."""
        for sample in tuple(self._signed.values()):
            if sample.patient is not None and sample.patient.bsn == seen.patient:
                await self._sign(sample)

    async def _sign(self, sample: Sample) -> None:
        renewed = self._desk.sender.maker.renewed(sample)
        self._signed[str(sample.id)] = renewed
        await self._ask(renewed, read(renewed.body))


def _same(given: _Given, answer: bytes, outcome: str) -> str:
    if answer == given.answer:
        return "same"
    # It was kept under an earlier token of the same message, which a crash used up: then this one renews it, and is
    # answered as the renewal that it is.
    if given.sample.token is not None and outcome in POSITIVE:
        return "renewed"
    return f"other: {outcome}"
