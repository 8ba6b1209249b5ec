"""One FHIR answer, read as it comes and held against what was asked.

Knows: which headers of an answer go along, what is read as FHIR and what passes unread.
Must not know: JSON, XML, what the rules on answers are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from edge_node.errors import Refused
from edge_node.flow.said import of_fhir
from edge_node.flow.speech import Headers
from edge_node.flow.turns import Turns
from edge_node.formats.fhir_body import FhirBodyReader, is_json_body
from edge_node.formats.fhir_headers import AORTA_ID, format_of, write_aorta_id
from edge_node.model.exchange import Answer
from edge_node.model.fhir import AortaId, FhirBody
from edge_node.model.finding import Finding
from edge_node.model.interaction import Interaction
from edge_node.model.message import Said
from edge_node.model.token import WantedToken
from edge_node.policy import fhir_answer
from edge_node.policy.acknowledgement import CodeClass, Meaning
from edge_node.policy.fhir_answer import FhirAnswer, FhirQuestion, FhirSent

#: A created resource may come back whole, if its sender asked for that (header Prefer).
_MAX_ANSWER_BYTES: Final = 2 * 1024 * 1024
#: Headers of an answer that go along to the asker.
_ALONG: Final = frozenset({
    "aorta-id", "aorta-version", "content-encoding", "content-location", "etag", "last-modified", "location",
    "retry-after", "www-authenticate",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirAsked:
    """A question or a push."""

    question: FhirQuestion
    row: Interaction
    classes: Mapping[str, CodeClass]
    turns: Turns
    own_id: AortaId | None  # told to the asker where the answer does not tell it
    wanted: WantedToken | None = None
    max_answer_bytes: int = _MAX_ANSWER_BYTES

    def hear(self, answer: Answer) -> "FhirHearing":
        """Begin to read an answer."""
        return FhirHearing(self, answer)


class FhirHearing:
    """One answer, read as it comes."""

    def __init__(self, asked: FhirAsked, answer: Answer) -> None:
        self._asked = asked
        self._status = answer.status
        self._reader = _reader_of(answer.content_type)
        self._is_empty = True
        self._unreadable: Refused | None = None
        self._body: FhirBody | None = None
        self.headers = self._along(answer.headers)

    @property
    def is_fault(self) -> bool:
        """An error that says nothing a FHIR client could read: of a proxy, or of a server that broke."""
        if self._status < 400 or self._is_empty:
            return False
        return self._reader is None or self._unreadable is not None or self._reader.resource != fhir_answer.OUTCOME

    @property
    def said(self) -> Said:
        """What it says."""
        return of_fhir(self._answer())

    async def feed(self, piece: bytes) -> None:
        """Read on."""
        self._is_empty = self._is_empty and not piece
        if self._reader is None or self._unreadable is not None:
            return
        try:
            await self._asked.turns.feed(self._reader.feed, piece)
        except Refused as error:
            if self._status < 400:
                raise
            self._unreadable = error

    def begun(self) -> Finding | None:
        """Status and media type; the resource too, once it is known: in JSON its type may stand anywhere."""
        question, reader = self._asked.question, self._reader
        finding = fhir_answer.check_head(question, self._answer())
        if finding is None and reader is not None and reader.resource is not None:
            finding = fhir_answer.check_resource(question, self._status, reader.resource)
        return finding or self.further()

    def further(self) -> Finding | None:
        """The patient may stand anywhere."""
        if self._reader is None:
            return None
        return fhir_answer.check_patients(self._asked.question, self._reader.patients)

    def ended(self) -> Finding | None:
        """Hold the whole against the question."""
        if self._reader is not None and not self._is_empty:
            self._body = self._reader.close()
        return fhir_answer.check_whole(self._asked.question, self._answer())

    def verdict(self) -> "FhirVerdict":
        """What the answer to a push says."""
        return FhirVerdict(asked=self._asked, answer=self._answer(), is_fault=self.is_fault)

    def _answer(self) -> FhirAnswer:
        is_fhir = self._reader is not None
        return FhirAnswer(status=self._status, is_fhir=is_fhir, is_empty=self._is_empty, body=self._body)

    def _along(self, headers: Headers) -> Headers:
        found = tuple((name, value) for name, value in headers if name in _ALONG)
        own_id = self._asked.own_id
        if own_id is None or any(name == AORTA_ID for name, _ in found):
            return found
        return (*found, (AORTA_ID, write_aorta_id(own_id)))


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirVerdict:
    """What the answer to a push says."""

    asked: FhirAsked
    answer: FhirAnswer
    is_fault: bool

    @property
    def is_positive(self) -> bool:
        """Whether the other side did it."""
        return self.answer.is_positive

    @property
    def is_unknown(self) -> bool:
        """Whether it may have been done although an error was answered."""
        return fhir_answer.is_unknown(self.answer, self.asked.classes)

    @property
    def is_unexplained(self) -> bool:
        """Such an error with nothing in it by which its sender could know: a page, or codes that nobody published."""
        return self.is_unknown

    def meaning(self, *, has_token: bool, unknown: bool) -> tuple[Meaning, str]:
        """What follows for a kept request."""
        row = self.asked.row
        sent = FhirSent(is_removal=row.is_removal, is_repeatable=row.repeatable, unknown=unknown)
        decided, code = fhir_answer.meaning_of(self.answer, sent, self.asked.classes)
        if self.is_fault and decided is Meaning.DEAD:
            # A page of a proxy refuses nothing: somebody looks at the way before the request is given up.
            return Meaning.HOLD, "EN-SWITCHBOARD-FAULT"
        return decided, code


def _reader_of(content_type: str) -> FhirBodyReader | None:
    """What reads a body of this media type; None where it is no FHIR, or FHIR in another character set."""
    if format_of(content_type) is None:
        return None
    try:
        return FhirBodyReader(is_json=is_json_body(content_type))
    except Refused:
        return None
