"""A push that may not be kept goes out while its sender waits, and its sender alone may send it again."""

from typing import ClassVar

from edge_node.sandbox.samples.making import Verdict
from tests.stories import moves
from tests.stories.caller import code_of, fault_of, seen
from tests.stories.far_end import Turn
from tests.stories.story import Story, a_prescription, a_report, an_index_update, deferred, other_content


def registers(turn: Turn) -> None:
    """What the index answers when it has taken an update."""
    turn.answer(moves.ZIM.answer("MFMT_IN002320NL", turn.seen, None, Verdict(type_code="AA")))


class TestUpdateOfTheIndex(Story):
    given: ClassVar = {"switchboard": {"waits": {"connect_s": 1.9, "push_wait_s": 2.0}}}

    async def test_sender_gets_the_switchboards_answer(self) -> None:
        """Whether a patient's data can be found from now on is the switchboard's to say."""
        self.switch.will(registers)
        told = await self.send(an_index_update())
        assert (seen(told).interaction, seen(told).type_code) == ("MFMT_IN002320NL", "AA")

    async def test_refusal_is_passed(self) -> None:
        """No consent registered: the practice must hear it."""
        self.switch.will(moves.refuses("AUTERR_ACCOORD"))
        assert seen(await self.send(an_index_update())).codes == ("AUTERR_ACCOORD",)

    async def test_not_sent_says_no_and_keeps_nothing(self) -> None:
        """No byte left: the sender knows for certain, and the node never sends it later by itself."""
        await self.switch.down()
        told = await self.send(an_index_update())
        assert (told.status, set(seen(told).codes)) == (200, {"RTEDEST"})
        assert not seen(told).is_positive
        self.switch.up()
        await self.quiet()
        assert (self.switch.heard, await self.kept_messages()) == ([], [])

    async def test_not_sent_may_be_sent_again_under_its_id(self) -> None:
        """Nothing happened, so nothing stands in the way."""
        update = an_index_update()
        await self.switch.down()
        await self.send(update)
        self.switch.up()
        self.switch.will(registers)
        assert seen(await self.send(update)).is_positive

    async def test_lost_answer_is_called_unknown_never_failed(self) -> None:
        """It may have been processed: called failed, somebody would enter it once more by hand."""
        self.switch.will(moves.resets)
        told = await self.send(an_index_update())
        assert (told.status, code_of(told), fault_of(told)["retry"]) == (500, "EN-OUTCOME-UNKNOWN", "yes")
        assert await self.kept_messages() == []

    async def test_silence_is_called_unknown_too(self) -> None:
        """The wait is bounded, also when the switchboard says nothing."""
        self.switch.will(moves.silent)
        assert code_of(await self.send(an_index_update())) == "EN-OUTCOME-UNKNOWN"

    async def test_unknown_may_be_sent_again_under_its_id(self) -> None:
        """The sender is told to: the switchboard recognises the copy."""
        update = an_index_update()
        self.switch.will(moves.resets, registers)
        await self.send(update)
        assert seen(await self.send(update)).is_positive
        assert [turn.body for turn in self.switch.heard] == [update.body] * 2

    async def test_unknown_stays_unknown_after_a_restart(self) -> None:
        """Other content under the id is refused for ever, by whatever process."""
        update = an_index_update()
        self.switch.will(moves.resets)
        await self.send(update)
        await self.restart()
        assert code_of(await self.send(update, body=other_content(update))) == "EN-ID-REUSED"

    async def test_copy_gets_the_first_answer(self) -> None:
        """A sender that lost our answer hears the same, and the index is not changed twice."""
        update = an_index_update()
        self.switch.will(registers)
        first, second = await self.send(update), await self.send(update)
        assert first.body == second.body
        assert len(self.switch.heard) == 1

    async def test_copy_joins_the_one_on_its_way(self) -> None:
        """Both wait for the same answer."""
        update, late = an_index_update(), moves.Late(registers)
        self.switch.will(late)
        first, second = deferred(self.send(update)), deferred(self.send(update))
        await self.switch.has_heard(1)
        await self.quiet()
        late.go_on()
        assert (await first).body == (await second).body
        assert len(self.switch.heard) == 1


class TestSystemThatHearsNothingAfterwards(Story):
    """A local system that looks nowhere must never be told "kept": nobody would learn of a failure."""

    async def setUp(self) -> None:
        await super().setUp()
        self.rewrite(("told_by:\n    - status", "told_by: []"), ("renews_tokens: true", "renews_tokens: false"))
        await self.restart()

    async def test_is_told_that_nothing_was_sent(self) -> None:
        """It can show that to the doctor, who can telephone."""
        await self.switch.down()
        told = await self.send(a_prescription())
        assert (seen(told).type_code, seen(told).codes) == ("CE", ("RTEDEST",))
        assert await self.kept_messages() == []

    async def test_gets_the_switchboards_answer(self) -> None:
        """While the line works nothing is different."""
        assert seen(await self.send(a_prescription())).type_code == "CA"


class TestSystemThatCannotSignAgain(Story):
    """A signature is for one use: what was signed is passed on while the signer waits, or not at all."""

    async def setUp(self) -> None:
        await super().setUp()
        self.rewrite(("renews_tokens: true", "renews_tokens: false"))
        await self.restart()

    async def test_is_told_that_nothing_was_sent(self) -> None:
        """The signature is still good, the sender may try again with it."""
        await self.switch.down()
        told = await self.send(a_report())
        assert seen(told).codes == ("RTEDEST",)
        assert await self.kept_messages() == []

    async def test_is_told_to_sign_again_after_a_lost_answer(self) -> None:
        """The switchboard may have seen the signature; it takes none twice."""
        self.switch.will(moves.resets)
        told = await self.send(a_report())
        assert code_of(told) == "EN-OUTCOME-UNKNOWN"
        assert "new token" in fault_of(told)["do"]

    async def test_other_messages_without_a_signature_are_kept(self) -> None:
        """The rule is about the token, not about the system."""
        await self.switch.down()
        assert (await self.send(a_prescription())).headers["edge-node-state"] == "kept"
