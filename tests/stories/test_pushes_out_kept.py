"""A push goes out: kept first, then sent, and it arrives, whatever the line does meanwhile."""

from typing import Any, ClassVar

from twisted.internet.defer import gatherResults

from edge_node.sandbox.samples.people import patient
from tests.stories import moves
from tests.stories.caller import code_of, seen
from tests.stories.moves import ANNA, AT_PORTAL, AT_PRACTICE, BRAM
from tests.stories.story import Story, a_prescription, a_query, deferred, other_content


class TestLineThatWorks(Story):
    async def test_answer_is_the_switchboards_own(self) -> None:
        """While the line works the sender sees the switchboard itself, as without a node."""
        given: list[bytes] = []
        self.switch.will(lambda turn: (moves.accepts(turn), given.append(turn.said))[0])
        told = await self.send(a_prescription())
        assert (told.status, [told.body]) == (200, given)
        assert "edge-node-state" not in told.headers

    async def test_message_leaves_as_it_came(self) -> None:
        """A signature is over bytes."""
        prescription = a_prescription()
        await self.send(prescription)
        (turn,) = self.switch.heard
        assert (turn.body, turn.path) == (prescription.body, "/VoorschriftVersturen")

    async def test_copy_gets_the_same_bytes_and_goes_nowhere(self) -> None:
        """A sender that lost our answer asks again, and the pharmacy must not get two prescriptions."""
        prescription = a_prescription()
        first, second = await self.send(prescription), await self.send(prescription)
        assert first.body == second.body
        assert len(self.switch.heard) == 1

    async def test_copy_gets_the_same_bytes_after_a_restart(self) -> None:
        """The memory of messages is on disk, not in the process."""
        prescription = a_prescription()
        first = await self.send(prescription)
        await self.restart()
        second = await self.send(prescription)
        assert first.body == second.body
        assert len(self.switch.heard) == 1

    async def test_two_copies_at_once_become_one(self) -> None:
        """A double click."""
        late = moves.Late()
        self.switch.will(late)
        prescription = a_prescription()
        both = gatherResults([deferred(self.send(prescription)) for _ in range(2)])
        await self.switch.has_heard(1)
        late.go_on()
        first, second = await both
        assert first.body == second.body
        assert len(self.switch.heard) == 1

    async def test_other_content_under_an_id_is_refused(self) -> None:
        """One of the two would silently be lost."""
        prescription = a_prescription()
        await self.send(prescription)
        told = await self.send(prescription, body=other_content(prescription))
        assert (told.status, code_of(told)) == (500, "EN-ID-REUSED")
        assert len(self.switch.heard) == 1

    async def test_refusal_for_good_is_passed_and_a_copy_is_new(self) -> None:
        """Once the receiver's address is put right at the switchboard, the same message may go again."""
        prescription = a_prescription()
        self.switch.will(moves.refuses("RTUDEST"))
        refused = await self.send(prescription)
        assert (seen(refused).type_code, seen(refused).codes) == ("CE", ("RTUDEST",))
        accepted = await self.send(prescription)
        assert seen(accepted).type_code == "CA"
        assert len(self.switch.heard) == 2

    async def test_fault_of_the_sender_is_passed(self) -> None:
        """A message the switchboard cannot read is the sender's to mend, not ours to repeat."""
        self.switch.will(moves.faults("Client", "SYN"))
        told = await self.send(a_prescription())
        assert (told.status, b"SYN" in told.body) == (500, True)
        assert len(self.switch.heard) == 1


class TestLineThatIsDown(Story):
    given: ClassVar = {"switchboard": {"link_breaker": {"failures": 100}}}

    async def setUp(self) -> None:
        await super().setUp()
        await self.switch.down()

    async def test_sender_hears_that_it_is_kept_and_where_to_look(self) -> None:
        """The doctor goes on with the next patient; the address says later what became of it."""
        prescription = a_prescription()
        told = await self.send(prescription)
        assert (told.status, told.headers["edge-node-state"]) == (200, "kept")
        assert (seen(told).type_code, seen(told).target) == ("CA", prescription.id)
        assert (await self.about(told))["state"] in {"WAITING", "IN_FLIGHT"}

    async def test_message_arrives_when_the_line_is_back(self) -> None:
        """Nobody has to remember it."""
        prescription = a_prescription()
        told = await self.send(prescription)
        self.switch.up()
        found = await self.comes_to("DELIVERED", told)
        assert self.switch.ids == [prescription.id.extension]
        assert found["answer_code"] == "CA"

    async def test_message_arrives_after_a_restart(self) -> None:
        """A message that was kept is on disk."""
        told = await self.send(a_prescription())
        await self.restart()
        self.switch.up()
        await self.comes_to("DELIVERED", told)
        assert len(self.switch.heard) == 1

    async def test_copy_gets_the_same_kept_even_after_delivery(self) -> None:
        """A sender that asks twice must not get two different answers about one message."""
        prescription = a_prescription()
        first = await self.send(prescription)
        self.switch.up()
        await self.comes_to("DELIVERED", first)
        await self.restart()
        second = await self.send(prescription)
        assert (second.body, second.headers["location"]) == (first.body, first.headers["location"])
        assert len(self.switch.heard) == 1

    async def test_order_is_kept_for_a_patient(self) -> None:
        """A stop after a start of the same drug must not arrive before it."""
        sent = [a_prescription() for _ in range(6)]
        told = [await self.send(one) for one in sent]
        self.switch.up()
        await self.comes_to("DELIVERED", told[-1])
        assert self.switch.ids == [one.id.extension for one in sent]

    async def test_patient_whose_message_is_stuck_holds_no_other_up(self) -> None:
        """One pharmacy's trouble with one patient is not everybody's."""
        self.switch.will(*[moves.refuses("RTEDEST")] * 3)
        self.switch.up()
        stuck = await self.send(a_prescription(patient=ANNA))
        other = await self.send(a_prescription(patient=BRAM))
        await self.comes_to("DELIVERED", stuck)
        await self.comes_to("DELIVERED", other) if "location" in other.headers else None
        assert len(self.switch.heard) == 5

    async def test_message_is_shown_to_its_owner_only(self) -> None:
        """Whether a patient got a prescription is nobody else's business, in the same house neither."""
        told = await self.send(a_prescription())
        own, others = self.local("his"), [self.local("portal"), self.local("ais")]
        assert (await own.get(told.headers["location"])).status == 200
        assert [(await one.get(told.headers["location"])).status for one in others] == [404, 404]

    async def test_message_is_found_by_the_id_its_sender_gave(self) -> None:
        """A sender that never got our answer knows only its own id."""
        prescription = a_prescription()
        await self.send(prescription)
        found = await self.local().get(f"/v1/messages/{prescription.id.root}/{prescription.id.extension}")
        assert found.status == 200

    async def test_detail_says_kept_where_the_site_wants_it(self) -> None:
        """Some local systems look for a warning in the acknowledgement, not for a header."""
        self.write_settings({"local": {"kept_detail": True}, "switchboard": self.given["switchboard"]})
        await self.restart()
        told = await self.send(a_prescription())
        assert seen(told).codes == ("RTWDEST",)


class TestAnswerThatIsLost(Story):
    async def test_message_is_sent_again_under_its_own_id(self) -> None:
        """Nobody knows whether it was processed; the receiver recognises the second one by its id."""
        prescription = a_prescription()
        self.switch.will(moves.resets)
        told = await self.send(prescription)
        await self.comes_to("DELIVERED", told)
        assert [turn.body for turn in self.switch.heard] == [prescription.body] * 2

    async def test_answer_to_another_message_says_nothing_of_this_one(self) -> None:
        """An acknowledgement of somebody else's message must never count as ours."""
        prescription = a_prescription()
        self.switch.will(moves.with_another_id)
        told = await self.send(prescription)
        await self.comes_to("DELIVERED", told)
        assert len(self.switch.heard) == 2

    async def test_registration_that_was_there_already_is_done(self) -> None:
        """After a lost answer, "registered already" means that the first one arrived."""
        sample = AT_PRACTICE.request("mp9-prescription", receiver="80000003", patient=ANNA)
        self.switch.will(moves.resets, moves.refuses("RTEDEST"))
        told = await self.send(sample)
        found = await self.comes_to("DELIVERED", told)
        assert found["outcome_unknown"] is True


class TestHeldBySomebodyAtTheSwitchboard(Story):
    async def test_lane_closes_and_the_next_message_hears_which_one(self) -> None:
        """Our application was switched off there: a person has to act, and nothing may overtake meanwhile."""
        self.switch.will(moves.refuses("INACTIVEAPP"))
        held = await self.send(a_prescription())
        assert (await self.about(held))["state"] == "HELD"
        next_one = await self.send(a_prescription())
        assert (next_one.status, code_of(next_one)) == (500, "EN-LANE-CLOSED")
        assert held.headers["location"].rpartition("/")[2].encode() in next_one.body
        assert len(self.switch.heard) == 1


class TestLineThatFlaps(Story):
    given: ClassVar = {
        "store": {"retry": {"first_pause_s": 30, "longest_pause_s": 300}},
        "switchboard": {"link_breaker": {"failures": 2, "probe_s": 300}},
    }

    async def _wait_for_two(self) -> list[Any]:
        await self.switch.down()
        return [await self.send(a_prescription(AT_PORTAL, patient=patient(n)), "portal") for n in range(3)]

    async def test_first_success_brings_what_waits(self) -> None:
        """After a night without a line nobody waits for pauses of five minutes to run out."""
        told = await self._wait_for_two()
        self.switch.up()
        await self.send(a_query())
        for one in told:
            await self.comes_to("DELIVERED", one, "portal")
        assert len(self.switch.heard) == 4

    async def test_new_settings_while_it_is_down_do_not_make_it_run_hot(self) -> None:
        """Trying what waits is one round of tries, not as many as the disk can bear."""
        told = await self._wait_for_two()
        await self.reload()
        await self.send(a_prescription(patient=patient(9)))
        await self.quiet()
        attempts = [(await self.about(one, "portal"))["attempts"] for one in told]
        assert sum(attempts) <= 12


class TestReceiverThatIsDown(Story):
    given: ClassVar = {
        "store": {
            "retry": {"first_pause_s": 30, "longest_pause_s": 300},
            "destination_breaker": {"failures": 2, "probe_s": 30},
        }
    }

    async def test_message_for_it_is_kept_without_a_try_and_others_go(self) -> None:
        """A hospital that is away costs neither its senders a wait nor other receivers a place."""
        self.switch.will(*[moves.refuses("RTEDEST")] * 2)
        for number in range(2):
            await self.send(a_prescription(patient=patient(number)))
        heard = len(self.switch.heard)
        told = await self.send(a_prescription(patient=patient(2)))
        other = await self.send(a_prescription(receiver="80000004", patient=patient(3)))
        assert (told.headers["edge-node-state"], "edge-node-state" in other.headers) == ("kept", False)
        assert len(self.switch.heard) - heard == 1


class TestReceiverThatComesBack(Story):
    given: ClassVar = {"store": {"destination_breaker": {"failures": 2, "probe_s": 0.5, "longest_probe_s": 0.5}}}

    async def test_everything_for_it_arrives_when_it_is_back(self) -> None:
        """One that gets through brings all the others."""
        self.switch.will(*[moves.refuses("RTEDEST")] * 3)
        told = [await self.send(a_prescription(patient=patient(number))) for number in range(5)]
        for one in told:
            await self.comes_to("DELIVERED", one)
        assert len(self.switch.heard) == 8


class TestSenderThatHangsUp(Story):
    async def test_message_is_delivered_and_its_answer_waits_for_a_copy(self) -> None:
        """The local system crashed while it waited: what it handed in is on its way, and it may ask again."""
        late, prescription = moves.Late(), a_prescription()
        self.switch.will(late)
        wire = await self.local().wire()
        secret = self.local().headers["authorization"]
        head = (
            f"POST /VoorschriftVersturen HTTP/1.1\r\nHost: n\r\nContent-Type: text/xml\r\nAuthorization: {secret}\r\n"
        )
        action = '"urn:hl7-org:v3/VoorschriftVersturen_Versturen"'
        wire.say(f"{head}SOAPAction: {action}\r\nContent-Length: {len(prescription.body)}\r\n\r\n".encode())
        wire.say(prescription.body)
        await self.switch.has_heard(1)
        wire.close()
        await self.quiet()
        late.go_on()
        await self.eventually(self.kept_messages, lambda rows: rows[0].state == "DELIVERED")
        assert seen(await self.send(prescription)).type_code == "CA"
        assert len(self.switch.heard) == 1


class TestLargeMessage(Story):
    async def test_arrives_whole(self) -> None:
        """A youth health record of two megabytes is read beside the reactor and leaves byte for byte."""
        prescription = a_prescription()
        filling = (b"<!-- " + b"x" * 1000 + b" -->") * 2000
        body = prescription.body.replace(b"<ControlActProcess", filling + b"<ControlActProcess", 1)
        told = await self.send(prescription, body=body)
        assert seen(told).type_code == "CA"
        assert self.switch.heard[0].body == body
