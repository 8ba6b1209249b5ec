"""The rule on answers: does this answer belong to the question?

Knows: the id spaces of an answer and of a batch (domain reference 3.4 to 3.6, 4.2).
Must not know: how an answer is read, or what is done with one that does not belong.
"""

from dataclasses import dataclass
from typing import Final

from edge_node.model.finding import Finding
from edge_node.model.identifiers import ApplicationId, Bsn
from edge_node.model.interaction import Interaction, Pattern
from edge_node.model.message import Patients, Reading, Wrapper

BATCH: Final = "MCCI_IN200101"
ACCEPT: Final = "MCCI_IN000002"
APPLICATION: Final = frozenset({"AA", "AE", "AR"})
_CODE: Final = "EN-ANSWER-MISMATCH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What an answer is held against."""

    row: Interaction
    wrapper: Wrapper
    zim: ApplicationId
    patient: Bsn | None


def check_wrapper(question: Question, answer: Wrapper) -> Finding | None:
    """Everything that can be said once the answer's wrapper is known; the first thing that does not fit."""
    asked = question.wrapper
    if answer.root_name != str(answer.interaction):
        return Finding(_CODE, "interactionId is not the name of the element")
    if not _answers(question.row, answer):
        return Finding(_CODE, f"{answer.interaction} does not answer {question.row.id}")
    if answer.acknowledgement is None or answer.acknowledgement.target != asked.id:
        return Finding(_CODE, "targetMessage is not the id of the question")
    if str(answer.interaction) != ACCEPT and answer.acknowledgement.type_code not in APPLICATION:
        # That something was received is no answer to it (domain reference 3.4).
        return Finding("EN-ANSWER-BROKEN", "an application answer acknowledges with AA, AE or AR")
    if answer.receiver != asked.sender:
        return Finding(_CODE, "receiver is not the asker")
    if answer.sender not in {asked.receiver, question.zim}:
        return Finding(_CODE, "sender is not the one asked")
    return None


def check_whole(question: Question, answer: Reading) -> Finding | None:
    """What can be said only at the end: query ids, the enclosed answers and the patient."""
    if not answer.in_soap:
        return Finding("EN-ANSWER-BROKEN", "no envelope around the answer")
    if (finding := check_wrapper(question, answer.wrapper)) is not None:
        return finding
    for wrapper in (answer.wrapper, *answer.enclosed):
        if wrapper.query_id is not None and wrapper.query_id != question.wrapper.query_id:
            return Finding(_CODE, "queryId is not the one asked")
    for wrapper in answer.enclosed:
        if (finding := _check_enclosed(question, wrapper)) is not None:
            return finding
    return check_patients(question, answer.patients)


def check_patients(question: Question, patients: Patients) -> Finding | None:
    """What can be said of the patients named so far, also before the end."""
    if question.patient is None:
        return None
    if any(bsn != question.patient for _, bsn in patients.found):
        return Finding(_CODE, "the answer is about another patient")
    return None


def _answers(row: Interaction, answer: Wrapper) -> bool:
    """Whether this interaction may answer that one. A refusal on receipt may answer anything."""
    name = str(answer.interaction)
    if name == BATCH:
        return row.pattern is Pattern.QUERY
    if name == ACCEPT:
        positive = answer.acknowledgement is not None and answer.acknowledgement.is_positive
        return row.pattern is not Pattern.QUERY or not positive
    return name in {str(known) for known in row.answers}


def _check_enclosed(question: Question, enclosed: Wrapper) -> Finding | None:
    """A batch holds the row's own kind of answer; a context query lists none, its contexts have many."""
    own = {str(known) for known in question.row.answers} - {BATCH, ACCEPT}
    if own and str(enclosed.interaction) not in own:
        return Finding(_CODE, f"{enclosed.interaction} is not an answer to {question.row.id}")
    target = enclosed.acknowledgement.target if enclosed.acknowledgement else None
    if enclosed.query_id is None and target != question.wrapper.id:
        # A source answers an id of the switchboard's, so only the queryId tells (domain reference 3.5).
        return Finding(_CODE, "an enclosed answer names neither queryId nor the question")
    return None
