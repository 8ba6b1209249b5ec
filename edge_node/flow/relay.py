"""Asks the other side while the asker waits, and passes the answer on once it is shown to belong.

Knows: queries in both directions; what is read whole, what streams, when a record must be durable.
Must not know: how an answer is read, what a refusal looks like on the wire.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, Final

from twisted.internet.interfaces import IReactorTime

from edge_node.errors import OutcomeUnknown, Refused, Unavailable
from edge_node.flow.link import Link, Waits
from edge_node.flow.ports import Keeper
from edge_node.flow.recording import record_beside, record_first
from edge_node.flow.speech import Asked, Hearing, Voice
from edge_node.flow.waiting import Meanwhile
from edge_node.model.exchange import Answer, Outgoing, Reply
from edge_node.model.message import StoredAnswer
from edge_node.model.record import LogRecord, Situation
from edge_node.model.record_ends import answered, refused, unanswered

#: An answer came, and was not passed on.
_ANSWERED: Final = "EN-ANSWER-"
#: Answers up to this size are read whole before a byte is passed (design section 1).
WHOLE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One question on its way: what is asked, of whom, and what its answer is held against."""

    voice: Voice[Any]
    asked: Asked
    outgoing: Outgoing
    link: Link
    waits: Waits
    record: LogRecord


class Relay:
    """Relays queries. Never repeats one by itself."""

    def __init__(self, keeper: Keeper, clock: IReactorTime) -> None:
        self._keeper = keeper
        self._clock = clock

    async def ask(self, asking: Asking) -> Reply:
        """Return the other side's answer, or one clear error. Raises `StoreUnavailable`."""
        # Recorded while the other side works; no byte of the answer leaves before the record is durable.
        recorded = Meanwhile(self._keeper.record(asking.record))
        try:
            is_emergency = asking.record.event.situation is Situation.EMERGENCY
            answer = await asking.link.ask(asking.outgoing, asking.waits, person=True, emergency=is_emergency)
        except Unavailable as error:
            await recorded.done()
            await self._first(_without(asking.record, error))
            return asking.voice.not_answered(error)
        except Refused as error:  # its tokens give no access: nothing was asked
            await recorded.done()
            await self._first(refused(asking.record, error.code))
            return asking.voice.refused_as(error.code, error.detail)
        try:
            reply = await self._reply(asking, answer)
            await recorded.done()
        except BaseException:  # the asker went away as well: a connection is not kept for what nobody reads
            answer.abort()
            raise
        return reply

    async def _reply(self, asking: Asking, answer: Answer) -> Reply:
        try:
            return await self._passed(asking, answer)
        except Unavailable as error:
            answer.abort()
            await self._first(_without(asking.record, error))
            return asking.voice.not_answered(error)

    async def _passed(self, asking: Asking, answer: Answer) -> Reply:
        hearing = asking.asked.hear(answer)
        try:
            passage = await _take(answer, hearing)
            if passage.is_whole and hearing.is_fault:
                await self._first(answered(asking.record, hearing.said))
                return asking.voice.fault_of_other_side(_stored(answer, hearing, passage.held))
            finding = hearing.ended() if passage.is_whole else hearing.begun()
        except Refused as error:
            raise OutcomeUnknown(error.detail, code="EN-ANSWER-BROKEN") from error
        if finding is not None:
            raise OutcomeUnknown(finding.detail, code=finding.code)
        if passage.is_whole:
            await self._first(answered(asking.record, hearing.said))
            return asking.voice.again(_stored(answer, hearing, passage.held))
        stream = self._told(asking.record, hearing, _rest(passage.held, answer, hearing))
        return Reply(status=answer.status, content_type=answer.content_type, stream=stream, headers=hearing.headers)

    async def _told(
        self, record: LogRecord, hearing: Hearing, stream: AsyncGenerator[bytes, None]
    ) -> AsyncGenerator[bytes, None]:
        """Pass a long answer on, and tell how it ended: also when its asker went away in the middle of it."""
        end = unanswered(record, OutcomeUnknown.code, is_unknown=True)
        try:
            async for piece in stream:
                yield piece
            end = answered(record, hearing.said)
        except Unavailable as error:
            end = _without(record, error)
            raise
        finally:
            await stream.aclose()
            record_beside(self._keeper, end)  # its asker has all of it, or none will come

    async def _first(self, record: LogRecord) -> None:
        await record_first(self._keeper, record, self._clock)


def _without(record: LogRecord, error: Unavailable) -> LogRecord:
    """The line of a question that got no answer which counts."""
    is_unknown = isinstance(error, OutcomeUnknown) and not error.code.startswith(_ANSWERED)
    return unanswered(record, error.code, is_unknown=is_unknown)


@dataclass(frozen=True, slots=True)
class _Passage:
    held: bytes
    is_whole: bool


def _stored(answer: Answer, hearing: Hearing, body: bytes) -> StoredAnswer:
    return StoredAnswer(status=answer.status, content_type=answer.content_type, body=body, headers=hearing.headers)


async def _take(answer: Answer, hearing: Hearing) -> _Passage:
    """Read until the end, or until more than `WHOLE_BYTES` are held."""
    pieces: list[bytes] = []
    size = 0
    while size <= WHOLE_BYTES:
        piece = await answer.read()
        if not piece:
            return _Passage(b"".join(pieces), is_whole=True)
        await hearing.feed(piece)
        pieces.append(piece)
        size += len(piece)
    return _Passage(b"".join(pieces), is_whole=False)


async def _rest(held: bytes, answer: Answer, hearing: Hearing) -> AsyncGenerator[bytes, None]:
    """Pass an answer on as it is checked. Raising breaks the asker's connection: half an answer never looks whole."""
    try:
        yield held
        last, finding = b"", None
        while finding is None and (piece := await answer.read()):
            await hearing.feed(piece)
            finding = hearing.further()
            if last and finding is None:
                yield last
            last = piece
        # The last piece leaves only after the whole has been judged.
        finding = finding or hearing.ended()
    except Refused as error:
        answer.abort()
        raise OutcomeUnknown(error.detail, code="EN-ANSWER-BROKEN") from error
    except BaseException:  # the asker went away
        answer.abort()
        raise
    if finding is not None:
        answer.abort()
        raise OutcomeUnknown(finding.detail, code=finding.code)
    if last:
        yield last
