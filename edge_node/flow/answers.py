"""The replies the line gives in the node's own name.

Knows: which form a refusal has in which direction, and what "kept" looks like (design sections 1 and 4).
Must not know: how XML is written, when a reply is given.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from edge_node.errors import PAGES, EdgeNodeError, NotSent, OutcomeUnknown, Refused, Unavailable
from edge_node.flow.ports import Chance
from edge_node.formats import error_codes, making
from edge_node.formats.fault_making import FaultReport, soap_fault
from edge_node.formats.ids import Stamp, message_root, stamp
from edge_node.model.exchange import Reply
from edge_node.model.finding import Finding
from edge_node.model.identifiers import ApplicationId, Oid
from edge_node.model.interaction import Pattern
from edge_node.model.keeping import IdReused, Known, LaneClosed, NotNew, TokenReused
from edge_node.model.message import Direction, Payload, StoredAnswer
from edge_node.policy.case import Case

_BUSY_S: Final = 5.0  # after which another try makes sense, where nobody knows better


@dataclass(frozen=True, slots=True, kw_only=True)
class Pen:
    """With what the node's own messages are dated and numbered."""

    root: Oid  # of this node; each application has its own branch
    now: Callable[[], float]  # seconds since the epoch
    chance: Chance


class Answers:
    """Makes replies."""

    def __init__(self, pen: Pen) -> None:
        self._pen = pen

    # What came from the other side, or was given before

    def again(self, answer: StoredAnswer) -> Reply:
        """The same bytes as the first time."""
        return Reply(status=answer.status, content_type=answer.content_type, body=answer.body, headers=answer.headers)

    def fault_of_other_side(self, case: Case, status: int, body: bytes) -> Reply:
        """Outbound the switchboard's own fault; inbound an answer, since the asker waits for one."""
        if case.direction is Direction.OUT:
            return Reply(status=500 if status < 400 else status, body=body)
        return self._no(case, "EN-LOCAL-FAULT", "")

    # Yes

    def accept(self, case: Case) -> StoredAnswer:
        """`CA`: we have it."""
        wrapper = case.reading.wrapper
        body = making.accept_acknowledgement(wrapper, self._stamp(wrapper.receiver), "CA")
        return StoredAnswer(status=200, content_type="text/xml; charset=utf-8", body=body)

    def kept(self, case: Case, uid: str) -> StoredAnswer:
        """`CA` in the node's own name: it is kept here, and what becomes of it is told at the address given."""
        wrapper = case.reading.wrapper
        details = (error_codes.detail("RTWDEST", "W"),) if case.site.kept_detail else ()
        body = making.accept_acknowledgement(wrapper, self._stamp(wrapper.receiver), "CA", details)
        return StoredAnswer(
            status=200,
            content_type="text/xml; charset=utf-8",
            body=body,
            headers=(("location", f"/v1/messages/{uid}"), ("edge-node-state", "kept")),
        )

    def tick(self, sender: ApplicationId, zim: ApplicationId) -> Payload:
        """A tick of our own."""
        body = making.tick(sender, zim, self._stamp(sender))
        return Payload(path="Ping", soap_action="urn:hl7-org:v3/Ping_TickTock", body=body)

    # No

    def unread(self, error: Refused) -> Reply:
        """What could not be read gets a fault: there is nobody to address an answer to."""
        return self.fault(error.code, error.detail)

    def refused(self, case: Case, findings: Sequence[Finding]) -> Reply:
        """The first finding answers; the others stand in its detail."""
        others = "; ".join(f"{finding.code}: {finding.detail}" for finding in findings[1:])
        detail = findings[0].detail + (f" (also {others})" if others else "")
        return self.refused_as(case, findings[0].code, detail)

    def refused_as(self, case: Case, code: str, detail: str) -> Reply:
        """Outbound a fault; inbound the negative answer that is waited for, where the code has a name there."""
        if case.direction is Direction.IN and PAGES[code].hl7 is not None:
            return self._no(case, code, detail)
        return self.fault(code, detail)

    def not_new(self, case: Case, known: NotNew) -> Reply:
        """A copy gets the first answer, or why there is none; another message learns what is in its way."""
        match known:
            case Known(answer=StoredAnswer() as answer):
                return self.again(answer)
            case Known(code=code):
                return self.refused_as(case, code or "EN-IN-PROGRESS", "")
            case IdReused():
                return self.refused_as(case, "EN-ID-REUSED", "other content under this id")
            case TokenReused():
                return self.refused_as(case, "EN-TOKEN-REUSED", "")
            case LaneClosed():
                return self._lane_closed(case, known)

    def _lane_closed(self, case: Case, closed: LaneClosed) -> Reply:
        code = "EN-LANE-CLOSED" if closed.closed else "EN-LANE-BUSY"
        return self.refused_as(case, code, f"message {closed.message_id.shown} ({closed.uid}) is {closed.state}")

    def not_sent(self, case: Case, error: Unavailable) -> Reply:
        """A push that certainly was not processed: the negative acknowledgement its sender knows."""
        return self._no(case, error.code, error.detail)

    def outcome_unknown(self, case: Case, error: OutcomeUnknown) -> Reply:
        """A push that may have been processed: never called failed."""
        if case.direction is Direction.IN:
            return self._no(case, self._local_code(error), error.detail)
        detail = "" if error.code == OutcomeUnknown.code else f"{error.code}: {error.detail}"
        return self.fault("EN-OUTCOME-UNKNOWN", detail)

    def not_answered(self, case: Case, error: Unavailable) -> Reply:
        """A query without an answer: one clear error."""
        if case.direction is Direction.IN:
            return self._no(case, self._local_code(error), error.detail)
        code = error.code
        if code == NotSent.code:
            code = "EN-SWITCHBOARD-UNREACHABLE"
        elif code == OutcomeUnknown.code:
            code = "EN-SWITCHBOARD-TIMEOUT"
        return self.fault(code, error.detail, error.retry_after_s or _BUSY_S)

    def unavailable(self, case: Case, error: Unavailable) -> Reply:
        """The node itself cannot, now."""
        if case.direction is Direction.IN and PAGES[error.code].hl7 is not None:
            return self._no(case, error.code, error.detail)
        return self.fault(error.code, error.detail, error.retry_after_s or _BUSY_S)

    # In XML

    def _no(self, case: Case, code: str, detail: str) -> Reply:
        """A negative answer in the form of the question, or a fault where there is none."""
        wrapper, row, name = case.reading.wrapper, case.row, PAGES[code].hl7
        if name is None:
            return self.fault(code, detail)
        details = (error_codes.detail(name),)
        made = self._stamp(wrapper.receiver)
        if row is None or row.pattern not in {Pattern.QUERY, Pattern.PUSH}:
            body = making.accept_acknowledgement(wrapper, made, "CE", details)
        elif making.can_refuse(row, wrapper):
            body = making.negative_answer(row, wrapper, made, details)
        else:
            return self.fault(code, detail)
        return Reply(status=200, body=body, headers=(("edge-node-error", code),), why=detail)

    def fault(self, code: str, detail: str, retry_after_s: float | None = None) -> Reply:
        """A SOAP fault with the page of the code in it."""
        report = FaultReport(code=code, detail=detail, retry_after_s=retry_after_s)
        headers = () if retry_after_s is None else (("retry-after", str(max(1, round(retry_after_s)))),)
        return Reply(status=500, body=soap_fault(report), headers=(*headers, ("edge-node-error", code)), why=detail)

    def _stamp(self, application: ApplicationId) -> Stamp:
        root = message_root(self._pen.root, application)
        return stamp(root, datetime.fromtimestamp(self._pen.now(), UTC), self._pen.chance.hex(8))

    @staticmethod
    def _local_code(error: EdgeNodeError) -> str:
        if error.code == OutcomeUnknown.code:
            return "EN-LOCAL-TIMEOUT"
        return "EN-LOCAL-UNREACHABLE" if error.code in {NotSent.code, "EN-LINK-OPEN"} else error.code
