"""The node stops: what is in hand is finished, nothing new is taken, and it does not take long."""

from typing import Any, ClassVar

from twisted.internet.error import ConnectionRefusedError

from edge_node.sandbox.samples.people import patient
from tests.stories import moves
from tests.stories.caller import seen
from tests.stories.moves import ELSEWHERE
from tests.stories.site import HIS
from tests.stories.story import Story, a_prescription, a_query, deferred, reactor


class TestInHand(Story):
    async def test_question_is_answered(self) -> None:
        """An update at noon costs no doctor an answer."""
        late = moves.Late()
        self.switch.will(late)
        asked = deferred(self.send(a_query()))
        await self.switch.has_heard(1)
        stopping = deferred(self.stop())
        await self.quiet()
        late.go_on()
        assert seen(await asked).is_positive
        await stopping

    async def test_nothing_new_is_taken(self) -> None:
        """A message accepted while stopping would be nobody's."""
        late, caller = moves.Late(), self.local()
        self.switch.will(late)
        asked = deferred(self.send(a_query()))
        await self.switch.has_heard(1)
        stopping = deferred(self.stop())
        await self.quiet()
        with self.assertRaises(ConnectionRefusedError):
            await caller.get("/v1/messages/" + "0" * 32)
        late.go_on()
        await asked
        await stopping

    async def test_push_that_was_answered_is_in_the_store(self) -> None:
        """What we said yes to survives us."""
        await self.systems["his"].down()
        assert seen(await self.call(a_prescription(ELSEWHERE, HIS))).type_code == "CA"
        await self.restart()
        (row,) = await self.kept_messages()
        assert row.state in {"WAITING", "IN_FLIGHT"}


#: Far above the drain of half a second, far below the 30 s for which one handover may wait: a busy machine passes.
_NOT_HELD_UP_S = 15


class TestNobodyAnswers(Story):
    given: ClassVar = {"node": {"drain_s": 0.5}}

    async def _stop_took_s(self) -> float:
        began_s = reactor.seconds()
        await self.stop()
        return float(reactor.seconds() - began_s)

    async def test_handovers_that_hang_do_not_hold_it_up_one_by_one(self) -> None:
        """A machine that shuts down gives a service half a minute, however many messages wait."""
        self.switch.usual = moves.silent
        for number in range(4):
            deferred(self.send(a_prescription(patient=patient(number)))).addErrback(lambda _: None)
        await self.switch.has_heard(4)
        assert await self._stop_took_s() < _NOT_HELD_UP_S

    async def test_silent_callers_do_not_hold_it_up(self) -> None:
        """Connections that are kept open for the next question are simply closed."""
        wire = await self.outside().wire()
        assert await self._stop_took_s() < _NOT_HELD_UP_S
        await wire.until(None)

    async def test_what_hung_is_sent_again_after_the_next_start(self) -> None:
        """Its outcome is not known, so it goes again under its own id."""
        self.switch.usual = moves.silent
        deferred(self.send(a_prescription())).addErrback(lambda _: None)
        await self.switch.has_heard(1)
        await self.stop()
        self.switch.usual = moves.usual
        self.start()
        found: list[Any] = await self.eventually(self.kept_messages, lambda rows: rows[0].state == "DELIVERED")
        assert found[0].unknown is True
