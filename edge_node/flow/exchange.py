"""One exchange with the other side: ask, read the whole answer, see that it belongs.

Knows: the bound on an answer that is read whole, and the rule on belonging.
Must not know: whether the message is kept, or what its answer means for it.
"""

from dataclasses import dataclass
from typing import Final

from edge_node.errors import OutcomeUnknown, Refused
from edge_node.flow.link import Link, Waits
from edge_node.flow.reading import Readers
from edge_node.formats.fault import SoapFault
from edge_node.model.exchange import Answer, Outgoing
from edge_node.model.message import Reading, StoredAnswer
from edge_node.policy.answer import Question, check_whole

#: An answer to a push is an acknowledgement: it has no record in it.
MAX_ANSWER_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A whole answer that belongs to the question, or a SOAP fault."""

    stored: StoredAnswer
    reading: Reading | None
    fault: SoapFault | None

    @property
    def is_positive(self) -> bool:
        """Whether the other side took the message."""
        acknowledgement = self.reading.wrapper.acknowledgement if self.reading else None
        return acknowledgement is not None and acknowledgement.is_positive


async def exchange(link: Link, outgoing: Outgoing, waits: Waits, question: Question, readers: Readers) -> Answered:
    """Send a push and return its answer. Raises `NotSent` or `OutcomeUnknown`.

    An answer that is broken or of another message says nothing about this one: its outcome is unknown.
    """
    answer = await link.ask(outgoing, waits, person=False)
    body = await _whole(answer)
    stored = StoredAnswer(status=answer.status, content_type=answer.content_type, body=body)
    reader = readers.new()
    try:
        reader.feed(body)
        if reader.fault is not None:
            return Answered(stored=stored, reading=None, fault=reader.fault)
        reading = reader.close()
    except Refused as error:
        raise OutcomeUnknown(error.detail, code="EN-ANSWER-BROKEN") from error
    if (finding := check_whole(question, reading)) is not None:
        raise OutcomeUnknown(finding.detail, code=finding.code)
    return Answered(stored=stored, reading=reading, fault=None)


async def _whole(answer: Answer) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while piece := await answer.read():
        size += len(piece)
        if size > MAX_ANSWER_BYTES:
            answer.abort()
            raise OutcomeUnknown("larger than an acknowledgement can be", code="EN-ANSWER-BROKEN")
        pieces.append(piece)
    return b"".join(pieces)
