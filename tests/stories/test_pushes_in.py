"""A push comes in: once the node has said yes to it, the local system gets it, however long that takes."""

from typing import Any, ClassVar

from edge_node.model.keeping import Push
from edge_node.sandbox.samples.making import Verdict
from tests.stories import moves
from tests.stories.caller import code_of, seen
from tests.stories.far_end import Turn
from tests.stories.moves import ANNA, ELSEWHERE, maker_of
from tests.stories.site import AIS, HIS
from tests.stories.story import Story, a_prescription, deferred, other_content


def a_push(receiver: str = HIS, patient: Any = ANNA) -> Any:
    """A prescription of another party for one of ours."""
    return a_prescription(ELSEWHERE, receiver, patient)


class TestKept(Story):
    async def test_is_accepted_after_it_was_kept_not_before(self) -> None:
        """The sender strikes it from its list at our yes: from then on only we have it."""
        told_when: list[int] = []
        assert self.node is not None
        keep = self.node.store.keep

        async def spy(push: Push, **how: Any) -> Any:
            admission = await keep(push, **how)
            told_when.append(len(await self.kept_messages()))
            return admission

        self.patch(self.node.store, "keep", spy)
        push = a_push()
        told = await self.call(push)
        assert (told.status, seen(told).type_code, seen(told).target) == (200, "CA", push.id)
        assert told_when == [1]

    async def test_reaches_the_system_it_is_for_as_it_came(self) -> None:
        """Byte for byte: a signature in it must still hold."""
        push = a_push()
        await self.call(push)
        await self.systems["his"].has_heard(1)
        (turn,) = self.systems["his"].heard
        assert (turn.body, turn.path) == (push.body, "/VoorschriftVersturen")
        assert "edge-node-redelivery" not in turn.headers

    async def test_waits_for_a_system_that_is_down(self) -> None:
        """A practice closes at six; prescriptions come in at night."""
        await self.systems["his"].down()
        assert seen(await self.call(a_push())).type_code == "CA"
        self.systems["his"].up()
        await self.systems["his"].has_heard(1)

    async def test_waits_through_a_restart_of_the_node(self) -> None:
        """An update at night loses nothing."""
        await self.systems["his"].down()
        await self.call(a_push())
        await self.restart()
        self.systems["his"].up()
        await self.systems["his"].has_heard(1)

    async def test_never_expires(self) -> None:
        """We said yes to it: only a named person may give it up."""
        await self.systems["his"].down()
        await self.call(a_push())
        (row,) = await self.kept_messages()
        assert row.ends_at is None

    async def test_second_handover_says_so(self) -> None:
        """The local system took it but its answer was lost: it must be able to see that this is no second one."""
        self.systems["his"].will(moves.resets)
        await self.call(a_push())
        await self.systems["his"].has_heard(2)
        first, second = self.systems["his"].heard
        assert "edge-node-redelivery" not in first.headers
        assert second.headers["edge-node-redelivery"] == "1"
        assert first.body == second.body

    async def test_refusal_by_the_local_system_loses_nothing(self) -> None:
        """A system that cannot file it now is asked again; the message stays ours till it does."""
        self.systems["his"].will(moves.refuses("INTERR"), moves.faults(), moves.refuses("RTUDEST"))
        await self.call(a_push())
        await self.systems["his"].has_heard(4)

    async def test_order_is_kept_for_a_patient(self) -> None:
        """Stop after start."""
        await self.systems["his"].down()
        sent = [a_push() for _ in range(5)]
        for one in sent:
            await self.call(one)
        self.systems["his"].up()
        await self.systems["his"].has_heard(5)
        assert self.systems["his"].ids == [one.id.extension for one in sent]


class TestCopy(Story):
    async def test_gets_the_first_answer_and_goes_nowhere(self) -> None:
        """The switchboard lost our yes and sends again; the practice must see one prescription."""
        push = a_push()
        first, second = await self.call(push), await self.call(push)
        await self.systems["his"].has_heard(1)
        await self.quiet()
        assert first.body == second.body
        assert len(self.systems["his"].heard) == 1

    async def test_gets_the_first_answer_after_a_restart(self) -> None:
        """Also when the node was restarted in between."""
        push = a_push()
        first = await self.call(push)
        await self.systems["his"].has_heard(1)
        await self.restart()
        assert (await self.call(push)).body == first.body

    async def test_with_other_content_is_refused(self) -> None:
        """Two messages under one id: one of them is not what it says."""
        push = a_push()
        await self.call(push)
        told = await self.call(push, body=other_content(push))
        assert (seen(told).type_code, seen(told).codes) == ("CE", ("SYN113",))
        assert code_of(told) == "EN-ID-REUSED"

    async def test_of_a_signal_is_a_signal_of_its_own(self) -> None:
        """Receivers of signals must not detect duplicates: each one counts."""
        signal = moves.ZIM.request("patient-notification", receiver=HIS, patient=ANNA)
        await self.call(signal)
        await self.call(signal)
        await self.systems["his"].has_heard(2)


class TestRelayed(Story):
    given: ClassVar = {
        "switchboard": {
            "waits": {"connect_s": 1.9, "query_in_s": 2.0},
            "interactions": [
                {
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
            ],
        }
    }

    async def test_passes_the_answer_of_the_local_system(self) -> None:
        """The sender waits for what the practice says of the content: a yes of ours would be a lie."""
        given: list[bytes] = []

        def orders(turn: Turn) -> None:
            given.append(maker_of(HIS).answer("QURX_IN990113NL", turn.seen, None, Verdict(type_code="AA")))
            turn.answer(given[0])

        self.systems["his"].will(orders)
        told = await self.call(a_push())
        assert (told.status, [told.body]) == (200, given)

    async def test_says_no_when_the_local_system_is_down(self) -> None:
        """Never CA: nobody has it."""
        await self.systems["his"].down()
        told = await self.call(a_push())
        assert (seen(told).type_code, set(seen(told).codes)) == ("AE", {"RTEDEST"})
        assert await self.kept_messages() == []


class TestForNobodyHere(Story):
    async def test_is_refused_and_not_kept(self) -> None:
        """A message in the wrong house is never forwarded, never stored, and its sender knows it."""
        told = await self.call(a_push(receiver="80000005"))
        assert (seen(told).type_code, seen(told).codes) == ("CE", ("RTUDEST",))
        assert await self.kept_messages() == []

    async def test_of_another_organisation_is_refused_at_this_ones_name(self) -> None:
        """The practice's certificate must not open the pharmacy's letter box."""
        told = await self.call(a_push(receiver=AIS), identity="practice")
        assert (seen(told).type_code, seen(told).codes) == ("CE", ("RTUDEST",))
        assert self.systems["ais"].heard == []
        assert await self.kept_messages() == []


class TestStop(Story):
    async def test_finishes_what_is_in_hand(self) -> None:
        """An update of the node cuts no handover short: a half one would be made twice."""
        late = moves.Late(moves.accepts)
        self.systems["his"].will(late)
        await self.call(a_push())
        await self.systems["his"].has_heard(1)
        stopping = deferred(self.stop())
        await self.quiet()
        late.go_on()
        await stopping
        self.start()
        (row,) = await self.kept_messages()
        assert row.state == "DELIVERED"
