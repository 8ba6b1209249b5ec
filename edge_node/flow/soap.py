"""HL7v3 in SOAP, as the line speaks it.

Knows: which readers, rules and answers belong to this format.
Must not know: where a request goes, whether it is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from edge_node.errors import NotSent, Refused
from edge_node.flow.answers import Answers
from edge_node.flow.ports import TokenJudge, TokenSigner
from edge_node.flow.reading import Readers
from edge_node.flow.records import of_message
from edge_node.flow.said import of_wrapper
from edge_node.flow.soap_sending import rehearsed
from edge_node.flow.speech import Facts, Headers, Understood, Voice
from edge_node.flow.token_subjects import handed_with, wanted_for
from edge_node.flow.warning import Warnings
from edge_node.flow.weighing import Weigher
from edge_node.flow.weighing import of_message as of_message_at_gate
from edge_node.formats.fault import SoapFault
from edge_node.formats.reader import MessageReader
from edge_node.model.exchange import Answer, Arrival, Reply
from edge_node.model.finding import Finding
from edge_node.model.interaction import Catalogue, Interaction
from edge_node.model.keeping import Entry
from edge_node.model.message import Direction, Reading, Said
from edge_node.model.peer import LocalCaller
from edge_node.model.site import Site
from edge_node.model.standing import Passing
from edge_node.model.token import Judged, WantedToken
from edge_node.policy import answer_form
from edge_node.policy.acknowledgement import CodeClass, Meaning, Sent, fault_meaning, meaning
from edge_node.policy.answer import Question, check_patients, check_whole, check_wrapper
from edge_node.policy.case import Case
from edge_node.policy.judgement import judge, judge_token, warnings
from edge_node.policy.keeping import may_keep
from edge_node.policy.logged import Bearing, bearing_of
from edge_node.policy.ordering import ordering

#: An answer to a push is an acknowledgement: it has no record in it.
_MAX_ANSWER_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class SoapSpeech:
    """Reads, judges and answers HL7v3 messages."""

    readers: Readers
    answers: Answers
    catalogue: Catalogue
    classes: Mapping[str, CodeClass]
    warnings: Warnings
    tokens: TokenJudge
    signer: TokenSigner
    weigher: Weigher

    async def understand(self, arrival: Arrival, site: Site) -> Understood:
        """Read and judge a message. Raises `Refused`."""
        reading = await self.readers.read(arrival.payload.body)
        case = Case(
            direction=arrival.direction,
            reading=reading,
            path=arrival.payload.path,
            soap_action=arrival.payload.soap_action,
            row=self.catalogue.get(str(reading.wrapper.interaction)),
            caller=arrival.caller,
            site=site,
            supplied=arrival.beside.supplied,
        )
        passing = of_message_at_gate(case, is_emergency=arrival.beside.is_emergency)
        stops, odd = self.weigher.part(warnings(case), passing)
        self.warnings.tell("request", case.direction, reading.wrapper, odd)
        wanted = self._wanted(case, arrival.payload.body)
        findings, judged = (*judge(case), *stops), Judged()
        if not findings:
            judged = await self._judge_tokens(case, arrival.payload.body, passing)
            findings = judged.findings
        self.weigher.note(case, judged.tokens)
        asked = None if case.row is None else self.asked(case.direction, case.row, reading, site)
        return Understood(
            facts=_facts(case, arrival, wanted, bearing_of(judged.tokens)),
            findings=findings or await rehearsed(self.signer, wanted),
            asked=None if asked is None else replace(asked, wanted=wanted),
            voice=Voice(self.answers, case),
        )

    def _wanted(self, case: Case, body: bytes) -> WantedToken | None:
        return wanted_for(case.reading, body, case.site) if case.direction is Direction.OUT else None

    async def judge_renewal(
        self, caller: LocalCaller, reading: Reading, body: bytes, site: Site
    ) -> tuple[Finding, ...]:
        """What is wrong with the new token of a message that was judged before."""
        row = self.catalogue.get(str(reading.wrapper.interaction))
        case = Case(
            direction=Direction.OUT, reading=reading, path="", soap_action="", row=row, caller=caller, site=site
        )
        found = judge_token(case) or (await self._judge_tokens(case, body, of_message_at_gate(case))).findings
        return found or await rehearsed(self.signer, self._wanted(case, body))

    async def _judge_tokens(self, case: Case, body: bytes, passing: Passing) -> Judged:
        """What blocks; what is odd about a token is told like all that is odd about a message."""
        handed = handed_with(case, body)
        if handed is None:
            return Judged()
        judged = await self.tokens.judge(handed)
        blocks, odd = self.weigher.part(judged.findings, passing)
        self.warnings.tell("request", case.direction, case.reading.wrapper, odd)
        return replace(judged, findings=blocks)

    def unread(self, arrival: Arrival, error: Refused) -> Reply:
        """What could not be read gets a fault."""
        return self.answers.unread(error)

    async def resume(self, entry: Entry, site: Site) -> "SoapAsked":
        """Read a kept message again. Raises `NotSent`."""
        reading = await self.readers.read(entry.payload.body)
        row = self.catalogue.get(str(entry.interaction))
        if row is None:
            raise NotSent(str(entry.interaction), code="EN-INTERACTION-UNKNOWN")
        asked = self.asked(entry.direction, row, reading, site)
        if entry.direction is Direction.IN:
            return asked
        return replace(asked, wanted=wanted_for(reading, entry.payload.body, site))

    def asked(self, direction: Direction, row: Interaction, reading: Reading, site: Site) -> "SoapAsked":
        """What a message asks."""
        question = Question(row=row, wrapper=reading.wrapper, zim=site.zim, patient=reading.patients.one)
        return SoapAsked(
            direction=direction,
            question=question,
            readers=self.readers,
            classes=self.classes,
            warnings=self.warnings,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SoapAsked:
    """A question or a push."""

    direction: Direction
    question: Question
    readers: Readers
    classes: Mapping[str, CodeClass]
    warnings: Warnings
    wanted: WantedToken | None = None
    max_answer_bytes: int = _MAX_ANSWER_BYTES

    def hear(self, answer: Answer) -> "SoapHearing":
        """Begin to read an answer; in SOAP its HTTP status says nothing that its body does not."""
        return SoapHearing(self, self.readers.new())


class SoapHearing:
    """One answer, read as it comes."""

    headers: Headers = ()

    def __init__(self, asked: SoapAsked, reader: MessageReader) -> None:
        self._asked = asked
        self._reader = reader
        self._reading: Reading | None = None

    @property
    def is_fault(self) -> bool:
        """Whether it is a whole SOAP fault; asked after the last piece. Raises `Refused` where its end is broken."""
        self._reader.end()  # the parser may have held the last bytes back
        return self._reader.fault is not None

    @property
    def said(self) -> Said:
        """What it says."""
        return of_wrapper(self._reader.wrapper, self._reader.fault)

    async def feed(self, piece: bytes) -> None:
        """Read on."""
        await self._asked.readers.turns.feed(self._reader.feed, piece)

    def begun(self) -> Finding | None:
        """The wrapper comes first, and says nearly all."""
        if self._reader.wrapper is None:
            return Finding("EN-ANSWER-BROKEN", "no wrapper in the first part of the answer")
        return check_wrapper(self._asked.question, self._reader.wrapper) or self.further()

    def further(self) -> Finding | None:
        """The patient may stand anywhere."""
        return check_patients(self._asked.question, self._reader.patients)

    def ended(self) -> Finding | None:
        """Hold the whole against the question."""
        self._reading = self._reader.close()
        asked = self._asked
        finding = check_whole(asked.question, self._reading)
        if finding is None:
            odd = answer_form.warnings(asked.question, self._reading)
            asked.warnings.tell("answer", asked.direction, asked.question.wrapper, odd)
        return finding

    def verdict(self) -> "SoapVerdict":
        """What the acknowledgement, or the fault, says."""
        asked = self._asked
        return SoapVerdict(
            row=asked.question.row, classes=asked.classes, reading=self._reading, fault=self._reader.fault
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SoapVerdict:
    """What an answer to a push says: an acknowledgement or a fault."""

    row: Interaction
    classes: Mapping[str, CodeClass]
    reading: Reading | None
    fault: SoapFault | None

    @property
    def is_positive(self) -> bool:
        """Whether the other side took the message."""
        acknowledgement = self.reading.wrapper.acknowledgement if self.reading else None
        return acknowledgement is not None and acknowledgement.is_positive

    @property
    def is_unknown(self) -> bool:
        """A fault can be of anything on the way: it does not say that the message was not processed."""
        return self.fault is not None and not self.fault.is_client

    @property
    def is_unexplained(self) -> bool:
        """A fault is of SOAP: it says itself what its sender can know."""
        return False

    def meaning(self, *, has_token: bool, unknown: bool) -> tuple[Meaning, str]:
        """What follows for a kept message."""
        if self.reading is None:
            assert self.fault is not None
            return fault_meaning(is_client=self.fault.is_client, has_token=has_token)
        is_removal = self.row.is_removal
        sent = Sent(order=self.row.order, is_removal=is_removal, has_token=has_token, unknown=unknown)
        return meaning(self.reading.wrapper, sent, self.classes)


def _facts(case: Case, arrival: Arrival, wanted: WantedToken | None, bearing: Bearing) -> Facts:
    reading, wrapper, row = case.reading, case.reading.wrapper, case.row
    application = case.application
    order = "" if row is None else ordering(row, reading)
    return Facts(
        direction=case.direction,
        site=case.site,
        row=row,
        application=application,
        interaction=str(wrapper.interaction),
        message_id=wrapper.id,
        sender=wrapper.sender,
        receiver=wrapper.receiver,
        patients=reading.patients,
        digest=reading.digest,
        payload=arrival.payload,
        token=reading.token,
        # User rules bind outbound only (design section 1).
        token_uses=reading.token_uses if case.direction is Direction.OUT else (),
        order=order,
        supersedes=order if row is not None and row.is_removal else None,
        may_keep=row is not None and application is not None and may_keep(row, reading, application),
        # Under a token of its own at each attempt no token is used twice, and a copy is known by its id.
        is_repeatable=wanted is not None,
        # User rules bind outbound only: a device or nobody may well be the author of what comes in.
        author=wrapper.author or "not supplied",
        log=of_message(case, arrival, bearing),
    )
