"""An answer belongs to its question, or is not passed."""

from typing import Any

import pytest

from edge_node.model.identifiers import InteractionId, MessageId
from edge_node.model.message import Acknowledgement, Patients, Reading, Wrapper
from edge_node.policy.answer import Question, check_whole, check_wrapper
from tests.nouns import (
    ELSEWHERE,
    OTHER_PATIENT,
    PATIENT,
    PRACTICE,
    QUESTION_ID,
    ZIM,
    a_push_row,
    a_reading,
    a_row,
    a_wrapper,
    an_ack,
    an_answer,
)

FOREIGN = MessageId("2.16.840.1.113883.2.4.6.6.1.1.33", "77")


def a_question(**changes: Any) -> Question:
    fields: dict[str, Any] = {"row": a_row(), "wrapper": a_wrapper(), "zim": ZIM, "patient": PATIENT, **changes}
    return Question(**fields)


def a_batch(*enclosed: Wrapper) -> Reading:
    batch = an_answer(
        interaction=InteractionId("MCCI_IN200101"), root_name="MCCI_IN200101", query_id=None, accept_ack_code=""
    )
    return a_reading(batch, enclosed=enclosed)


class TestWrapper:
    def test_takes_the_answer_to_the_question(self) -> None:
        """The good case costs nothing."""
        assert check_wrapper(a_question(), an_answer()) is None

    @pytest.mark.parametrize(
        "changes",
        [
            {"acknowledgement": Acknowledgement(type_code="AA", target=FOREIGN)},
            {"acknowledgement": Acknowledgement(type_code="AA", target=None)},
            {"acknowledgement": None},
            {"receiver": ELSEWHERE},
            {"sender": ELSEWHERE},
            {"interaction": InteractionId("QURX_IN990113NL"), "root_name": "QURX_IN990113NL"},
            {"root_name": "QURX_IN990113NL"},
        ],
    )
    def test_stops_the_answer_to_another_question(self, changes: dict[str, Any]) -> None:
        """Another patient's record under this patient's name is the worst a relay can do."""
        finding = check_wrapper(a_question(), an_answer(**changes))
        assert finding is not None
        assert finding.code == "EN-ANSWER-MISMATCH"

    def test_takes_the_answer_of_the_application_asked(self) -> None:
        """A directed question is answered by its receiver, not by the switchboard."""
        question = a_question(wrapper=a_wrapper(receiver=ELSEWHERE))
        assert check_wrapper(question, an_answer(sender=ELSEWHERE)) is None

    @pytest.mark.parametrize("type_code", ["CA", "CE", "CR"])
    def test_takes_no_receipt_in_the_place_of_an_answer(self, type_code: str) -> None:
        """That a question was received is no answer to it; read as one it would say "no data"."""
        said = Acknowledgement(type_code=type_code, target=QUESTION_ID)
        finding = check_wrapper(a_question(), an_answer(acknowledgement=said))
        assert finding is not None
        assert finding.code == "EN-ANSWER-BROKEN"

    def test_takes_a_refusal_on_receipt_of_a_query(self) -> None:
        """The other side may say no before it processes anything."""
        assert check_wrapper(a_question(), an_ack("CE", "RTUDEST")) is None

    def test_takes_no_acceptance_for_an_answer_to_a_query(self) -> None:
        """`CA` says received; shown as an answer it would read as "no data"."""
        assert check_wrapper(a_question(), an_ack("CA")) is not None

    def test_takes_an_accept_acknowledgement_of_a_push(self) -> None:
        """That is what a push waits for."""
        assert check_wrapper(a_question(row=a_push_row()), an_ack("CA")) is None


class TestWhole:
    def test_refuses_an_answer_without_its_envelope(self) -> None:
        """The asker reads SOAP: it would take the naked message for nothing at all."""
        finding = check_whole(a_question(), a_reading(an_answer(), in_soap=False))
        assert finding is not None
        assert finding.code == "EN-ANSWER-BROKEN"

    def test_stops_another_patient(self) -> None:
        """The wrapper can be right and the content another's."""
        reading = a_reading(an_answer(), patients=Patients(found=(("payload", OTHER_PATIENT),)))
        assert check_whole(a_question(), reading) is not None

    def test_stops_another_query_id(self) -> None:
        """The query id is the one key that survives the switchboard's own ids."""
        assert check_whole(a_question(), a_reading(an_answer(query_id=FOREIGN))) is not None

    def test_takes_a_batch_whose_answers_target_the_switchboards_id(self) -> None:
        """A source answers the id the switchboard gave it; the query id is that of the question."""
        source = an_answer(sender=ELSEWHERE, acknowledgement=Acknowledgement(type_code="AA", target=FOREIGN))
        assert check_whole(a_question(), a_batch(source)) is None

    def test_takes_a_batch_with_an_error_beside_good_answers(self) -> None:
        """One source that is down must not hide the others."""
        error = an_answer(acknowledgement=Acknowledgement(type_code="AE", target=QUESTION_ID))
        assert check_whole(a_question(), a_batch(an_answer(), error)) is None

    def test_stops_a_batch_with_an_answer_to_another_query(self) -> None:
        """Each enclosed answer is held against the question."""
        assert check_whole(a_question(), a_batch(an_answer(query_id=FOREIGN))) is not None

    def test_stops_a_batch_with_an_answer_that_names_no_query(self) -> None:
        """A source answers an id we never saw: without the query id nothing shows that it is ours."""
        source = an_answer(acknowledgement=Acknowledgement(type_code="AA", target=FOREIGN), query_id=None)
        assert check_whole(a_question(), a_batch(source)) is not None

    def test_takes_an_entry_of_the_switchboard_that_names_the_question(self) -> None:
        """Its own entries target the question itself."""
        assert check_whole(a_question(), a_batch(an_answer(query_id=None))) is None

    def test_stops_a_batch_with_another_kind_of_data(self) -> None:
        """A dispense list is no professional summary."""
        other = an_answer(interaction=InteractionId("QURX_IN990113NL"), root_name="QURX_IN990113NL")
        assert check_whole(a_question(), a_batch(other)) is not None

    def test_takes_every_kind_of_data_for_a_context_query(self) -> None:
        """A context query is answered by the kinds of data that belong to its context."""
        row = a_row(id=InteractionId("GQZG_IN000001NL"), answers=(InteractionId("MCCI_IN200101"),))
        other = an_answer(interaction=InteractionId("REPC_IN990131NL"), root_name="REPC_IN990131NL")
        assert check_whole(a_question(row=row), a_batch(other)) is None

    def test_takes_an_answer_to_a_question_about_nobody(self) -> None:
        """An address book has many people in it."""
        reading = a_reading(an_answer(receiver=PRACTICE), patients=Patients(found=(("payload", OTHER_PATIENT),)))
        assert check_whole(a_question(patient=None), reading) is None
