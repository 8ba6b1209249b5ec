"""Tick asks whether the line works, ping whether the application does; both ways, and the answers are true."""

from typing import Any, ClassVar

from tests.stories import moves
from tests.stories.caller import seen
from tests.stories.moves import AT_PRACTICE, ZIM
from tests.stories.site import HIS
from tests.stories.story import Story


def a_tick(maker: Any = AT_PRACTICE, receiver: str = "1") -> Any:
    """Is the transport there?"""
    return maker.request("tick", receiver=receiver, patient=None)


def a_ping(maker: Any = AT_PRACTICE, receiver: str = "80000003") -> Any:
    """Is the application there?"""
    return maker.request("ping", receiver=receiver, patient=None)


class TestTick(Story):
    given: ClassVar = {"switchboard": {"link_breaker": {"failures": 100}}}

    async def test_of_the_switchboard_is_accepted_by_the_node_itself(self) -> None:
        """The line to the practice works, whether the doctor's computer is on or not."""
        await self.systems["his"].down()
        told = await self.call(a_tick(ZIM, HIS))
        assert (seen(told).interaction, seen(told).type_code) == ("MCCI_IN000002", "CA")

    async def test_of_a_local_system_tells_whether_the_line_works(self) -> None:
        """The node asks the switchboard before it says yes."""
        told = await self.send(a_tick())
        assert seen(told).type_code == "CA"
        assert [turn.seen.interaction for turn in self.switch.heard] == ["COMT_IN113113NL"]

    async def test_of_a_local_system_is_refused_while_the_line_is_down(self) -> None:
        """A yes from memory would hide the trouble."""
        await self.switch.down()
        told = await self.send(a_tick())
        assert (seen(told).type_code, seen(told).codes) == ("CE", ("RTEDEST",))

    async def test_soon_after_another_asks_nobody(self) -> None:
        """A local system that ticks every second does not tick the switchboard every second."""
        await self.send(a_tick())
        await self.send(a_tick())
        assert len(self.switch.heard) == 1


class TestOwnTick(Story):
    given: ClassVar = {"switchboard": {"tick_interval_s": 0.2}}

    async def test_goes_out_by_itself(self) -> None:
        """A line that broke at night is seen before the first patient comes."""
        await self.switch.has_heard(2)
        assert {turn.seen.interaction for turn in self.switch.heard} == {"COMT_IN113113NL"}

    async def test_shows_a_line_that_is_down(self) -> None:
        """And says so in the log, with a code."""
        await self.switch.down()
        found = await self.eventually(self._failures, bool)
        assert found[-1]["code"].startswith("EN-")

    async def _failures(self) -> Any:
        return self.logged("tick.failed")


class TestStopBeforeTheFirstTick(Story):
    given: ClassVar = {"switchboard": {"tick_interval_s": 3600}}

    async def test_leaves_nothing_behind(self) -> None:
        """A node that was stopped does nothing any more, an hour later neither."""
        await self.stop()


class TestPing(Story):
    async def test_out_is_answered_by_the_other_application(self) -> None:
        """A pong of the node's own would say nothing about the other practice."""
        ping = a_ping()
        told = await self.send(ping)
        assert (seen(told).interaction, seen(told).target) == ("COMT_IN229229", ping.id)
        assert len(self.switch.heard) == 1

    async def test_in_is_answered_by_the_local_system(self) -> None:
        """A pong means that the doctor's system is there."""
        told = await self.call(a_ping(ZIM, HIS))
        assert (seen(told).interaction, seen(told).type_code) == ("COMT_IN229229", "AA")
        assert len(self.systems["his"].heard) == 1

    async def test_in_says_no_while_the_local_system_is_down(self) -> None:
        """Never a pong for an application that is not there."""
        await self.systems["his"].down()
        told = await self.call(a_ping(ZIM, HIS))
        assert not seen(told).is_positive
        assert moves.ANNA.bsn.encode() not in told.body
