"""What is odd about an answer is told; the answer passes."""

from dataclasses import replace
from typing import Any

import pytest

from edge_node.model.finding import Severity
from edge_node.model.identifiers import InteractionId, MessageId
from edge_node.model.message import Acknowledgement, AuthorIds, Detail, QueryAck, Reading, Wrapper
from edge_node.policy import answer_form
from edge_node.policy.answer import Question, check_whole
from tests.nouns import ELSEWHERE, PATIENT, QUESTION_ID, ZIM, a_reading, a_row, a_wrapper, an_ack, an_answer

QUESTION = Question(row=a_row(), wrapper=a_wrapper(), zim=ZIM, patient=PATIENT)
AT_ZIM = MessageId("2.16.840.1.113883.2.4.6.6.1.1.33", "77")
HL7 = "2.16.840.1.113883.5.1100"
NOTHING = {"query_response_code": "NF", "query_ack": QueryAck(total=0, current=0, remaining=0), "subjects": 0}


def odd(answer: Wrapper | Reading) -> list[str]:
    reading = answer if isinstance(answer, Reading) else a_reading(answer)
    return [finding.detail for finding in answer_form.warnings(QUESTION, reading)]


def refusing(*details: Detail, **changes: Any) -> Wrapper:
    said = Acknowledgement(type_code="AE", target=QUESTION_ID, details=details)
    return an_answer(**{**NOTHING, "acknowledgement": said, "query_response_code": "AE", **changes})


def by_source(**changes: Any) -> Wrapper:
    said = Acknowledgement(type_code="AA", target=AT_ZIM)
    given = {"sender": ELSEWHERE, "author_ids": AuthorIds(application="900077"), "acknowledgement": said, **changes}
    return an_answer(**given)


def a_batch(*enclosed: Wrapper, **changes: Any) -> Reading:
    of_batch = {
        "interaction": InteractionId("MCCI_IN200101"), "root_name": "MCCI_IN200101", "accept_ack_code": "",
        "processing_mode_code": "", "mood_code": None, "query_id": None, "query_response_code": None,
        "query_ack": None, "transmission_quantity": len(enclosed), **changes,
    }  # fmt: skip
    return a_reading(an_answer(**of_batch), enclosed=enclosed)


class TestNothingIsOdd:
    @pytest.mark.parametrize(
        "answer",
        [
            an_answer(),
            an_answer(**NOTHING),
            refusing(Detail("E", "RTEDEST", HL7)),
            refusing(issues=(Detail("E", "AUTERR_SWV_FALSE", "2.16.840.1.113883.2.4.6.6.1.1000"),)),
            an_ack("CE", "RTUDEST"),
            an_ack("CA"),
        ],
    )
    def test_about_a_good_answer(self, answer: Wrapper) -> None:
        """A warning for every message is a warning for none."""
        assert odd(answer) == []

    def test_about_a_batch_with_an_error_beside_good_answers(self) -> None:
        """The switchboard's own entry targets the question, a source's the switchboard's id."""
        error = refusing(Detail("E", "RTEDEST", HL7))
        assert odd(a_batch(error, by_source())) == []

    def test_about_a_batch_that_says_why_there_are_no_answers(self) -> None:
        """A context nobody knows."""
        said = Acknowledgement(type_code="AE", target=QUESTION_ID, details=(Detail("E", "SYN105", HL7),))
        assert odd(a_batch(acknowledgement=said)) == []


class TestAnAnswer:
    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"version_code": "2005"}, "versionCode, profileId or processingModeCode"),
            ({"processing_mode_code": "I"}, "versionCode, profileId or processingModeCode"),
            ({"accept_ack_code": "AL"}, "acceptAckCode of an answer must be NE"),
            ({"mood_code": "RQO"}, "moodCode of an answer must be EVN"),
            ({"author_ids": AuthorIds(application="900078")}, "the application id of the author is not the sender's"),
            ({"query_response_code": "AE"}, "queryResponseCode does not go with the acknowledgement"),
            ({"query_response_code": "NF"}, "queryResponseCode does not go with resultCurrentQuantity"),
            ({"unused": ("desc",)}, "desc is not used"),
            ({"subjects": 2}, "resultCurrentQuantity is not the number of subjects"),
        ],
    )
    def test_that_contradicts_itself_is_told(self, changes: dict[str, Any], told: str) -> None:
        """Its maker should hear; the doctor should have it all the same."""
        assert odd(an_answer(**changes)) == [told]

    def test_that_found_nothing_says_so(self) -> None:
        """OK without a record reads as a record that was lost."""
        told = "queryResponseCode does not go with resultCurrentQuantity"
        assert odd(an_answer(**{**NOTHING, "query_response_code": "OK"})) == [told]

    def test_passes_whatever_is_told(self) -> None:
        """An odd answer is better than none."""
        odd_one = a_reading(an_answer(subjects=2, query_response_code="NF", version_code="2005"))
        assert check_whole(QUESTION, odd_one) is None
        assert {found.severity for found in answer_form.warnings(QUESTION, odd_one)} == {Severity.WARN}


class TestARefusal:
    def test_says_why(self) -> None:
        """Else nobody knows what to mend."""
        assert odd(refusing()) == ["a negative answer without detail or reason"]

    @pytest.mark.parametrize(
        ("detail", "told"),
        [
            (Detail("E", "RTEDEST", HL7), []),
            (Detail("E", "X1", "2.16.840.1.99", is_named=True), []),
            (Detail("E", "", "", has_text=True), []),
            (Detail("E", "X1", "2.16.840.1.99"), ["acknowledgementDetail"]),
            (Detail("E", "", ""), ["acknowledgementDetail"]),
            (Detail("W", "RTWDEST", HL7), ["acknowledgementDetail"]),
        ],
    )
    def test_says_it_in_a_way_people_can_read(self, detail: Detail, told: list[str]) -> None:
        """A code of no known table, without a name, is a riddle."""
        assert odd(refusing(detail)) == told


class TestAReceipt:
    def test_that_speaks_as_an_application_is_told(self) -> None:
        """The national rules allow it with a warning."""
        assert odd(an_ack("AA")) == ["MCCI_IN000002 acknowledges with CA, CE or CR"]


class TestABatch:
    def test_that_counts_wrongly_is_told(self) -> None:
        """One source less than promised: perhaps a record is missing."""
        told = "transmissionQuantity is not the number of enclosed answers"
        assert odd(a_batch(by_source(), transmission_quantity=2)) == [told]
        assert odd(a_batch(by_source(), transmission_quantity=None)) == [told]

    def test_that_says_no_though_an_answer_is_in_it_is_told(self) -> None:
        """Whoever looks at the outside only would throw a record away."""
        said = Acknowledgement(type_code="AE", target=QUESTION_ID, details=(Detail("E", "SYN105", HL7),))
        told = "acknowledgement of the batch does not go with what is in it"
        assert odd(a_batch(by_source(), acknowledgement=said)) == [told]
        assert odd(a_batch()) == [told]

    @pytest.mark.parametrize("type_code", ["CA", "CR"])
    def test_with_a_receipt_for_an_answer_is_told(self, type_code: str) -> None:
        """It must not hide the other answers."""
        said = Acknowledgement(type_code=type_code, target=AT_ZIM, details=(Detail("E", "SYN", HL7),))
        one = by_source(acknowledgement=said, query_response_code=None)
        assert odd(a_batch(one)) == ["acknowledgement of an enclosed answer"]

    @pytest.mark.parametrize(
        "entry",
        [
            by_source(acknowledgement=Acknowledgement(type_code="AA", target=QUESTION_ID)),
            by_source(acknowledgement=Acknowledgement(type_code="AA", target=None)),
            an_answer(acknowledgement=Acknowledgement(type_code="AA", target=AT_ZIM)),
        ],
    )
    def test_that_mixes_the_ids_of_both_sides_is_told(self, entry: Wrapper) -> None:
        """The queryId shows that it belongs; the target should as well."""
        assert odd(a_batch(entry)) == ["target of an enclosed answer"]

    @pytest.mark.parametrize("name", ["referenceControlId", "name", "batchComment"])
    def test_with_what_nobody_reads_is_told(self, name: str) -> None:
        """A comment in it would be seen by nobody."""
        assert odd(a_batch(by_source(), unused=(name,))) == [f"{name} is not used"]

    def test_is_looked_through_to_its_last_answer(self) -> None:
        """What holds for an answer holds for each one in a batch."""
        assert odd(a_batch(by_source(), replace(by_source(), subjects=2))) == [
            "resultCurrentQuantity is not the number of subjects"
        ]
