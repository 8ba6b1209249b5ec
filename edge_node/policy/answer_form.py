"""The rules on the form of an answer that belongs to its question.

Knows: what acknowledgement, queryAck and batch say together (domain reference 3.4 to 3.6).
Must not know: whether the answer belongs, what is done about a finding.

None of them blocks: whoever asked is better served by an odd answer than by none.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from edge_node.model.finding import Finding, Severity
from edge_node.model.message import Acknowledgement, Detail, Reading, Wrapper
from edge_node.policy.answer import ACCEPT, APPLICATION, BATCH, Question
from edge_node.policy.wrapper import PROCESSING_MODE_CODE, PROFILE_ID, VERSION_CODE

AnswerRule = Callable[[Question, Reading], Finding | None]

_CODE: Final = "EN-ANSWER-FIELD"
_RECEIPT: Final = frozenset({"CA", "CE", "CR"})
#: Of these a code says enough (domain reference 1.3); of others a displayName must.
_ERROR_SYSTEMS: Final = frozenset(
    {"2.16.840.1.113883.5.1100", "2.16.840.1.113883.5.4", "2.16.840.1.113883.2.4.6.6.1.1000"}
)


def _all(answer: Reading) -> tuple[Wrapper, ...]:
    return (answer.wrapper, *answer.enclosed)


def _first(wrappers: Iterable[Wrapper], is_wrong: Callable[[Wrapper], bool], detail: str) -> Finding | None:
    return Finding(_CODE, detail) if any(map(is_wrong, wrappers)) else None


def _type(wrapper: Wrapper) -> str:
    return wrapper.acknowledgement.type_code if wrapper.acknowledgement else ""


def check_kind_of_receipt(_: Question, answer: Reading) -> Finding | None:
    """A receipt says CA, CE or CR (domain reference 3.4: AA, AE and AR only give a warning)."""
    if str(answer.wrapper.interaction) == ACCEPT and _type(answer.wrapper) not in _RECEIPT:
        return Finding(_CODE, f"{ACCEPT} acknowledges with CA, CE or CR")
    return None


def check_kind_of_enclosed(_: Question, answer: Reading) -> Finding | None:
    """Answers in a batch say AA, AE or AR; an odd one must not hide the others (domain reference 3.4, 3.5)."""
    return _first(answer.enclosed, lambda one: _type(one) not in APPLICATION, "acknowledgement of an enclosed answer")


def check_targets(question: Question, answer: Reading) -> Finding | None:
    """In a batch only the switchboard's own answers target the question (domain reference 3.5)."""
    asked, zim = question.wrapper.id, question.zim

    def is_wrong(one: Wrapper) -> bool:
        target = one.acknowledgement.target if one.acknowledgement else None
        return target is None or (target == asked) != (one.sender == zim)

    return _first(answer.enclosed, is_wrong, "target of an enclosed answer")


def check_fixed_values(_: Question, answer: Reading) -> Finding | None:
    """The fixed values of a wrapper are those of every message (domain reference 3.2)."""

    def is_wrong(one: Wrapper) -> bool:
        in_batch = str(one.interaction) == BATCH
        modes = {""} if in_batch else {PROCESSING_MODE_CODE}
        versions = (one.version_code, one.profile_id) != (VERSION_CODE, PROFILE_ID)
        return versions or one.processing_mode_code not in modes

    return _first(_all(answer), is_wrong, "versionCode, profileId or processingModeCode")


def check_accept_ack(_: Question, answer: Reading) -> Finding | None:
    """An answer asks for no receipt: its acceptAckCode is NE (domain reference 3.2)."""
    return _first(
        _all(answer), lambda one: one.accept_ack_code not in {"", "NE"}, "acceptAckCode of an answer must be NE"
    )


def check_reason(_: Question, answer: Reading) -> Finding | None:
    """A negative answer says why: a detail, or a reason in the control act (domain reference 3.4)."""

    def is_wrong(one: Wrapper) -> bool:
        said = one.acknowledgement
        return said is not None and not said.is_positive and not said.details and not one.issues

    return _first(_all(answer), is_wrong, "a negative answer without detail or reason")


def check_details(_: Question, answer: Reading) -> Finding | None:
    """A detail has type E, and a text or a code, named where its system is no error table (domain reference 3.4)."""
    details = [detail for one in _all(answer) for detail in _details(one.acknowledgement)]
    return Finding(_CODE, "acknowledgementDetail") if any(map(_is_odd, details)) else None


def _details(acknowledgement: Acknowledgement | None) -> tuple[Detail, ...]:
    return acknowledgement.details if acknowledgement else ()


def _is_odd(detail: Detail) -> bool:
    said = detail.code if detail.code_system in _ERROR_SYSTEMS else detail.code and detail.is_named
    return detail.type_code != "E" or not (said or detail.has_text)


def check_mood(_: Question, answer: Reading) -> Finding | None:
    """The control act of an answer has moodCode EVN; a receipt has none (domain reference 3.1, 3.6)."""
    return _first(_all(answer), lambda one: one.mood_code not in {None, "EVN"}, "moodCode of an answer must be EVN")


def check_author_is_sender(_: Question, answer: Reading) -> Finding | None:
    """The author of an answer is the sending application (domain reference 3.5: published answers deviate)."""

    def is_wrong(one: Wrapper) -> bool:
        return one.author_ids.application not in {None, str(one.sender)}

    return _first(_all(answer), is_wrong, "the application id of the author is not the sender's")


def check_response_code(_: Question, answer: Reading) -> Finding | None:
    """queryResponseCode is OK or NF with AA, and AE or QE with another acknowledgement (domain reference 3.6)."""

    def is_wrong(one: Wrapper) -> bool:
        allowed = {"OK", "NF"} if _type(one) == "AA" else {"AE", "QE"}
        return one.query_response_code is not None and one.query_response_code not in allowed

    return _first(_all(answer), is_wrong, "queryResponseCode does not go with the acknowledgement")


def check_nothing_found(_: Question, answer: Reading) -> Finding | None:
    """queryResponseCode is NF when, and only when, the current quantity is 0 (domain reference 3.6)."""

    def is_wrong(one: Wrapper) -> bool:
        current = one.query_ack.current if one.query_ack else None
        if current is None or one.query_response_code not in {"OK", "NF"}:
            return False
        return (current == 0) != (one.query_response_code == "NF")

    return _first(_all(answer), is_wrong, "queryResponseCode does not go with resultCurrentQuantity")


def check_current_quantity(_: Question, answer: Reading) -> Finding | None:
    """The current quantity is the number of subjects delivered (domain reference 3.6)."""

    def is_wrong(one: Wrapper) -> bool:
        current = one.query_ack.current if one.query_ack else None
        return current is not None and current != one.subjects

    return _first(_all(answer), is_wrong, "resultCurrentQuantity is not the number of subjects")


def check_transmission_quantity(_: Question, answer: Reading) -> Finding | None:
    """transmissionQuantity is the number of answers in a batch (domain reference 3.5: a published one deviates)."""
    batch = answer.wrapper
    if str(batch.interaction) == BATCH and batch.transmission_quantity != len(answer.enclosed):
        return Finding(_CODE, "transmissionQuantity is not the number of enclosed answers")
    return None


def check_verdict_of_batch(_: Question, answer: Reading) -> Finding | None:
    """A batch says AA as soon as one answer is in it, AE when none can be given (domain reference 3.5)."""
    batch = answer.wrapper
    if str(batch.interaction) == BATCH and (_type(batch) == "AA") != bool(answer.enclosed):
        return Finding(_CODE, "acknowledgement of the batch does not go with what is in it")
    return None


def check_unused(_: Question, answer: Reading) -> Finding | None:
    """What national messages leave out is not in an answer either (domain reference 3.2, 3.5, 3.6)."""
    found = [name for one in _all(answer) for name in one.unused]
    return Finding(_CODE, f"{found[0]} is not used") if found else None


RULES: Final[tuple[AnswerRule, ...]] = (
    check_kind_of_receipt,
    check_kind_of_enclosed,
    check_targets,
    check_fixed_values,
    check_accept_ack,
    check_reason,
    check_details,
    check_mood,
    check_author_is_sender,
    check_response_code,
    check_nothing_found,
    check_current_quantity,
    check_transmission_quantity,
    check_verdict_of_batch,
    check_unused,
)


def warnings(question: Question, answer: Reading) -> tuple[Finding, ...]:
    """Return all that is odd about an answer that belongs to the question. None of it keeps the answer back."""
    found = (rule(question, answer) for rule in RULES)
    return tuple(replace(finding, severity=Severity.WARN) for finding in found if finding is not None)
