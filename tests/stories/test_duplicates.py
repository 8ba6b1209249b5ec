"""A message comes twice: it is processed once, and its sender hears what the first one heard."""

from dataclasses import replace
from typing import Any, ClassVar

from twisted.internet.defer import gatherResults

from edge_node.sandbox.samples.making import Sample, Token, Verdict
from edge_node.sandbox.samples.tokens import signed
from tests.stories import moves
from tests.stories.caller import Told, code_of, fault_of, seen
from tests.stories.moves import ANNA, AT_PRACTICE, ELSEWHERE, maker_of
from tests.stories.site import HIS
from tests.stories.story import (
    Story,
    a_prescription,
    a_query,
    a_report,
    an_index_update,
    deferred,
    other_content,
)
from tests.stories.test_pushes_out_passed_on import registers

#: An order whose sender waits for the receiver's own answer: relayed, never kept.
ORDER: dict[str, Any] = {
    "id": "PORX_IN932000NL",
    "meaning": "prescription whose sender waits for the receiver's own answer",
    "pattern": "push",
    "accept_ack": "NE",
    "answers": ["QURX_IN990113NL", "MCCI_IN000002"],
    "refusal": "QURX_IN990113NL",
    "inbound": "relay",
    "order": "medication",
    "patient_at": ["attention-line"],
}
SHORT_WAITS: dict[str, Any] = {"connect_s": 2.9, "query_in_s": 3.0, "push_wait_s": 3.0}


def says(verdict: Verdict) -> moves.Move:
    """A local system that answers an order."""
    return lambda turn: turn.answer(maker_of(HIS).answer("QURX_IN990113NL", turn.seen, None, verdict))


TAKES = says(Verdict(type_code="AA"))
REFUSES = says(Verdict(type_code="AE", code="INTERR", text="no"))


def a_push_in() -> Sample:
    return a_prescription(ELSEWHERE, HIS, ANNA)


class TestKeptOnItsWayOut(Story):
    given: ClassVar = {"switchboard": {"link_breaker": {"failures": 100}}}

    async def test_says_kept_again_while_the_status_has_the_answer(self) -> None:
        """The sender's list stays right, and what the pharmacy said is where "kept" said it would be."""
        await self.switch.down()
        prescription = a_prescription()
        first = await self.send(prescription)
        self.switch.up()
        await self.comes_to("DELIVERED", first)
        again = await self.send(prescription)
        assert (again.body, again.headers["edge-node-state"]) == (first.body, "kept")
        assert (await self.about(again))["answer_code"] == "CA"

    async def test_is_new_after_it_failed(self) -> None:
        """Once the receiver's address is right the same message goes, and is answered anew."""
        await self.switch.down()
        prescription = a_prescription()
        first = await self.send(prescription)
        self.switch.up()
        self.switch.will(moves.refuses("RTUDEST"))
        await self.comes_to("DEAD", first)
        again = await self.send(prescription)
        assert (seen(again).type_code, "edge-node-state" in again.headers) == ("CA", False)
        assert [turn.body for turn in self.switch.heard] == [prescription.body] * 2


class TestPassedOn(Story):
    given: ClassVar = {"switchboard": {"waits": SHORT_WAITS}}

    async def test_gets_the_first_answer_after_a_restart(self) -> None:
        """The answer was committed before its first byte left."""
        update = an_index_update()
        self.switch.will(registers)
        first = await self.send(update)
        await self.restart()
        assert (await self.send(update)).body == first.body
        assert len(self.switch.heard) == 1

    async def test_with_other_content_is_refused(self) -> None:
        """Which of the two the index would have is chance; KEY205 would say that it has this one."""
        update = an_index_update()
        self.switch.will(registers)
        await self.send(update)
        told = await self.send(update, body=other_content(update))
        assert (told.status, code_of(told), fault_of(told)["hl7Code"]) == (500, "EN-ID-REUSED", "SYN113")
        assert len(self.switch.heard) == 1

    async def test_is_new_after_a_refusal(self) -> None:
        """The patient agreed meanwhile."""
        update = an_index_update()
        self.switch.will(moves.refuses("AUTERR_ACCOORD"), registers)
        assert not seen(await self.send(update)).is_positive
        assert seen(await self.send(update)).is_positive

    async def test_that_is_registered_already_is_done(self) -> None:
        """After a lost answer the index knows it: the first one arrived, and nothing is sent a third time."""
        update = an_index_update()
        self.switch.will(moves.resets, moves.refuses("KEY205"))
        await self.send(update)
        second, third = await self.send(update), await self.send(update)
        assert (seen(second).codes, third.body) == (("KEY205",), second.body)
        assert len(self.switch.heard) == 2


class TestKeptOnItsWayIn(Story):
    async def test_two_at_once_become_one(self) -> None:
        """The switchboard's two halves send at the same moment."""
        push = a_push_in()
        first, second = await gatherResults([deferred(self.call(push)) for _ in range(2)])
        await self.systems["his"].has_heard(1)
        await self.quiet()
        assert (seen(first).type_code, first.body) == ("CA", second.body)
        assert len(self.systems["his"].heard) == 1


class TestRelayedOnItsWayIn(Story):
    given: ClassVar = {"switchboard": {"waits": SHORT_WAITS, "interactions": [ORDER]}}

    async def test_joins_the_one_on_its_way(self) -> None:
        """Both get what the local system says, and it hears it once."""
        late = moves.Late(TAKES)
        self.systems["his"].will(late)
        push = a_push_in()
        first, second = deferred(self.call(push)), deferred(self.call(push))
        await self.systems["his"].has_heard(1)
        late.go_on()
        assert (await first).body == (await second).body
        assert len(self.systems["his"].heard) == 1

    async def test_gets_the_first_answer_after_a_restart(self) -> None:
        """What the practice said of the order is not asked twice."""
        self.systems["his"].will(TAKES)
        push = a_push_in()
        first = await self.call(push)
        await self.restart()
        assert (seen(first).type_code, (await self.call(push)).body) == ("AA", first.body)
        assert len(self.systems["his"].heard) == 1

    async def test_with_other_content_is_refused_in_its_own_form(self) -> None:
        """One of the two orders would silently be lost."""
        self.systems["his"].will(TAKES)
        push = a_push_in()
        await self.call(push)
        told = await self.call(push, body=other_content(push))
        assert (code_of(told), seen(told).type_code, set(seen(told).codes)) == ("EN-ID-REUSED", "AE", {"SYN113"})

    async def test_is_new_after_a_refusal(self) -> None:
        """The practice could not take it then."""
        self.systems["his"].will(REFUSES, TAKES)
        push = a_push_in()
        assert [seen(await self.call(push)).type_code for _ in range(2)] == ["AE", "AA"]

    async def test_is_handed_over_again_after_a_lost_answer_and_says_so(self) -> None:
        """The practice may have it: it must be able to see that this is no second order."""
        self.systems["his"].will(moves.resets, TAKES)
        push = a_push_in()
        assert [seen(await self.call(push)).type_code for _ in range(2)] == ["AE", "AA"]
        first, second = self.systems["his"].heard
        assert "edge-node-redelivery" not in first.headers
        assert second.headers["edge-node-redelivery"] == "1"


class TestQuestion(Story):
    async def test_is_asked_each_time(self) -> None:
        """Answers to questions are never remembered: a record changes, and each look at it is in the log."""
        question = a_query()
        self.switch.will(moves.answers(quantity=0), moves.answers(quantity=1))
        first, second = await self.send(question), await self.send(question)
        assert first.body != second.body
        assert len(self.switch.heard) == 2


class TestToken(Story):
    async def _under_the_token_of(self, other: Sample) -> Told:
        report = a_report()
        assert report.token is not None
        assert other.token is not None
        hand = moves.hand_of(AT_PRACTICE.party.person)
        assert hand is not None
        said = replace(report.token.said, id=other.token.id)
        return await self.send(AT_PRACTICE.under(report, Token(said=said, inside=signed(said, hand).decode())))

    async def test_of_another_message_is_refused_here(self) -> None:
        """The switchboard takes a second use for theft; here the signer hears it while still at the screen."""
        report = a_report()
        await self.send(report)
        told = await self._under_the_token_of(report)
        assert (told.status, code_of(told), fault_of(told)["retry"]) == (500, "EN-TOKEN-REUSED", "no")
        assert len(self.switch.heard) == 1

    async def test_of_another_message_is_refused_after_a_restart(self) -> None:
        """The switchboard remembers it as well."""
        report = a_report()
        await self.send(report)
        await self.restart()
        assert code_of(await self._under_the_token_of(report)) == "EN-TOKEN-REUSED"

    async def test_of_a_copy_is_no_second_use(self) -> None:
        """The duplicate check comes first."""
        report = a_report()
        first, second = await self.send(report), await self.send(report)
        assert (seen(second).type_code, second.body) == ("CA", first.body)
        assert len(self.switch.heard) == 1


class TestTokenErrorAfterALostAnswer(Story):
    given: ClassVar = {"switchboard": {"waits": SHORT_WAITS}}

    async def test_leaves_a_kept_message_unknown(self) -> None:
        """The switchboard may have seen it: neither dead nor delivered, and another signature still lets it go."""
        report = a_report()
        self.switch.will(moves.resets, moves.refuses("NONCEREJECTED"))
        await self.send(report)
        await self.send(AT_PRACTICE.renewed(report))
        (row,) = await self.kept_messages()
        assert (row.state, row.unknown) == ("NEEDS_TOKEN", True)
        assert seen(await self.send(AT_PRACTICE.renewed(report))).type_code == "CA"
        (row,) = await self.kept_messages()
        assert row.state == "DELIVERED"

    async def test_leaves_one_that_was_passed_on_unknown(self) -> None:
        """A system that cannot sign again must not write the report twice for it."""
        self.rewrite(("renews_tokens: true", "renews_tokens: false"))
        await self.restart()
        report = a_report()
        self.switch.will(moves.resets, moves.refuses("NONCEREJECTED"))
        await self.send(report)
        told = await self.send(AT_PRACTICE.renewed(report))
        assert (code_of(told), "NONCEREJECTED" in fault_of(told)["detail"]) == ("EN-OUTCOME-UNKNOWN", True)
        assert seen(await self.send(AT_PRACTICE.renewed(report))).type_code == "CA"
