"""Writes sample messages, questions and their answers, from the templates.

Knows: what each template needs; ids, tokens and invented content by number.
Must not know: sockets, who will receive it.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from edge_node.model.identifiers import APPLICATION_ROOT, MessageId
from edge_node.sandbox.reading import Seen
from edge_node.sandbox.samples.content import drugs, notes
from edge_node.sandbox.samples.kinds import BY_INTERACTION, KINDS, Kind, Role
from edge_node.sandbox.samples.people import PARTIES, Party, Patient, Person
from edge_node.sandbox.samples.tokens import Said, TokenMaker, application, signed
from edge_node.sandbox.signing import Hand, HandOf

DUTCH_TIME: Final = ZoneInfo("Europe/Amsterdam")
ERROR_SYSTEM: Final = "2.16.840.1.113883.2.4.6.6.1.1000"
ACKNOWLEDGEMENT_SYSTEM: Final = "2.16.840.1.113883.5.1100"
_HL7_CODES: Final = frozenset({"RTEDEST", "RTUDEST", "RTWDEST", "INTERR", "NOSTORE", "SYN105", "NS200"})

ACCEPT_ACK: Final = Kind(name="accept-ack", interaction="MCCI_IN000002", domain="transport", role=Role.ANSWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an answer says: its acknowledgement code, and the error when it says no."""

    type_code: str
    code: str | None = None
    text: str = ""
    in_act: bool = True  # an error stands in the control act; without one, in the wrapper
    quantity: int = 0

    @property
    def code_system(self) -> str:
        """The code system the error code is of."""
        return ACKNOWLEDGEMENT_SYSTEM if self.code in _HL7_CODES else ERROR_SYSTEM

    @property
    def query_response(self) -> str:
        """The queryResponseCode that goes with it."""
        if self.type_code != "AA":
            return "AE"
        return "OK" if self.quantity else "NF"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A transaction token for one message, with what stands beside it in the header."""

    said: Said
    inside: str = field(repr=False)  # of the Security block
    outside: str = ""  # before it

    @property
    def id(self) -> str:
        """The id of the assertion."""
        return self.said.id

    @property
    def attributes(self) -> tuple[tuple[str, str], ...]:
        """What it was made for."""
        return self.said.attributes


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One message ready to be sent."""

    kind: Kind
    id: MessageId
    receiver: str
    patient: Patient | None = field(repr=False)
    body: bytes = field(repr=False)
    token: Token | None


@cache
def _templates() -> Environment:
    """Return the templates, which every maker shares: to compile them takes longer than to write a message."""
    loader = PackageLoader("edge_node.sandbox.samples", "templates")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    made.globals["parties"] = tuple(PARTIES.values())
    made.globals["parts"] = made.get_template("parts.xml.j2").module
    return made


class Maker:
    """Makes messages of one application. `now` and `chance` (random hexadecimal digits) are handed in."""

    def __init__(self, party: Party, *, zim: str, now: Callable[[], datetime], chance: Callable[[int], str]) -> None:
        self.party = party
        self.zim = zim
        self._now = now
        self._chance = chance
        self._templates = _templates()
        self._hand_of: HandOf = nobody
        self.tokens = TokenMaker(party, zim=zim, now=now, chance=chance)

    def signing(self, hand_of: HandOf) -> "Maker":
        """The same maker, whose tokens are signed by the people that have a card."""
        self._hand_of = hand_of
        return self

    def new_id(self, mark: str = "") -> MessageId:
        """Return an id never used before; `mark` is put in it, to name a fault for the switchboard."""
        extension = f"{self._now():%Y%m%d%H%M%S}-{self._chance(8)}{mark}"
        return MessageId(f"{APPLICATION_ROOT}.{self.party.application}.1", extension)

    def request(
        self, name: str, *, receiver: str, patient: Patient | None, mark: str = "", data: str | None = None
    ) -> Sample:
        """Return a new message of the kind with that name; `data` is another kind of data for the index."""
        kind, id_ = KINDS[name], self.new_id(mark)
        kind = replace(kind, data=data or kind.data)
        token = self._token(kind, id_, patient) if kind.token else None
        is_query = kind.role is Role.QUERY and kind.is_query
        values = {
            "token": token,
            "query_id": MessageId(f"{id_.root}.11", id_.extension) if is_query else None,
            "modality": "R" if kind.register or receiver != self.zim else "B",
        }
        body = self._render(f"{kind.template}.xml.j2", self._values(kind, id_, receiver, patient) | values)
        return Sample(kind=kind, id=id_, receiver=receiver, patient=patient, body=body, token=token)

    def renewed(self, sample: Sample) -> Sample:
        """Return the same message under a new token; nothing but the header differs."""
        if sample.token is None:
            return sample
        return self.under(sample, self._token(sample.kind, sample.id, sample.patient))

    def for_a_server(self, sample: Sample, giver: Hand, performer: Hand) -> Sample:
        """Return the same message under a mandate and an enrolment alone: a server is to sign it."""
        assert sample.token is not None
        assert sample.patient is not None
        said = (
            (self.tokens.mandate(self.party.person, rule_of(sample.kind)), giver),
            (self.tokens.enrolment(sample.patient.bsn, self.party.person, "scan-1"), performer),
        )
        inside = "\n".join(signed(one, hand).decode() for one, hand in said)
        return self.under(sample, Token(said=sample.token.said, inside=inside))

    def under(self, sample: Sample, token: Token) -> Sample:
        """Return the same message under that token."""
        header = self._render("token.xml.j2", {"token": token})
        start, end = sample.body.index(b"<soap:Header>"), sample.body.index(b"<soap:Body>")
        body = sample.body[:start] + header + b"\n" + sample.body[end:]
        return replace(sample, body=body, token=token)

    def leg(self, kind: Kind, *, receiver: str, context: str | None, patient: Patient | None = None) -> Sample:
        """Return a query by the switchboard to a source; without a patient its parameters are put in later."""
        id_ = self.new_id()
        values = self._values(kind, id_, receiver, patient) | {
            "leg_context": context, "by_person": False, "party": None,
            "query_id": None if patient is None else MessageId(f"{id_.root}.11", id_.extension),
        }  # fmt: skip
        body = self._render("bare.xml.j2" if patient is None else "query.xml.j2", values)
        return Sample(kind=kind, id=id_, receiver=receiver, patient=patient, body=body, token=None)

    def accept(self, question: Seen, verdict: Verdict) -> bytes:
        """Return the accept acknowledgement of a push."""
        values = self._answer_values(ACCEPT_ACK, question, None, verdict)
        return self._render("accept_ack.xml.j2", values)

    def answer(
        self, interaction: str, question: Seen, patient: Patient | None, verdict: Verdict, log: Sequence[object] = ()
    ) -> bytes:
        """Return the application answer to a question, or the negative one when `verdict` says so."""
        kind = BY_INTERACTION.get(interaction) or Kind(
            name=interaction, interaction=interaction, domain="", role=Role.ANSWER, template="bare"
        )
        template = kind.template if verdict.quantity else "bare"
        return self._render(
            f"{template}.xml.j2", self._answer_values(kind, question, patient, verdict) | {"log": log}
        )

    def batch(self, question: Seen, verdict: Verdict, quantity: int) -> bytes:
        """Return the batch answer of the switchboard, still without its entries."""
        values = {"id": self.new_id(), "created": self.moment, "sender": self.zim, "question": question}
        return self._render("batch.xml.j2", values | {"verdict": verdict, "quantity": quantity})

    def fault(self, side: str, code: str, text: str) -> bytes:
        """Return a SOAP 1.1 fault."""
        return self._render("fault.xml.j2", {"side": side, "code": code, "text": text})

    def _render(self, template: str, values: Mapping[str, object]) -> bytes:
        return self._templates.get_template(template).render(values).strip().encode()

    @property
    def moment(self) -> str:
        """Now, as a message says it: Dutch local time to the second."""
        return f"{self._now().astimezone(DUTCH_TIME):%Y%m%d%H%M%S}"

    def _values(self, kind: Kind, id_: MessageId, receiver: str, patient: Patient | None) -> dict[str, object]:
        now, seed = self._now(), id_.extension
        return {
            "kind": kind, "id": id_, "created": self.moment, "receiver": receiver, "sender": self.party.application,
            "zim": self.zim, "party": self.party, "by_person": kind.token, "patient": patient, "act_id": seed,
            "notes": notes(kind.entries, seed, now), "drugs": drugs(kind.entries, seed, now), "log": (),
            "seal": base64.b64encode(seed.encode() * 60).decode(),
            "since": f"{now - timedelta(days=120):%Y%m%d%H%M%S}",
            "token": None, "question": None, "verdict": None, "query_id": None, "modality": "R", "leg_context": None,
        }  # fmt: skip

    def _answer_values(
        self, kind: Kind, question: Seen, patient: Patient | None, verdict: Verdict
    ) -> dict[str, object]:
        is_zim = self.party.application == self.zim
        return self._values(kind, self.new_id(), question.sender, patient) | {
            "question": question, "verdict": verdict, "query_id": question.query_id, "by_person": False,
            "party": None if is_zim else self.party,
        }  # fmt: skip

    def _token(self, kind: Kind, id_: MessageId, patient: Patient | None) -> Token:
        attributes = self.attributes(kind, id_, patient)
        if kind.by_patient and patient is not None:  # the patient has no card of the register
            said = self.tokens.transaction(attributes, f"s00000000:{patient.bsn}", None)
            return Token(said=said, inside=signed(said, None).decode())
        person = self.party.person
        hand = self._hand_of(person)
        said = self.tokens.transaction(attributes, f"{person.uzi}:{person.role}", hand)
        return Token(said=said, inside=signed(said, hand).decode())

    def attributes(self, kind: Kind, id_: MessageId, patient: Patient | None) -> list[tuple[str, str]]:
        """What a transaction token for this message is bound to."""
        attributes = [
            ("autorisatieregel/context", rule_of(kind)),
            ("interactionId", kind.interaction),
            ("messageIdRoot", id_.root),
            ("messageIdExt", id_.extension),
            ("applicationID", application(self.party.application)),
        ]
        attributes += [("burgerServiceNummer", patient.bsn)] if patient else []
        if kind.context:
            attributes += [("contextCodeSystem", "2.16.840.1.113883.2.4.3.111.15.1"), ("contextCode", kind.context)]
        return attributes


def rule_of(kind: Kind) -> str:
    """The rule of authorisation that a token for such a message names."""
    return f"https://edge-node.example/autorisatieregels/{kind.name}/v1"


def nobody(person: Person) -> Hand | None:
    """Nobody has a card here."""
    return None
