"""The rule on FHIR answers: does this answer belong to the question, and what does it mean for a push?

Knows: what answers each interaction (FHIR RESTful API), the statuses of AORTA on FHIR, the classes of error codes.
Must not know: how an answer is read, how often a push was tried.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from edge_node.model.fhir import Action, FhirBody, FhirCall
from edge_node.model.fhir_types import type_shown
from edge_node.model.finding import Finding
from edge_node.model.identifiers import Bsn
from edge_node.model.message import Patients
from edge_node.policy.acknowledgement import CodeClass, Meaning

MISMATCH: Final = "EN-ANSWER-MISMATCH"
BROKEN: Final = "EN-ANSWER-BROKEN"
OUTCOME: Final = "OperationOutcome"

_BUNDLES: Final = {
    Action.SEARCH: frozenset({"searchset"}),
    Action.HISTORY: frozenset({"history"}),
    Action.TRANSACTION: frozenset({"transaction-response", "batch-response"}),
}
_ONE_RESOURCE: Final = frozenset({Action.READ, Action.VREAD, Action.CREATE, Action.UPDATE, Action.PATCH})
#: A resource that answers these may be left out (FHIR RESTful API, header Prefer).
_MAY_BE_EMPTY: Final = frozenset({Action.CREATE, Action.UPDATE, Action.PATCH, Action.DELETE, Action.OPERATION})

# What the switchboard's own mapping (domain reference 5.4) and HTTP say of each status.
_NOTHING_DONE: Final = frozenset({408, 425, 429, 503, 507})  # came to nobody who worked on it: may be sent again
_MAYBE_DONE: Final = frozenset({500, 502, 504})
_GONE: Final = frozenset({404, 410})


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirQuestion:
    """What an answer is held against."""

    call: FhirCall
    patient: Bsn | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirAnswer:
    """An answer as far as it is known. `body` is None where it is empty, or neither JSON nor XML."""

    status: int
    is_fhir: bool  # by its media type
    is_empty: bool
    body: FhirBody | None = None

    @property
    def is_positive(self) -> bool:
        """Whether the other side did what was asked: a batch says so of each of its entries."""
        if not 200 <= self.status < 300:
            return False
        statuses = self.body.statuses if self.body is not None else ()
        return all(status.startswith("2") for status in statuses)


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirSent:
    """What is known of the push when its answer comes."""

    is_removal: bool
    is_repeatable: bool  # the receiver recognises a copy
    unknown: bool  # an earlier handover may have reached the other side


def check_head(question: FhirQuestion, answer: FhirAnswer) -> Finding | None:
    """What can be said from status and media type, before the body."""
    status = answer.status
    if not 200 <= status < 600 or status == 206 or (300 <= status < 400 and status != 304):
        return Finding(BROKEN, f"HTTP status {status}")
    if answer.is_empty or status >= 400 or answer.is_fhir:
        return None
    # A document is read as it is, unless FHIR is asked for (FHIR, Binary).
    if question.call.action in {Action.READ, Action.VREAD} and question.call.resource == "Binary":
        return None
    return Finding(BROKEN, "the answer is neither FHIR in JSON nor in XML")


def check_resource(question: FhirQuestion, status: int, resource: str | None) -> Finding | None:
    """What can be said once the type of the resource is known."""
    if status >= 400:
        return None if resource == OUTCOME else Finding(BROKEN, "an error that is no OperationOutcome")
    if resource is None:
        return Finding(BROKEN, "the answer is no resource")
    call = question.call
    expected = _expected(call)
    if expected is None or resource in expected:
        return None
    return Finding(MISMATCH, f"{type_shown(resource)} does not answer {call.action}")


def check_patients(question: FhirQuestion, patients: Patients) -> Finding | None:
    """What can be said of the patients named so far, also before the end."""
    if question.patient is None:
        return None
    if any(bsn != question.patient for _, bsn in patients.found):
        return Finding(MISMATCH, "the answer is about another patient")
    return None


def check_whole(question: FhirQuestion, answer: FhirAnswer) -> Finding | None:
    """Everything that can be said at the end; the first thing that does not fit."""
    if (finding := check_head(question, answer)) is not None:
        return finding
    body = answer.body
    if answer.is_empty:
        return _check_empty(question.call, answer.status)
    if body is None:
        return None
    if (finding := check_resource(question, answer.status, body.resource)) is not None:
        return finding
    if (finding := _check_id(question.call, answer.status, body)) is not None:
        return finding
    bundles = _BUNDLES.get(question.call.action)
    if body.resource == "Bundle" and bundles is not None and body.bundle not in bundles:
        return Finding(MISMATCH, f"a Bundle of another type does not answer {question.call.action}")
    return check_patients(question, body.patients)


def is_unknown(answer: FhirAnswer, classes: Mapping[str, CodeClass]) -> bool:
    """Whether a push may have been processed although this was answered: nothing but the status says no."""
    return answer.status in _MAYBE_DONE and not any(code in classes for code in _codes(answer))


def meaning_of(answer: FhirAnswer, sent: FhirSent, classes: Mapping[str, CodeClass]) -> tuple[Meaning, str]:
    """Return what follows for a push, with the code that decided. The answer has been shown to belong to it."""
    if answer.is_positive:
        return Meaning.DELIVERED, str(answer.status)
    for code in _codes(answer):
        if code in classes:
            return _by_class(classes[code], sent), code
    return _by_status(answer, sent)


def _expected(call: FhirCall) -> frozenset[str] | None:
    """The types that answer a call; None where any may."""
    if call.action in _BUNDLES:
        return frozenset({"Bundle"})
    if call.action is Action.CAPABILITIES:
        return frozenset({"CapabilityStatement"})
    if call.action in _ONE_RESOURCE and call.resource is not None:
        named = frozenset({call.resource})
        return named if call.action in {Action.READ, Action.VREAD} else named | {OUTCOME}
    return frozenset({OUTCOME}) if call.action is Action.DELETE else None


def _check_empty(call: FhirCall, status: int) -> Finding | None:
    if status >= 400 or status in {202, 204, 304} or call.action in _MAY_BE_EMPTY:
        return None
    return Finding(BROKEN, "the answer is empty")


def _check_id(call: FhirCall, status: int, body: FhirBody) -> Finding | None:
    """A read gives what it names (FHIR RESTful API, read): the patient of another one may be named in neither."""
    if call.action not in {Action.READ, Action.VREAD} or status >= 400 or body.id in {None, call.id}:
        return None
    return Finding(MISMATCH, "the resource is not the one that was asked for")


def _codes(answer: FhirAnswer) -> tuple[str, ...]:
    """The codes of an error, as the HL7v3 mapping puts them in the details (domain reference 5.4)."""
    if answer.body is None or answer.body.resource != OUTCOME:
        return ()
    return tuple(code for issue in answer.body.issues for _, code in issue.details if code)


def _by_class(code_class: CodeClass, sent: FhirSent) -> Meaning:
    if code_class in {CodeClass.RETRY, CodeClass.RETRY_PUSH}:
        # The node gets a new access token for each attempt: no signature was spent.
        return Meaning.RETRY
    if code_class is CodeClass.TOKEN:
        return Meaning.TOKEN
    if code_class is CodeClass.HOLD:
        return Meaning.HOLD
    is_done = CodeClass.DONE_REMOVAL if sent.is_removal else CodeClass.DONE_REGISTRATION
    return Meaning.DELIVERED if sent.unknown and code_class is is_done else Meaning.DEAD


def _by_status(answer: FhirAnswer, sent: FhirSent) -> tuple[Meaning, str]:
    status = answer.status
    if status in _NOTHING_DONE:
        return Meaning.RETRY, str(status)
    if status in _MAYBE_DONE:
        return (Meaning.RETRY if sent.is_repeatable else Meaning.HOLD), "EN-OUTCOME-UNKNOWN"
    if status == 401:
        return Meaning.TOKEN, str(status)
    if status in _GONE and sent.is_removal and sent.unknown:
        return Meaning.DELIVERED, str(status)
    # A batch of which some entries were done: only a person can say what is to be done about the rest.
    return (Meaning.HOLD if status < 400 else Meaning.DEAD), "EN-DELIVERY-REFUSED"
