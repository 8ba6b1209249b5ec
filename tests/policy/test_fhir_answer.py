"""A FHIR answer belongs to its question, and says what becomes of a push."""

from typing import Any

import pytest

from edge_node.formats.fhir_address import read_call
from edge_node.model.fhir import FhirBody, OutcomeIssue
from edge_node.model.message import Patients
from edge_node.policy.acknowledgement import CodeClass, Meaning
from edge_node.policy.fhir_answer import (
    FhirAnswer,
    FhirQuestion,
    FhirSent,
    check_head,
    check_patients,
    check_whole,
    is_unknown,
    meaning_of,
)
from tests.nouns import OTHER_PATIENT, PATIENT

CLASSES = {
    "RTEDEST": CodeClass.RETRY,
    "AUTERR_MEDISCH": CodeClass.PERMANENT,
    "NONCEREJECTED": CodeClass.TOKEN,
    "INACTIVEAPP": CodeClass.HOLD,
    "KEY204": CodeClass.DONE_REMOVAL,
    "KEY205": CodeClass.DONE_REGISTRATION,
}
HIS = Patients(found=(("body:identifier", PATIENT),))
HERS = Patients(found=(("body:identifier", OTHER_PATIENT),))


def asked(method: str = "GET", path: str = "fhir/R4/Task/1") -> FhirQuestion:
    return FhirQuestion(call=read_call(method, path), patient=PATIENT)


def answer(status: int = 200, resource: str | None = None, **changes: Any) -> FhirAnswer:
    patients = changes.pop("patients", Patients())
    body = FhirBody(resource=resource, patients=patients, **changes) if resource else None
    return FhirAnswer(status=status, is_fhir=body is not None, is_empty=body is None, body=body)


def outcome(status: int, *codes: str) -> FhirAnswer:
    details = tuple(("urn:x", code) for code in codes)
    issue = OutcomeIssue(severity="error", code="processing", details=details)
    return answer(status, "OperationOutcome", issues=(issue,))


class TestBelonging:
    @pytest.mark.parametrize(
        ("question", "given"),
        [
            (asked(), answer(200, "Task", patients=HIS, id="1")),
            (asked(), answer(200, "Task", patients=HIS)),
            (asked("GET", "fhir/R4/Task/1/_history/2"), answer(200, "Task", id="1")),
            (asked("PUT", "fhir/R4/Task/1"), answer(200, "OperationOutcome", id="2")),
            (asked("GET", "fhir/R4/Task?a=b"), answer(200, "Bundle", bundle="searchset", patients=HIS)),
            (asked("GET", "fhir/R4/metadata"), answer(200, "CapabilityStatement")),
            (asked("POST", "fhir/R4/Task"), answer(201, "Task")),
            (asked("POST", "fhir/R4/Task"), answer(201, "OperationOutcome")),
            (asked("POST", "fhir/R4/Task"), answer(201)),
            (asked("PUT", "fhir/R4/Task/1"), answer(200)),
            (asked("DELETE", "fhir/R4/Task/1"), answer(204)),
            (asked("POST", "fhir/R4"), answer(200, "Bundle", bundle="batch-response")),
            (asked("POST", "fhir/R4/$is-allowed"), answer(200, "Parameters")),
            (asked(), answer(304)),
            (asked(), outcome(404)),
            (asked(), answer(401)),
            (asked("GET", "fhir/R4/Binary/1"), FhirAnswer(status=200, is_fhir=False, is_empty=False)),
        ],
    )
    def test_is_seen(self, question: FhirQuestion, given: FhirAnswer) -> None:
        """The good case costs nothing."""
        assert check_whole(question, given) is None

    @pytest.mark.parametrize(
        ("question", "given", "code"),
        [
            (asked(), answer(200, "Task", patients=HERS), "EN-ANSWER-MISMATCH"),
            (asked(), answer(200, "Task", id="2"), "EN-ANSWER-MISMATCH"),
            (asked("GET", "fhir/R4/Task/1/_history/2"), answer(200, "Task", id="2"), "EN-ANSWER-MISMATCH"),
            (asked(), answer(200, "Observation"), "EN-ANSWER-MISMATCH"),
            (asked(), answer(200, "OperationOutcome"), "EN-ANSWER-MISMATCH"),
            (asked("GET", "fhir/R4/Task?a=b"), answer(200, "Task"), "EN-ANSWER-MISMATCH"),
            (asked("GET", "fhir/R4/Task?a=b"), answer(200, "Bundle", bundle="history"), "EN-ANSWER-MISMATCH"),
            (asked("GET", "fhir/R4/metadata"), answer(200, "Task"), "EN-ANSWER-MISMATCH"),
            (asked(), answer(200), "EN-ANSWER-BROKEN"),
            (asked(), answer(302), "EN-ANSWER-BROKEN"),
            (asked(), answer(206, "Task"), "EN-ANSWER-BROKEN"),
            (asked(), FhirAnswer(status=200, is_fhir=False, is_empty=False), "EN-ANSWER-BROKEN"),
            (asked(), answer(500, "Task"), "EN-ANSWER-BROKEN"),
        ],
    )
    def test_is_missed(self, question: FhirQuestion, given: FhirAnswer, code: str) -> None:
        """Another patient's record under this patient's name is the worst a relay can do."""
        finding = check_whole(question, given)
        assert finding is not None
        assert finding.code == code

    def test_is_told_from_the_head_where_it_can_be(self) -> None:
        """A web page of some proxy is no answer, however long it is."""
        assert check_head(asked(), FhirAnswer(status=200, is_fhir=False, is_empty=False)) is not None
        assert check_head(asked(), FhirAnswer(status=502, is_fhir=False, is_empty=False)) is None

    def test_of_a_question_without_a_patient_is_not_held_against_one(self) -> None:
        """A list of tasks is about many."""
        nobody = FhirQuestion(call=read_call("GET", "fhir/R4/Task"), patient=None)
        assert check_patients(nobody, Patients(found=(*HIS.found, *HERS.found))) is None


def sent(**changes: bool) -> FhirSent:
    return FhirSent(**{"is_removal": False, "is_repeatable": False, "unknown": False, **changes})


class TestMeaning:
    @pytest.mark.parametrize(
        ("given", "push", "meaning"),
        [
            (answer(201), sent(), Meaning.DELIVERED),
            (answer(200, "Bundle", bundle="batch-response", statuses=("201", "200 OK")), sent(), Meaning.DELIVERED),
            (answer(200, "Bundle", bundle="batch-response", statuses=("201", "422")), sent(), Meaning.HOLD),
            (answer(503), sent(), Meaning.RETRY),
            (outcome(408, "RTEDEST"), sent(), Meaning.RETRY),
            (outcome(500, "RTEDEST"), sent(), Meaning.RETRY),
            (answer(500), sent(), Meaning.HOLD),
            (answer(504), sent(is_repeatable=True), Meaning.RETRY),
            (outcome(500, "something new"), sent(), Meaning.HOLD),
            (answer(401), sent(), Meaning.TOKEN),
            (outcome(403, "NONCEREJECTED"), sent(), Meaning.TOKEN),
            (outcome(403, "AUTERR_MEDISCH"), sent(), Meaning.DEAD),
            (outcome(500, "INACTIVEAPP"), sent(), Meaning.HOLD),
            (answer(422), sent(), Meaning.DEAD),
            (answer(404), sent(is_removal=True), Meaning.DEAD),
            (answer(410), sent(is_removal=True, unknown=True), Meaning.DELIVERED),
            (outcome(404, "KEY204"), sent(is_removal=True, unknown=True), Meaning.DELIVERED),
            (outcome(500, "KEY205"), sent(), Meaning.DEAD),
            (outcome(500, "KEY205"), sent(unknown=True), Meaning.DELIVERED),
        ],
    )
    def test_follows_from_status_and_code(self, given: FhirAnswer, push: FhirSent, meaning: Meaning) -> None:
        """Tried again where that helps, held where only a person can tell, never sent twice unasked."""
        assert meaning_of(given, push, CLASSES)[0] is meaning

    @pytest.mark.parametrize(
        ("given", "unknown"),
        [(answer(500), True), (answer(504), True), (outcome(500, "RTEDEST"), False), (answer(503), False)],
    )
    def test_may_be_that_nobody_knows(self, given: FhirAnswer, unknown: bool) -> None:
        """A failure somewhere on the way back does not say that nothing was done."""
        assert is_unknown(given, CLASSES) is unknown
