"""One push handed to the other side: ask, read the whole answer, see that it belongs.

Knows: that a broken answer, or one of another message, says nothing about this one.
Must not know: formats, whether the message is kept, what its answer means for it.
"""

from dataclasses import dataclass

from edge_node.errors import OutcomeUnknown, Refused
from edge_node.flow.link import Link, Waits
from edge_node.flow.retry import asked_pause_s
from edge_node.flow.speech import Asked, Hearing, Verdict
from edge_node.model.exchange import Answer, Outgoing
from edge_node.model.message import StoredAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A whole answer that belongs to the push, or a fault of the other side."""

    stored: StoredAnswer
    is_fault: bool
    verdict: Verdict
    pause_s: float | None = None  # the other side wants to be left alone so long


async def exchange(link: Link, outgoing: Outgoing, waits: Waits, asked: Asked) -> Answered:
    """Send a push and return its answer. Raises `NotSent`, `OutcomeUnknown`; `Refused` when it may not go."""
    answer = await link.ask(outgoing, waits, person=False)
    pause_s = asked_pause_s(answer.status, answer.headers)
    body = await _whole(answer, asked.max_answer_bytes)
    hearing = asked.hear(answer)
    try:
        await _check(hearing, body)
    except OutcomeUnknown as error:
        error.retry_after_s = pause_s
        raise
    stored = StoredAnswer(
        status=answer.status,
        content_type=answer.content_type,
        body=body,
        headers=hearing.headers,
        said=hearing.said,
    )
    verdict = hearing.verdict()
    return Answered(stored=stored, is_fault=hearing.is_fault, verdict=verdict, pause_s=pause_s)


async def _check(hearing: Hearing, body: bytes) -> None:
    try:
        await hearing.feed(body)
        finding = None if hearing.is_fault else hearing.ended()
    except Refused as error:
        raise OutcomeUnknown(error.detail, code="EN-ANSWER-BROKEN") from error
    if finding is not None:
        raise OutcomeUnknown(finding.detail, code=finding.code)


async def _whole(answer: Answer, max_bytes: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while piece := await answer.read():
        size += len(piece)
        if size > max_bytes:
            answer.abort()
            raise OutcomeUnknown("larger than an answer to a push can be", code="EN-ANSWER-BROKEN")
        pieces.append(piece)
    return b"".join(pieces)
