"""A question comes in: the switchboard gets the local system's answer, or one that says no in its form."""

from typing import Any, ClassVar

from edge_node.sandbox.reading import read
from edge_node.sandbox.samples.kinds import LEGS
from tests.stories import moves
from tests.stories.caller import Told, code_of, seen
from tests.stories.moves import ANNA, BRAM, ZIM
from tests.stories.site import HIS
from tests.stories.story import Story, a_query


def a_question(receiver: str = HIS, patient: Any = ANNA) -> Any:
    """What the switchboard asks a practice: its summary of a patient."""
    return a_query(moves.ELSEWHERE, receiver, patient)


class TestAnswered(Story):
    async def test_switchboard_gets_the_answer_as_it_came(self) -> None:
        """The node adds nothing to a record and takes nothing away."""
        given: list[bytes] = []
        self.systems["his"].will(lambda turn: (given.append(moves.answer_to(turn)), turn.answer(given[0]))[0])
        told = await self.call(a_question())
        assert (told.status, [told.body]) == (200, given)

    async def test_question_reaches_the_system_it_is_for_as_it_came(self) -> None:
        """The local system sees what the switchboard sent, and a number by which its maker finds it in the log."""
        question = a_question()
        await self.call(question)
        (turn,) = self.systems["his"].heard
        assert turn.body == question.body
        assert turn.path == "/ProfessioneleSamenvattingQuery"
        assert turn.headers["edge-node-correlation"] == self.logged("message.handled")[-1]["correlation"]
        assert self.systems["portal"].heard == self.systems["ais"].heard == []

    async def test_question_by_a_device_is_relayed(self) -> None:
        """The legs of a context question are asked by the switchboard itself: no person signed them."""
        leg = ZIM.leg(LEGS[0], receiver=HIS, context="KZDI")
        self.systems["his"].will(moves.answers(quantity=0))
        told = await self.call(leg)
        assert seen(told).type_code == "AA"


class TestNotAnswered(Story):
    given: ClassVar = {"local": {"connect_s": 1.9}, "switchboard": {"waits": {"query_in_s": 2.0, "connect_s": 1.9}}}

    async def _refused(self, *told: moves.Move) -> Told:
        self.systems["his"].will(*told)
        self.question = a_question()
        return await self.call(self.question)

    def _says_no(self, told: Told, code: str, hl7: str) -> None:
        answer = seen(told)
        assert (told.status, code_of(told)) == (200, code)
        assert (answer.interaction, answer.type_code, answer.target) == ("QUPC_IN990002NL", "AE", self.question.id)
        assert (answer.sender, answer.receiver) == (HIS, "80000003")
        assert hl7 in answer.codes
        assert b'queryResponseCode code="AE"' in told.body
        assert b'resultTotalQuantity value="0"' in told.body
        assert answer.query_id == read(self.question.body).query_id

    async def test_system_that_is_down_says_no_at_once(self) -> None:
        """The doctor at the other end sees that this practice did not answer, and the others did."""
        await self.systems["his"].down()
        self._says_no(await self._refused(), "EN-LOCAL-UNREACHABLE", "RTEDEST")

    async def test_late_system_says_no_in_time(self) -> None:
        """The switchboard waits for all sources: one slow practice must not spoil the answer of ten others."""
        self._says_no(await self._refused(moves.silent), "EN-LOCAL-TIMEOUT", "QABRTITI")

    async def test_answer_about_another_patient_never_leaves(self) -> None:
        """A local system that mixes patients up is a leak; it ends here."""
        told = await self._refused(moves.answers(BRAM))
        self._says_no(told, "EN-ANSWER-MISMATCH", "INTERR")
        assert BRAM.bsn.encode() not in told.body

    async def test_is_logged_with_the_reason(self) -> None:
        """A negative answer has no room for it, and the maker of the local system must know what to mend."""
        await self._refused(moves.answers(BRAM))
        (handled,) = self.logged("message.handled")
        assert (handled["outcome"], "patient" in handled["detail"]) == ("EN-ANSWER-MISMATCH", True)

    async def test_fault_of_the_local_system_becomes_an_answer(self) -> None:
        """The stack trace of a local system is nobody's business outside."""
        told = await self._refused(moves.faults(code="NullReferenceException"))
        self._says_no(told, "EN-LOCAL-FAULT", "INTERR")
        assert b"NullReference" not in told.body

    async def test_half_an_answer_never_leaves(self) -> None:
        """A list that breaks off would be read as a whole one."""
        self._says_no(await self._refused(moves.truncates), "EN-LOCAL-TIMEOUT", "QABRTITI")

    async def test_html_never_leaves(self) -> None:
        """The error page of a web server is no answer."""
        told = await self._refused(moves.says(b"<html><body>500</body></html>", 500, "text/html"))
        self._says_no(told, "EN-ANSWER-BROKEN", "INTERR")


class TestRefused(Story):
    async def test_question_for_an_application_not_served_here(self) -> None:
        """A question that came to the wrong house is answered with that, and shown to nobody."""
        told = await self.call(a_question(receiver="80000004"))
        assert (seen(told).type_code, code_of(told)) == ("AE", "EN-RECEIVER-WRONG")
        assert "RTUDEST" in seen(told).codes
        assert all(system.heard == [] for system in self.systems.values())
