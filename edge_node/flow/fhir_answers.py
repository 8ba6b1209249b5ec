"""The replies the line gives in the node's own name, in FHIR.

Knows: that each is an OperationOutcome, in the format its reader accepts; what "kept" looks like.
Must not know: how JSON or XML is written, when a reply is given.
"""

from collections.abc import Sequence
from typing import Final

from edge_node.errors import EdgeNodeError, NotSent, OutcomeUnknown, Refused, Unavailable
from edge_node.formats.fault_making import FaultReport
from edge_node.formats.fhir_headers import AORTA_ID, prefers_json, write_aorta_id
from edge_node.formats.fhir_outcome import FhirOutcome, kept_outcome, operation_outcome
from edge_node.model.exchange import Reply
from edge_node.model.finding import Finding
from edge_node.model.keeping import IdReused, Known, LaneClosed, NotNew, TokenReused
from edge_node.model.message import Direction, Payload, StoredAnswer
from edge_node.policy.fhir_case import FhirCase

Headers = tuple[tuple[str, str], ...]
_BUSY_S: Final = 5.0  # after which another try makes sense, where nobody knows better


class FhirAnswers:
    """Makes replies."""

    # What came from the other side, or was given before

    def again(self, answer: StoredAnswer) -> Reply:
        """The same bytes as the first time."""
        return Reply(status=answer.status, content_type=answer.content_type, body=answer.body, headers=answer.headers)

    def fault_of_other_side(self, case: FhirCase, status: int, body: bytes) -> Reply:
        """What answers with an error that is no FHIR is something on the way, and its page is of no use."""
        code = "EN-SWITCHBOARD-FAULT" if case.direction is Direction.OUT else "EN-LOCAL-FAULT"
        return self._no(case, code, f"HTTP status {status}")

    # Yes

    def accept(self, case: FhirCase) -> StoredAnswer:
        """We have it; what becomes of it is between the node and the local system."""
        return _stored(kept_outcome(None, is_json=case.reading.is_json), _ids(case))

    def kept(self, case: FhirCase, uid: str) -> StoredAnswer:
        """It is kept here, and what becomes of it is told at the address given."""
        return _stored(kept_outcome(f"/v1/messages/{uid}", is_json=case.reading.is_json), _ids(case))

    # No

    def unread(self, payload: Payload, error: Refused) -> Reply:
        """What could not be read."""
        return self.unheard(error.code, error.detail, payload)

    def unheard(self, code: str, detail: str, payload: Payload) -> Reply:
        """What was not even read, but for its head."""
        outcome = operation_outcome(FaultReport(code=code, detail=detail), is_json=prefers_json(payload))
        return _reply(outcome, (("edge-node-error", code),), detail)

    def refused(self, case: FhirCase, findings: Sequence[Finding]) -> Reply:
        """The first finding answers; the others stand in its detail."""
        others = "; ".join(f"{finding.code}: {finding.detail}" for finding in findings[1:])
        detail = findings[0].detail + (f" (also {others})" if others else "")
        return self.refused_as(case, findings[0].code, detail)

    def refused_as(self, case: FhirCase, code: str, detail: str) -> Reply:
        """No, with that code."""
        return self._no(case, code, detail)

    def not_new(self, case: FhirCase, known: NotNew) -> Reply:
        """A copy gets the first answer, or why there is none; another request learns what is in its way."""
        match known:
            case Known(answer=StoredAnswer() as answer):
                return self.again(answer)
            case Known(code=code):
                return self.refused_as(case, code or "EN-IN-PROGRESS", "")
            case IdReused():
                return self.refused_as(case, "EN-ID-REUSED", "other content under this initialRequestID")
            case TokenReused():
                return self.refused_as(case, "EN-TOKEN-REUSED", "the transaction token was used for another request")
            case LaneClosed():
                code = "EN-LANE-CLOSED" if known.closed else "EN-LANE-BUSY"
                detail = f"message {known.message_id.shown} ({known.uid}) is {known.state}"
                return self.refused_as(case, code, detail)

    def not_sent(self, case: FhirCase, error: Unavailable) -> Reply:
        """A push that certainly was not processed."""
        return self._no(case, _of_direction(case, error), error.detail, error.retry_after_s)

    def outcome_unknown(self, case: FhirCase, error: OutcomeUnknown) -> Reply:
        """A push that may have been processed: never called failed."""
        detail = "" if error.code == OutcomeUnknown.code else f"{error.code}: {error.detail}"
        return self._no(case, "EN-OUTCOME-UNKNOWN", detail)

    def not_answered(self, case: FhirCase, error: Unavailable) -> Reply:
        """A query without an answer: one clear error."""
        return self._no(case, _of_direction(case, error), error.detail, error.retry_after_s or _BUSY_S)

    def unavailable(self, case: FhirCase, error: Unavailable) -> Reply:
        """The node itself cannot, now."""
        return self._no(case, error.code, error.detail, error.retry_after_s or _BUSY_S)

    def _no(self, case: FhirCase, code: str, detail: str, retry_after_s: float | None = None) -> Reply:
        report = FaultReport(code=code, detail=detail, retry_after_s=retry_after_s)
        outcome = operation_outcome(report, is_json=case.reading.is_json)
        return _reply(outcome, (*_ids(case), ("edge-node-error", code)), detail)


def _reply(outcome: FhirOutcome, more: Headers, why: str) -> Reply:
    return Reply(
        status=outcome.status,
        content_type=outcome.content_type,
        body=outcome.body,
        headers=(*_lower(outcome.headers), *more),
        why=why,
    )


def _stored(outcome: FhirOutcome, more: Headers) -> StoredAnswer:
    return StoredAnswer(
        status=outcome.status,
        content_type=outcome.content_type,
        body=outcome.body,
        headers=(*_lower(outcome.headers), *more),
    )


def _lower(headers: Headers) -> Headers:
    return tuple((name.lower(), value) for name, value in headers)


def _ids(case: FhirCase) -> Headers:
    """The ids of the request, given by its sender or made here."""
    aorta_id = case.reading.aorta_id
    return () if aorta_id is None else ((AORTA_ID, write_aorta_id(aorta_id)),)


def _of_direction(case: FhirCase, error: EdgeNodeError) -> str:
    """What the line calls the other side, by who that is."""
    is_out = case.direction is Direction.OUT
    if error.code == NotSent.code:
        return "EN-SWITCHBOARD-UNREACHABLE" if is_out else "EN-LOCAL-UNREACHABLE"
    if error.code == OutcomeUnknown.code:
        return "EN-SWITCHBOARD-TIMEOUT" if is_out else "EN-LOCAL-TIMEOUT"
    return "EN-LOCAL-UNREACHABLE" if error.code == "EN-LINK-OPEN" and not is_out else error.code
