"""Faults are chosen per message, by name."""

import pytest

from edge_node.sandbox.faults import Fault, Faults, named_in
from edge_node.sandbox.reading import Unreadable, read
from edge_node.sandbox.samples.making import Verdict
from edge_node.sandbox.samples.people import PHARMACY, PRACTICE, patient
from edge_node.sandbox.spoiling import spoil
from tests.sandbox.doubles import maker


class TestFaults:
    @pytest.mark.parametrize("fault", list(Fault))
    def test_every_fault_can_be_named_in_a_message_id(self, fault: Fault) -> None:
        """A developer of a local system chooses one without a second tool."""
        assert named_in(f"20260301-1.fault-{fault}") is fault

    def test_an_id_without_a_name_meets_none(self) -> None:
        """An ordinary message is handled well."""
        assert named_in("20260301-1") is None
        assert named_in("20260301-1.fault-unheard-of") is None

    def test_an_armed_fault_is_met_as_often_as_asked(self) -> None:
        """A test needs to know which message fails."""
        faults = Faults()
        faults.arm(Fault.SLOW, count=2)
        assert [faults.pick("X", "1") for _ in range(3)] == [Fault.SLOW, Fault.SLOW, None]

    def test_an_armed_fault_waits_for_its_interaction(self) -> None:
        """Other traffic goes on meanwhile."""
        faults = Faults()
        faults.arm(Fault.FAULT, interaction="PORX_IN932000NL")
        assert faults.pick("COMT_IN118118", "1") is None
        assert faults.pick("PORX_IN932000NL", "1") is Fault.FAULT

    def test_cleared_faults_are_gone(self) -> None:
        """The next test begins clean."""
        faults = Faults()
        faults.arm(Fault.SLOW)
        faults.clear()
        assert faults.pick("X", "1") is None


class TestSpoiling:
    def setup_method(self) -> None:
        question = read(maker(PRACTICE).request("dispense-query", receiver="80000002", patient=patient(1)).body)
        self.question = question
        self.answer = maker(PHARMACY).answer(
            "QURX_IN990113NL", question, patient(1), Verdict(type_code="AA", quantity=1)
        )

    def test_a_wrong_id_answers_another_question(self) -> None:
        """The node must notice, so the sandbox must be able to do it."""
        assert read(spoil(self.answer, Fault.WRONG_ID)).target != self.question.id

    def test_a_wrong_patient_stands_in_a_message_that_is_right_otherwise(self) -> None:
        """Data of another patient shown as this one's is what must never happen."""
        spoiled = read(spoil(self.answer, Fault.WRONG_PATIENT))
        assert spoiled.patient not in {None, patient(1).bsn}
        assert spoiled.target == self.question.id

    def test_bad_xml_cannot_be_read(self) -> None:
        """Half a message must never pass for a whole one."""
        with pytest.raises(Unreadable):
            read(spoil(self.answer, Fault.BAD_XML))
