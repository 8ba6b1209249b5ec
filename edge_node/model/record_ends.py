"""What comes of a request, as further lines of the access log: begun, refused, answered, not answered.

Knows: how the line of a request becomes the line of its end, and of what a patient allows since; which codes say that
a rule stopped it.
Must not know: how an answer is read, how a line is written.
"""

from dataclasses import replace
from typing import Final

from edge_node.errors import PAGES
from edge_node.model.message import Said
from edge_node.model.record import Action, Correlation, LogEvent, LogRecord, Result

#: How an answer that says no is called, where it has no code.
_NO: Final = "EN-DELIVERY-REFUSED"


def begun(record: LogRecord, code: str) -> LogRecord:
    """The request as it went on: kept, begun, renewed."""
    return record.ended(Result.OK, code)


def refused(record: LogRecord, code: str) -> LogRecord:
    """The node did not let it pass."""
    return _as(record, LogEvent.REFUSED, result_of(code), code)


def answered(record: LogRecord, said: Said) -> LogRecord:
    """The other side answered."""
    told = replace(record, correlation=with_said(record.correlation, said))
    if said.is_good:
        return _as(told, LogEvent.ANSWER, Result.OK, "answered")
    return _as(told, LogEvent.ANSWER, Result.REFUSED, next(iter(said.details), "") or said.ack or _NO)


def unanswered(record: LogRecord, code: str, *, is_unknown: bool, said: Said | None = None) -> LogRecord:
    """No answer came that counts; `is_unknown`: it may have reached the other side."""
    told = record if said is None else replace(record, correlation=with_said(record.correlation, said))
    return _as(told, LogEvent.ANSWER, Result.UNKNOWN if is_unknown else result_of(code), code)


def consented(record: LogRecord, *, is_removal: bool) -> LogRecord:
    """What a patient allows is known to others now: his data are registered with the index, or are there no more."""
    action, code = (Action.DELETE, "removed") if is_removal else (Action.UPDATE, "registered")
    changed = replace(record.event, type=LogEvent.CONSENT, action=action, result=Result.OK, code=code)
    return replace(record, event=changed)


def with_said(correlation: Correlation, said: Said) -> Correlation:
    """What an answer says, beside what it answers."""
    return replace(correlation, ack=said.ack, ack_details=said.details, answer=said.answer)


def result_of(code: str) -> Result:
    """How something ended that ended with that code: by a rule, or by the world."""
    page = PAGES.get(code)
    return Result.ERROR if page is not None and page.retry else Result.REFUSED


def _as(record: LogRecord, event: LogEvent, result: Result, code: str) -> LogRecord:
    return replace(record, event=replace(record.event, type=event, result=result, code=code))
