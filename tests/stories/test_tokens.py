"""A push that a person signed: its token is for one use, so after a lost answer somebody has to sign again."""

from typing import ClassVar

from tests.stories import moves
from tests.stories.caller import Told, code_of, fault_of, seen
from tests.stories.moves import AT_PRACTICE
from tests.stories.story import Story, a_report


class TestLostAnswer(Story):
    given: ClassVar = {"switchboard": {"waits": {"connect_s": 1.9, "push_wait_s": 2.0}}}

    async def setUp(self) -> None:
        await super().setUp()
        self.report = a_report()
        self.switch.will(moves.resets)
        self.told = await self.send(self.report)
        (self.row,) = await self.kept_messages()

    async def _state(self) -> Told:
        return await self.local().get(f"/v1/messages/{self.row.uid}")

    async def test_sender_is_told_at_once(self) -> None:
        """The doctor who signed is still at the screen, and can sign again there and then."""
        assert (self.told.status, code_of(self.told)) == (500, "EN-OUTCOME-UNKNOWN")
        assert "new token" in fault_of(self.told)["do"]

    async def test_message_waits_for_a_signature_and_is_called_unknown(self) -> None:
        """It may have arrived; nobody may call it failed."""
        assert (self.row.state, self.row.unknown) == ("NEEDS_TOKEN", True)

    async def test_token_is_never_sent_twice(self) -> None:
        """The switchboard would take a second use for theft."""
        await self.quiet()
        await self.restart()
        await self.quiet()
        assert len(self.switch.heard) == 1

    async def test_same_bytes_again_are_not_sent_either(self) -> None:
        """The old token is in them."""
        again = await self.send(self.report)
        assert not (again.status == 200 and seen(again).is_positive and "edge-node-state" not in again.headers)
        assert len(self.switch.heard) == 1

    async def test_next_message_is_refused_and_names_the_one_to_sign(self) -> None:
        """Nothing may overtake it, and its sender must know which one to sign."""
        told = await self.send(a_report())
        assert (told.status, code_of(told)) == (500, "EN-LANE-CLOSED")
        assert str(self.report.id) in fault_of(told)["detail"]
        assert len(self.switch.heard) == 1

    async def test_same_message_with_a_new_token_delivers_it(self) -> None:
        """A system that sends again as the switchboard's own error asks needs to know nothing of the node."""
        renewed = AT_PRACTICE.renewed(self.report)
        told = await self.send(renewed)
        assert (told.status, seen(told).type_code) == (200, "CA")
        assert self.switch.heard[-1].body == renewed.body
        assert b'"DELIVERED"' in (await self._state()).body

    async def test_new_token_at_the_address_of_the_message_delivers_it(self) -> None:
        """A system that knows the node hands the renewal in where it was told."""
        renewed = AT_PRACTICE.renewed(self.report)
        answer = await self.local().post(f"/v1/messages/{self.row.uid}/token", renewed.body)
        assert answer.status == 202
        await self.eventually(self._state, lambda told: b'"DELIVERED"' in told.body)
        assert self.switch.heard[-1].body == renewed.body

    async def test_new_token_on_other_content_is_refused(self) -> None:
        """A signature under another text is another message."""
        renewed = AT_PRACTICE.renewed(self.report)
        changed = renewed.body.replace(b"</ControlActProcess>", b"<!-- more --></ControlActProcess>")
        answer = await self.local().post(f"/v1/messages/{self.row.uid}/token", changed)
        assert answer.status == 409
        assert len(self.switch.heard) == 1

    async def test_token_of_another_message_is_refused(self) -> None:
        """The switchboard would refuse it, and the doctor would be asked to sign a third time."""
        renewed, other = AT_PRACTICE.renewed(self.report), a_report()
        header = other.body[: other.body.index(b"<soap:Body>")]
        body = header + renewed.body[renewed.body.index(b"<soap:Body>") :]
        answer = await self.local().post(f"/v1/messages/{self.row.uid}/token", body)
        assert (answer.status, b"EN-TOKEN-MISMATCH" in answer.body) == (400, True)
        assert len(self.switch.heard) == 1

    async def test_nobody_else_can_hand_a_token_in(self) -> None:
        """Another system in the house must not get this message sent."""
        renewed = AT_PRACTICE.renewed(self.report)
        answer = await self.local("portal").post(f"/v1/messages/{self.row.uid}/token", renewed.body)
        assert answer.status == 404

    async def test_lane_opens_after_the_renewal(self) -> None:
        """What came after it may go now."""
        await self.send(AT_PRACTICE.renewed(self.report))
        assert (await self.send(a_report())).status == 200


class TestTokenTheSwitchboardRefuses(Story):
    async def test_used_token_is_signed_again(self) -> None:
        """After a lost answer "used before" says that the switchboard has seen it: unknown, not dead."""
        report = a_report()
        self.switch.will(moves.refuses("NONCEREJECTED"))
        told = await self.send(report)
        assert code_of(told) in {"EN-OUTCOME-UNKNOWN", "EN-TOKEN-SPENT"}
        (row,) = await self.kept_messages()
        assert row.state == "NEEDS_TOKEN"


class TestBrokenAnswer(Story):
    async def test_outcome_is_unknown_too(self) -> None:
        """An answer nobody can read says as little as none; a later "registered already" must count as done."""
        self.switch.will(moves.says(b"<html/>"))
        await self.send(a_report())
        (row,) = await self.kept_messages()
        assert (row.state, row.unknown) == ("NEEDS_TOKEN", True)

    async def test_fault_of_the_switchboard_may_hide_an_arrival(self) -> None:
        """A fault can be of anything on the way."""
        self.switch.will(moves.faults())
        await self.send(a_report())
        (row,) = await self.kept_messages()
        assert (row.state, row.unknown) == ("NEEDS_TOKEN", True)


class TestLineThatIsDown(Story):
    async def test_signed_message_is_kept_and_its_token_used_once(self) -> None:
        """No byte left, so the token is still good when the line is back."""
        await self.switch.down()
        told = await self.send(a_report())
        assert told.headers["edge-node-state"] == "kept"
        self.switch.up()
        await self.comes_to("DELIVERED", told)
        assert len(self.switch.heard) == 1
