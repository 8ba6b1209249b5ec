"""The messages of a scan: each about a patient of its own, by an author of its own, with words of its own.

Knows: how a message is made and broken, and which marks are in it.
Must not know: sockets, where anything is searched.
"""

import base64
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from edge_node.model.identifiers import MessageId
from edge_node.sandbox.samples.fhir import JSON, FhirMaker, FhirSample, fhir_kinds, handed_in
from edge_node.sandbox.samples.kinds import Kind
from edge_node.sandbox.samples.making import Maker, Sample
from edge_node.sandbox.samples.people import OWN, Party, Patient, own_word, party_of, patient
from edge_node.sandbox.samples.tokens import signed
from edge_node.sandbox.signing import hands_of

from .marks import Marks

_SIGNATURE = re.compile(rb"SignatureValue>([^<]+)<")


def now() -> datetime:
    return datetime.now(UTC)


class _MarkedMaker(Maker):
    """Signs tokens with one word more in them."""

    word = ""

    def attributes(self, kind: Kind, id_: MessageId, patient: Patient | None) -> list[tuple[str, str]]:
        return [*super().attributes(kind, id_, patient), ("kenmerk", self.word)]


class _MarkedFhirMaker(FhirMaker):
    word = ""

    def attributes(self, sample: FhirSample) -> list[tuple[str, str]]:
        return [*super().attributes(sample), ("kenmerk", self.word)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What stands in one message only."""

    number: int
    patient: Patient
    author: str
    body: str
    token: str
    wrong_bsn: str  # as a slip of the pen makes it


class Writer:
    """Writes messages, and notes what is in them."""

    def __init__(self, marks: Marks, cards: Path) -> None:
        self.marks = marks
        self._hand_of = hands_of(cards)

    def words(self, number: int) -> Words:
        """The words of a message, noted."""
        who, marks = patient(OWN + number), self.marks
        wrong = f"{who.bsn[:8]}{(int(who.bsn[8]) + 1) % 10}"
        made = Words(
            number=number,
            patient=who,
            author=own_word("Kqx", number),
            body=own_word("Bqx", number),
            token=own_word("Tqx", number),
            wrong_bsn=wrong,
        )
        marks.number(who.bsn, number)
        marks.number(wrong, number)
        marks.date(who.born, number)
        for kind, word in (
            ("given", who.given),
            ("family", who.family),
            ("street", who.street),
            ("author", made.author),
            ("body", made.body),
            ("token", made.token),
        ):
            marks.word(kind, word, number)
        return made

    def message(self, words: Words, kind: str, sender: str, receiver: str, fault: str = "") -> Sample:
        """One of HL7v3."""
        maker = _MarkedMaker(self._party(words, sender), zim="1", now=now, chance=secrets.token_hex)
        maker.word = words.token
        maker.signing(self._hand_of)
        mark = f".fault-{fault}" if fault else ""
        sample = maker.request(kind, receiver=receiver, patient=words.patient, mark=mark)
        word = words.body.encode()
        body = sample.body.replace(b"</ControlActProcess>", b"<!-- %s --></ControlActProcess>" % word, 1)
        body = body.replace(b"<text>", b"<text>%s " % word, 1)
        self._note_signed(body, words)
        return replace(sample, body=body)

    def request(self, words: Words, kind: str, sender: str, receiver: str) -> tuple[FhirSample, str]:
        """One of FHIR, and the transaction token that goes with it."""
        maker = _MarkedFhirMaker(self._party(words, sender), now=now, chance=secrets.token_hex)
        maker.word = words.token
        maker.signing(self._hand_of)
        sample = maker.request(fhir_kinds()[kind], words.patient, to=party_of(receiver))
        if sample.body:
            told = {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{words.body}</div>'}
            whole = json.loads(sample.body)
            sample = replace(sample, body=json.dumps({**whole, "text": told}).encode(), media_type=JSON)
        person = maker.party.person
        hand = self._hand_of(person)
        assertion = signed(
            maker.tokens.transaction(maker.attributes(sample), f"{person.uzi}:{person.role}", hand), hand
        )
        self._note_signed(assertion, words)
        return sample, handed_in(assertion)

    def noted_secret(self, words: Words, text: str) -> str:
        """A token of another form, or a key; noted."""
        self.marks.signature(text.rpartition(".")[2], words.number)
        return text

    def false_token(self, words: Words) -> str:
        """An access token that nobody signed, with the patient in it."""

        def part(said: object) -> str:
            return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")

        claims = {"jti": secrets.token_hex(8), "bsn": words.patient.bsn, "name": words.patient.family}
        ending = base64.urlsafe_b64encode(secrets.token_bytes(48)).decode().replace("=", "A")
        return self.noted_secret(words, f"{part({'alg': 'RS256', 'typ': 'aorta-at+JWT'})}.{part(claims)}.{ending}")

    def _party(self, words: Words, application: str) -> Party:
        party = party_of(application)
        return replace(party, person=replace(party.person, name=f"A. {words.author}"))

    def _note_signed(self, text: bytes, words: Words) -> None:
        for found in _SIGNATURE.findall(text):
            self.marks.signature(found.decode("ascii"), words.number)


Break = Callable[[bytes, Words], bytes]


def _swap(old: bytes, new: bytes, count: int = 1) -> Break:
    """Put one thing in the place of another, with words of the message in it."""

    def swap(body: bytes, words: Words) -> bytes:
        return body.replace(_filled(old, words), _filled(new, words), count)

    return swap


def _filled(text: bytes, words: Words) -> bytes:
    for name, word in (
        (b"BSN", words.patient.bsn),
        (b"WRONG", words.wrong_bsn),
        (b"NAME", words.patient.family),
        (b"TOKEN", words.token),
    ):
        text = text.replace(b"<<%s>>" % name, word.encode())
    return text


def _cut_off(body: bytes, words: Words) -> bytes:
    return body[: body.rindex(words.patient.bsn.encode()) + 9]


def _signature_bent(body: bytes, words: Words) -> bytes:
    found = _SIGNATURE.search(body)
    if found is None:
        return body
    at = found.start(1) + 10
    other = b"A" if body[at : at + 1] != b"A" else b"B"
    return body[:at] + other + body[at + 1 :]


_DEVICE = b'<device classCode="DEV" determinerCode="INSTANCE"><id extension="'
#: What is done to a body, by name: each puts what is secret where it does not belong, or breaks the wrapper.
BREAKS: dict[str, Break] = {
    "bad bsn": _swap(b"<<BSN>>", b"<<WRONG>>", -1),
    "two patients": _swap(b"<<BSN>>", b"<<WRONG>>"),
    "cut off": _cut_off,
    "not closed": _swap(b"</ControlActProcess>", b""),
    "bsn as mode": _swap(b'code="T"', b'code="<<BSN>>"'),
    "name as mode": _swap(b'code="T"', b'code="<<NAME>>"'),
    "bsn as moment": _swap(b'value="', b'value="<<BSN>>'),
    "bsn as element": _swap(b"<soap:Body>", b"<soap:Body><a<<BSN>>/>"),
    "name as element": _swap(b"<soap:Body>", b"<soap:Body><<<NAME>>/>"),
    "bsn as interaction": _swap(b"PORX_IN932000NL", b"<<BSN>>", -1),
    "name as interaction": _swap(b"PORX_IN932000NL", b"<<NAME>>", -1),
    "unknown interaction": _swap(b"PORX_IN932000NL", b"PORX_IN932999NL", -1),
    "name as FHIR interaction": _swap(b'extension="PORX_IN932000NL"', b'extension="search:<<NAME>>:1.0:request"', -1),
    "name as header": _swap(
        b"<soap:Body>", b'<soap:Header><<<NAME>> xmlns="urn:x" soap:mustUnderstand="1"/></soap:Header><soap:Body>'
    ),
    "bsn as receiver": _swap(_DEVICE, _DEVICE + b"<<BSN>>"),
    "name as receiver": _swap(_DEVICE, _DEVICE + b"<<NAME>>"),
    "a doctype": _swap(b"<soap:Envelope", b"<!DOCTYPE a [<!ENTITY b '<<NAME>>'>]><soap:Envelope"),
    "an entity": _swap(b"<creationTime", b"&<<NAME>>;<creationTime"),
    "an attribute twice": _swap(b"<creationTime ", b'<creationTime value="<<BSN>>" '),
    "a prefix": _swap(b"<creationTime ", b"<<<NAME>>:creationTime "),
    "no utf-8": _swap(b"<creationTime ", b"<!-- \xff<<NAME>> --><creationTime "),
    "signature bent": _signature_bent,
    "token of another": _swap(b"messageIdExt", b"messageIdOther"),
    "token unreadable": _swap(b"<saml:Subject>", b"<saml:<<TOKEN>>>"),
    "token with two ids": _swap(b"burgerServiceNummer", b"interactionId"),
}
